"""Exact linear inequalities against Z3: verdicts, reasons and rows taken back."""

from __future__ import annotations

from fractions import Fraction

import z3
from hypothesis import given, settings
from hypothesis import strategies as st

from slm.consistency.simplex import Simplex

FACTORS = st.sampled_from([-2, -1, 1, 2, 3, Fraction(1, 2)])
TERMS = st.dictionaries(st.sampled_from("xyz"), FACTORS, min_size=1, max_size=3)
ROWS = st.lists(st.tuples(TERMS, st.integers(-3, 3), st.integers(0, 2), st.booleans()), max_size=9)


def _bounds(low, width, strict):
    if strict:
        return (low, 1), (low + width + 1, -1)
    return (low, 0), (low + width, 0)


def _satisfiable(rows) -> bool:
    solver = z3.SimpleSolver()
    for terms, low, width, strict in rows:
        total = sum(z3.Q(Fraction(f).numerator, Fraction(f).denominator) * z3.Real(v) for v, f in terms.items())
        solver.add(*([total > low, total < low + width + 1] if strict else [total >= low, total <= low + width]))
    return solver.check() == z3.sat


@settings(max_examples=60)
@given(ROWS)
def test_a_row_is_refused_exactly_when_the_rest_leaves_no_room(rows) -> None:
    """Oracle: Z3. The reasons can't be true together, and no row of them can be left out."""
    found, kept = Simplex([]), []
    for number, (terms, low, width, strict) in enumerate(rows):
        lower, upper = _bounds(low, width, strict)
        clash = found.restrict(terms, lower, upper, (str(number),))

        assert (clash is None) == _satisfiable([*kept, rows[number]])
        if clash is None:
            kept.append(rows[number])
            continue
        part = [rows[int(reason)] for reason in clash.reasons]
        assert not _satisfiable(part)
        assert all(_satisfiable([row for row in part if row is not one]) for one in part)


@settings(max_examples=40)
@given(ROWS, ROWS)
def test_rows_taken_back_restrict_no_more(first, second) -> None:
    """The second rows, added and taken back, change no verdict."""
    trail: list = []
    found = Simplex(trail)
    kept = [row for row in first if found.restrict(row[0], *_bounds(*row[1:]), ("1",)) is None]
    mark = len(trail)
    for row in second:
        found.restrict(row[0], *_bounds(*row[1:]), ("2",))
    while len(trail) > mark:
        trail.pop()()

    for row in second:
        verdict = found.restrict(row[0], *_bounds(*row[1:]), ("3",))
        assert (verdict is None) == _satisfiable([*kept, row])
        if verdict is None:
            kept.append(row)
