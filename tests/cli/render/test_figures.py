"""Values of claims as a person writes them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slm.cli.render.figures import between, figure, is_dated, later, plain, value_of


@pytest.mark.parametrize(
    ("value", "unit", "dated", "shown"),
    [
        (20161, "day", True, "14 Mar 2025"),
        (20161.5, "day", True, "14 Mar 2025 12:00"),
        (2, "day", False, "2 days"),
        (1, "day", False, "1 day"),
        (0.5, "day", False, "12 hours"),
        (36, "month", False, "3 years"),
        (5, "month", False, "5 months"),
        (731, "day", False, "2 years"),
        (570, "minute of the day", True, "09:30"),
        (30, "minute of the day", False, "30 minutes"),
        (10.5, "euro", False, "10.5 €"),
        (3, "", False, "3"),
        (7, "widget", False, "7 widget"),
        (99_999_999, "day", True, "day 99999999"),
    ],
)
def test_a_figure_reads_as_it_is_said(value, unit, dated, shown):
    """By hand, a case a unit."""
    assert figure(value, unit, dated=dated) == shown


@pytest.mark.parametrize(
    ("low", "high", "shown"),
    [(1, 1, "1"), (1, 2, "1 to 2"), (None, 3, "at most 3"), (3, None, "at least 3"), (None, None, "anything")],
)
def test_an_interval_says_the_ends_that_it_has(low, high, shown):
    """Open ends are words."""
    assert between(low, high, "", dated=False) == shown


def test_days_are_dates_where_they_are_far_from_zero():
    """The grammar of claims draws the same line: ten years of days."""
    assert is_dated(20161, 20161, "day")
    assert not is_dated(2, 3, "day")
    assert not is_dated(20161, 20161, "")
    assert is_dated(0, 10, "minute of the day")


@given(st.integers(0, 40_000), st.integers(-1200, 1200))
def test_months_keep_the_day_or_end_with_the_month(day, months):
    """Oracle: as many months back come to the same day, or to one that the month had no room for."""
    back = later(later(day, months), -months)

    assert day - 3 <= back <= day
    assert later(day, 0) == day


def test_a_calendar_that_ends_is_left_for_a_mean_year():
    """No error for the year 10000."""
    assert later(2_932_000, 12_000) > 2_932_000


def test_truths_are_words_and_names_are_one_line():
    """Names come from texts."""
    assert (value_of(True), value_of("a\nb\x07"), plain(2.0), plain(0.333333333)) == (
        "true",
        "a b\\x07",
        "2",
        "0.333333",
    )


def test_an_interval_of_days_leaves_out_the_hours():
    """Half a year is 182.6 days: the minutes at which it ends are nobody's."""
    assert between(8218.1, 8947.3, "day", dated=True) == "2 Jul 1992 to 1 Jul 1994"
    assert between(8218.25, 8218.5, "day", dated=True) == "2 Jul 1992 06:00 to 2 Jul 1992 12:00"
