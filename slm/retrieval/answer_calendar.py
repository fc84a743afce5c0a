"""Times that a sentence names by the calendar: a day, a month, a season, a year; what it leaves out is supplied.

A reader takes a match of its pattern and gives the time as it is best written with its first day, or None. It may raise
ValueError or OverflowError for what no calendar holds.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterable
from datetime import date
from typing import NamedTuple

from slm.retrieval.temporal import A_YEAR, MONTHS, WORDS_TOO

SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
"""The month in which each begins, north of the equator."""


class Said(NamedTuple):
    """The day on which a sentence was said, and whether it looks ahead."""

    on: date
    ahead: bool


class Reading(NamedTuple):
    """A time as it is best written, the ``first`` day of it, and whether the sentence is ``sure`` of it."""

    text: str
    first: date
    sure: bool = True


Reader = Callable[[re.Match[str], Said], Reading | None]


def written(day: date) -> str:
    """A day as people write it: ``7 May 2023``."""
    return f"{day.day} {month_of(day)}"


def month_of(day: date) -> str:
    """The month of a day as people write it: ``May 2023``."""
    return f"{calendar.month_name[day.month]} {day.year}"


def months_from(day: date, months: int) -> date:
    """The first of the month that is so many months away."""
    index = day.year * 12 + day.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


def shortened(names: dict[str, int], lengths: Iterable[int]) -> dict[str, int]:
    """The names and their beginnings of those lengths, each with its number."""
    return {name[:length]: number for name, number in names.items() for length in lengths} | names


def any_of(names: Iterable[str], short: Iterable[str]) -> str:
    """A pattern for names in any case, those that are words too and ``short`` ones only with a capital."""
    capitals = sorted({name.capitalize() for name in short}, key=lambda name: (-len(name), name))
    return f"(?-i:{'|'.join(capitals)})|{'|'.join(name for name in names if name not in WORDS_TOO)}"


_MONTHS = shortened(MONTHS, (3, 4))
_MONTH = any_of(MONTHS, _MONTHS)


def _day(found: re.Match[str], said: Said) -> Reading:
    month = _MONTHS[(found["month_after"] or found["month_before"]).lower()]
    number = int(found["day_before"] or found["day_after"])
    year = found["year"]
    day = date(int(year), month, number) if year else _nearest(said, month, number)
    return Reading(written(day), day)


def _iso_day(found: re.Match[str], _said: Said) -> Reading:
    day = date.fromisoformat(found[0])
    return Reading(written(day), day)


def _day_alone(found: re.Match[str], said: Said) -> Reading:
    number = int(found["number"])
    months = (number < said.on.day) if said.ahead else -(number > said.on.day)
    day = months_from(said.on, months).replace(day=number)
    return Reading(written(day), day)


def _month(found: re.Match[str], said: Said) -> Reading | None:
    name, year, lead = found["month"].lower(), found["year"], (found["lead"] or "").lower()
    if name in WORDS_TOO and not lead and not year and not found.start():
        return None  # "May I …": the first word has a capital anyway
    ahead = lead == "next" or (said.ahead and lead != "last")
    first = date(int(year), _MONTHS[name], 1) if year else _nearest(Said(said.on, ahead), _MONTHS[name], 1)
    part = f"{found['part'].lower()} " if found["part"] else ""
    return Reading(part + month_of(first), first)


def _season(found: re.Match[str], said: Said) -> Reading:
    name, lead, year = found["season"].lower(), found["lead"].lower(), found["year"]
    if year:
        return Reading(f"{name} {year}", date(int(year), SEASONS[name], 1))
    first = date(said.on.year, SEASONS[name], 1)
    if name == "winter" and said.on.month < 3:
        first = months_from(first, -12)
    if lead == "last" and months_from(first, 3) > said.on:
        first = months_from(first, -12)
    if lead == "next" and first <= said.on:
        first = months_from(first, 12)
    return Reading(f"{name} {first.year}", first)


def _year(found: re.Match[str], _said: Said) -> Reading:
    return Reading(found[0], date(int(found[0]), 1, 1))


def _nearest(said: Said, month: int, day: int) -> date:
    """The last such day up to the one it was said on; ahead, the first from the beginning of that month on.

    29 February may be eight years away. ValueError: no such day.
    """
    step = 1 if said.ahead else -1
    for year in range(said.on.year, said.on.year + 9 * step, step):
        if day <= calendar.monthrange(year, month)[1]:
            found = date(year, month, day)
            if found >= said.on.replace(day=1) if said.ahead else found <= said.on:
                return found
    raise ValueError(f"no year has a day {day} in month {month}")


PATTERNS: tuple[tuple[str, Reader], ...] = (
    (r"\d{4}-\d\d-\d\d(?!\d)", _iso_day),
    (
        rf"(?:(?P<day_before>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? (?P<month_after>{_MONTH})\b"
        rf"|(?P<month_before>{_MONTH})\.? (?P<day_after>\d{{1,2}})(?:st|nd|rd|th)?\b)(?:,? (?P<year>{A_YEAR})\b)?",
        _day,
    ),
    (
        r"(?:(?P<part>early|mid|late)[ \-])?(?:(?P<lead>last|next|this|in|since|until|during|of|by) )?"
        rf"(?P<month>{_MONTH})\b(?:,? (?P<year>{A_YEAR})\b)?",
        _month,
    ),
    (rf"on the (?P<number>\d{{1,2}})(?:st|nd|rd|th)\b(?! (?:of )?(?:{_MONTH})\b)", _day_alone),
    (
        rf"(?P<lead>last|next|this|in|during)(?: the)? (?P<season>{'|'.join(SEASONS)})\b"
        rf"(?:,? (?:of )?(?P<year>{A_YEAR})\b)?",
        _season,
    ),
    (rf"{A_YEAR}(?![\w\-]|\.\d)", _year),
)
"""What each reader reads, after the border of a word, in any case."""
