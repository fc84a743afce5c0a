"""Whether the best memories answer the question at all: a calibrated probability with a reason."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from slm.retrieval.ranking import Ranking

BIAS = -5.8
PER_COSINE = 11.0
PER_COVERAGE = 3.5
"""Logistic weights, softened by hand from a fit: what the fit saw and why it was softened is in ARCHITECTURE.md."""

SMALL_STORE = 50
"""Below this many memories a store can't tell near from far by itself: only a query near to nothing abstains."""
NOTHING_NEAR = 0.15
"""Cosine that two unrelated English sentences seldom exceed under the bundled model."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """``probability`` that a shown memory answers; ``reason`` is set when it is too low to show any."""

    probability: float
    reason: str | None


def judge(ranking: Ranking, threshold: float) -> Verdict:
    """Judge a ranking by its best true cosine and by how much of the query's idf mass its top three hold."""
    if not len(ranking.ordinals):
        return Verdict(0.0, "nothing is remembered here yet" if not ranking.n_searched else "nothing fits the filters")
    cosine = float(np.max(ranking.cosines))
    coverage = float(np.max(ranking.coverage[:3]))
    probability = 1.0 / (1.0 + math.exp(-(BIAS + PER_COSINE * cosine + PER_COVERAGE * coverage)))
    if ranking.n_searched < SMALL_STORE:
        near = cosine >= NOTHING_NEAR or coverage > 0.0
        return Verdict(probability, None if near or threshold <= 0.0 else "nothing here is near to that")
    if probability >= threshold:
        return Verdict(probability, None)
    return Verdict(probability, "only near misses" if coverage > 0.0 else "nothing here speaks about that")
