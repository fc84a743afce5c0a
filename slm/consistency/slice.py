"""The claims that hold at one time: a claim is added, or refused with the claims that it closes a bad cycle with."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import NamedTuple

from slm.consistency.calendar_units import days_of_months, month_of
from slm.consistency.claim import DAY, MONTH, Claim, Interval, Number, Relation, statement
from slm.consistency.differences import Cycle
from slm.consistency.forest import Forest, Names, Reason, Trail
from slm.consistency.numbers import Numbers

Variable = tuple[str, str]
"""Entity and attribute."""
Aliases = Callable[[str], Iterable[tuple[str, Reason]]]
"""Names that are the same as a name by claims of identity, with those claims."""


class Clash(NamedTuple):
    """Claims that can't all be true: their ids, by how much they miss (0 where nothing is measured), their unit."""

    claims: frozenset[str]
    miss: Number
    length: int
    unit: str


class Slice:
    """Every fibre of one component: names, truths, membership of a value, and numbers by unit.

    A claim of equality or order without arithmetic says nothing about the unit: it lies in every fibre there is, and
    is entered into one that comes later; so are dates into the fibre of months. ``truths`` are the attributes known to
    be true or false, ``gained`` the units in which a claim multiplies. ``keep_trail`` makes :meth:`undo` reach back to
    any mark.
    """

    __slots__ = ("_aliases", "_dated", "_members", "_names", "_numbers", "_truth", "_untyped", "gained", "keep_trail",
                 "trail", "truths")  # fmt: skip

    def __init__(
        self, truths: Collection[str], gained: Collection[str], aliases: Aliases, *, keep_trail: bool = False
    ) -> None:
        self.truths, self.gained, self._aliases, self.keep_trail = truths, gained, aliases, keep_trail
        self.trail: Trail = []
        self._names: Names | None = None
        self._truth: Forest | None = None
        self._members: dict[str, Forest] = {}
        self._numbers: dict[str, Numbers] = {}
        self._dated: list[tuple[Variable, Relation, Interval, Reason]] = []
        self._untyped: list[tuple[Variable, Variable, Relation, Reason]] = []

    def undo(self, mark: int) -> None:
        """Take back everything since ``trail`` had the length ``mark``."""
        while len(self.trail) > mark:
            self.trail.pop()()

    def add(self, claim: Claim) -> Clash | None:
        """Add a claim about variables, wholly or not at all; identities come in by :meth:`link`."""
        mark = len(self.trail)
        return self._kept(self._add(claim), mark)

    def link(self, x: Variable, y: Variable, reason: Reason) -> None:
        """Make the variables of two names of one entity equal, for the claims of identity in ``reason``."""
        clash = self._add_untyped(x, y, "=", reason)
        assert clash is None, "identities come before what they could contradict"

    def _kept(self, clash: Clash | None, mark: int) -> Clash | None:
        if clash is not None:
            self.undo(mark)
        if not self.keep_trail:
            self.trail.clear()
        return clash

    def _add(self, claim: Claim) -> Clash | None:
        x, y, reason = (claim.subject, claim.attribute), claim.object, (claim.id,)
        if y is None:
            return self._with_value(x, claim, reason)
        if claim.interval is None and claim.gain == 1:
            return self._add_untyped(x, y, claim.relation, reason)
        return self._with_variable(x, y, claim, reason)

    def _with_value(self, x: Variable, claim: Claim, reason: Reason) -> Clash | None:
        holds = claim.relation == "="
        if claim.multi:
            named = claim.value if isinstance(claim.value, str) else repr((claim.value, claim.interval, claim.unit))
            return self._belongs(x, named, holds, reason) if claim.relation in ("=", "!=") else None
        if isinstance(claim.value, bool):
            return _cycle(self._truths().relate(None, x, int(claim.value == holds), reason))
        if claim.value is not None:
            return self._named(x, claim.value, holds, reason)
        assert claim.interval is not None, "a claim without a right side"
        return self._linear(x, None, 1, claim.relation, claim.interval, claim.unit, reason)

    def _named(self, x: Variable, name: str, holds: bool, reason: Reason) -> Clash | None:
        names = self._all_names()
        key = names.constant(name, self._aliases(name))
        if holds:
            return _cycle(names.same(x, key, reason))
        return _cycle(names.differ(x, key, reason)) or self._belongs(x, name, False, reason)

    def _belongs(self, x: Variable, name: str, holds: bool, reason: Reason) -> Clash | None:
        member = self._members.get(name)
        if member is None:
            member = self._members[name] = Forest(self.trail)
            self.trail.append(lambda: self._members.pop(name))
            for a, b, relation, why in self._untyped:
                if relation == "=":
                    member.relate(a, b, 0, why)
        return _cycle(member.relate(None, x, int(holds), reason))

    def _with_variable(self, x: Variable, y: Variable, claim: Claim, reason: Reason) -> Clash | None:
        if claim.multi:
            return None
        offset = claim.interval or (0, 0)
        return self._linear(x, y, claim.gain, claim.relation, offset, claim.unit, reason)

    def _linear(
        self, x: Variable, y: Variable | None, gain: Number, relation: Relation, offset: Interval, unit: str,
        reason: Reason,
    ) -> Clash | None:  # fmt: skip
        """The claim in its own unit, and what follows from it in the calendar's other unit."""
        clash = self._in_unit(unit, x, y, gain, relation, offset, reason)
        if clash is not None or gain != 1 or relation == "!=":
            return clash
        low, high = offset
        if unit == MONTH:
            days = (None if low is None else days_of_months(low)[0], None if high is None else days_of_months(high)[1])
            return self._in_unit(DAY, x, y, 1, _closed(relation), days, reason)
        if unit == DAY and y is None:
            dated = (x, _closed(relation), offset, reason)
            self._dated.append(dated)
            self.trail.append(self._dated.pop)
            return self._by_month(*dated) if MONTH in self._numbers else None
        return None

    def _by_month(self, x: Variable, relation: Relation, days: Interval, reason: Reason) -> Clash | None:
        low, high = days
        months = (None if low is None else month_of(low), None if high is None else month_of(high))
        return self._in_unit(MONTH, x, None, 1, relation, months, reason)

    def _in_unit(
        self, unit: str, x: Variable, y: Variable | None, gain: Number, relation: Relation, offset: Interval,
        reason: Reason,
    ) -> Clash | None:  # fmt: skip
        numbers = self._unit(unit)
        low, high = offset
        if relation == "!=":
            if low is None or low != high:
                raise ValueError("a claim that two numbers differ needs one number, not a range")
            return _cycle(numbers.apart(x, y, gain, low, reason), unit)
        if relation != "=":
            low, high = (None, low if relation == "<" else high) if relation[0] == "<" else (
                (high if relation == ">" else low), None)  # fmt: skip
        return _cycle(numbers.within(x, y, gain, low, high, relation in ("<", ">"), reason), unit)

    def _unit(self, unit: str) -> Numbers:
        numbers = self._numbers.get(unit)
        if numbers is None:
            numbers = self._numbers[unit] = Numbers(self.trail, gained=unit in self.gained)
            self.trail.append(lambda: self._numbers.pop(unit))
            for x, y, relation, reason in self._untyped:  # can't clash: the fibre holds nothing else yet
                self._compare(unit, numbers, x, y, relation, reason)
            for dated in self._dated if unit == MONTH else ():  # nor can these: whole months of days that agree
                self._by_month(*dated)
        return numbers

    def _add_untyped(self, x: Variable, y: Variable, relation: Relation, reason: Reason) -> Clash | None:
        clash = None
        if relation in ("=", "!="):
            names = self._all_names()
            clash = _cycle((names.same if relation == "=" else names.differ)(x, y, reason))
            if clash is None and (x[1] in self.truths or y[1] in self.truths):
                clash = _cycle(self._truths().relate(x, y, int(relation == "!="), reason))
        else:
            self._unit("")
        if clash is None and relation == "=":
            found = (_cycle(member.relate(x, y, 0, reason)) for member in self._members.values())
            clash = next(filter(None, found), None)
        for unit, numbers in self._numbers.items() if clash is None else ():
            clash = clash or self._compare(unit, numbers, x, y, relation, reason)
        self._untyped.append((x, y, relation, reason))
        self.trail.append(self._untyped.pop)
        return clash

    def _compare(
        self, unit: str, numbers: Numbers, x: Variable, y: Variable, relation: Relation, reason: Reason
    ) -> Clash | None:
        if relation == "!=":
            return None if unit == MONTH else _cycle(numbers.apart(x, y, 1, 0, reason), unit)
        low, high = (0 if relation[0] in "=>" else None), (0 if relation[0] in "=<" else None)
        strict = relation in ("<", ">") and unit != MONTH
        return _cycle(numbers.within(x, y, 1, low, high, strict, reason), unit)

    def _all_names(self) -> Names:
        if self._names is None:
            self._names = Names(self.trail)
        return self._names

    def _truths(self) -> Forest:
        if self._truth is None:
            self._truth = Forest(self.trail)
        return self._truth


def fill(slice_: Slice, ordered: Iterable[Claim]) -> list[Clash]:
    """Add claims in their order, and return the clashes of those that the slice refuses. Confirmations stay out."""
    clashes: list[Clash] = []
    stated: set[tuple[object, ...]] = set()
    for claim in ordered:
        states = statement(claim)
        if states in stated:
            continue
        clash = slice_.add(claim)
        if clash is None:
            stated.add(states)
        else:
            clashes.append(clash)
    return clashes


def _closed(relation: Relation) -> Relation:
    """The order that a strict one leaves in a coarser unit."""
    return "<=" if relation == "<" else ">=" if relation == ">" else relation


def _cycle(found: Reason | Cycle | None, unit: str = "") -> Clash | None:
    if found is None:
        return None
    if isinstance(found, Cycle):
        return Clash(frozenset(found.reasons), found.miss, found.length, unit)
    return Clash(frozenset(found), 0, len(found), "")
