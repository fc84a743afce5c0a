"""What ranking gives: a pool of memories in order, and the named features whose weighted sum is the score."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar, cast

import numpy as np
import numpy.typing as npt

from slm.retrieval.standings import Standings
from slm.retrieval.weights import Weights

Floats = npt.NDArray[np.float64]
Floats32 = npt.NDArray[np.float32]
Ordinals = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

Real = TypeVar("Real", bound="np.floating[Any]")

DIGITS = 6
"""Scores are compared after rounding to this many decimals, so that ties are ties on every machine."""


def weighted(features: Mapping[str, npt.NDArray[Real]], weights: Weights) -> npt.NDArray[Real]:
    """Σ weight · feature over the named ``features`` (m,) each, at least one, added in their order."""
    (first, feature), *others = features.items()
    total = cast("npt.NDArray[Real]", weights[first] * feature)
    for name, feature in others:
        total += weights[name] * feature
    return total


def mean_of(values: Floats32, eligible: Mask) -> float:
    """The mean of ``values`` (n,) over those ``eligible``, added in float64; 0 where none is."""
    chosen = values if eligible.all() else values[eligible]
    return float(chosen.mean(dtype=np.float64)) if len(chosen) else 0.0


def terms_of(features: Mapping[str, Floats], weights: Weights) -> dict[str, Floats]:
    """Weight · feature by name (m,), each rounded to :data:`DIGITS`, so that what is shown adds up."""
    return {name: np.round(weights[name] * feature, DIGITS) for name, feature in features.items()}


def summed(terms: Mapping[str, Floats]) -> Floats:
    """The scores (m,): the sum of the named ``terms``, to :data:`DIGITS` as they are."""
    return np.round(sum(terms.values(), np.zeros(1)), DIGITS)


NO_STANDINGS = Standings({}, np.zeros(0, np.bool_))


PER_MEMORY = ("ordinals", "scores", "cosines", "coverage", "phrases", "superseded")
"""Fields of a :class:`Ranking` with a value a memory."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """The pool, best first: ``ordinals`` (m,), named ``features`` (m,) each, ``scores`` (m,) = their weighted sum.

    ``cosines`` (m,) are the true cosines of each memory's best chunk, ``coverage`` (m,) the share of the query's idf
    mass found in it, ``held`` (t, m) which of the query's distinct terms, sorted, are in any of its chunks, ``phrases``
    (m,) its late interaction as it is, not centred, ``superseded`` (m,) whether it has a successor. ``lead`` is how far
    the best of other authors is ahead of the best of the one named, the author term left out, 0 when none is;
    ``n_searched`` memories were eligible; ``standings`` tell where one stands in a channel among them.
    """

    ordinals: Ordinals
    features: Mapping[str, Floats]
    weights: Weights
    scores: Floats
    cosines: Floats
    coverage: Floats
    held: Mask
    phrases: Floats
    superseded: Mask
    lead: float
    n_searched: int
    standings: Standings = NO_STANDINGS

    @property
    def terms(self) -> dict[str, Floats]:
        """What each score is the sum of, by name (m,)."""
        return terms_of(self.features, self.weights)

    def only(self, kept: Mask) -> Ranking:
        """The ranking of those ``kept`` (m,) alone, as of all that were searched."""
        if kept.all():
            return self
        return replace(
            self,
            features={name: values[kept] for name, values in self.features.items()},
            held=self.held[:, kept],
            **{name: getattr(self, name)[kept] for name in PER_MEMORY},
        )
