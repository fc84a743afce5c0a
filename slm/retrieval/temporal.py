"""The temporal channel: days that a question names, when-questions, and texts that tell a time."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator, Sequence
from datetime import date
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
WORDS_TOO = ("may", "march")
UNIT_DAYS = {"day": 1.0, "week": 7.0, "month": 30.4, "year": 365.25}

MONTH = "|".join(MONTHS)
A_YEAR = r"(?:19|20)\d\d"
DAY_OF_MONTH = re.compile(
    rf"(?:\b(\d{{1,2}})(?:st|nd|rd|th)?(?: of)? ({MONTH})\b|\b({MONTH}) (\d{{1,2}})(?:st|nd|rd|th)?(?!\d))"
    rf"(?:,? ({A_YEAR})\b)?"
)
WHOLE_MONTH = re.compile(rf"\b({MONTH})\b(?:,? ({A_YEAR})\b)?")
ISO_DAY = re.compile(r"\b(\d{4})-(\d\d)-(\d\d)(?!\d)")
YEAR = re.compile(rf"\b({A_YEAR})\b")
AGO = re.compile(rf"\b(\d{{1,4}}|{'|'.join(COUNTS)})(?: of)? (day|week|month|year)s? ago\b")
LAST_UNIT = re.compile(r"\b(?:last|past|previous) (week|weekend|month|year)\b")
LAST_WEEKDAY = re.compile(rf"\b(?:last|past|this past) ({'|'.join(WEEKDAYS)})\b")
A_DAY = re.compile(r"\b(yesterday|today)\b")

WHEN = re.compile(
    r"^\W*(?:when|how long|since when|in (?:which|what) (?:year|month)|what (?:date|day|month|year|time)"
    r"|which (?:year|month|day))\b|\b(?:what|which) (?:year|month|date|day|weekend|week)\b",
    re.IGNORECASE,
)
TELLS_A_TIME = re.compile(
    rf"\b(?:yesterday|today|tonight|tomorrow|last|next|ago|recently|weeks?|weekend|months?|years?|days?|morning|night"
    rf"|since|soon|just|summer|winter|fall|spring|autumn|birthday|anniversary|20\d\d|19\d\d|\d+(?:st|nd|rd|th)"
    rf"|{'|'.join(WEEKDAYS)}|{'|'.join(m for m in MONTHS if m not in WORDS_TOO)}"
    r"|\d{1,2} (?-i:May|March)|(?-i:May|March) \d{1,2}|(?:in|since|until) (?-i:May|March))\b",
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
    """The days that a question names, each once.

    A date without its year is tried in the years named apart, else in ``years``.
    """
    text = question.lower()
    absolute = AGO.sub(" ", text)
    written = list(dict.fromkeys([*_days(absolute), *_months(question, absolute)]))
    own = {one.year for one in written if one.year}
    named = sorted({int(year) for year in YEAR.findall(absolute)})
    apart = [year for year in named if year not in own]
    dated = [one.within(one.year) for one in written if one.year]
    tried = [
        one.within(year) for one in written if not one.year for year in apart or named or years if one.exists(year)
    ]
    return list(dict.fromkeys([*dated, *(tried or map(_year, apart)), *_relative(text, asked_on)]))


def nearness(days: npt.NDArray[np.integer], wanted: Sequence[Interval]) -> Floats:
    """1 / (1 + (gap/width)²) of each of ``days`` (n,) to the nearest of the intervals: 1 within, fading outside.

    Many memories share few days: it is computed once a day where that is less.
    """
    first, last = (int(days.min()), int(days.max())) if len(days) else (0, 0)
    if last - first + 1 < len(days):
        return nearness(np.arange(first, last + 1), wanted).take(days - first)
    best = np.zeros(len(days))
    for interval in wanted:
        late = np.maximum(days - interval.last, 0) / interval.after
        early = np.maximum(interval.first - days, 0) / interval.before
        np.maximum(best, 1.0 / (1.0 + late * late + early * early), out=best)
    return best


class _Written(NamedTuple):
    """A month (``day`` 0) or a day as a question writes it, ``year`` 0 where it gives none."""

    year: int
    month: int
    day: int

    def exists(self, year: int) -> bool:
        return 1 <= year <= 9999 and 1 <= self.month <= 12 and self.day <= calendar.monthrange(year, self.month)[1]

    def within(self, year: int) -> Interval:
        last = self.day or calendar.monthrange(year, self.month)[1]
        return Interval(_ordinal(year, self.month, self.day or 1), _ordinal(year, self.month, last), 14.0, 4.0)


def _days(text: str) -> Iterator[_Written]:
    """Days written in figures or with the name of their month, those that no calendar has left out."""
    for found in DAY_OF_MONTH.finditer(text):
        one = _Written(int(found[5] or 0), MONTHS[found[2] or found[3]], int(found[1] or found[4]))
        if one.day and (not one.year or one.exists(one.year)):
            yield one
    for found in ISO_DAY.finditer(text):
        one = _Written(*map(int, found.groups()))
        if one.day and one.exists(one.year):
            yield one


def _months(question: str, text: str) -> Iterator[_Written]:
    with_day = {found[2] or found[3] for found in DAY_OF_MONTH.finditer(text)}
    written = dict.fromkeys(found.groups() for found in WHOLE_MONTH.finditer(text))
    for name, year in written:
        if name not in with_day and _means_month(name, question):
            yield _Written(int(year or 0), MONTHS[name], 0)


def _means_month(name: str, question: str) -> bool:
    """May and March are words too: they are months when written with a capital or led by what leads a month."""
    if name not in WORDS_TOO:
        return True
    led = rf"\b(?:in|of|on|since|during|early|late|mid|last|next) {name}\b|\b{name},? {A_YEAR}\b"
    if re.search(led, question.lower()):
        return True
    first_word = re.search(r"\w", question)
    capital = re.compile(rf"\b{name.capitalize()}\b")
    return first_word is not None and capital.search(question, first_word.end()) is not None


def _relative(text: str, asked_on: date) -> Iterator[Interval]:
    today = asked_on.toordinal()
    for word in A_DAY.findall(text):
        day = max(1, today - (word == "yesterday"))
        yield Interval(day, day, 3.0, 2.0)
    for found in AGO.finditer(text):
        span = UNIT_DAYS[found[2]]
        day = max(1, int(today - (int(found[1]) if found[1].isdecimal() else COUNTS[found[1]]) * span))
        yield Interval(day, day, max(3.0, 0.35 * span), max(3.0, 0.35 * span))
    for unit in LAST_UNIT.findall(text):
        yield _last_unit(unit, asked_on)
    for name in LAST_WEEKDAY.findall(text):
        day = max(1, today - ((asked_on.weekday() - WEEKDAYS[name]) % 7 or 7))
        yield Interval(day, day, 2.0, 1.0)


def _last_unit(unit: str, asked_on: date) -> Interval:
    today = asked_on.toordinal()
    if unit == "week":
        return Interval(max(1, today - 14), max(1, today - 1), 4.0, 4.0)
    if unit == "weekend":
        return Interval(max(1, today - 9), max(1, today - 1), 3.0, 3.0)
    if unit == "month":
        end = max(1, asked_on.replace(day=1).toordinal() - 1)
        return Interval(date.fromordinal(end).replace(day=1).toordinal(), end, 10.0, 5.0)
    return _year(max(1, asked_on.year - 1))


def _year(year: int) -> Interval:
    return Interval(_ordinal(year, 1, 1), _ordinal(year, 12, 31), 30.0, 10.0)


def _ordinal(year: int, month: int, day: int) -> int:
    return date(year, month, day).toordinal()
