"""Values of claims as a person writes them: dates, spans of time, amounts, names."""

from __future__ import annotations

import calendar
import math
from datetime import UTC, datetime, timedelta

from slm.visible import one_line

FIRST_DATE = 3650
"""Days from here on are dates, fewer are a span of time; as the grammar of claims writes them."""
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
YEAR_DAYS = 365.2425
NAMED_UNITS = {
    "dollar": "$", "euro": "€", "pound_sterling": "£", "length": "m", "mass": "kg", "area": "m²", "volume": "l",
    "data": "bytes", "time": "s", "temperature": "K",
}  # fmt: skip
"""Base units of what texts tell; others are shown by the name that the claim gives."""

Number = float


def figure(value: Number, unit: str, *, dated: bool) -> str:
    """A number in its unit; ``dated`` where days are counted from the calendar's beginning."""
    if unit == "day" and dated:
        return _date(value)
    if unit in ("day", "month"):
        return _span(value, unit)
    if unit == "minute of the day" and dated:
        return f"{int(value) // 60:02}:{int(value) % 60:02}"
    name = "minutes" if unit == "minute of the day" else NAMED_UNITS.get(unit, unit)
    return f"{plain(value)} {one_line(name)}".rstrip()


def between(low: Number | None, high: Number | None, unit: str, *, dated: bool) -> str:
    """An interval: its one figure, both ends, or the end that it has."""
    if low is None or high is None:
        if low is None and high is None:
            return "anything"
        end, word = (high, "at most") if low is None else (low, "at least")
        assert end is not None
        return f"{word} {figure(end, unit, dated=dated)}"
    if low == high:
        return figure(low, unit, dated=dated)
    if dated and unit == "day" and high - low >= 1:
        low, high = math.floor(low), math.floor(high)  # the hours of an interval of days say nothing
    ends = [figure(end, unit, dated=dated) for end in (low, high)]
    return ends[0] if ends[0] == ends[1] else " to ".join(ends)


def plain(value: Number) -> str:
    """A number without zeros that say nothing, to six digits."""
    return f"{value:.6g}" if value != int(value) else str(int(value))


def value_of(value: str | bool) -> str:
    """A name or a truth."""
    return str(value).lower() if isinstance(value, bool) else one_line(value)


def is_dated(low: Number | None, high: Number | None, unit: str) -> bool:
    """Whether days or minutes on a ground edge are a date or an hour."""
    ends = [end for end in (low, high) if end is not None]
    return unit == "minute of the day" or (unit == "day" and any(abs(end) > FIRST_DATE for end in ends))


def later(day: Number, months: Number) -> Number:
    """A day, so many months of the calendar on (on the last of the month where there is no such day)."""
    try:
        start = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day)
        total = start.year * 12 + start.month - 1 + math.floor(months)
        year, month = divmod(total, 12)
        last = calendar.monthrange(year, month + 1)[1]
        moved = start.replace(year=year, month=month + 1, day=min(start.day, last))
    except (OverflowError, ValueError):
        return day + months * YEAR_DAYS / 12
    return (moved - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(days=1) + (months % 1) * YEAR_DAYS / 12


def _date(value: Number) -> str:
    try:
        day = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=value)
    except OverflowError:
        return f"day {plain(value)}"
    clock = f" {day:%H:%M}" if value != int(value) else ""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}{clock}"


def _span(value: Number, unit: str) -> str:
    years = value / (12 if unit == "month" else YEAR_DAYS)
    if abs(years) >= 1 and (unit == "day" or value % 12 == 0):
        return _counted(round(years, 1), "year")
    if unit == "day" and value != int(value):
        return _counted(round(value * 24, 1), "hour") if abs(value) < 2 else _counted(round(value, 1), unit)
    return _counted(value, unit)


def _counted(value: Number, unit: str) -> str:
    return f"{plain(value)} {unit}" + "s" * (abs(value) != 1)
