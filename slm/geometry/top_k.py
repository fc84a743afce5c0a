"""The best k of many scores, exactly and in a fixed order."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

N_STRIPES = 64


def top_k(scores: npt.NDArray[np.floating], k: int) -> npt.NDArray[np.int64]:
    """Indices (min(k, n),) of the largest of ``scores`` (n,), largest first, equal ones by the smaller index.

    ValueError: not a vector, negative ``k``, or a NaN among the scores.
    """
    if scores.ndim != 1 or k < 0:
        raise ValueError(f"scores of shape {scores.shape} and k = {k}; wanted a vector and k >= 0")
    if np.isnan(scores.max(initial=-np.inf)):
        raise ValueError("a score is not a number")
    k = min(k, len(scores))
    if k == 0:
        return np.zeros(0, np.int64)
    candidates = np.flatnonzero(scores >= floor_of_best(scores, k))
    order = np.argsort(-scores[candidates], kind="stable")[:k]
    return candidates[order]


def floor_of_best(scores: npt.NDArray[np.floating], k: int) -> np.floating:
    """A value that the ``k`` best scores reach and few others do.

    The maxima of disjoint columns are scores themselves, so the k-th best maximum is at most the k-th best score.
    """
    n_columns = len(scores) // N_STRIPES
    if n_columns < k:
        return kth_largest(scores, k)
    stripes = scores[: n_columns * N_STRIPES].reshape(N_STRIPES, n_columns)
    return kth_largest(stripes.max(axis=0), k)


def kth_largest(scores: npt.NDArray[np.floating], k: int) -> np.floating:
    """The ``k``-th largest of ``scores`` (n,), 1 <= k <= n."""
    return np.partition(scores, len(scores) - k)[len(scores) - k]  # type: ignore[no-any-return]
