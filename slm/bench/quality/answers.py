"""LoCoMo's own F1 of an answer: shared stems, commas and categories as in its published evaluation."""

from __future__ import annotations

import re
import string
from collections import Counter
from functools import cache
from statistics import fmean
from typing import Any

import snowballstemmer

ARTICLES = re.compile(r"\b(?:a|an|the|and)\b")
PUNCTUATION = str.maketrans("", "", string.punctuation)


def stems(text: str) -> list[str]:
    """Lower case, without punctuation and articles ("and" among them), stemmed."""
    plain = ARTICLES.sub(" ", text.lower().translate(PUNCTUATION))
    return [_stemmer().stemWord(word) for word in plain.split()]


@cache
def _stemmer() -> Any:
    return snowballstemmer.stemmer("english")


def token_f1(given: str, gold: str) -> float:
    """The harmonic mean of precision and recall of the stems, repetitions counted; 0 when none is shared."""
    ours, theirs = stems(given), stems(gold)
    shared = (Counter(ours) & Counter(theirs)).total()
    return 2.0 * shared / (len(ours) + len(theirs)) if shared else 0.0


def locomo_f1(given: str, gold: str, category: str) -> float:
    """The F1 that LoCoMo counts: a multi-hop answer is a list, of an open-domain one the part before ``;`` is asked."""
    if category == "open-domain":
        return token_f1(given, gold.partition(";")[0])
    if category == "multi-hop":
        return fmean(max(token_f1(ours, theirs) for ours in given.split(",")) for theirs in gold.split(","))
    return token_f1(given, gold)
