"""Durations and numbers, as a passage writes them."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from datetime import date

from slm.retrieval.answer_passage import Passage, Quote, Sought
from slm.retrieval.answer_time import moments
from slm.retrieval.temporal import UNIT_DAYS

COUNTED = 0.4
"""Fit gained where what the question counts follows the number."""
NEAR = 3
"""Words after a number among which the counted thing is looked for."""

_ONES = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
_UNIT = "second|minute|hour|day|night|week|weekend|month|year|decade"
_DURATION = re.compile(
    r"\b(?:since (?:\w+ )?(?:19|20)\d\d|(?:(?:about|around|over|almost|nearly|more than) )?"
    rf"(?:\d[\d,.]*(?:-\d+)?|{_ONES}|dozen|a couple of|a few|several|a|an) (?:{_UNIT})s?(?: old)?)\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    rf"\$?\b\d(?:[\d,.]*\d)?(?:st|nd|rd|th|%)?|\b(?:once|twice|{_ONES}|twenty|thirty|forty|fifty|hundred|thousand"
    r"|dozens?|several|a couple|a few|both|every \w+)\b",
    re.IGNORECASE,
)
_HOW_LONG_AGO = re.compile(r"\bhow long ago\b", re.IGNORECASE)


def duration(question: str, read: Sequence[Passage], asked_on: date) -> Quote | None:
    """The length of time in the best-fitting passage that tells one; "how long ago" is counted from a time told."""
    if _HOW_LONG_AGO.search(question):
        return _elapsed(read, asked_on)
    told = [(passage, found) for passage in read for found in _DURATION.finditer(passage.text)]
    if not told:
        return None
    passage, found = max(told, key=lambda pair: pair[0].fit)
    return Quote(found[0], "duration", passage)


def _elapsed(read: Sequence[Passage], asked_on: date) -> Quote | None:
    """Of the times before the question that a passage is sure of."""
    told = [(passage, moment) for passage in read for moment in moments(passage.text, passage.observed_on)]
    past = [(passage, moment.first) for passage, moment in told if moment.sure and moment.first <= asked_on]
    if not past:
        return None
    passage, day = max(past, key=lambda pair: pair[0].fit)
    return Quote(f"{time_between(day, asked_on)} ago", "elapsed", passage)


def time_between(first: date, last: date) -> str:
    """The days between, in the largest unit of which there are two at least; rounded down."""
    days = (last - first).days
    unit = next((unit for unit in ("year", "month", "week") if days >= 2 * UNIT_DAYS[unit]), "day")
    count = int(days / UNIT_DAYS[unit])
    return f"{count} {unit}" + ("" if count == 1 else "s")


def number(read: Sequence[Passage], sought: Sought) -> Quote | None:
    """The number of the best-fitting passage that holds one, rather one that counts what the question asks about."""
    told = [
        (passage.fit + COUNTED * _counts(passage, found.end(), sought), Quote(found[0], "number", passage))
        for passage in read
        for found in _NUMBER.finditer(passage.text)
    ]
    return max(told, key=lambda pair: pair[0], default=(0.0, None))[1]


def _counts(passage: Passage, end: int, sought: Sought) -> bool:
    first = bisect_left(passage.words, end, key=lambda word: word.start)
    return any(term in sought.weights for word in passage.words[first : first + NEAR] for term in word.terms)
