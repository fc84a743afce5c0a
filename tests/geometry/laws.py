"""Distances between samples and laws, slow and obvious."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np


def kolmogorov_smirnov(sample: np.ndarray, cdf: Callable[[np.ndarray], np.ndarray]) -> float:
    """Largest distance between the distribution function of ``sample`` (n,) and ``cdf``."""
    at = cdf(np.sort(sample))
    n = len(sample)
    return float(max((np.arange(1, n + 1) / n - at).max(), (at - np.arange(n) / n).max()))


def kolmogorov_smirnov_of_two(a: np.ndarray, b: np.ndarray) -> float:
    """Largest distance between the distribution functions of two samples."""
    both = np.sort(np.concatenate([a, b]))
    return float(
        np.abs(
            np.searchsorted(np.sort(a), both, side="right") / len(a)
            - np.searchsorted(np.sort(b), both, side="right") / len(b)
        ).max()
    )


def limit_of_one(n: int) -> float:
    """What Kolmogorov-Smirnov exceeds once in a hundred samples of ``n``: 1.63 / √n."""
    return 1.63 / float(np.sqrt(n))


def limit_of_two(n: int) -> float:
    """The same for two samples of ``n`` each: 1.63 √(2 / n)."""
    return 1.63 * float(np.sqrt(2 / n))
