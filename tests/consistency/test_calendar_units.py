"""Days and months of the calendar."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

from hypothesis import given
from hypothesis import strategies as st

from slm.consistency.calendar_units import date_of, day_of, days_of_months, month_of

DATES = st.dates(date(1, 1, 1), date(9000, 1, 1))


@given(DATES)
def test_days_and_months_of_a_date_come_from_the_calendar(when: date) -> None:
    """Oracle: the standard library's dates."""
    assert date_of(day_of(when)) == when
    assert month_of(day_of(when)) == (when.year - 1970) * 12 + when.month - 1


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.integers(0, 600))
def test_months_last_as_long_as_from_a_day_to_the_same_day(when: date, months: int) -> None:
    """The same day of a later month lies within the fewest and the most days."""
    year, month = divmod(when.year * 12 + when.month - 1 + months, 12)
    then = date(year, month + 1, min(when.day, 28))
    low, high = days_of_months(months)

    assert low <= (then - when.replace(day=min(when.day, 28))).days <= high


def test_the_bounds_of_months_are_reached() -> None:
    """A month has 28 to 31 days, a year 365 or 366, three years one leap day or none, before and after alike."""
    assert days_of_months(1) == (28, 31)
    assert days_of_months(12) == (365, 366)
    assert days_of_months(-1) == (-31, -28)
    assert days_of_months(4800) == (146_097, 146_097)
    assert (date_of(0) + timedelta(days=59)).isoformat() == "1970-03-01"


@given(st.integers(1, 2 * 4800))
def test_the_bounds_of_months_are_those_of_all_months_that_they_can_start_in(months: int) -> None:
    """Oracle: every month of the calendar's cycle and the same day so many months later, by its own leap years."""
    firsts = _first_days(3 * 4800)
    lasts = [firsts[start + months] - firsts[start] for start in range(4800)]

    assert days_of_months(months) == (min(lasts), max(lasts))
    assert days_of_months(-months) == (-max(lasts), -min(lasts))


@cache
def _first_days(n_months: int) -> list[int]:
    """Days from January 1970 to the first of each month after it, in a calendar that has no last year."""
    days = [0]
    for month in range(n_months - 1):
        year, number = 1970 + month // 12, month % 12
        leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
        days.append(days[-1] + (31, 28 + leap, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)[number])
    return days
