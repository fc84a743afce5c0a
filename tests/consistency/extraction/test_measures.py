"""Sentences whose value lies on a line: quantities, days, ages, hours."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from tests.consistency.extraction.reading import SAID, claims, clash, sheaf_of, told

EPOCH = date(1970, 1, 1)


def day(*ymd):
    return (date(*ymd) - EPOCH).days


@pytest.mark.parametrize(
    ("text", "subject", "attribute", "unit", "low", "high"),
    [
        ("My rent is 900 euros.", "owner", "rent", "euro", 900, 900),
        ("The gym is 39 euros a month.", "gym", "price", "euro", 39, 39),
        ("The timeout is 30 seconds.", "owner", "timeout", "time", 30, 30),
        ("The cache lasts 5 minutes.", "cache", "duration", "time", 300, 300),
        ("The tower is 120 metres tall.", "tower", "height", "length", Fraction(239, 2), Fraction(241, 2)),
        ("Ann is 1.8 m tall.", "ann", "height", "length", Fraction(7, 4), Fraction(37, 20)),
        ("The bag weighs 12 kg.", "bag", "weight", "mass", Fraction(23, 2), Fraction(25, 2)),
        ("max_retries = 5", "owner", "max_retries", "", 5, 5),
    ],
)
def test_a_quantity_has_its_unit_and_its_tolerance(text, subject, attribute, unit, low, high):
    """Design: measured quantities to half the last digit; settings and money exact."""
    [found] = claims(text)

    assert (found.subject, found.attribute, found.unit) == (subject, attribute, unit)
    assert found.interval == (low, high)


@pytest.mark.parametrize(
    ("text", "subject", "attribute", "when"),
    [
        ("The report is due on 3 May 2025.", "report", "due", (2025, 5, 3)),
        ("The deadline is 4 April 2025.", "owner", "due", (2025, 4, 4)),
        ("The audit is on 14 March 2025.", "audit", "date", (2025, 3, 14)),
    ],
)
def test_a_day_is_days_since_1970(text, subject, attribute, when):
    """Oracle: the calendar."""
    assert told(text) == [(subject, attribute, "=", (day(*when), day(*when)))]


@pytest.mark.parametrize(
    ("text", "subject", "attribute", "minute"),
    [
        ("The standup is at 10:30.", "standup", "time", 630),
        ("The shop opens at 9 am.", "shop", "opens", 540),
        ("The train leaves at 7:42.", "train", "departs", 462),
    ],
)
def test_an_hour_is_a_minute_of_the_day(text, subject, attribute, minute):
    """By hand."""
    assert told(text) == [(subject, attribute, "=", (minute, minute))]


def test_a_birthday_is_a_day_of_the_year_and_a_birth_a_day():
    """Two attributes: a birthday without its year says nothing of the age."""
    assert told("I was born on 3 May 1990.") == [
        ("owner", "birthday", "=", "05-03"), ("owner", "birth", "=", (day(1990, 5, 3), day(1990, 5, 3))),
    ]  # fmt: skip
    assert told("My birthday is 3 May.") == [("owner", "birthday", "=", "05-03")]


def test_an_age_is_a_year_of_births():
    """Design: age is stored as a birth date, so ageing is automatic."""
    [found] = claims("I am 34 years old.")
    low, high = found.interval

    assert high - low == Fraction(3652425, 10000)
    assert high == day(*SAID.timetuple()[:3]) - 34 * Fraction(3652425, 10000)


def test_a_decade_is_ten_years_of_births():
    """Thirties are 30 to 39, and nearly 40."""
    [found] = claims("Ann is in her thirties.")

    assert found.interval[1] - found.interval[0] == 10 * Fraction(3652425, 10000)


def test_an_age_grows_by_itself():
    """34, and a year later 35: the same births."""
    assert not sheaf_of("Ann is 34 years old.", "Ann is 35 years old.", days_apart=366).conflicts()
    assert sheaf_of("Ann is 34 years old.", "Ann is 35 years old.", days_apart=800).conflicts()


def test_an_age_and_a_birth_that_do_not_fit_clash():
    """A chain of two through the calendar."""
    assert clash("Ann was born on 3 May 1990.", "Ann is 50 years old.")
    assert not clash("Ann was born on 3 May 1990.", "Ann is 34 years old.")


@pytest.mark.parametrize(
    "text", ["The bag weighs on me.", "The timeout is 30 euros.", "The tower is 12 kg tall.", "I am one year old."]
)
def test_the_wrong_dimension_is_another_sense_of_the_word(text):
    """A duration in euros is no duration."""
    assert all(claim.attribute not in ("weight", "duration", "height", "birth") for claim in claims(text))


def test_two_ways_to_write_a_length_agree():
    """Units are exact factors of one base."""
    assert not clash("The table is 2 m long.", "The table is 200 cm long.")
    assert clash("The table is 2 m long.", "The table is 270 cm long.")
