"""Whether the best memories answer the question at all: a calibrated probability with a reason."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice

import numpy as np

from slm.retrieval.question import Query
from slm.retrieval.ranking import Ranking

BIAS = -6.08
PER_COSINE = 6.52
PER_PHRASES = 3.47
PER_COVERAGE = 0.73
PER_LEAD = -1.60
"""Logistic weights; where they come from and what was measured with them is in ARCHITECTURE.md."""

KEYWORDS = 3
"""A query of up to so many terms is a few words, not a question."""
FOR_KEYWORDS = 0.6
"""Added to the log-odds of such a query, which shares less with its answer than a question does."""

SMALL_STORE = 50
"""Below this many memories a store can't tell near from far by itself: only a query near to nothing abstains."""
SMALL_SHARE = 1 / 5
"""Of the threshold, what such a store asks for. By ``slm bench small`` on LoCoMo, 2 of 100 questions that are answered
lie below it, and of unrelated ones 61 % (30 memories) to 96 % (one).
"""
SOMEONE_ELSE = 0.5
"""A lead of other authors from which on their memories are what the question's words fit."""
MOST_NAMED = 8
"""Unknown words that a reason names; of a pasted page there would be thousands."""
LONGEST_NAMED = 40
"""Characters of each of them that are shown."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """``probability`` that a shown memory answers; ``reason`` is set when it is too low to show any."""

    probability: float
    reason: str | None


def judge(ranking: Ranking, query: Query, unknown: Callable[[], Iterable[str]], threshold: float) -> Verdict:
    """Judge a ranking by its best cosine, phrases and coverage, and by whether others speak of it than who is named.

    ``unknown`` gives the words of the question that no memory holds: a reason names them.
    """
    if not len(ranking.ordinals):
        return Verdict(0.0, "nothing is remembered here yet" if not ranking.n_searched else "nothing fits the filters")
    cosine = float(np.max(ranking.cosines))
    coverage = float(np.max(ranking.coverage[:3]))
    odds = BIAS + PER_COSINE * cosine + PER_PHRASES * float(ranking.phrases[0]) + PER_COVERAGE * coverage
    odds += PER_LEAD * ranking.lead + FOR_KEYWORDS * (len(query.terms) <= KEYWORDS)
    probability = 1.0 / (1.0 + math.exp(-odds))
    least = threshold * (SMALL_SHARE if ranking.n_searched < SMALL_STORE else 1.0)
    return Verdict(probability, None if probability >= least else _reason(ranking, coverage, unknown()))


def _reason(ranking: Ranking, coverage: float, words: Iterable[str]) -> str:
    if ranking.lead > SOMEONE_ELSE:
        return "only about someone else"
    unknown = [_cut(word) for word in islice(words, MOST_NAMED + 1)]
    if unknown:
        others = " and others" if len(unknown) > MOST_NAMED else ""
        return f"nothing about {', '.join(unknown[:MOST_NAMED])}{others}"
    return "only near misses" if coverage > 0.0 else "nothing here speaks about that"


def _cut(word: str) -> str:
    return word if len(word) <= LONGEST_NAMED else word[: LONGEST_NAMED - 1] + "…"
