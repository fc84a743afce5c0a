"""Small positive definite matrices by Cholesky's method, in a fixed order of plain float64 operations.

For a dozen of coordinates: LAPACK is faster, but its last bits differ from one processor to the next.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Rows = list[list[float]]


def cholesky(matrix: Floats) -> Rows:
    """The rows of the lower triangle L with L Lᵀ = ``matrix`` (k, k). ValueError: not positive definite."""
    lower: Rows = []
    for i, row in enumerate(matrix.tolist()):
        entries: list[float] = []
        for j in range(i):
            entries.append((row[j] - _dot(entries, lower[j][:j])) / lower[j][j])
        rest = row[i] - _dot(entries, entries)
        if not rest > 0.0 or math.isinf(rest):
            raise ValueError(f"not positive definite: pivot {i} is {rest}")
        lower.append([*entries, math.sqrt(rest)])
    return lower


def solve(matrix: Floats, right: Floats) -> Floats:
    """x (k,) with ``matrix`` (k, k) x = ``right`` (k,). ValueError: not positive definite."""
    return _solved(cholesky(matrix), right)


def _solved(lower: Rows, right: Floats) -> Floats:
    k = len(lower)
    forward: list[float] = []
    for row, value in zip(lower, right.tolist(), strict=True):
        forward.append((value - _dot(row, forward)) / row[-1])
    x = [0.0] * k
    for i in reversed(range(k)):
        below = _dot([lower[j][i] for j in range(i + 1, k)], x[i + 1 :])
        x[i] = (forward[i] - below) / lower[i][i]
    return np.array(x)


def diagonal_of_inverse(matrix: Floats) -> Floats:
    """The diagonal (k,) of the inverse of ``matrix`` (k, k). ValueError: not positive definite."""
    lower = cholesky(matrix)
    return np.array([_solved(lower, unit)[i] for i, unit in enumerate(np.eye(len(lower)))])


def _dot(left: list[float], right: list[float]) -> float:
    total = 0.0
    for a, b in zip(left, right, strict=False):
        total += a * b
    return total
