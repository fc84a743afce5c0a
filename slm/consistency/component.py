"""A component of the claim sheaf: the claims that share variables, with what was found among them."""

from __future__ import annotations

import math
from collections import ChainMap
from dataclasses import dataclass, field

from slm.consistency.claim import Claim, says_the_same
from slm.consistency.conflict import Conflict, Supersession, conflict_of
from slm.consistency.judgement import (
    Cut,
    Surroundings,
    gained_units,
    judge,
    may_replace,
    minimal,
    new_slice,
    replaced_by,
)
from slm.consistency.slice import Clash, Slice, Variable
from slm.consistency.valid_time import Span, order_key, span_of

Order = tuple[int, int, str]
NOTHING: Order = (-(1 << 80), 0, "")
"""Before every claim."""


@dataclass(slots=True, eq=False)
class Component:
    """Claims, and a slice of those that hold from ``horizon`` on without end.

    A claim that begins at the horizon or later and agrees with the slice agrees with all. ``span`` is the one time at
    which all claims hold, None where they differ; then the claims in ``ended`` are not in the slice. ``plain``: claims
    came in the order in which they are read and without identities, so that the slice explains as judging anew would.
    What says the same as the ``newest`` claim is a confirmation and stays out of the slice.
    """

    variables: list[Variable]
    claims: dict[str, Claim] = field(default_factory=dict)
    slice: Slice | None = None
    conflicts: dict[str, Conflict] = field(default_factory=dict)
    supersessions: tuple[Supersession, ...] = ()
    span: Span | None = None
    horizon: float = -math.inf
    ended: frozenset[str] = frozenset()
    gained: frozenset[str] = frozenset()
    last: Order = NOTHING
    newest: Claim | None = None
    plain: bool = True
    stale: bool = False

    def accept(self, claim: Claim, around: Surroundings) -> bool:
        """Take a claim in, and look at all claims anew only where that can't be avoided. Whether anything was found."""
        order, span = order_key(claim), span_of(claim, around.window_of)
        in_order = self.plain and order > self.last
        if not self.claims and claim.object is None and not self.stale:
            self.claims[claim.id], self.span, self.last, self.newest = claim, span, order, claim
            return False
        uniform = not self.claims or span == self.span
        if self.stale or not self._fits(claim, span, uniform):
            self.claims[claim.id] = claim
            return self.judge(around, continued=in_order and not self.stale)
        clash = None
        if self.conflicts or self.newest is None or not says_the_same(claim, self.newest):
            clash = self._slice(around).add(claim)
        self.claims[claim.id] = claim
        if clash is not None:
            if in_order and self._replace(claim, around):
                self.last, self.newest = order, claim
                return True
            if not (uniform and in_order) or may_replace(claim, around):
                return self.judge(around, continued=in_order)
            self._record(minimal(clash, self.claims, around), around)
        elif (self.conflicts or self.supersessions) and not in_order:
            return self.judge(around)
        self.span = span if uniform else None
        self.plain, self.last, self.newest = in_order, max(self.last, order), claim
        return clash is not None

    def _slice(self, around: Surroundings) -> Slice:
        """The slice, built when it is first needed."""
        if self.slice is None:
            self.slice = new_slice(self.claims.values(), self.gained, around)
            for claim in sorted(self.claims.values(), key=order_key):
                if self.span is not None or claim.id not in self.ended:
                    self.slice.add(claim)
        return self.slice

    def _fits(self, claim: Claim, span: Span, uniform: bool) -> bool:
        """Whether the slice alone can tell what a claim brings about."""
        if claim.gain != 1 and claim.unit not in self.gained:
            if self.slice is not None:
                return False
            self.gained |= {claim.unit}
        return uniform or (not self.conflicts and span[0] >= self.horizon and span[1] == math.inf)

    def _replace(self, claim: Claim, around: Surroundings) -> bool:
        """The usual change: a new value of the only variable, in the place of all others that it disagrees with."""
        if self.conflicts or len(self.variables) > 1:
            return False
        cuts = replaced_by(
            claim, (c for c in self.claims.values() if c.id not in self.ended and c is not claim), around
        )
        if cuts is None:
            return False
        self.supersessions += tuple(_told(cut) for cut in cuts)
        self.ended |= {cut.older for cut in cuts}
        self.horizon = max(self.horizon, *(cut.at for cut in cuts))
        self.slice = self.span = None
        return True

    def _record(self, clash: Clash, around: Surroundings) -> None:
        conflict = conflict_of(clash, ChainMap(self.claims, around.entities.claims))
        self.conflicts[conflict.id] = conflict

    def absorb(self, other: Component, around: Surroundings) -> None:
        """Take in another component's claims, which now share a variable with these."""
        self.variables += other.variables
        if not other.claims:
            return
        self.stale |= other.stale or self.span is None or self.span != other.span
        self.stale |= bool(self.conflicts or other.conflicts or other.gained)
        self.plain, self.newest = False, None
        slice_ = self._slice(around)
        for claim in other.claims.values():
            self.claims[claim.id] = claim
            self.stale = self.stale or slice_.add(claim) is not None
        self.supersessions += other.supersessions
        self.conflicts.update(other.conflicts)

    def judge(self, around: Surroundings, *, continued: bool = False) -> bool:
        """Look at all claims anew, ``continued`` with the supersessions of all but the last; True."""
        before = [Cut(s.older, s.newer, -math.inf if s.at is None else s.at) for s in self.supersessions]
        if continued:
            judgement = judge(self.claims.values(), around, before, len(self.claims) - 1)
        else:
            judgement = judge(self.claims.values(), around)
        self.conflicts = {}
        for clash in judgement.clashes:
            self._record(clash, around)
        self.supersessions = tuple(_told(cut) for cut in judgement.cuts)
        ends = {name: end for name, (_, end) in judgement.spans.items() if end != math.inf}
        self.ended, self.horizon = frozenset(ends), max(ends.values(), default=-math.inf)
        every = set(judgement.spans.values())
        self.span = every.pop() if len(every) == 1 else None
        self.gained = gained_units(self.claims.values())
        self.last = max(map(order_key, self.claims.values()), default=NOTHING)
        self.slice = self.newest = None
        self.stale = False
        self.plain = not any(len(around.entities.same_as(entity)) > 1 for entity, _ in self.variables)
        return True


def _told(cut: Cut) -> Supersession:
    return Supersession(cut.older, cut.newer, None if cut.at == -math.inf else int(cut.at))
