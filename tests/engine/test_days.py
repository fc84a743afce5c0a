"""UTC days, by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slm.engine.days import date_of, day_of


@pytest.mark.parametrize(
    ("moment", "day"),
    [("1970-01-01T00:00:00Z", 0), ("1970-01-02T00:30:00+01:00", 0), ("1969-12-31T23:59:59Z", -1)],
)
def test_days_are_utc_days_since_1970(moment: str, day: int) -> None:
    assert day_of(moment) == day


@given(st.integers(-90_000, 90_000))
def test_a_day_is_written_as_its_date(day: int) -> None:
    """``date_of`` and ``day_of`` are inverse, over the years that records may name."""
    assert day_of(date_of(day)) == day
