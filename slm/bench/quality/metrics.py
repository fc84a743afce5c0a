"""Measures of a ranking against the units that hold the answer; all lie in [0, 1]."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ranked = Sequence[int]
"""Units, best first, each once."""
Gold = AbstractSet[int]
"""Never empty."""

DEPTH = 20
"""No measure looks further down a ranking."""


def recall_at(k: int, gold: Gold, ranked: Ranked) -> float:
    """The share of ``gold`` among the first ``k``."""
    return len(gold & set(ranked[:k])) / len(gold)


def hit_first(gold: Gold, ranked: Ranked) -> float:
    """1 when the first is one of ``gold``."""
    return float(bool(ranked) and ranked[0] in gold)


def ndcg_at_10(gold: Gold, ranked: Ranked) -> float:
    """Normalised discounted cumulative gain of the first ten, binary gains: Järvelin & Kekäläinen (2002)."""
    gained = math.fsum(1.0 / math.log2(place + 2) for place, unit in enumerate(ranked[:10]) if unit in gold)
    return gained / math.fsum(1.0 / math.log2(place + 2) for place in range(min(10, len(gold))))


def reciprocal_rank(gold: Gold, ranked: Ranked) -> float:
    """1 / rank of the first of ``gold``, 0 when none is among the first :data:`DEPTH`."""
    return next((1.0 / rank for rank, unit in enumerate(ranked[:DEPTH], 1) if unit in gold), 0.0)


METRICS: Mapping[str, Callable[[Gold, Ranked], float]] = {
    "hit@1": hit_first,
    "R@5": lambda gold, ranked: recall_at(5, gold, ranked),
    "R@10": lambda gold, ranked: recall_at(10, gold, ranked),
    "R@20": lambda gold, ranked: recall_at(DEPTH, gold, ranked),
    "nDCG@10": ndcg_at_10,
    "MRR": reciprocal_rank,
}


def measured(golds: Sequence[Gold], rankings: Sequence[Ranked]) -> dict[str, Floats]:
    """Every measure of every question (n,), by name."""
    pairs = list(zip(golds, rankings, strict=True))
    return {name: np.array([metric(*pair) for pair in pairs], np.float64) for name, metric in METRICS.items()}


def auc(positives: Floats, negatives: Floats) -> float:
    """The chance that a positive scores above a negative, ties counted half (Mann & Whitney 1947); NaN without any."""
    if not len(positives) or not len(negatives):
        return math.nan
    ordered = np.sort(negatives)
    below = np.searchsorted(ordered, positives, "left") + np.searchsorted(ordered, positives, "right")
    return float(below.mean() / (2 * len(ordered)))
