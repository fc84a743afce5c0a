"""Facts of one subject that lie on a line: quantities, days, ages and hours."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction

from slm.consistency.claim import Claim
from slm.consistency.extraction.dates import days
from slm.consistency.extraction.drafts import Draft
from slm.consistency.extraction.patterns import Pattern
from slm.consistency.extraction.quantities import Quantity, clock, exact, number, quantity
from slm.consistency.extraction.slots import Groups, attribute_of, is_person, pair_of, qualified, subject_of

YEAR_DAYS = Fraction(3652425, 10000)
DECADES = {"teens": 10, "twenties": 20, "thirties": 30, "forties": 40, "fifties": 50, "sixties": 60, "seventies": 70,
           "eighties": 80, "nineties": 90}  # fmt: skip
DIMENSIONS = {
    "size": "area",
    "weight": "mass",
    "height": "length",
    "length": "length",
    "width": "length",
    "depth": "length",
}
"""Attributes that are always told in one dimension, so that the dimension needs no place in their name."""


def figure(draft: Draft, pattern: Pattern, groups: Groups) -> list[Claim]:
    """A quantity of an attribute; the wrong dimension is another sense of the verb and no claim."""
    told = groups.get("quantity") or groups.get("area", "")
    subject, found = subject_of(draft, groups), quantity(told) or _things(pattern, told)
    if not subject or not found or (not found.dimension and pattern.attribute not in ("salary", "capacity", "price")):
        return []
    if found.dimension != DIMENSIONS.get(pattern.attribute, found.dimension):
        return []
    if pattern.attribute in ("timeout", "duration", "lifetime", "period") and found.dimension not in ("time", "span"):
        return []
    return draft.number(subject, pattern.attribute, found)


def _things(pattern: Pattern, told: str) -> Quantity | None:
    """What a room or store holds is counted in things."""
    count = number(told.partition(" ")[0]) if pattern.attribute == "capacity" and len(told.split()) <= 2 else None
    return None if count is None else Quantity(count, count, "")


def dated(draft: Draft, pattern: Pattern, groups: Groups) -> list[Claim]:
    """The day of an event; labels of documents are no events."""
    found = days(groups["day"], draft.said)
    subject = subject_of(draft, groups)
    label = groups.get("x", "").lower() in draft.tables.nouns["labels"]
    if (
        not subject
        or not found
        or label
        or (re.fullmatch(r"\d+", groups["day"].strip()) and pattern.attribute in ("date", "due"))
    ):
        return []
    return draft.day(subject, pattern.attribute, found.first, found.last)


def born(draft: Draft, _pattern: Pattern, groups: Groups) -> list[Claim]:
    """A day of birth: the birthday where the day is told, the birth where the year is."""
    subject, found = subject_of(draft, groups), days(groups["day"], draft.said)
    if not subject or not found:
        return []
    claims = [draft.named(subject, "birthday", found.month_day)] if found.month_day else []
    if found.has_year and re.search(r"\d{4}", groups["day"]):
        claims += draft.day(subject, "birth", found.first, found.last)
    return claims


def age(draft: Draft, _pattern: Pattern, groups: Groups) -> list[Claim]:
    """How old a person is, or the decade of their age."""
    subject = subject_of(draft, groups)
    if not subject:
        return []
    if "decade" in groups:
        low = DECADES[groups["decade"].lower()]
        return aged(draft, subject, Fraction(low), Fraction(low + 9))
    age = number(groups["age"])
    if (
        age is None
        or not 1 <= age <= 110
        or groups["age"].lower() in ("a", "an", "one")
        or not is_person(draft, groups["x"])
    ):
        return []
    return aged(draft, subject, age, age)


def aged(draft: Draft, subject: str, youngest: Fraction, oldest: Fraction) -> list[Claim]:
    """Someone's age today as the days on which they may have been born."""
    today = Fraction(draft.said.toordinal() - 719163)
    return draft.day(subject, "birth", exact(today - (oldest + 1) * YEAR_DAYS), exact(today - youngest * YEAR_DAYS))


def at_hour(draft: Draft, pattern: Pattern, groups: Groups) -> list[Claim]:
    """The hour at which something happens; on which days is a part of the attribute, whereto one of the subject."""
    subject, at, attribute = subject_of(draft, groups), clock(groups["clock"]), attribute_of(draft, pattern, groups)
    if not subject or at is None or not attribute or draft.sentence.negated:
        return []
    if "o" in groups and "{o}" not in pattern.attribute:
        subject = qualified(draft, subject, groups["o"])
    return [replace(draft.claim(subject, attribute), interval=(at, at), unit="minute of the day")]


def wedding(draft: Draft, pattern: Pattern, groups: Groups) -> list[Claim]:
    """The day of two people's wedding, which is never superseded."""
    pair, found = pair_of(draft, groups), days(groups["day"], draft.said)
    if pair is None or not found:
        return []
    subject = draft.names.subject(f"{groups['x']} and {groups['y']}'s wedding")
    claims = draft.day(subject, pattern.attribute, found.first, found.last) if subject else []
    return [replace(claim, update=False) for claim in claims]
