"""A component of the claim sheaf: the claims that share variables, with what was found among them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from slm.consistency.claim import Claim, says_the_same
from slm.consistency.conflict import Conflict, Supersession, conflict_of
from slm.consistency.judgement import (
    NO_NAMES,
    Cut,
    Surroundings,
    cut_of,
    gained_units,
    judge,
    may_replace,
    minimal,
    new_slice,
    replaced_by,
)
from slm.consistency.plain_values import Plain, clash_of, lists, plains
from slm.consistency.slice import Clash, Slice, Variable, fill
from slm.consistency.valid_time import Span, order_key, span_of

CONFIRMED = 8
"""So many of the latest claims are looked through for one that says the same."""
FEW = 32
"""Up to so many values of one variable are compared one by one, more by a slice."""
NO_CONFLICTS: Mapping[str, Conflict] = MappingProxyType({})
Order = tuple[int, int, str]
NOTHING: Order = (-(1 << 80), 0, "")
"""Before every claim."""


@dataclass(slots=True, eq=False)
class Component:
    """Claims, and a slice of those that hold from ``horizon`` on without end.

    A claim that begins at the horizon or later and agrees with the slice agrees with all. ``span`` is the one time at
    which all claims hold, None where they differ; then the claims in ``ended`` are not in the slice. ``plain``: since
    they were judged, claims came in the order in which they are read, so that the slice explains as judging anew would.
    What says the same as a claim before it is a confirmation and stays out of the slice; ``listing``: all claims name
    one of several values, which can't clash. ``conflicts`` by their ids are replaced, never changed.
    """

    variables: list[Variable]
    claims: list[Claim] = field(default_factory=list)
    slice: Slice | None = None
    conflicts: Mapping[str, Conflict] = field(default_factory=lambda: NO_CONFLICTS)
    supersessions: tuple[Supersession, ...] = ()
    span: Span | None = None
    horizon: float = -math.inf
    ended: frozenset[str] = NO_NAMES
    gained: frozenset[str] = NO_NAMES
    last: Order = NOTHING
    listing: bool = False
    plain: bool = True
    stale: bool = False

    def accept(self, claim: Claim, around: Surroundings) -> bool:
        """Take a claim in, and look at all claims anew only where that can't be avoided. Whether anything was found."""
        order, span = order_key(claim), span_of(claim, around.window_of)
        if not self.claims and claim.object is None and not self.stale:
            self.claims.append(claim)
            self._alone(claim, span)
            return False
        later = order > self.last
        in_order = self.plain and later
        uniform = span == self.span or not self.claims
        if self.stale or not self._fits(claim, span, uniform):
            self.claims.append(claim)
            return self.judge(around, continued=in_order and not self.stale)
        replaced, clash = None, None
        self.listing = self.listing and lists(claim)
        if self.conflicts or not (self.listing or self._confirms(claim)):
            replaced, clash = self._compare(claim, around, in_order=in_order)
        self.claims.append(claim)
        if replaced:
            self._replace(replaced)
        elif clash is not None:
            if not (uniform and in_order) or may_replace(claim, around):
                return self.judge(around, continued=in_order)
            conflict = conflict_of(minimal(clash, around.claims, around), around.claims)
            self.conflicts = {**self.conflicts, conflict.id: conflict}
        elif not in_order and (self.conflicts or self.supersessions):
            return self.judge(around)
        self.span, self.plain = span if uniform and not replaced else None, in_order
        if later:
            self.last = order
        return bool(replaced) or clash is not None

    def _alone(self, claim: Claim, span: Span) -> None:
        """A value by itself says nothing that anything could contradict."""
        self.span, self.last, self.listing = span, order_key(claim), lists(claim)
        self.slice, self.stale, self.plain = None, False, True

    def _confirms(self, claim: Claim) -> bool:
        """Whether one of the latest claims says the same and holds: a confirmation, which the slice doesn't need."""
        for held in self.claims[: -CONFIRMED - 1 : -1]:
            holds = held.id not in self.ended
            if holds and says_the_same(claim, held):
                return True
        return False

    def _compare(self, claim: Claim, around: Surroundings, *, in_order: bool) -> tuple[list[Cut] | None, Clash | None]:
        """What a claim replaces, or else what it clashes with: among few plain values by looking at each of them."""
        if len(self.variables) == 1 and not self.conflicts and len(self.claims) - len(self.ended) <= FEW:
            held = [other for other in self.claims if other.id not in self.ended]
            values = plains((*held, claim), around.entities)
            if values is not None:
                return self._compare_values(claim, held, values, around, in_order=in_order)
        return None, self._slice(around).add(claim)

    def _compare_values(
        self, claim: Claim, held: list[Claim], values: dict[str, Plain], around: Surroundings, *, in_order: bool
    ) -> tuple[list[Cut] | None, Clash | None]:
        kind, value = values[claim.id]
        others = [other for other in held if values[other.id][0] == kind and values[other.id][1] != value]
        if not others:
            if self.slice is not None:
                self.slice.add(claim)
            return None, None
        if in_order and may_replace(claim, around):
            spans = {other.id: span_of(other, around.window_of) for other in (claim, *others)}
            replaced = replaced_by(claim, others, spans, values, around)
            if len(replaced) == len(others):
                return [cut_of(older, claim, spans) for older in others], None
        return None, clash_of(min(others, key=order_key), claim)

    def _slice(self, around: Surroundings) -> Slice:
        """The slice, built when it is first needed."""
        if self.slice is None:
            around.keep(self)
            self.slice = new_slice(self.claims, self.gained, around)
            every = self.span is not None
            held = [claim for claim in self.claims if every or claim.id not in self.ended]
            fill(self.slice, sorted(held, key=order_key))
        return self.slice

    def _fits(self, claim: Claim, span: Span, uniform: bool) -> bool:
        """Whether the slice alone can tell what a claim brings about."""
        if claim.gain != 1 and claim.unit not in self.gained:
            if self.slice is not None:
                return False
            self.gained |= {claim.unit}
        return uniform or (not self.conflicts and span[0] >= self.horizon and span[1] == math.inf)

    def _replace(self, cuts: list[Cut]) -> None:
        """The usual change: a new value in the place of all others that it disagrees with."""
        self.supersessions += tuple(_told(cut) for cut in cuts)
        self.ended |= {cut.older for cut in cuts}
        self.horizon = max(self.horizon, *(cut.at for cut in cuts))
        self.slice = None

    def absorb(self, other: Component, around: Surroundings) -> None:
        """Take in another component's claims, which now share a variable with these."""
        self.variables += other.variables
        if not other.claims:
            return
        self.stale |= other.stale or self.span is None or self.span != other.span
        self.stale |= bool(self.conflicts or other.conflicts or other.gained)
        self.plain = self.listing = False
        if not self.stale:
            self.stale = bool(fill(self._slice(around), other.claims))
        self.claims += other.claims
        self.supersessions += other.supersessions
        if other.conflicts:
            self.conflicts = {**self.conflicts, **other.conflicts}

    def judge(self, around: Surroundings, *, continued: bool = False) -> bool:
        """Look at all claims anew, ``continued`` with the supersessions of all but the last; True."""
        if len(self.claims) == 1 and self.claims[0].object is None:
            self._alone(self.claims[0], span_of(self.claims[0], around.window_of))
            return True
        before = [Cut(s.older, s.newer, -math.inf if s.at is None else s.at) for s in self.supersessions]
        if continued:
            judgement = judge(self.claims, around, before, len(self.claims) - 1)
        else:
            judgement = judge(self.claims, around)
        known = {Clash(frozenset(c.claims), c.miss, c.length, c.unit): c for c in self.conflicts.values()}
        told = [known.get(clash) or conflict_of(clash, around.claims) for clash in judgement.clashes]
        self.conflicts = {conflict.id: conflict for conflict in told} if told else NO_CONFLICTS
        self.supersessions = tuple(_told(cut) for cut in judgement.cuts)
        ends = {name: end for name, (_, end) in judgement.spans.items() if end != math.inf}
        self.ended, self.horizon = frozenset(ends) or NO_NAMES, max(ends.values(), default=-math.inf)
        every = set(judgement.spans.values())
        self.span = every.pop() if len(every) == 1 else None
        self.listing = all(map(lists, self.claims))
        self.gained = gained_units(self.claims)
        self.last = max(map(order_key, self.claims), default=NOTHING)
        self.slice = judgement.slice
        if self.slice is not None:
            around.keep(self)
        self.stale = False
        self.plain = True
        return True


def _told(cut: Cut) -> Supersession:
    return Supersession(cut.older, cut.newer, None if cut.at == -math.inf else int(cut.at))
