"""How near the days of memories are to the days that a question names."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slm.retrieval.temporal import Interval, intervals, nearness

quick = settings(max_examples=150, deadline=None)
ASKED_ON = date(2024, 3, 31)
INTERVALS = st.builds(
    lambda first, length, after, before: Interval(first, first + length, after, before),
    st.integers(1, 3000),
    st.integers(0, 400),
    st.sampled_from([2.0, 14.0, 30.0]),
    st.sampled_from([1.0, 4.0, 10.0]),
)


def by_days(day, wanted) -> float:
    """Oracle: the kernel of design/retrieval.md, one day at a time."""
    best = 0.0
    for first, last, after, before in wanted:
        gap = (day - last) / after if day > last else (first - day) / before if day < first else 0.0
        best = max(best, 1 / (1 + gap**2))
    return best


@quick
@given(st.lists(st.integers(-100_000, 800_000), max_size=20), st.lists(INTERVALS, max_size=4))
def test_nearness_is_the_best_kernel_over_the_intervals(moments, wanted) -> None:
    """Oracle: a loop over days."""
    found = nearness(np.array(moments, np.int64), wanted)

    assert found.tolist() == pytest.approx([by_days(moment, wanted) for moment in moments])


@quick
@given(st.lists(st.integers(700, 740), min_size=40, max_size=90), st.lists(INTERVALS, max_size=3))
def test_many_memories_of_few_days_are_as_near_as_each_by_itself(moments, wanted) -> None:
    """Where days are fewer than memories each is computed once: the same bits as alone."""
    found = nearness(np.array(moments, np.int64), wanted)

    assert found.tolist() == [nearness(np.array([moment]), wanted)[0] for moment in moments]


@pytest.mark.parametrize(
    ("weeks", "expected"), [(0, 1.0), (1, 0.8), (2, 0.5), (4, 0.2), (6, 0.1), (52, 1 / 677), (-2, 1 / 13.25)]
)
def test_a_memory_told_weeks_after_the_day_is_still_near(weeks, expected) -> None:
    """1/(1 + (gap/τ)²) by hand, τ 14 days after and 4 before: one tells of a day later, seldom earlier."""
    [wanted] = intervals("on 3 May 2023", ASKED_ON, ())
    told_on = date(2023, 5, 3) + timedelta(weeks=weeks)

    assert nearness(np.array([told_on.toordinal()]), [wanted])[0] == pytest.approx(expected)


def test_the_whole_of_a_month_is_within() -> None:
    """1 from its first day to its last, less on the days beside it."""
    [wanted] = intervals("in February 2024", ASKED_ON, ())
    first = date(2024, 2, 1).toordinal()

    found = nearness(np.arange(first - 1, first + 30), [wanted])

    assert found[1:-1].tolist() == [1.0] * 29
    assert max(found[0], found[-1]) < 1.0


def test_without_a_day_nothing_is_near() -> None:
    """The term is then 0 for all, and no memories give no numbers."""
    assert nearness(np.arange(3), []).tolist() == [0.0] * 3
    assert nearness(np.zeros(0, np.int64), [Interval(1, 1, 1.0, 1.0)]).tolist() == []
