"""Numbers, dates and durations in explicit claims: read exactly, and written so that they read back the same."""

from __future__ import annotations

import re
from datetime import date
from fractions import Fraction

from slm.consistency.calendar_units import date_of, day_of
from slm.consistency.claim import DAY, MONTH, Interval, Number

ABOUT = Fraction(1, 20)
"""What ``~`` allows: five in a hundred, and half a year between dates that are years apart."""
DATE_ATTRIBUTES = frozenset(
    "birth birthday birthdate born date day deadline due start end started ended launch release launched released "
    "founded expires expiry moved married died death".split()
)
"""Attributes (their last word) whose bare four digits are a year."""

_DURATIONS: dict[str, tuple[str, Number]] = {
    "y": (MONTH, 12), "mo": (MONTH, 1), "w": (DAY, 7), "d": (DAY, 1), "h": (DAY, Fraction(1, 24)),
    "min": (DAY, Fraction(1, 1440)), "s": (DAY, Fraction(1, 86_400)), "ms": (DAY, Fraction(1, 86_400_000)),
}  # fmt: skip
LONGEST_NUMBER = 100
"""Characters of a number: what Python reads and writes at all ends at some thousands of figures."""
NUMBER = r"-?\d+(?:\.\d+|/[1-9]\d*)?"
UNIT = r"\[[^\[\]]+\]|[^\W\d_]+"
_DATE = r"\d{4}-\d\d(?:-\d\d)?"
_DATES = re.compile(rf"({_DATE})(?: *\.\. *({_DATE}))?")
_YEARS = re.compile(r"(\d{4})(?: *\.\. *(\d{4}))?")
_QUANTITY = re.compile(rf"({NUMBER})(?: *\.\. *({NUMBER}))? *({UNIT})?")
_FIRST_READABLE_DAY = 3650
"""Days beyond it are written as dates, not as a duration; both read the same."""


def number(text: str) -> Number:
    """The exact number of a decimal or a fraction, an int where it is whole. ValueError: more digits than are kept."""
    if len(text) > LONGEST_NUMBER:
        raise ValueError(f"a number has at most {LONGEST_NUMBER} characters")
    exact = Fraction(text)
    return exact.numerator if exact.denominator == 1 else exact


def value(text: str, attribute: str) -> tuple[Interval, str] | None:
    """Interval and unit of a number, duration, date or range; None for anything else. ValueError: no such date."""
    if found := _DATES.fullmatch(text):
        return (_days(found[1])[0], _days(found[2] or found[1])[1]), DAY
    if (found := _YEARS.fullmatch(text)) and attribute.split()[-1] in DATE_ATTRIBUTES:
        return (_days(found[1] + "-01")[0], _days((found[2] or found[1]) + "-12")[1]), DAY
    if found := _QUANTITY.fullmatch(text):
        return quantity(found[1], found[2], found[3])
    return None


def quantity(low: str, high: str | None, unit: str | None) -> tuple[Interval, str]:
    """Interval and unit of one or two numbers. ValueError for a unit that isn't known, or as from :func:`number`."""
    name, factor = _unit(unit or "")
    return (_times(number(low), factor), _times(number(high or low), factor)), name


def about(interval: Interval, unit: str, *, distance: bool) -> Interval | None:
    """The interval with the tolerance of ``~``; None for a date, or where five in a hundred of nothing is nothing."""
    low, high = interval
    assert low is not None
    assert high is not None
    if distance and unit == MONTH:
        return low - 6, high + 6
    margin = ABOUT * (high if high > -low else -low)
    if margin == 0 or (unit == DAY and not distance and high > _FIRST_READABLE_DAY):
        return None
    return _whole(low - margin), _whole(high + margin)


def written(interval: Interval, unit: str, *, distance: bool = False) -> str:
    """An interval with two ends as text that :func:`value`, or with ``distance`` :func:`quantity`, reads back."""
    low, high = interval
    assert low is not None
    assert high is not None
    if not distance and unit == DAY and low > _FIRST_READABLE_DAY and low == int(low) and high == int(high):
        return _range(date_of(int(low)).isoformat(), date_of(int(high)).isoformat())
    return _range(_decimal(low), _decimal(high)) + {"": "", DAY: "d", MONTH: "mo"}.get(unit, f"[{unit}]")


def days(text: str, *, end: bool) -> int:
    """First day, or with ``end`` the day after the last, of a year, month or date. ValueError: no such day."""
    first, last = _days(text) if "-" in text else (_days(text + "-01")[0], _days(text + "-12")[1])
    return last + 1 if end else first


def _decimal(exact: Number) -> str:
    """A decimal where it ends, else a fraction."""
    places = next((n for n in range(1, 10) if (exact * 10**n).denominator == 1), 0)
    if exact.denominator == 1 or not places:
        return str(exact)
    digits = str(abs(int(exact * 10**places))).zfill(places + 1)
    return ("-" if exact < 0 else "") + digits[:-places] + "." + digits[-places:]


def _range(low: str, high: str) -> str:
    return low if low == high else f"{low}..{high}"


def _days(text: str) -> tuple[int, int]:
    """First and last day of a month or a date."""
    if len(text) > 7:
        return (day_of(date.fromisoformat(text)),) * 2
    year, month = int(text[:4]), int(text[5:])
    first = day_of(date(year, month, 1))
    return first, day_of(date(year + month // 12, month % 12 + 1, 1)) - 1 if (year, month) < (9999, 12) else first + 30


def _unit(text: str) -> tuple[str, Number]:
    if text.startswith("["):
        return text[1:-1], 1
    if text and text not in _DURATIONS:
        raise ValueError(f"the unit {text!r} isn't known: y, mo, w, d, h, min, s and ms are, others in brackets")
    return _DURATIONS[text] if text else ("", 1)


def _times(a: Number, b: Number) -> Number:
    return _whole(Fraction(a) * b)


def _whole(exact: Number) -> Number:
    return exact.numerator if exact.denominator == 1 else exact
