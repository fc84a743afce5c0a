"""Days as a person writes them, as intervals of days since 1970-01-01."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import NamedTuple

MONTHS = {
    **{name.lower(): n for n, name in enumerate(calendar.month_name) if name},
    **{name.lower(): n for n, name in enumerate(calendar.month_abbr) if name},
    "sept": 9,
}
WEEKDAYS = {
    **{name.lower(): n for n, name in enumerate(calendar.day_name)},
    **{name.lower(): n for n, name in enumerate(calendar.day_abbr)},
    "thurs": 3, "tues": 1,
}  # fmt: skip
MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
WEEKDAY = "|".join(sorted(WEEKDAYS, key=len, reverse=True))
EPOCH = date(1970, 1, 1).toordinal()

LEADING = re.compile(rf"^(?:(?:on|in|by|at|the)\s+)+|^(?:{WEEKDAY})\.?,?\s+(?:the\s+)?(?=\d|(?:{MONTH})\b)")
TRAILING = re.compile(r"(?:,)?\s+(?:at\s+\S+(?:\s*[ap]m)?|\d{1,2}:\d\d\s*(?:[ap]m)?|\d{1,2}\s*[ap]m)$")
ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th)\b")


class Days(NamedTuple):
    """First and last day (days since 1970-01-01); ``month_day`` is "MM-DD" where the day of the year is told."""

    first: int
    last: int
    month_day: str | None = None
    has_year: bool = True


def ordinal(day: date) -> int:
    """Days since 1970-01-01."""
    return day.toordinal() - EPOCH


def days(text: str, said: date) -> Days | None:
    """The days that a text names, seen from the day on which it was said; None for anything but a date.

    A day without its year is the nearest one, "Friday" the next one from that day on.
    """
    text = ORDINAL.sub("", text.lower().strip().rstrip("."))
    for _ in range(3):
        text = LEADING.sub("", text).strip(" ,")
    text = TRAILING.sub("", text).strip(" ,")
    for pattern, read in READERS:
        match = pattern.fullmatch(text)
        if match:
            try:
                return read(match, said)
            except ValueError:
                return None
    return None


def _single(day: date, *, has_year: bool = True) -> Days:
    return Days(ordinal(day), ordinal(day), f"{day:%m-%d}", has_year)


def _year_first(match: re.Match[str], _said: date) -> Days:
    return _single(date(int(match[1]), int(match[2]), int(match[3])))


def _day_first(match: re.Match[str], _said: date) -> Days:
    return _single(date(int(match[3]), int(match[2]), int(match[1])))


def _month_day(match: re.Match[str], said: date) -> Days:
    return _dated(MONTHS[match[1]], int(match[2]), match[3], said)


def _day_month(match: re.Match[str], said: date) -> Days:
    return _dated(MONTHS[match[2]], int(match[1]), match[3], said)


def _dated(month: int, day: int, year: str | None, said: date) -> Days:
    if year:
        return _single(date(int(year), month, day))
    years = (said.year - 1, said.year, said.year + 1)
    near = [date(it, month, day) for it in years if day <= calendar.monthrange(it, month)[1]]
    if not near:
        raise ValueError(f"no {month}-{day} within a year")
    return _single(min(near, key=lambda it: abs((it - said).days)), has_year=False)


def _month(match: re.Match[str], said: date) -> Days:
    month, year = MONTHS[match[1]], int(match[2] or said.year)
    last = calendar.monthrange(year, month)[1]
    return Days(ordinal(date(year, month, 1)), ordinal(date(year, month, last)), None, bool(match[2]))


def _year(match: re.Match[str], _said: date) -> Days:
    year = int(match[1])
    return Days(ordinal(date(year, 1, 1)), ordinal(date(year, 12, 31)))


def _relative(match: re.Match[str], said: date) -> Days:
    return _single(said + timedelta(days=("yesterday", "today", "tomorrow").index(match[1]) - 1), has_year=False)


def _weekday(match: re.Match[str], said: date) -> Days:
    return _single(said + timedelta(days=(WEEKDAYS[match[1]] - said.weekday()) % 7), has_year=False)


Reader = Callable[[re.Match[str], date], Days]
READERS: tuple[tuple[re.Pattern[str], Reader], ...] = tuple(
    (re.compile(pattern), read)
    for pattern, read in (
        (r"(\d{4})-(\d\d?)-(\d\d?)", _year_first),
        (r"(\d\d?)[./](\d\d?)[./](\d{4})", _day_first),
        (rf"({MONTH})\.?\s+(\d\d?)(?:,?\s+(\d{{4}}))?", _month_day),
        (rf"(\d\d?)\.?\s+(?:of\s+)?({MONTH})\.?(?:,?\s+(\d{{4}}))?", _day_month),
        (rf"({MONTH})\.?(?:,?\s+(?:of\s+)?(\d{{4}}))?", _month),
        (r"((?:19|20)\d\d)", _year),
        (r"(yesterday|today|tomorrow)", _relative),
        (rf"(?:this |next |coming )?({'|'.join(name.lower() for name in calendar.day_name)})", _weekday),
    )
)
