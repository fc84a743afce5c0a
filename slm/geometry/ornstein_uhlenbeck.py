"""The stationary Ornstein-Uhlenbeck process in the plane at whole weeks, as a function of counters: no state, no steps.

Every 32nd week is an edge; edges follow each other as a first-order autoregression from the edge before a memory's
first week, and the weeks between two edges are a dyadic bridge. Each week has its own two normals, drawn by the counter
(week, id), so any week can be asked for in any order and has the same bits, and a path has exactly the law of the
process: unit variance a coordinate, covariance exp(−rate · weeks apart).

Sources: Doob, The Brownian movement and stochastic equations (1942), for the autoregression; Box & Muller (1958) for
the normals. The compiled twin of :func:`noise` is in :mod:`slm.geometry.ornstein_uhlenbeck_kernels`.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from slm.geometry.elementary import LN_2, ln, on_circle
from slm.geometry.philox import philox2x32

Ids = npt.NDArray[np.uint32]
Weeks = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]
Lanes = npt.NDArray[np.int64]

BLOCK = 32
"""Weeks from one edge to the next."""
HALVES = (16, 8, 4, 2, 1)
WORD = np.int64(0xFFFFFFFF)
LN_OF_SCALE = 33 * LN_2


def coefficients(rate: float) -> Floats:
    """Mean and noise factors (6, 2) of an edge and of the five halvings of a block, for a ``rate`` > 0 a week.

    An edge given the one before: e^(−32 rate), √(1 − e^(−64 rate)). The middle between two values h weeks away on
    either side, with q = e^(−h rate): q / (1 + q²) times their sum, √((1 − q²) / (1 + q²)).
    """
    a_block = math.exp(-rate * BLOCK)
    rows = [(a_block, math.sqrt(1.0 - a_block * a_block))]
    for half in HALVES:
        q = math.exp(-rate * half)
        rows.append((q / (1.0 + q * q), math.sqrt((1.0 - q * q) / (1.0 + q * q))))
    return np.array(rows)


def normals(weeks: Lanes, ids: Ids, key: int) -> Floats:
    """Two independent standard normals (2, n) for each pair of ``weeks`` and ``ids`` (n,) under a 32-bit ``key``.

    Box-Muller on midpoints of 2^32 steps: no longer than 6.77, and never infinite.
    """
    first, second = philox2x32((weeks & WORD).astype(np.uint64), ids.astype(np.uint64), key)
    length = np.sqrt(-2.0 * (ln(2.0 * first.astype(np.float64) + 1.0) - LN_OF_SCALE))
    cos, sin = on_circle(second)
    return np.stack([length * cos, length * sin])


def noise(ids: Ids, births: Weeks, weeks: Weeks, key: int, factors: Floats, out: Floats) -> None:
    """Put the process of each of ``ids`` (n,) at its week of ``weeks`` (n,) into ``out`` (2, n), unit variance.

    ``births`` (n,) are first weeks: a path starts at the edge before its birth, and keeps that first value before it.
    ``factors`` come from :func:`coefficients`. No validation.
    """
    start, block = births.astype(np.int64) // BLOCK, np.maximum(births, weeks).astype(np.int64) // BLOCK
    week = np.maximum(weeks, start * BLOCK)
    decay, spread = factors[0]
    left = normals(start * BLOCK, ids, key)
    for step in range(1, int((block - start).max(initial=0)) + 1):
        edge = start + step
        following = decay * left + spread * normals(edge * BLOCK, ids, key)
        left = np.where(edge <= block, following, left)
    right = decay * left + spread * normals((block + 1) * BLOCK, ids, key)
    reached = block * BLOCK
    for half, (pull, spread) in zip(HALVES, factors[1:], strict=True):
        middle = reached + half
        between = pull * (left + right) + spread * normals(middle, ids, key)
        later = week >= middle
        left, right = np.where(later, between, left), np.where(later, right, between)
        reached = np.where(later, middle, reached)
    out[...] = left
