"""What ranking gives: a pool of memories in order, and the named features whose weighted sum is the score."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from slm.retrieval.standings import Standings
from slm.retrieval.weights import Weights

Floats = npt.NDArray[np.float64]
Ordinals = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

DIGITS = 6
"""Scores are compared after rounding to this many decimals, so that ties are ties on every machine."""


def weighted(features: Mapping[str, Floats], weights: Weights) -> Floats:
    """Σ weight · feature over the named ``features`` (m,) each, added in their order."""
    total = np.zeros(1)
    for i, (name, feature) in enumerate(features.items()):
        if i == 0:
            total = weights[name] * feature
        else:
            total += weights[name] * feature
    return total


def mean_of(values: Floats, eligible: Mask) -> float:
    """The mean of ``values`` (n,) over those ``eligible``, 0 where none is."""
    chosen = values if eligible.all() else values[eligible]
    return float(chosen.mean()) if len(chosen) else 0.0


def terms_of(features: Mapping[str, Floats], weights: Weights) -> dict[str, Floats]:
    """Weight · feature by name (m,), each rounded to :data:`DIGITS`, so that what is shown adds up."""
    return {name: np.round(weights[name] * feature, DIGITS) for name, feature in features.items()}


def summed(terms: Mapping[str, Floats]) -> Floats:
    """The scores (m,): the sum of the named ``terms``, to :data:`DIGITS` as they are."""
    return np.round(sum(terms.values(), np.zeros(1)), DIGITS)


NO_STANDINGS = Standings({}, np.zeros(0, np.bool_))


@dataclass(frozen=True, slots=True)
class Ranking:
    """The pool, best first: ``ordinals`` (m,), named ``features`` (m,) each, ``scores`` (m,) = their weighted sum.

    ``cosines`` (m,) are the true cosines of each memory's best chunk, ``coverage`` (m,) the share of the query's idf
    mass found in it, ``phrases`` (m,) its late interaction as it is, not centred, ``superseded`` (m,) whether it has a
    successor. ``lead`` is how far the best of other authors is ahead of the best of the one named, 0 when none is;
    ``n_searched`` memories were eligible; ``standings`` tell where one stands in a channel among them.
    """

    ordinals: Ordinals
    features: Mapping[str, Floats]
    weights: Weights
    scores: Floats
    cosines: Floats
    coverage: Floats
    phrases: Floats
    superseded: Mask
    lead: float
    n_searched: int
    standings: Standings = NO_STANDINGS

    @property
    def terms(self) -> dict[str, Floats]:
        """What each score is the sum of, by name (m,)."""
        return terms_of(self.features, self.weights)
