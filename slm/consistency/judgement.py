"""Judging one component whole: which claims supersede which, and which can't all be true.

A pure function of a set of claims and what is known around it, so that claims give the same conflicts in any order.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Protocol

from slm.consistency.claim import Claim
from slm.consistency.entities import Entities
from slm.consistency.plain_values import Plain, lists, pairs, plain, plains
from slm.consistency.slice import Clash, Slice, Variable, fill
from slm.consistency.valid_time import DAY_NS, Span, Time, WindowOf, last_said, order_key, overlap, span_of, sweep

SLICES = 20_000
"""So many components keep their slices (4 kB each); others build them anew when a claim comes in."""


NO_NAMES: frozenset[str] = frozenset()
"""One empty set for all components: each that is made takes 216 bytes."""


class HasSlice(Protocol):
    """A component, as far as it can be relieved of its slice."""

    slice: Slice | None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a component's claims are read against: identities, attributes that are true or false, persistence.

    ``claims`` has every claim of the sheaf by its id, those of identity too.
    """

    entities: Entities
    truths: Collection[str]
    window_of: WindowOf
    claims: Mapping[str, Claim] = field(default_factory=dict)
    sliced: dict[HasSlice, None] = field(default_factory=dict)

    def keep(self, component: HasSlice) -> None:
        """Note that a component builds its slice; the one that built its own first gives it up for that."""
        self.sliced.pop(component, None)
        self.sliced[component] = None
        if len(self.sliced) > SLICES:
            first = next(iter(self.sliced))
            del self.sliced[first]
            first.slice = None


@dataclass(frozen=True, slots=True)
class Cut:
    """``older`` ends ``at`` (−infinity: never held) because ``newer`` takes its place."""

    older: str
    newer: str
    at: Time


@dataclass(frozen=True, slots=True)
class Judgement:
    """The clashes of a component, each minimal, and the cuts of the persistence edge that made others vanish.

    ``slice`` has what agrees, where one slice was enough: all claims hold at one and the same time.
    """

    clashes: tuple[Clash, ...]
    cuts: tuple[Cut, ...]
    spans: Mapping[str, Span]
    slice: Slice | None = None


def variables_of(claim: Claim) -> tuple[Variable, ...]:
    """The variables that a claim about variables touches."""
    subject = (claim.subject, claim.attribute)
    return (subject,) if claim.object is None or claim.object == subject else (subject, claim.object)


def is_identity(claim: Claim) -> bool:
    """Whether a claim says that two names mean the same entity, or different ones."""
    return claim.attribute == ""


def gained_units(claims: Iterable[Claim]) -> frozenset[str]:
    """The units in which a claim multiplies."""
    return frozenset(claim.unit for claim in claims if claim.gain != 1) or NO_NAMES


def new_slice(
    claims: Collection[Claim], gained: Collection[str], around: Surroundings, *, keep_trail: bool = False
) -> Slice:
    """An empty slice for these claims, their variables linked by identity."""
    slice_ = Slice(around.truths, gained, around.entities.aliases, keep_trail=keep_trail)
    if len(around.entities):
        for x, y, reason in around.entities.links({v for claim in claims for v in variables_of(claim)}):
            slice_.link(x, y, reason)
    return slice_


def judge(claims: Collection[Claim], around: Surroundings, before: Collection[Cut] = (), settled: int = 0) -> Judgement:
    """Conflicts and supersessions among the claims of one component.

    Claims are read in their order, and each cuts what it replaces among those before it: so the cuts of a first part
    don't depend on the rest. ``before`` are the cuts of the first ``settled`` claims, where they are known.
    """
    ordered = sorted(claims, key=order_key)
    spans = {claim.id: span_of(claim, around.window_of) for claim in ordered}
    for cut in before:
        spans[cut.older] = (spans[cut.older][0], cut.at)
    cuts = list(before)
    values = plains(ordered, around.entities)
    if values is not None and len(set(values.values())) == 1:
        return Judgement((), tuple(cuts), spans)
    if values is not None:
        cuts += _value_cuts(ordered, settled, spans, values, around)
        return Judgement(tuple(pairs(ordered, spans, values)), tuple(cuts), spans)
    if all(map(lists, ordered)):
        return Judgement((), tuple(cuts), spans)
    gained, replacing = gained_units(ordered), any(may_replace(claim, around) for claim in ordered[settled:])
    if len(set(spans.values())) == 1:
        slice_ = new_slice(ordered, gained, around)
        clashes = fill(slice_, ordered)
        if not (clashes and replacing):
            return Judgement(tuple(_distinct(clashes, ordered, around)), tuple(cuts), spans, slice_)
    if replacing:
        for number in range(settled or _first_clash(ordered, spans, gained, around), len(ordered)):
            cuts += _cuts(ordered[: number + 1], spans, gained, around)
    return Judgement(tuple(_clashes(ordered, spans, gained, around)), tuple(cuts), spans)


def _value_cuts(
    ordered: Sequence[Claim], settled: int, spans: dict[str, Span], values: Mapping[str, Plain], around: Surroundings
) -> list[Cut]:
    """Each claim of one variable cuts the earlier values that it replaces; what ends before all that follow is left."""
    cuts: list[Cut] = []
    held = [claim for claim in ordered[:settled] if spans[claim.id][0] < spans[claim.id][1]]
    starts = list(accumulate((spans[claim.id][0] for claim in reversed(ordered[settled:])), min, initial=math.inf))
    starts.pop()
    for newer in ordered[settled:]:
        replaced = replaced_by(newer, held, spans, values, around) if may_replace(newer, around) else []
        cuts += [cut_of(older, newer, spans) for older in replaced]
        first = starts.pop()
        held = [claim for claim in held if spans[claim.id][1] > max(spans[claim.id][0], first)]
        held.append(newer)
    return cuts


def replaced_by(
    newer: Claim, held: Iterable[Claim], spans: Mapping[str, Span], values: Mapping[str, Plain], around: Surroundings
) -> list[Claim]:
    """Those of the ``held`` values of a variable that ``newer`` disagrees with and takes the place of."""
    kind, value = values[newer.id]
    return [
        older
        for older in held
        if values[older.id][1] != value and values[older.id][0] == kind and _replaces(newer, older, spans, around)
    ]


def _clashes(
    ordered: Sequence[Claim], spans: Mapping[str, Span], gained: Collection[str], around: Surroundings
) -> list[Clash]:
    """Every clash of the sweep, made minimal, once."""
    return _distinct(sweep(ordered, spans, new_slice(ordered, gained, around, keep_trail=True)), ordered, around)


def _distinct(clashes: Iterable[Clash], ordered: Sequence[Claim], around: Surroundings) -> list[Clash]:
    known = {claim.id: claim for claim in ordered}
    found: dict[frozenset[str], Clash] = {}
    for clash in dict.fromkeys(clashes):
        reduced = minimal(clash, known, around)
        found.setdefault(reduced.claims, reduced)
    return list(found.values())


def _first_clash(
    ordered: Sequence[Claim], spans: Mapping[str, Span], gained: Collection[str], around: Surroundings
) -> int:
    """How many of the first claims agree at all times; by bisection, as more claims can only clash more."""

    def clashes(count: int) -> bool:
        part = ordered[:count]
        return next(sweep(part, spans, new_slice(part, gained, around, keep_trail=True)), None) is not None

    return bisect_left(range(len(ordered) + 1), True, key=clashes) - 1 if clashes(len(ordered)) else len(ordered)


def _cuts(part: Sequence[Claim], spans: dict[str, Span], gained: Collection[str], around: Surroundings) -> list[Cut]:
    """Cut what the last claim of ``part`` replaces, until no more of its clashes can be made to vanish."""
    newest = part[-1]
    if not may_replace(newest, around):
        return []
    cuts = _direct_cuts(part, spans, around)
    while True:
        beside = _replaceable(newest, part, spans, gained, around)
        if not beside:
            break
        cuts += [cut_of(older, newest, spans) for older in beside]
    return cuts


def _direct_cuts(part: Sequence[Claim], spans: dict[str, Span], around: Surroundings) -> list[Cut]:
    """The other plain values of its own variable that the last claim of ``part`` replaces, as among values alone."""
    newest, value = part[-1], plain(part[-1], around.entities)
    if value is None:
        return []
    variable, values = (newest.subject, newest.attribute), {newest.id: value}
    for claim in part:
        if (claim.subject, claim.attribute) == variable and (other := plain(claim, around.entities)) is not None:
            values[claim.id] = other
    held = [claim for claim in part[:-1] if claim.id in values]
    return [cut_of(older, newest, spans) for older in replaced_by(newest, held, spans, values, around)]


def _replaceable(
    newest: Claim, part: Sequence[Claim], spans: Mapping[str, Span], gained: Collection[str], around: Surroundings
) -> list[Claim]:
    """The older claims about the variable of ``newest`` in a clash that vanishes when all of them are cut."""
    known = {claim.id: claim for claim in part}
    during = {claim.id: overlap((spans[claim.id], spans[newest.id])) for claim in part}
    subject = _class_of((newest.subject, newest.attribute), around)
    for clash in _clashes(part, during, gained, around):
        members = sorted((known[name] for name in clash.claims if name in known), key=order_key)
        older = [m for m in members if m is not newest and subject in {_class_of(v, around) for v in variables_of(m)}]
        if newest in members and older and all(_replaces(newest, claim, spans, around) for claim in older):
            return older
    return []


def may_replace(claim: Claim, around: Surroundings) -> bool:
    """Whether a claim can supersede anything at all."""
    return claim.update or claim.valid_from is not None or around.window_of(claim.attribute) is not None


def _replaces(newer: Claim, older: Claim, spans: Mapping[str, Span], around: Surroundings) -> bool:
    """Whether the persistence of ``older`` is cut where ``newer`` begins.

    It is by words of change, by an explicit beginning, or when the older value has outlived its attribute's window.
    """
    start, end = overlap((spans[newer.id], spans[older.id]))
    if start >= end or order_key(older) >= order_key(newer):
        return False
    if newer.update:
        return True
    if older.valid_to is not None:
        return False
    if newer.valid_from is not None and newer.valid_from > spans[older.id][0]:
        return True
    window = around.window_of(newer.attribute)
    return window is not None and order_key(newer)[0] - last_said(older) > window * DAY_NS


def cut_of(older: Claim, newer: Claim, spans: dict[str, Span]) -> Cut:
    """End ``older`` in ``spans`` where ``newer`` begins, or wholly where it began no earlier."""
    start, _ = spans[older.id]
    at = max(start, spans[newer.id][0])
    if at <= start:
        at = -math.inf
    spans[older.id] = (start, at)
    return Cut(older.id, newer.id, at)


def _class_of(variable: Variable, around: Surroundings) -> Variable:
    return around.entities.key(variable[0]), variable[1]


def minimal(clash: Clash, known: Mapping[str, Claim], around: Surroundings) -> Clash:
    """The clash without the claims that it doesn't need.

    A simple cycle needs all of its claims; what identities lift, gains and disequalities need not be one.
    """
    identities = around.entities.claims
    members = [known[name] if name in known else identities[name] for name in clash.claims]
    if all(claim.relation not in ("==", "!=") and claim.gain == 1 for claim in members):
        return clash
    for claim in sorted(members, key=order_key, reverse=True):
        rest = [other for other in members if other.id != claim.id]
        found = contradiction(rest, around)
        if found is not None:
            clash, members = found, [other for other in rest if other.id in found.claims]
    return clash


def contradiction(claims: Collection[Claim], around: Surroundings) -> Clash | None:
    """A clash among claims that are all taken to hold at one time, identities among them; not always minimal."""
    entities = Entities()
    for claim in claims:
        if is_identity(claim):
            reasons = entities.add(claim)
            if reasons is not None:
                return Clash(frozenset(reasons), 0, len(reasons), "")
    others = [claim for claim in claims if not is_identity(claim)]
    slice_ = new_slice(others, gained_units(others), Surroundings(entities, around.truths, around.window_of))
    return next((clash for claim in others if (clash := slice_.add(claim)) is not None), None)
