"""Answers to when-questions: a time that a passage tells, else the day on which it was told."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date

from slm.retrieval.answer_calendar import month_of, written
from slm.retrieval.answer_passage import Passage, Quote
from slm.retrieval.answer_time import moments

NO_TIME_TOLD = 0.3
"""Fit lost by a passage that tells no time: the day it was said on may be long after what it tells of."""
LOOSE = 0.2
"""Fit lost by a time that is only said to be near."""

_A_YEAR = re.compile(r"\b(?:what|which) year\b", re.IGNORECASE)
_A_MONTH = re.compile(r"\b(?:what|which) month\b", re.IGNORECASE)


def when(question: str, read: Sequence[Passage]) -> Quote | None:
    """The time of the best-fitting passage, a year or a month where the question wants one; None without passages.

    Kind ``told`` says that no time is told and the text is the day of the memory itself.
    """
    return max(_candidates(question, read), key=lambda candidate: candidate[0], default=(0.0, None))[1]


def _candidates(question: str, read: Sequence[Passage]) -> Iterator[tuple[float, Quote]]:
    for passage in read:
        told = list(moments(passage.text, passage.observed_on))
        for moment in told:
            text = _as_asked(question, moment.text, moment.first)
            yield passage.fit - (0.0 if moment.sure else LOOSE), Quote(text, "date", passage)
        if not told:
            day = passage.observed_on
            yield passage.fit - NO_TIME_TOLD, Quote(_as_asked(question, written(day), day), "told", passage)


def _as_asked(question: str, text: str, day: date) -> str:
    if _A_YEAR.search(question):
        return str(day.year)
    return month_of(day) if _A_MONTH.search(question) else text
