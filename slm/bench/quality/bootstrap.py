"""Bootstrap intervals (Efron 1979, percentile) of means over questions, and over conversations as clusters."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

RESAMPLES = 2000
EDGES = (0.025, 0.975)


def interval(values: Floats, seed: int) -> tuple[float, float]:
    """95 % interval of the mean of ``values`` (n,). The same seed draws the same questions, so differences are paired.

    ValueError: no values.
    """
    if not len(values):
        raise ValueError("no values to draw from")
    drawn = np.random.default_rng(seed).integers(len(values), size=(RESAMPLES, len(values)))
    return _edges(values[drawn].mean(axis=1))


def clustered(values: Floats, clusters: Sequence[str], seed: int) -> tuple[float, float] | None:
    """95 % interval of the mean when whole ``clusters`` (n,) are drawn; None when there is only one."""
    names, of = np.unique(np.array(clusters), return_inverse=True)
    if len(names) < 2:
        return None
    sums, counts = np.bincount(of, weights=values), np.bincount(of)
    drawn = np.random.default_rng(seed).integers(len(names), size=(RESAMPLES, len(names)))
    return _edges(sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1))


def _edges(means: Floats) -> tuple[float, float]:
    low, high = np.quantile(means, EDGES)
    return float(low), float(high)
