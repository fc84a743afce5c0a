"""Which names mean the same entity, by claims of identity: an identity lifts to every attribute (congruence)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from slm.consistency.claim import Claim
from slm.consistency.forest import Names, Reason
from slm.consistency.slice import Variable


class Entities:
    """Classes of names by the ``claims`` accepted so far, which hold at all times.

    Names that no claim equates may still mean the same.
    """

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Forget every claim."""
        self._names = Names([], by_reason=True)
        self._classes: dict[str, list[str]] = {}
        self.claims: dict[str, Claim] = {}

    def add(self, claim: Claim) -> Reason | None:
        """Add ``a == b`` or ``a != b``, or return the claims that it closes a bad cycle with, itself among them."""
        assert claim.object is not None
        a, b = claim.subject, claim.object[0]
        if claim.relation == "!=":
            clash = self._names.differ(a, b, (claim.id,))
        else:
            clash = self._names.same(a, b, (claim.id,))
            if clash is None:
                self._merge(a, b)
        if clash is None:
            self.claims[claim.id] = claim
        self._names.trail.clear()
        return clash

    def _merge(self, a: str, b: str) -> None:
        larger, smaller = self._classes.get(a, [a]), self._classes.get(b, [b])
        if larger is smaller or b in larger:
            return
        if len(larger) < len(smaller):
            larger, smaller = smaller, larger
        larger.extend(smaller)
        self._classes.update((name, larger) for name in (*smaller, a, b))

    def __len__(self) -> int:
        """How many names have another name."""
        return len(self._classes)

    def same_as(self, name: str) -> list[str]:
        """Every name of the entity, ``name`` itself included."""
        return self._classes.get(name, [name])

    def key(self, name: str) -> str:
        """One name for all names of an entity; it changes when the class grows."""
        return self._classes[name][0] if name in self._classes else name

    def why(self, a: str, b: str) -> Reason:
        """The claims along a shortest chain between two names of a class, the same one in any order of claims."""
        return self._names.path(self._names.vertex(a), self._names.vertex(b))

    def aliases(self, name: str) -> Iterable[tuple[str, Reason]]:
        """The entity's other names, each with the claims that say so."""
        if name not in self._classes:
            return ()
        return ((other, self.why(name, other)) for other in sorted(self._classes[name]) if other != name)

    def links(self, variables: Iterable[Variable]) -> Iterator[tuple[Variable, Variable, Reason]]:
        """The edges that make the variables of one entity's attribute equal: a star from the first of them."""
        first: dict[Variable, Variable] = {}
        for variable in sorted(v for v in variables if v[0] in self._classes):
            centre = first.setdefault((self.key(variable[0]), variable[1]), variable)
            if centre != variable:
                yield centre, variable, self.why(centre[0], variable[0])
