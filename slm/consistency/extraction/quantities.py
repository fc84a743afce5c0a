"""Numbers, quantities with units and hours of the day, exactly: no floating point before the sheaf."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from typing import NamedTuple

import tomli

from slm.consistency.claim import Number
from slm.consistency.extraction.tables import read

NUMBER_WORDS: Mapping[str, int] = {
    **{word: n for n, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen twenty".split()
    )},
    "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90, "hundred": 100,
    "a dozen": 12, "a": 1, "an": 1,
}  # fmt: skip
MOST_FIGURES = 24
"""Characters of a number; a longer one is a key or a checksum."""
MULTIPLES = {"k": 1000, "m": 1_000_000, "": 1}
COUNT = r"(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(?:k(?![a-z]))?|" + "|".join(
    sorted(NUMBER_WORDS, key=len, reverse=True)
)
"""A number as a person writes it; without groups, to be put into other expressions."""

ABOUT = re.compile(r"^(?:about|around|roughly|approximately|approx\.?|circa|nearly|almost|some|~|≈)\s*")
EXACTLY = re.compile(r"^(?:exactly|precisely|only|set to|up to|just)\s+")
FEET_INCHES = re.compile(r"(\d+)\s*(?:ft|feet|foot|')\s*(\d+)\s*(?:in|inches|inch|\")?")
PREFIXED = re.compile(r"([$€£])\s*(\S+)")
FIGURE = re.compile(rf"({COUNT})[\s-]*([a-z°%²$€£¢]+\d?)?")
RATE = re.compile(
    r"(?<=\S)\s*(?:/|\b(?:per|an?|each|every)\b)\s*"
    r"(month|year|week|day|hour|minute|second|min|sec|kwh|person|night|unit|litre|kg)\s*$"
)
HALF = re.compile(r"(.+?) and a half$")
CLOCK = re.compile(
    r"(?:at\s+)?(\d{1,2})(?:[:h](\d\d)|\.(\d\d)(?=\s*[ap]\.?m))?\s*(am|pm|a\.m\.|p\.m\.|o'clock|uhr|h)?(?: sharp)?"
)
WORD_CLOCKS = {"noon": 720, "midday": 720, "midnight": 0}


class Unit(NamedTuple):
    """base = factor * figure + offset; ``measured`` figures are true to half their last digit."""

    dimension: str
    factor: Fraction
    offset: Fraction
    measured: bool


class Quantity(NamedTuple):
    """An interval in the base unit of its dimension, which is "" for a bare number; ``rate`` as in "per month"."""

    low: Fraction
    high: Fraction
    dimension: str
    rate: str = ""


@cache
def units() -> Mapping[str, Unit]:
    """Every spelling of every unit."""
    found = {}
    for dimension, entry in tomli.loads(read("units.toml")).items():
        offsets = entry.get("offsets", {})
        for factor, spellings in entry["units"].items():
            for spelling in spellings.split():
                offset = Fraction(offsets.get(spelling, 0))
                found[spelling] = Unit(dimension, Fraction(factor), offset, entry["measured"])
    return found


def number(text: str) -> Fraction | None:
    """A figure or number word: "1,200", "40k", "twelve"; None for anything else."""
    text = text.lower().strip()
    if text in NUMBER_WORDS:
        return Fraction(NUMBER_WORDS[text])
    match = re.fullmatch(r"(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)([km])?", text)
    if not match or len(match[1]) > MOST_FIGURES:
        return None
    return Fraction(match[1].replace(",", "")) * MULTIPLES[match[2] or ""]


def quantity(text: str) -> Quantity | None:
    """A figure with its unit, or bare; None for anything else.

    Measured quantities are true to half their last digit, "about" widens to 5 %, all others are exact.
    """
    text = text.lower().strip().rstrip(".")
    about = ABOUT.match(text) is not None
    text = EXACTLY.sub("", ABOUT.sub("", text))
    rate = RATE.search(text)
    if rate:
        text = text[: rate.start()]
    found = _feet(text) or _half(text) or _figure(text) or (_counted(text) if rate else None)
    if found is None:
        return None
    margin = Fraction(1, 20) * abs(found.high) if about else Fraction(0)
    return found._replace(low=found.low - margin, high=found.high + margin, rate=rate[1] if rate else "")


def _feet(text: str) -> Quantity | None:
    match = FEET_INCHES.fullmatch(text)
    if not match:
        return None
    inches = 12 * int(match[1]) + int(match[2])
    low, high = (Fraction(254, 10000) * (inches + side) for side in (Fraction(-1, 2), Fraction(1, 2)))
    return Quantity(low, high, "length")


def _half(text: str) -> Quantity | None:
    match = HALF.fullmatch(text)
    whole = _figure(match[1]) if match else None
    if whole is None or not whole.dimension:
        return None
    unit = units()[FIGURE.fullmatch(match[1])[2]]  # type: ignore[index]
    return whole._replace(low=whole.low + unit.factor / 2, high=whole.high + unit.factor / 2)


def _figure(text: str) -> Quantity | None:
    prefixed = PREFIXED.fullmatch(text)
    if prefixed:
        text = f"{prefixed[2]} {prefixed[1]}"
    match = FIGURE.fullmatch(text)
    value = number(match[1]) if match else None
    if match is None or value is None:
        return None
    if not match[2]:
        return Quantity(value, value, "")
    unit = units().get(match[2])
    if unit is None or (match[1] in ("a", "an") and unit.dimension not in ("time", "span")):
        return None
    middle, margin = unit.factor * value + unit.offset, Fraction(0)
    if unit.measured and match[1][0].isdigit():
        margin = unit.factor * last_digit(match[1]) / 2
    return Quantity(middle - margin, middle + margin, unit.dimension)


def _counted(text: str) -> Quantity | None:
    """ "100 requests", whose dimension is what it counts."""
    figure, _, things = text.partition(" ")
    value = number(figure)
    return None if value is None or not things.isalpha() else Quantity(value, value, things)


def last_digit(figure: str) -> Fraction:
    """The worth of the last digit: 1 for "70", 1/10 for "70.5"."""
    return Fraction(1, 10 ** len(figure.partition(".")[2]))


def clock(text: str) -> int | None:
    """Minutes after midnight: "9:30am", "14:30", "five pm", "noon"; None for a bare number or anything else."""
    text = text.lower().strip()
    if text in WORD_CLOCKS:
        return WORD_CLOCKS[text]
    first, _, rest = text.partition(" ")
    if first in NUMBER_WORDS:
        text = f"{NUMBER_WORDS[first]} {rest}"
    match = CLOCK.fullmatch(text)
    if not match or not (match[2] or match[4]):
        return None
    hour, half = int(match[1]), (match[4] or "").replace(".", "")
    if half in ("am", "pm"):
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "pm" else 0)
    minute = int(match[2] or match[3] or 0)
    return 60 * hour + minute if hour < 24 and minute < 60 else None


def exact(value: Fraction) -> Number:
    """An int where the fraction is one."""
    return value.numerator if value.denominator == 1 else value
