"""Fisher-Rao distance of diagonal normals: float64 reference in numpy, the same bits on every IEEE machine.

A normal is a point of the hyperbolic half-plane, a diagonal normal a point of a product of them (Atkinson &
Mitchell 1981): d² = Σ 2 arccosh²(1 + x_i), x_i = (Δmean² + 2 Δstd²) / (4 std_p std_q). Everything costs O(d).
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from slm.geometry.normal import DiagonalNormal

Floats = npt.NDArray[np.float64]

SERIES_END = 0.375
SERIES = (
    2.0, -0.3333333333332767, 0.08888888888282659, -0.028571428317607242, 0.010158724689135456,
    -0.0038479347656364318, 0.0015217396011155166, -0.0006187829299540308, 0.00025053033720829157,
    -9.02891105335908e-05, 2.0531277754212703e-05,
)  # fmt: skip
"""arccosh²(1 + x) / x on [0, 0.375]: interpolation at the eleven Chebyshev points, relative error 4.4e-17."""

ENTRIES_A_BLOCK = 12288
"""Coordinates worked on at once: their intermediate values fit into a core's second-level cache."""


def squared_arccosh(excess: npt.ArrayLike) -> Floats:
    """arccosh²(1 + x) for x = ``excess`` >= 0, any shape, to within a few units in the last place.

    Only +, ×, ÷ and √, which IEEE 754 rounds correctly, so no mathematical library can change a bit, and an
    element's value doesn't depend on its neighbours. Halving the angle twice, arccosh(1 + x) = 2 arccosh(1 + y) with
    y = (x/2) / (1 + √(1 + x/2)), brings x <= 13 into the reach of a short series; what is larger goes round again.
    """
    quarter = halved(halved(np.asarray(excess, np.float64)))
    far = quarter > SERIES_END
    if not far.any():
        return 16.0 * series(quarter)
    squares = 16.0 * series(np.where(far, 0.0, quarter))
    squares[far] = 16.0 * squared_arccosh(quarter[far])
    return squares


def halved(excess: Floats) -> Floats:
    """cosh(a/2) − 1 for cosh(a) − 1 = ``excess``, without cancellation."""
    half = np.asarray(0.5 * excess)
    root = np.asarray(half + 1.0)
    np.sqrt(root, out=root)
    root += 1.0
    return np.divide(half, root, out=half)


def series(excess: Floats) -> Floats:
    """arccosh²(1 + x) for x = ``excess`` <= 0.375, by Horner's rule in place."""
    total = np.asarray(SERIES[-1] * excess)
    for coefficient in SERIES[-2::-1]:
        total += coefficient
        total *= excess
    return total


def squared_distance(p: DiagonalNormal, q: DiagonalNormal) -> float:
    """Squared Fisher-Rao distance, dimensionless. ValueError: shapes differ, or a std is not positive."""
    check_normal(p)
    check_normal(q)
    if p.mean.shape != q.mean.shape:
        raise ValueError(f"normals of {p.mean.shape} and {q.mean.shape} coordinates")
    shift, spread = p.mean - q.mean, p.std - q.std
    excess = (shift / p.std) * (shift / q.std) / 4.0 + (spread / p.std) * (spread / q.std) / 2.0
    return 2.0 * float(squared_arccosh(excess).sum())


def distance(p: DiagonalNormal, q: DiagonalNormal) -> float:
    """Fisher-Rao distance: the length of the geodesic under the Fisher information metric. ValueError as above."""
    return math.sqrt(squared_distance(p, q))


def squared_distances(means: npt.NDArray[np.floating], mean: npt.NDArray[np.floating], std: Floats) -> Floats:
    """Squared distances (n,) of normals that share ``std`` (d,): ``means`` (n, d) against ``mean`` (d,).

    An infinite std masks its coordinate. A row's value doesn't depend on the other rows. ValueError: shapes differ.
    """
    check_rows(means, mean, std)
    squares = np.empty(len(means))
    shared_std_distances(means, mean.astype(np.float64), chord_weights(std), squares)
    return squares


def shared_std_distances(means: npt.NDArray[np.floating], mean: Floats, weights: Floats, out: Floats) -> None:
    """Put Σ_i 2 arccosh²(1 + weight_i (means_ri − mean_i)²) into ``out`` (n,), float64; ``weights`` (d,) as below.

    Added one by one from the first coordinate on, so that the compiled twin in :mod:`slm.geometry.shared_std_kernels`
    gives the same bits. No validation.
    """
    if not len(weights):
        out[:] = 0.0
        return
    rows_a_block = max(1, ENTRIES_A_BLOCK // len(weights))
    for start in range(0, len(means), rows_a_block):
        rows = slice(start, start + rows_a_block)
        excess = np.subtract(means[rows], mean, dtype=np.float64)
        excess *= excess
        excess *= weights
        np.multiply(2.0, np.cumsum(squared_arccosh(excess), axis=1)[:, -1], out=out[rows])


def chord_weights(std: Floats) -> Floats:
    """1 / (4 std²) (d,): what a squared difference of means weighs in the chord; 0 where ``std`` is infinite."""
    return 0.25 / (std * std)


def chord_sums(means: npt.NDArray[np.floating], mean: npt.NDArray[np.floating], std: Floats) -> Floats:
    """Chords X = Σ Δmean² / (4 std²) (n,) of normals that share ``std``: the proxy that a scan computes."""
    check_rows(means, mean, std)
    shift = np.subtract(means, mean, dtype=np.float64)
    chords: Floats = (shift * shift * chord_weights(std)).sum(axis=1)
    return chords


def chord_lower_bound(chords: npt.ArrayLike) -> Floats:
    """2 g(X) <= d² with g(x) = arccosh²(1 + x): g is concave and g(0) = 0, so it is subadditive."""
    return 2.0 * squared_arccosh(chords)


def chord_upper_bound(chords: npt.ArrayLike, n_active: int) -> Floats:
    """2 n g(X/n) >= d² over ``n_active`` unmasked coordinates, by Jensen's inequality."""
    return 2.0 * n_active * squared_arccosh(np.asarray(chords, np.float64) / n_active)


def check_normal(normal: DiagonalNormal) -> None:
    """ValueError unless mean and std are vectors of one length and every std is positive."""
    if normal.mean.ndim != 1 or normal.mean.shape != normal.std.shape:
        raise ValueError(f"mean has shape {normal.mean.shape}, std {normal.std.shape}; both should be (d,)")
    if not np.all(normal.std > 0):
        raise ValueError("a std is not positive")


def check_rows(means: npt.NDArray[np.floating], mean: npt.NDArray[np.floating], std: Floats) -> None:
    """ValueError unless ``means`` is (n, d) and ``mean``, ``std`` are (d,) with positive std."""
    check_normal(DiagonalNormal(mean.astype(np.float64), std))
    if means.ndim != 2 or means.shape[1] != len(mean):
        raise ValueError(f"means have shape {means.shape}, the normal {len(mean)} coordinates")
