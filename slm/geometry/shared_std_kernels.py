"""The compiled twin of :func:`slm.geometry.fisher_rao.shared_std_distances`: the same double operations and bits.

The series' coefficients are compiled in, and numba's cache looks at this file alone: whoever changes them touches it.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit, types

from slm.geometry.fisher_rao import SERIES, SERIES_END

Floats = npt.NDArray[np.float64]

ROWS, VECTOR = (types.Array(types.float64, n_axes, "C", readonly=True) for n_axes in (2, 1))


@njit(error_model="numpy", inline="always")
def quartered(excess: Any) -> Any:
    """cosh(a/4) − 1 for cosh(a) − 1 = ``excess``: half the angle, twice."""
    half = 0.5 * excess
    half = 0.5 * (half / (math.sqrt(half + 1.0) + 1.0))
    return half / (math.sqrt(half + 1.0) + 1.0)


@njit(error_model="numpy", inline="always")
def series(excess: Any) -> Any:
    """arccosh²(1 + x) for x = ``excess`` <= 0.375, by Horner's rule."""
    total = SERIES[-1] * excess
    for i in range(len(SERIES) - 2, -1, -1):
        total = (total + SERIES[i]) * excess
    return total


@njit(error_model="numpy")
def squared_arccosh(excess: Any) -> Any:
    """arccosh²(1 + x) for any x = ``excess`` >= 0."""
    quarter, factor = quartered(excess), 16.0
    while quarter > SERIES_END:
        quarter, factor = quartered(quarter), 16.0 * factor
    return factor * series(quarter)


@njit((ROWS, VECTOR, VECTOR, types.float64[::1]), cache=True, nogil=True, error_model="numpy")
def shared_std_distances(means: Floats, mean: Floats, weights: Floats, out: Floats) -> None:
    """See :func:`slm.geometry.fisher_rao.shared_std_distances`. No fast-math: neither reassociated nor contracted.

    Terms come before their sum, which has one order: so the loop over them has no chain, and is done in vectors.
    """
    terms = np.empty(means.shape[1])
    for r in range(means.shape[0]):
        n_far = 0
        for i in range(means.shape[1]):
            shift = means[r, i] - mean[i]
            quarter = quartered(shift * shift * weights[i])
            terms[i] = 16.0 * series(quarter)
            n_far += quarter > SERIES_END
        if n_far:
            for i in range(means.shape[1]):
                shift = means[r, i] - mean[i]
                terms[i] = squared_arccosh(shift * shift * weights[i])
        total = 0.0
        for i in range(means.shape[1]):
            total += terms[i]
        out[r] = 2.0 * total
