"""The temporal channel: days that a question names, when-questions, and texts that tell a time."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_name) if name}
WEEKDAYS = {name.lower(): number for number, name in enumerate(calendar.day_name)}
COUNTS = {
    **{word: number for number, word in enumerate("one two three four five six seven eight nine ten".split(), 1)},
    "a": 1, "an": 1, "couple": 2, "few": 3,
}  # fmt: skip
UNIT_DAYS = {"day": 1.0, "week": 7.0, "month": 30.4, "year": 365.25}

MONTH = "|".join(MONTHS)
DAY_OF_MONTH = re.compile(
    rf"\b(\d{{1,2}})(?:st|nd|rd|th)?(?: of)? ({MONTH})\b|\b({MONTH}) (\d{{1,2}})(?:st|nd|rd|th)?(?!\d)"
)
ISO_DAY = re.compile(r"\b(\d{4})-(\d\d)-(\d\d)\b")
YEAR = re.compile(r"\b((?:19|20)\d\d)\b")
AGO = re.compile(rf"\b(\d{{1,4}}|{'|'.join(COUNTS)})(?: of)? (day|week|month|year)s? ago\b")
LAST_UNIT = re.compile(r"\b(?:last|past|previous) (week|weekend|month|year)\b")
LAST_WEEKDAY = re.compile(rf"\b(?:last|past|this past) ({'|'.join(WEEKDAYS)})\b")
A_DAY = re.compile(r"\b(yesterday|today)\b")

WHEN = re.compile(
    r"^(?:when|how long|since when|in (?:which|what) (?:year|month)|what (?:date|day|month|year|time)"
    r"|which (?:year|month|day))\b|\b(?:what|which) (?:year|month|date|day|weekend|week)\b",
    re.IGNORECASE,
)
TELLS_A_TIME = re.compile(
    rf"\b(?:yesterday|today|tonight|tomorrow|last|next|ago|recently|weeks?|weekend|months?|years?|days?|morning|night"
    rf"|since|soon|just|summer|winter|fall|spring|autumn|birthday|anniversary|20\d\d|19\d\d|\d+(?:st|nd|rd|th)"
    rf"|{'|'.join(WEEKDAYS)}|{'|'.join(m for m in MONTHS if m not in ('may', 'march'))})\b",
    re.IGNORECASE,
)


class Interval(NamedTuple):
    """Days from ``first`` to ``last`` (proleptic ordinals), and the widths with which nearness fades (days).

    ``after`` is for memories later than the interval, which is the usual case: one tells of a day after it.
    """

    first: int
    last: int
    after: float
    before: float


def is_when_question(question: str) -> bool:
    """Whether the answer is a time."""
    return WHEN.search(question) is not None


def tells_a_time(text: str) -> bool:
    """Whether a text holds an expression of time."""
    return TELLS_A_TIME.search(text) is not None


def intervals(question: str, asked_on: date, years: Sequence[int]) -> list[Interval]:
    """The days that a question names; a date without its year is tried in each of ``years``."""
    text = question.lower()
    named = sorted({int(year) for year in YEAR.findall(text)})
    found = [*_days(text, named or years), *_months(question, text, named or years)]
    if named and not found:
        found = [Interval(_ordinal(year, 1, 1), _ordinal(year, 12, 31), 30.0, 10.0) for year in named]
    return [*found, *_relative(text, asked_on)]


def nearness(days: npt.NDArray[np.integer], wanted: Sequence[Interval]) -> Floats:
    """1 / (1 + (gap/width)²) of each of ``days`` (n,) to the nearest of the intervals: 1 within, fading outside."""
    best = np.zeros(len(days))
    for interval in wanted:
        late = np.maximum(days - interval.last, 0) / interval.after
        early = np.maximum(interval.first - days, 0) / interval.before
        np.maximum(best, 1.0 / (1.0 + late * late + early * early), out=best)
    return best


def _days(text: str, years: Sequence[int]) -> Iterator[Interval]:
    for found in DAY_OF_MONTH.finditer(text):
        day, month = int(found[1] or found[4]), MONTHS[found[2] or found[3]]
        for year in years:
            if 1 <= day <= calendar.monthrange(year, month)[1]:
                yield Interval(_ordinal(year, month, day), _ordinal(year, month, day), 14.0, 4.0)
    for found in ISO_DAY.finditer(text):
        year, month, day = (int(part) for part in found.groups())
        if year >= 1 and 1 <= month <= 12 and 1 <= day <= calendar.monthrange(year, month)[1]:
            yield Interval(_ordinal(year, month, day), _ordinal(year, month, day), 14.0, 4.0)


def _months(question: str, text: str, years: Sequence[int]) -> Iterator[Interval]:
    with_day = {found[2] or found[3] for found in DAY_OF_MONTH.finditer(text)}
    for name, month in MONTHS.items():
        if name in with_day or not re.search(rf"\b{name}\b", text) or not _means_month(name, question):
            continue
        for year in years:
            last = calendar.monthrange(year, month)[1]
            yield Interval(_ordinal(year, month, 1), _ordinal(year, month, last), 14.0, 4.0)


def _means_month(name: str, question: str) -> bool:
    """May and March are words too: they are months when written with a capital or led by what leads a month."""
    if name not in ("may", "march"):
        return True
    led = rf"\b(?:in|of|on|since|during|early|late|mid|last|next) {name}\b|\b{name},? (?:19|20)\d\d\b"
    return (
        re.search(led, question.lower()) is not None or re.search(rf"\w.*\b{name.capitalize()}\b", question) is not None
    )


def _relative(text: str, asked_on: date) -> Iterator[Interval]:
    today = asked_on.toordinal()
    for word in A_DAY.findall(text):
        day = today - (word == "yesterday")
        yield Interval(day, day, 3.0, 2.0)
    for found in AGO.finditer(text):
        span = UNIT_DAYS[found[2]]
        day = int(today - (int(found[1]) if found[1].isdecimal() else COUNTS[found[1]]) * span)
        yield Interval(day, day, max(3.0, 0.35 * span), max(3.0, 0.35 * span))
    for unit in LAST_UNIT.findall(text):
        yield _last_unit(unit, asked_on)
    for name in LAST_WEEKDAY.findall(text):
        day = today - ((asked_on.weekday() - WEEKDAYS[name]) % 7 or 7)
        yield Interval(day, day, 2.0, 1.0)


def _last_unit(unit: str, asked_on: date) -> Interval:
    today = asked_on.toordinal()
    if unit == "week":
        return Interval(today - 14, today - 1, 4.0, 4.0)
    if unit == "weekend":
        return Interval(today - 9, today - 1, 3.0, 3.0)
    if unit == "month":
        end = asked_on.replace(day=1) - timedelta(days=1)
        return Interval(end.replace(day=1).toordinal(), end.toordinal(), 10.0, 5.0)
    year = max(1, asked_on.year - 1)
    return Interval(_ordinal(year, 1, 1), _ordinal(year, 12, 31), 30.0, 10.0)


def _ordinal(year: int, month: int, day: int) -> int:
    return date(year, month, day).toordinal()
