"""Times that a memory tells, resolved against the day it was observed on: "yesterday" becomes "7 May 2023".

A day that is certain is written out. Where the words leave it open, the answer keeps what they say and adds the day
they were said on: "the Friday before 15 July 2023".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from slm.retrieval import answer_calendar, answer_relative
from slm.retrieval.answer_calendar import Reader, Reading, Said

_READERS = tuple(
    (re.compile(rf"\b{pattern}", re.IGNORECASE), reader)
    for pattern, reader in (*answer_calendar.PATTERNS, *answer_relative.PATTERNS)
)
_AHEAD = re.compile(
    r"\b(?:will|shall|gonna|going to|plan(?:s|ning)?|upcoming|soon|hoping|looking forward|can['’]?t wait|next|coming"
    r"|due|deadline|expires?|starts|begins|(?:is|are) (?:on|at|set|scheduled))\b|['’]ll\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Moment:
    """A time told between two offsets of a sentence: how it is best written, and its ``first`` day.

    ``sure`` is False where the sentence only says that it was near.
    """

    start: int
    end: int
    text: str
    first: date
    sure: bool


def moments(sentence: str, observed_on: date) -> Iterator[Moment]:
    """The times that a sentence tells, in reading order, none inside another; what no calendar holds is left out."""
    said = Said(observed_on, ahead=_AHEAD.search(sentence) is not None)
    found = [(match, reader) for pattern, reader in _READERS for match in pattern.finditer(sentence)]
    taken = 0
    for match, reader in sorted(found, key=lambda pair: (pair[0].start(), -pair[0].end())):
        reading = _read(reader, match, said) if match.start() >= taken else None
        if reading:
            taken = match.end()
            yield Moment(match.start(), taken, reading.text, reading.first, reading.sure)


def _read(reader: Reader, match: re.Match[str], said: Said) -> Reading | None:
    try:
        return reader(match, said)
    except (ValueError, OverflowError):
        return None
