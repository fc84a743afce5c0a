"""Days and months of the calendar as numbers: a claim in one says something about the other."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from functools import cache, lru_cache
from math import floor
from operator import sub

from slm.consistency.claim import Number

_EPOCH = date(1970, 1, 1)
_CYCLE_MONTHS, _CYCLE_DAYS = 4800, 146_097
"""The Gregorian calendar repeats after 400 years."""


def day_of(when: date) -> int:
    """Days since 1970-01-01."""
    return (when - _EPOCH).days


def date_of(day: int) -> date:
    """The date of :func:`day_of`. OverflowError outside the years 1 to 9999."""
    return _EPOCH + timedelta(days=day)


def month_of(day: Number) -> int:
    """Months since January 1970 of the month that a day lies in; years beyond 1 to 9999 by the calendar's cycle."""
    whole = floor(day)
    cycles, rest = divmod(whole, _CYCLE_DAYS)
    when = date_of(rest)
    return cycles * _CYCLE_MONTHS + (when.year - 1970) * 12 + when.month - 1


@cache
def _starts() -> list[int]:
    """The first days of all months of two cycles, as many as any distance below one cycle reaches."""
    first = [day_of(date(1970 + m // 12, m % 12 + 1, 1)) for m in range(_CYCLE_MONTHS)]
    return first + [day + _CYCLE_DAYS for day in first]


@lru_cache(maxsize=1024)
def days_of_months(months: Number) -> tuple[Number, Number]:
    """Fewest and most days that ``months`` (whole, else in proportion) can last, from any day to the same day."""
    if isinstance(months, Fraction):
        low, high = days_of_months(floor(months)), days_of_months(floor(months) + 1)
        return low[0], high[1]
    if months < 0:
        low_day, high_day = days_of_months(-months)
        return -high_day, -low_day
    cycles, rest = divmod(months, _CYCLE_MONTHS)
    starts = _starts()
    lasts = list(map(sub, starts[rest : rest + _CYCLE_MONTHS], starts))
    return cycles * _CYCLE_DAYS + min(lasts), cycles * _CYCLE_DAYS + max(lasts)
