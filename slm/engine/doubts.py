"""What the claims say of memories that are shown: contradicted, or replaced by a newer one; as far as the caller sees.

A conflict that a caller may not see whole isn't there for them: neither a private memory nor one of another scope can
be guessed from what is marked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from itertools import chain
from typing import Any

from slm.consistency.claim_sheaf import ClaimSheaf
from slm.consistency.conflict import Conflict, Supersession
from slm.consistency.judgement import is_identity
from slm.consistency.repair import identities_about
from slm.consistency.valid_time import order_key
from slm.engine.claim_documents import Documents, memory_of
from slm.engine.eligible import Mask
from slm.engine.live_sheaf import LiveSheaf
from slm.store.reader import Reader


class Doubts:
    """For one answer: ``seen()`` (n,) are the memories that its caller may see, ``as_of_ns`` the moment asked about.

    Most answers hold nothing that claims speak against, so it is asked for once, and only where it matters.
    """

    def __init__(self, sheaf: LiveSheaf, reader: Reader, seen: Callable[[], Mask], as_of_ns: int | None = None) -> None:
        self._sheaf, self._reader, self._look, self._as_of_ns = sheaf, reader, seen, as_of_ns

    @cached_property
    def _seen(self) -> Mask:
        return self._look()

    def marked(self, ordinal: int, document: dict[str, Any]) -> dict[str, Any]:
        """The ``document`` of a memory with the flags that follow from claims, and the id of what replaces it."""
        flags = list(document["flags"])
        replaced = self._replaced(ordinal)
        if replaced and "superseded" not in flags:
            flags.append("superseded")
        if self._contradicted(ordinal):
            flags.append("contradicted")
        newest = self._newest(replaced)
        successor = document["memory"]["superseded_by"] or (newest and memory_of(newest.newer))
        return {**document, "flags": flags, "successor": successor}

    def successor(self, ordinal: int) -> int:
        """The memory whose claims took the place of all those of this one; −1 for none."""
        replaced = self._replaced(ordinal)
        if not replaced:
            return -1
        newest = self._newest(replaced)
        found = self._reader.ordinal_of(memory_of(newest.newer)) if newest else None
        return -1 if found is None or found == ordinal else found

    def documents(self, documents: Documents, ordinals: Iterable[int]) -> list[dict[str, Any]]:
        """The unresolved conflicts of some memories in full, each once, by id."""
        found: dict[str, dict[str, Any]] = {}
        for ordinal in ordinals:
            sheaf, conflicts = self.conflicts(ordinal)
            found.update((c.id, documents.conflict(sheaf, c)) for c in conflicts if c.id not in found)
        return [found[name] for name in sorted(found)]

    def conflicts(self, ordinal: int) -> tuple[ClaimSheaf, list[Conflict]]:
        """The unresolved conflicts of a memory, of visible memories alone, however others could explain them.

        They come with the sheaf that has them.
        """
        found = self._sheaf.conflicts_of(ordinal)
        if not found or (all(self.sees(conflict) for conflict in found) and self._sees_around(ordinal)):
            return self._sheaf.sheaf, found
        claims, own = self._sheaf.sheaf.claims, self._sheaf.held[ordinal]
        around = {name: claim for name, claim in claims.items() if is_identity(claim)}
        for name in own:
            component = self._sheaf.sheaf.component_of(name)
            around.update((claim.id, claim) for claim in (component.claims if component is not None else ()))
        visible = [claim for claim in around.values() if self._sees(claim.memory_id)]
        part = ClaimSheaf(visible, self._sheaf.sheaf.around.window_of)
        return part, self._sheaf.open([c for c in part.conflicts() if set(own) & set(c.claims)])

    def sees(self, conflict: Conflict) -> bool:
        """Whether every memory of a conflict is visible."""
        return all(self._sees(memory_of(name)) for name in conflict.claims)

    def replaces(self, ordinal: int) -> list[Supersession]:
        """What the claims of a memory took the place of, in visible memories."""
        names = set(self._sheaf.held.get(ordinal, ()))
        components = filter(None, map(self._sheaf.sheaf.component_of, names))
        found = {s for component in components for s in component.supersessions if s.newer in names}
        return sorted((s for s in found if self._sees(memory_of(s.older))), key=lambda s: s.older)

    def _sees_around(self, ordinal: int) -> bool:
        """Whether all claims are visible that suspects and advice for a memory's conflicts could name."""
        sheaf = self._sheaf.sheaf
        components = {id(found): found for found in map(sheaf.component_of, self._sheaf.held[ordinal]) if found}
        claims = [claim for component in components.values() for claim in component.claims]
        around = chain(claims, identities_about(claims, sheaf.around.entities))
        return all(map(self._sees, {claim.memory_id for claim in around}))

    def _contradicted(self, ordinal: int) -> bool:
        return self._sheaf.ready and bool(self.conflicts(ordinal)[1])

    def _replaced(self, ordinal: int) -> list[Supersession]:
        found = self._sheaf.replaced(ordinal)
        if not found:
            return []
        by_then = [s for s in found if s.at is None or self._as_of_ns is None or s.at <= self._as_of_ns]
        own = self._sheaf.sheaf.claims[found[0].older].memory_id
        others = all(memory_of(s.newer) != own and self._sees(memory_of(s.newer)) for s in by_then)
        return by_then if len(by_then) == len(found) and others else []

    def _newest(self, found: Sequence[Supersession]) -> Supersession | None:
        return max(found, key=lambda s: order_key(self._sheaf.sheaf.claims[s.newer]), default=None)

    def _sees(self, memory_id: str) -> bool:
        ordinal = self._reader.ordinal_of(memory_id)
        return ordinal is not None and bool(self._seen[ordinal])
