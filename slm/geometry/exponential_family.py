"""A discrete exponential family p(i) ∝ exp θ·x_i over the rows of a matrix, with the same bits on every machine.

The gradient of log p(i) in θ is x_i − E x, and the Fisher information of θ is Cov x (Amari & Nagaoka 2000, §2.2): both
need the rows and p alone. Only additions, multiplications and divisions of float64 in a fixed order are used, no
mathematical library and no BLAS, whose last bits differ from one processor to the next.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

LN2_HIGH = float.fromhex("0x1.62e42fee00000p-1")
"""ln 2 to 33 bits, so that whole multiples of it below 2^20 are exact."""
LN2_LOW = float.fromhex("0x1.a39ef35793c76p-33")
PER_LN2 = float.fromhex("0x1.71547652b82fep+0")
EXPONENT_FLOOR = -700.0
"""Below it exp is taken as that of it, 1e-304."""
TAYLOR_TERMS = 14
"""Enough for |r| <= ln 2 / 2: the next one is below 2^-58."""


def linear(features: Floats, parameters: Floats) -> Floats:
    """θ·x_i (n,) of ``features`` (n, k) and ``parameters`` (k,)."""
    return _sum_over_rows((features * parameters).T, len(features))


def softmax(scores: Floats) -> Floats:
    """p (n,) ∝ exp of ``scores`` (n,), which sums to 1. ValueError: no scores."""
    if not len(scores):
        raise ValueError("no scores")
    powers = exp_of_negative(scores - scores.max())
    p: Floats = powers / np.cumsum(powers)[-1]
    return p


def expectation(p: Floats, features: Floats) -> Floats:
    """E x (k,) of the rows of ``features`` (n, k) under ``p`` (n,). Exact where all rows are 0."""
    return _sum_over_rows(p[:, None] * features, features.shape[1])


def covariance(p: Floats, features: Floats) -> Floats:
    """Cov x (k, k) of the rows of ``features`` (n, k) under ``p`` (n,): the Fisher information of θ.

    Symmetric to the bit, and exactly 0 in a coordinate that all rows share.
    """
    k = features.shape[1]
    shifted = features - features[0]
    centred = shifted - expectation(p, shifted)
    products = centred[:, :, None] * centred[:, None, :]
    return _sum_over_rows((p[:, None, None] * products).reshape(len(p), k * k), k * k).reshape(k, k)


def log_likelihood(scores: Floats, chosen: int) -> float:
    """log p of the row ``chosen`` under ``scores`` (n,). For reports: the logarithm is the machine's own."""
    top = float(scores.max())
    return float(scores[chosen]) - top - math.log(float(np.cumsum(exp_of_negative(scores - top))[-1]))


def exp_of_negative(x: Floats) -> Floats:
    """exp of ``x`` (n,) <= 0, within two units in the last place down to :data:`EXPONENT_FLOOR`.

    By 2^m e^r with |r| <= ln 2 / 2 (Cody & Waite 1980) and the Taylor series of e^r.
    """
    bounded = np.maximum(x, EXPONENT_FLOOR)
    whole = np.rint(bounded * PER_LN2)
    rest = (bounded - whole * LN2_HIGH) - whole * LN2_LOW
    total = np.ones(len(x))
    for n in range(TAYLOR_TERMS, 0, -1):
        total = 1.0 + total * rest / n
    powers: Floats = np.ldexp(total, whole.astype(np.int32))
    return powers


def _sum_over_rows(rows: Floats, width: int) -> Floats:
    """Σ (width,) of ``rows`` (n, width), one after another: a running sum has one order only, unlike ``np.sum``."""
    total: Floats = np.cumsum(rows, axis=0)[-1] if len(rows) else np.zeros(width)
    return total
