"""A component of the claim sheaf: the claims that share variables, with what was found among them."""

from __future__ import annotations

import math
from collections import ChainMap
from dataclasses import dataclass, field

from slm.consistency.claim import Claim
from slm.consistency.conflict import Conflict, Supersession, conflict_of
from slm.consistency.judgement import Judgement, Surroundings, judge, minimal, new_slice
from slm.consistency.slice import Clash, Slice, Variable
from slm.consistency.valid_time import Span, order_key, span_of

Order = tuple[int, int, str]
NOTHING: Order = (-(1 << 80), 0, "")
"""Before every claim."""


@dataclass(slots=True, eq=False)
class Component:
    """Claims, and a slice of those that hold from ``horizon`` on without end.

    A claim that begins at the horizon or later and agrees with the slice agrees with all. ``span`` is the one time at
    which all claims hold, None where they differ. ``plain``: the slice was built in the order in which claims are read
    and without identities, so that its explanations are the ones that judging anew would give.
    """

    variables: list[Variable]
    claims: dict[str, Claim] = field(default_factory=dict)
    slice: Slice | None = None
    conflicts: dict[str, Conflict] = field(default_factory=dict)
    supersessions: tuple[Supersession, ...] = ()
    span: Span | None = None
    horizon: float = -math.inf
    last: Order = NOTHING
    plain: bool = True
    stale: bool = False

    def accept(self, claim: Claim, around: Surroundings) -> bool:
        """Take a claim in, and look at all claims anew only where that can't be avoided. Whether anything was found."""
        order, span = order_key(claim), span_of(claim, around.window_of)
        if not self.claims and claim.object is None and not self.stale:
            self.claims[claim.id], self.span, self.last = claim, span, order
            return False
        uniform = not self.claims or span == self.span
        slice_ = self._slice(around)
        self.claims[claim.id] = claim
        if self.stale or not self._fits(slice_, claim, span, uniform):
            return self.judge(around)
        clash = slice_.add(claim)
        in_order = self.plain and order > self.last
        if clash is not None:
            if not (uniform and in_order) or _may_replace(claim, around):
                return self.judge(around)
            self._record(minimal(clash, self.claims, around), around)
        elif self.conflicts and not in_order:
            return self.judge(around)
        self.span = span if uniform else None
        self.plain, self.last = in_order, max(self.last, order)
        return clash is not None

    def _slice(self, around: Surroundings) -> Slice:
        """The slice, which a lone claim about a value doesn't have yet."""
        if self.slice is None:
            self.slice = new_slice(self.claims.values(), around)
            for claim in self.claims.values():
                self.slice.add(claim)
        return self.slice

    def _fits(self, slice_: Slice, claim: Claim, span: Span, uniform: bool) -> bool:
        """Whether the slice alone can tell what a claim brings about."""
        if claim.gain != 1 and claim.unit not in slice_.gained:
            return False
        return uniform or (not self.conflicts and span[0] >= self.horizon and span[1] == math.inf)

    def _record(self, clash: Clash, around: Surroundings) -> None:
        conflict = conflict_of(clash, ChainMap(self.claims, around.entities.claims))
        self.conflicts[conflict.id] = conflict

    def absorb(self, other: Component, around: Surroundings) -> None:
        """Take in another component's claims, which now share a variable with these."""
        self.variables += other.variables
        if not other.claims:
            return
        self.stale |= other.stale or self.span is None or self.span != other.span
        self.stale |= bool(self.conflicts or other.conflicts or (other.slice is not None and other.slice.gained))
        self.plain = False
        slice_ = self._slice(around)
        for claim in other.claims.values():
            self.claims[claim.id] = claim
            self.stale = self.stale or slice_.add(claim) is not None
        self.supersessions += other.supersessions
        self.conflicts.update(other.conflicts)

    def judge(self, around: Surroundings) -> bool:
        """Look at all claims anew; True."""
        judgement = judge(self.claims.values(), around)
        self.conflicts = {}
        for clash in judgement.clashes:
            self._record(clash, around)
        self.supersessions = tuple(
            Supersession(cut.older, cut.newer, None if cut.at == -math.inf else int(cut.at)) for cut in judgement.cuts
        )
        self._rebuild(judgement, around)
        return True

    def _rebuild(self, judgement: Judgement, around: Surroundings) -> None:
        """A new slice of the claims that go on without end."""
        ordered = sorted(self.claims.values(), key=order_key)
        spans = judgement.spans
        self.horizon = max((spans[c.id][1] for c in ordered if spans[c.id][1] != math.inf), default=-math.inf)
        every = set(spans.values())
        self.span = every.pop() if len(every) == 1 else None
        self.slice = new_slice(ordered, around)
        for claim in ordered:
            if self.span is not None or spans[claim.id][1] == math.inf:
                self.slice.add(claim)
        self.last = order_key(ordered[-1]) if ordered else NOTHING
        self.stale = False
        self.plain = not any(len(around.entities.same_as(entity)) > 1 for entity, _ in self.variables)


def _may_replace(claim: Claim, around: Surroundings) -> bool:
    return claim.update or claim.valid_from is not None or around.window_of(claim.attribute) is not None
