from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slm.consistency.extraction.dates import days, ordinal

SAID = date(2025, 3, 10)


@pytest.mark.parametrize(
    "text",
    [
        "2025-07-04", "4 July 2025", "July 4, 2025", "the 4th of July 2025", "on 4 Jul 2025", "Friday 4 July 2025",
        "Fri, July 4th, 2025", "04.07.2025", "04/07/2025", "4 July 2025 at 9:30", "4 July 2025, 5pm", "July 4",
    ],
)  # fmt: skip
def test_one_day_in_many_spellings(text):
    """The calendar: all of them name 4 July 2025 when said in March 2025."""
    found = days(text, SAID)

    assert (found.first, found.last, found.month_day) == (ordinal(date(2025, 7, 4)),) * 2 + ("07-04",)


@given(st.dates(date(1900, 1, 1), date(2199, 12, 31)))
def test_an_iso_day_round_trips(day):
    """ISO 8601."""
    found = days(day.isoformat(), SAID)

    assert found.first == found.last == ordinal(day)


@given(st.dates(date(2020, 1, 1), date(2030, 12, 31)))
def test_a_day_without_its_year_is_the_nearest_one(said):
    """Specification: at most half a year away, leap days aside."""
    found = days("12 May", said)

    assert abs(found.first - ordinal(said)) <= 184
    assert not found.has_year


def test_a_month_and_a_year_are_intervals():
    """The calendar: February 2024 had 29 days."""
    assert days("February 2024", SAID)[:2] == (ordinal(date(2024, 2, 1)), ordinal(date(2024, 2, 29)))
    assert days("2024", SAID)[:2] == (ordinal(date(2024, 1, 1)), ordinal(date(2024, 12, 31)))


@pytest.mark.parametrize(
    ("text", "ahead"), [("yesterday", -1), ("today", 0), ("tomorrow", 1), ("Thursday", 3), ("next Sunday", 6)]
)
def test_a_relative_day_counts_from_the_day_it_was_said(text, ahead):
    """10 March 2025 was a Monday."""
    assert days(text, SAID).first == ordinal(SAID + timedelta(days=ahead))


@pytest.mark.parametrize(
    "text", ["31 February", "2025-13-01", "40 May 2025", "soon", "the sun", "", "12", "may be late"]
)
def test_what_is_no_day_is_none(text):
    """Parse or reject, never guess."""
    assert days(text, SAID) is None


def test_a_leap_day_is_told_in_its_year_only():
    """29 February exists in 2024 and not in 2025."""
    assert days("29 February 2025", SAID) is None
    assert days("29 February", date(2024, 3, 1)).first == ordinal(date(2024, 2, 29))
