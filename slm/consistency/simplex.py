"""Linear inequalities over exact numbers: rows are added, taken back, and refuted with the rows that don't agree.

For claims with a gain ("twice as old") beside intervals and orders, which are no difference constraints.
Source: Dutertre & de Moura, A fast linear-arithmetic solver for DPLL(T) (2006), general simplex with Bland's rule.
"""

from __future__ import annotations

from collections.abc import Hashable
from fractions import Fraction

from slm.consistency.claim import Number
from slm.consistency.differences import Cycle
from slm.consistency.forest import Reason, Trail

Value = tuple[Number, Number]
"""A number and a multiple of an infinitesimal, for strict bounds."""
Terms = dict[Hashable, Number]


class Simplex:
    """A tableau: basic variables as sums of the others. Every variable starts at zero and free."""

    __slots__ = ("_at", "_index", "_lower", "_reason", "_rows", "_upper", "trail")

    def __init__(self, trail: Trail) -> None:
        self.trail = trail
        self._index: dict[Hashable, int] = {}
        self._at: list[Value] = []
        self._lower: list[Value | None] = []
        self._upper: list[Value | None] = []
        self._reason: dict[int, Reason] = {}
        self._rows: dict[int, dict[int, Number]] = {}

    def restrict(self, terms: Terms, lower: Value | None, upper: Value | None, reason: Reason) -> Cycle | None:
        """Add lower ≤ Σ terms ≤ upper. Where that has no solution, add nothing and return the rows that clash.

        They are irreducible row by row: a row of the tableau is the only relation among its variables.
        """
        row: dict[int, Number] = {}
        for key, factor in terms.items():
            column = self._column(key)
            for variable, share in self._rows.get(column, {column: 1}).items():
                _add(row, variable, factor * share)
        slack = self._fresh(self._sum(row))
        self._rows[slack] = row
        self._lower[slack], self._upper[slack], self._reason[slack] = lower, upper, reason
        clash = self._solve()
        if clash is not None:
            self._free(slack)
            return clash
        self.trail.append(lambda: self._free(slack))
        return None

    def _free(self, slack: int) -> None:
        self._lower[slack] = self._upper[slack] = None

    def _column(self, key: Hashable) -> int:
        if key not in self._index:
            self._index[key] = self._fresh((0, 0))
        return self._index[key]

    def _fresh(self, at: Value) -> int:
        self._at.append(at)
        self._lower.append(None)
        self._upper.append(None)
        return len(self._at) - 1

    def _sum(self, row: dict[int, Number]) -> Value:
        at = [self._at[variable] for variable in row]
        factors = list(row.values())
        return (
            sum((f * a[0] for f, a in zip(factors, at, strict=True)), 0),
            sum((f * a[1] for f, a in zip(factors, at, strict=True)), 0),
        )

    def _solve(self) -> Cycle | None:
        while (broken := self._broken()) is not None:
            basic, bound, sign = broken
            row = self._rows[basic]
            entering = min((v for v, f in row.items() if self._can_move(v, sign if f > 0 else -sign)), default=None)
            if entering is None:
                reasons = [self._reason[basic], *(self._reason.get(variable, ()) for variable in sorted(row))]
                gap = bound[0] - self._at[basic][0]
                miss = _exact(gap if gap >= 0 else -gap)
                return Cycle(tuple(claim for reason in reasons for claim in reason), miss, len(reasons))
            self._pivot(basic, entering, bound)
        return None

    def _broken(self) -> tuple[int, Value, int] | None:
        """The first basic variable outside its bounds, the bound it breaks, and the direction back (+1 or −1)."""
        for basic in sorted(self._rows):
            at, lower, upper = self._at[basic], self._lower[basic], self._upper[basic]
            if lower is not None and at < lower:
                return basic, lower, 1
            if upper is not None and at > upper:
                return basic, upper, -1
        return None

    def _can_move(self, variable: int, sign: int) -> bool:
        bound = self._upper[variable] if sign > 0 else self._lower[variable]
        return bound is None or (self._at[variable] < bound if sign > 0 else self._at[variable] > bound)

    def _pivot(self, basic: int, entering: int, bound: Value) -> None:
        """Move ``basic`` onto ``bound`` by ``entering``, and let them change places."""
        row = self._rows.pop(basic)
        factor = row.pop(entering)
        step = ((bound[0] - self._at[basic][0]), (bound[1] - self._at[basic][1]))
        turned: dict[int, Number] = {v: _exact(Fraction(-f) / factor) for v, f in row.items()}
        turned[basic] = _exact(Fraction(1) / factor)
        share = turned[basic]
        self._move(entering, step, share)
        self._at[basic] = bound
        for other, terms in self._rows.items():
            if entering in terms:
                times = terms.pop(entering)
                self._move(other, step, times * share)
                for variable, f in turned.items():
                    _add(terms, variable, times * f)
        self._rows[entering] = turned

    def _move(self, variable: int, step: Value, times: Number) -> None:
        at = self._at[variable]
        self._at[variable] = (_exact(at[0] + step[0] * times), _exact(at[1] + step[1] * times))


def _add(row: dict[int, Number], variable: int, factor: Number) -> None:
    total = _exact(row.get(variable, 0) + factor)
    if total:
        row[variable] = total
    else:
        row.pop(variable, None)


def _exact(number: Number) -> Number:
    """An int where the number is whole: ints are several times as fast."""
    return number.numerator if number.denominator == 1 else number
