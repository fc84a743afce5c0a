"""Numbers, durations and dates in explicit claims."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slm.consistency import literals
from slm.consistency.claim import DAY, MONTH

EPOCH = date(1970, 1, 1)


@pytest.mark.parametrize(
    ("text", "attribute", "interval", "unit"),
    [
        ("5", "x", (5, 5), ""),
        ("-1.5", "x", (Fraction(-3, 2), Fraction(-3, 2)), ""),
        ("1/3", "x", (Fraction(1, 3), Fraction(1, 3)), ""),
        ("170..175", "x", (170, 175), ""),
        ("3y", "x", (36, 36), MONTH),
        ("5mo", "x", (5, 5), MONTH),
        ("2w", "x", (14, 14), DAY),
        ("12h", "x", (Fraction(1, 2), Fraction(1, 2)), DAY),
        ("5 [kg]", "x", (5, 5), "kg"),
        ("1970-01-02", "x", (1, 1), DAY),
        ("1970-02", "x", (31, 58), DAY),
        ("1970-01-02..1970-01-05", "x", (1, 4), DAY),
        ("1971", "birth", (365, 729), DAY),
        ("1971", "port", (1971, 1971), ""),
    ],
)
def test_a_value_is_read_exactly(text, attribute, interval, unit):
    """By hand; four digits are a year of a birth and a number of a port."""
    assert literals.value(text, attribute) == (interval, unit)


@pytest.mark.parametrize("text", ["paris", "1..", "2024-1-1x", "", "v3"])
def test_what_is_no_number_is_none(text):
    """Names are read elsewhere."""
    assert literals.value(text, "x") is None


@pytest.mark.parametrize("text", ["2024-13-01", "2023-02-29", "5 furlongs"])
def test_what_looks_like_a_value_and_is_none_is_refused(text):
    """Parse or reject, never guess."""
    with pytest.raises(ValueError, match=r"month|day|unit"):
        literals.value(text, "x")


days = st.integers(3651, 100_000)


@given(days, st.integers(0, 400))
def test_dates_read_back_as_they_are_written(first, length):
    """Round trip through the calendar."""
    text = literals.written((first, first + length), DAY)

    assert literals.value(text, "x") == ((first, first + length), DAY)
    assert text[:10] == (EPOCH + timedelta(days=first)).isoformat()


@given(st.fractions(-1000, 1000, max_denominator=999), st.sampled_from(["", DAY, MONTH, "kg"]))
def test_figures_read_back_as_they_are_written(exact, unit):
    """Round trip; fractions stay fractions."""
    assert literals.value(literals.written((exact, exact), unit), "x") == ((exact, exact), unit)


@pytest.mark.parametrize(("year", "end", "expected"), [("1970", False, 0), ("1970", True, 365), ("1970-02", True, 59)])
def test_a_period_begins_with_its_first_day_and_ends_after_its_last(year, end, expected):
    """Half-open, as all valid times."""
    assert literals.days(year, end=end) == expected


def test_about_is_five_in_a_hundred_and_half_a_year_between_dates():
    """Design: "about" 5 %; relative ages half a year."""
    assert literals.about((100, 100), "", distance=False) == (95, 105)
    assert literals.about((36, 36), MONTH, distance=True) == (30, 42)
    assert literals.about((0, 0), "", distance=False) is None
    assert literals.about((20_000, 20_000), DAY, distance=False) is None
