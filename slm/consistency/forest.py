"""Union-find whose edges keep their reasons: the constant sheaf of names, and the sheaf of truths with stalk Z2.

No path compression: union by rank alone keeps a find at O(log n), and every step can be taken back in reverse.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Iterable

Reason = tuple[str, ...]
"""Ids of the claims that an edge stands for: one, or the identities along which a claim was lifted."""
Trail = list[Callable[[], object]]
"""How to take back what was done, last step last."""


class Forest:
    """Vertices with potentials in Z2: an edge says whether its ends are equal (0) or opposite (1)."""

    __slots__ = ("_edges", "_index", "_parent", "_parity", "_rank", "by_reason", "trail")

    def __init__(self, trail: Trail, *, by_reason: bool = False) -> None:
        self.trail, self.by_reason = trail, by_reason
        self._index: dict[Hashable, int] = {}
        self._parent: list[int] = []
        self._parity: list[int] = []
        self._rank: list[int] = []
        self._edges: list[list[tuple[int, Reason]]] = []

    def vertex(self, key: Hashable) -> int:
        """The vertex of a key, made where there was none. Vertices are not taken back: alone they say nothing."""
        found = self._index.get(key)
        if found is None:
            found = self._index[key] = len(self._parent)
            self._parent.append(found)
            self._parity.append(0)
            self._rank.append(0)
            self._edges.append([])
        return found

    def root(self, vertex: int) -> tuple[int, int]:
        """The root of a vertex and its potential relative to the root."""
        parent, parity = self._parent, 0
        while parent[vertex] != vertex:
            parity ^= self._parity[vertex]
            vertex = parent[vertex]
        return vertex, parity

    def relate(self, x: Hashable, y: Hashable, offset: int, reason: Reason) -> Reason | None:
        """Add the edge y − x = offset (mod 2). Where it closes a cycle with holonomy, add nothing: the cycle's reasons.

        The cycle is simple and has the fewest edges, so that no claim of it can be left out (a tree can't contradict).
        """
        a, b = self.vertex(x), self.vertex(y)
        (root_a, at_a), (root_b, at_b) = self.root(a), self.root(b)
        if root_a != root_b:
            self._unite(root_a, root_b, at_a ^ at_b ^ offset)
        elif at_a ^ at_b != offset:
            return self.path(a, b) + reason
        self._link(a, b, reason)
        return None

    def _unite(self, a: int, b: int, offset: int) -> None:
        if self._rank[a] < self._rank[b]:
            a, b = b, a
        rank = self._rank[a]
        self._parent[b], self._parity[b] = a, offset
        if rank == self._rank[b]:
            self._rank[a] = rank + 1
        self.trail.append(lambda: self._separate(a, b, rank))

    def _separate(self, a: int, b: int, rank: int) -> None:
        self._parent[b], self._parity[b], self._rank[a] = b, 0, rank

    def _link(self, a: int, b: int, reason: Reason) -> None:
        edges = self._edges
        edges[a].append((b, reason))
        edges[b].append((a, reason))
        self.trail.append(lambda: (edges[a].pop(), edges[b].pop()))

    def path(self, start: int, end: int) -> Reason:
        """The reasons along a path with the fewest edges, the earlier edge first where there are several.

        ``by_reason`` of the forest prefers the smaller reason instead, which doesn't depend on the order of the edges.
        """
        came: dict[int, tuple[int, Reason]] = {start: (start, ())}
        queue = deque([start])
        while end not in came:
            here = queue.popleft()
            edges = self._edges[here]
            for there, reason in sorted(edges, key=lambda edge: edge[1]) if self.by_reason else edges:
                if there not in came:
                    came[there] = (here, reason)
                    queue.append(there)
        reasons: Reason = ()
        while end != start:
            end, reason = came[end]
            reasons += reason
        return reasons


class Names(Forest):
    """Vertices that are equal or not, some of them constants: no two constants are equal.

    Constants are vertices, and the label of their root; a disequality is watched at both roots until one of them moves.
    """

    __slots__ = ("_labels", "_watched")

    def __init__(self, trail: Trail, *, by_reason: bool = False) -> None:
        super().__init__(trail, by_reason=by_reason)
        self._labels: dict[int, int] = {}
        self._watched: dict[int, list[tuple[int, int, Reason]]] = {}

    def constant(self, name: str, aliases: Iterable[tuple[str, Reason]] = ()) -> str:
        """The key of a constant's vertex; a new one is the same as those ``aliases`` that are there already."""
        key = "=" + name
        if key not in self._index:
            vertex = self.vertex(key)
            self._labels[vertex] = vertex
            for other, reason in aliases:
                if "=" + other in self._index:
                    self._alias(vertex, self._index["=" + other], reason)
                    self.trail.append(lambda: self._index.pop(key))
                    break
        return key

    def _alias(self, a: int, b: int, reason: Reason) -> None:
        root = self.root(b)[0]
        label = self._labels[root]
        self._unite(a, root, 0)
        self._carry(a, root, label)
        self._link(a, b, reason)

    def same(self, x: Hashable, y: Hashable, reason: Reason) -> Reason | None:
        """Add x = y, or the reasons against it: two constants made equal, or a disequality broken."""
        a, b = self.vertex(x), self.vertex(y)
        root_a, root_b = self.root(a)[0], self.root(b)[0]
        if root_a != root_b:
            label_a, label_b = self._labels.get(root_a), self._labels.get(root_b)
            if label_a is not None and label_b is not None:
                return self.path(a, label_a) + self.path(b, label_b) + reason
            broken = self._broken(a, root_a, b, root_b)
            if broken is not None:
                return broken + reason
            self._unite(root_a, root_b, 0)
            self._carry(root_a, root_b, label_b if label_a is None else label_a)
        self._link(a, b, reason)
        return None

    def differ(self, x: Hashable, y: Hashable, reason: Reason) -> Reason | None:
        """Add x ≠ y, or the reasons why x = y."""
        a, b = self.vertex(x), self.vertex(y)
        root_a, root_b = self.root(a)[0], self.root(b)[0]
        if root_a == root_b:
            return self.path(a, b) + reason
        for root in (root_a, root_b):
            watched = self._watched.setdefault(root, [])
            watched.append((a, b, reason))
            self.trail.append(watched.pop)
        return None

    def _broken(self, a: int, root_a: int, b: int, root_b: int) -> Reason | None:
        if not (self._watched.get(root_a) and self._watched.get(root_b)):
            return None
        for x, y, reason in self._watched[root_a]:
            if self.root(x)[0] != root_a:
                x, y = y, x
            if self.root(y)[0] == root_b:
                return self.path(a, x) + self.path(b, y) + reason
        return None

    def _carry(self, root_a: int, root_b: int, label: int | None) -> None:
        """Move label and watched disequalities of two roots to the one that is left."""
        kept, gone = (root_a, root_b) if self._parent[root_b] == root_a else (root_b, root_a)
        if label is not None and kept not in self._labels:
            self._labels[kept] = label
            self.trail.append(lambda: self._labels.pop(kept))
        moved = self._watched.get(gone)
        if moved:
            watched = self._watched.setdefault(kept, [])
            length = len(watched)
            watched.extend(moved)
            self.trail.append(lambda: watched.__delitem__(slice(length, None)))
