"""The numbers of one unit: differences where every gain is one, the simplex where not, and values that must differ."""

from __future__ import annotations

from collections.abc import Hashable

from slm.consistency.claim import Bound, Number
from slm.consistency.differences import Cycle, Differences
from slm.consistency.forest import Reason, Trail
from slm.consistency.simplex import Simplex, Value

Apart = tuple[Hashable, Hashable | None, Number, Number, Reason]
"""x ≠ gain · y + offset."""


class Numbers:
    """Linear claims about pairs of variables; ``None`` as the second is ground, which is zero."""

    __slots__ = ("_apart", "_differences", "_simplex", "_trail")

    def __init__(self, trail: Trail, *, gained: bool) -> None:
        self._trail = trail
        self._differences = Differences(trail)
        self._simplex = Simplex(trail) if gained else None
        self._apart: list[Apart] = []

    def within(
        self, x: Hashable, y: Hashable | None, gain: Number, low: Bound, high: Bound, strict: bool, reason: Reason
    ) -> Cycle | None:
        """Add low ≤ x − gain · y ≤ high (or <), or return what stands against it. A gain needs ``gained``."""
        if self._simplex is None:
            return self._limits(x, y, low, high, strict, reason) or self._equal(reason)
        lower: Value | None = None if low is None else (low, 1 if strict else 0)
        upper: Value | None = None if high is None else (high, -1 if strict else 0)
        return self._simplex.restrict(_terms(x, y, gain), lower, upper, reason) or self._equal(reason)

    def apart(self, x: Hashable, y: Hashable | None, gain: Number, offset: Number, reason: Reason) -> Cycle | None:
        """Add x ≠ gain · y + offset, or return why they are equal."""
        apart = (x, y, gain, offset, reason)
        why = self._why_equal(apart)
        if why is None:
            self._apart.append(apart)
            self._trail.append(self._apart.pop)
        return why

    def _limits(
        self, x: Hashable, y: Hashable | None, low: Bound, high: Bound, strict: bool, reason: Reason
    ) -> Cycle | None:
        cycle = None
        if high is not None:
            cycle = self._differences.limit(y, x, high, strict, reason)
        if cycle is None and low is not None:
            cycle = self._differences.limit(x, y, -low, strict, reason)
        return cycle

    def _equal(self, reason: Reason) -> Cycle | None:
        """A broken disequality. The rest is convex: it avoids all of them exactly when it can avoid each."""
        for apart in self._apart:
            why = self._why_equal(apart)
            if why is not None:
                return Cycle(why.reasons + reason, why.miss, why.length)
        return None

    def _why_equal(self, apart: Apart) -> Cycle | None:
        x, y, _, offset, reason = apart
        if self._simplex is not None:
            return self._why_equal_with_gain(self._simplex, apart)
        if x == y:
            return Cycle(reason, 0, 1) if offset == 0 else None
        fixed = self._differences.fixed(y, x)
        return None if fixed is None or fixed[0] != offset else Cycle(fixed[1] + reason, 0, len(fixed[1]) + 1)

    def _why_equal_with_gain(self, simplex: Simplex, apart: Apart) -> Cycle | None:
        """Equal is what can be neither above nor below."""
        x, y, gain, offset, reason = apart
        terms, whys = _terms(x, y, gain), []
        mark = len(self._trail)
        for lower, upper in (((offset, 1), None), (None, (offset, -1))):
            why = simplex.restrict(terms, lower, upper, reason)
            if why is None:
                self._trail.pop()()
                return None
            whys.append(why)
        assert len(self._trail) == mark
        reasons = tuple(dict.fromkeys(whys[0].reasons + whys[1].reasons))
        return Cycle(reasons, 0, len(reasons))


def _terms(x: Hashable, y: Hashable | None, gain: Number) -> dict[Hashable, Number]:
    if y is None:
        return {x: 1}
    return {x: 1 - gain} if x == y else {x: 1, y: -gain}
