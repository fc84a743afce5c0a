"""Difference constraints y − x ≤ w, strict allowed: infeasible exactly when a directed cycle has negative weight.

Potentials that satisfy every edge are kept from one edge to the next, so that most edges cost one comparison.
Source: Cotton & Maler, Fast and flexible difference constraint propagation for DPLL(T) (2006), algorithm 1.
"""

from __future__ import annotations

import heapq
from collections.abc import Hashable, Iterator
from typing import NamedTuple

from slm.consistency.claim import Number
from slm.consistency.forest import Reason, Trail

Weight = tuple[Number, int]
"""A bound and, for a strict one, −1: compared as pairs, which is an infinitesimal below the bound."""


class Cycle(NamedTuple):
    """A cycle of negative weight: the reasons of its edges, how far it misses zero, and its number of edges."""

    reasons: Reason
    miss: Number
    length: int


class Edge(NamedTuple):
    """target − source ≤ weight."""

    target: int
    bound: Number
    strictness: int
    reason: Reason


class Differences:
    """A simple temporal network over exact numbers; ``None`` is the vertex of ground, where everything is zero."""

    __slots__ = ("_edges", "_index", "_potential", "trail")

    def __init__(self, trail: Trail) -> None:
        self.trail = trail
        self._index: dict[Hashable, int] = {}
        self._potential: list[Weight] = []
        self._edges: list[list[Edge]] = []

    def vertex(self, key: Hashable) -> int:
        """The vertex of a key, made where there was none."""
        found = self._index.get(key)
        if found is None:
            found = self._index[key] = len(self._edges)
            self._potential.append((0, 0))
            self._edges.append([])
        return found

    def edges(self) -> Iterator[tuple[Hashable, Hashable, Number, bool, Reason]]:
        """Every edge (x, y, w, strict, reason): y − x ≤ w."""
        keys = list(self._index)
        for key, edges in zip(keys, self._edges, strict=True):
            for edge in edges:
                yield key, keys[edge.target], edge.bound, edge.strictness < 0, edge.reason

    def limit(self, x: Hashable, y: Hashable, bound: Number, strict: bool, reason: Reason) -> Cycle | None:
        """Add y − x ≤ bound (or <). Where it closes a negative cycle, add nothing and return the cycle."""
        n_known = len(self._edges)
        a, b = self.vertex(x), self.vertex(y)
        edge = Edge(b, bound, -1 if strict else 0, reason)
        if len(self._edges) > n_known and a != b:
            self._settle(a, edge, n_known)
        else:
            slack = self._slack(edge, self._potential[a])
            if slack < (0, 0):
                cycle = Cycle(reason, -slack[0], 1) if a == b else self._repair(a, edge, slack)
                if cycle is not None:
                    return cycle
        edges = self._edges[a]
        edges.append(edge)
        self.trail.append(edges.pop)
        return None

    def _settle(self, a: int, edge: Edge, n_known: int) -> None:
        """Put an end that is new where the edge is tight, so that no other vertex has to move for it."""
        b, potential = edge.target, self._potential
        if b >= n_known:
            potential[b] = (potential[a][0] + edge.bound, potential[a][1] + edge.strictness)
        else:
            potential[a] = (potential[b][0] - edge.bound, potential[b][1] - edge.strictness)

    def _slack(self, edge: Edge, at: Weight) -> Weight:
        """What is left of an edge's weight when its source has the potential ``at``; negative where it is broken."""
        here = self._potential[edge.target]
        return at[0] + edge.bound - here[0], at[1] + edge.strictness - here[1]

    def _repair(self, source: int, new: Edge, slack: Weight) -> Cycle | None:
        """Lower potentials until every edge and ``new`` hold, or the cycle that would have to lower its own source."""
        lowered: dict[int, Weight] = {}
        wanted = {new.target: slack}
        came: dict[int, tuple[int, Edge]] = {new.target: (source, new)}
        heap = [(slack, new.target)]
        while heap:
            slack, here = heapq.heappop(heap)
            if here in lowered or wanted[here] != slack:
                continue
            at = self._potential[here]
            at = lowered[here] = (at[0] + slack[0], at[1] + slack[1])
            for edge in self._edges[here]:
                there = edge.target
                if there in lowered:
                    continue
                slack = self._slack(edge, at)
                if slack < (0, 0) and slack < wanted.get(there, (0, 0)):
                    wanted[there] = slack
                    came[there] = (here, edge)
                    if there == source:
                        return self._cycle(source, came, slack[0])
                    heapq.heappush(heap, (slack, there))
        for vertex, potential in lowered.items():
            self._potential[vertex] = potential
        return None

    def _cycle(self, source: int, came: dict[int, tuple[int, Edge]], weight: Number) -> Cycle:
        reasons: Reason = ()
        here, length = source, 0
        while length == 0 or here != source:
            here, edge = came[here]
            reasons = edge.reason + reasons
            length += 1
        return Cycle(reasons, -weight, length)

    def fixed(self, x: Hashable, y: Hashable) -> tuple[Number, Reason] | None:
        """The one value that y − x can have and the reasons for it, or None where it can have several.

        It is fixed exactly when x and y lie on a cycle of weight zero, all of whose edges are tight.
        """
        a, b = self._index.get(x), self._index.get(y)
        if a is None or b is None:
            return None
        there, back = self._tight_path(a, b), self._tight_path(b, a)
        if there is None or back is None:
            return None
        return self._potential[b][0] - self._potential[a][0], there + back

    def _tight_path(self, start: int, end: int) -> Reason | None:
        came: dict[int, tuple[int, Reason]] = {start: (start, ())}
        queue = [start]
        for here in queue:
            if here == end:
                break
            for edge in self._edges[here]:
                if edge.target not in came and self._slack(edge, self._potential[here]) == (0, 0):
                    came[edge.target] = (here, edge.reason)
                    queue.append(edge.target)
        if end not in came:
            return None
        reasons: Reason = ()
        while end != start:
            end, reason = came[end]
            reasons += reason
        return reasons
