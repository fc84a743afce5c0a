"""Logarithm and the point at a given part of a turn, from IEEE operations alone: the same bits on every machine.

Mathematical libraries differ in the last digit from one version or processor to the next, and numpy's vector forms
differ from its own scalar ones. Taylor series on reduced arguments are as short as is needed for an error of a few
units in the last place. The compiled twins are in :mod:`slm.geometry.ornstein_uhlenbeck_kernels`.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.uint64]

LN_2 = math.log(2.0)
LN_SERIES = tuple(1.0 / (2 * k + 1) for k in range(9, -1, -1))
"""artanh(s) / s in s², highest power first: |s| < 0.172 leaves 2.4e-17."""
COS_SERIES = tuple((-1.0) ** k / math.factorial(2 * k) for k in range(8, -1, -1))
SIN_SERIES = tuple((-1.0) ** k / math.factorial(2 * k + 1) for k in range(7, -1, -1))
"""cos x and sin(x) / x in x², highest power first: |x| <= π/4 leaves 5e-17."""

MANTISSA_BITS = np.uint64(52)
EXPONENT_SHIFT = 1024
OFFSET = np.uint64(EXPONENT_SHIFT << 52)
SQRT_HALF_BITS = np.uint64(np.float64(math.sqrt(0.5)).view(np.uint64))

EIGHTH = np.uint64(1 << 29)
QUARTER_BITS = np.uint64(30)
IN_QUARTER = np.uint64((1 << 30) - 1)
WORD = np.uint64(0xFFFFFFFF)
ONE, TWO = np.uint64(1), np.uint64(2)
RADIANS = 2.0 * math.pi / 2.0**32
CENTRE = 2.0**29 - 0.5


def series(coefficients: tuple[float, ...], x: Floats) -> Floats:
    """The polynomial with these ``coefficients``, highest power first, at ``x``, by Horner's rule."""
    total = np.full_like(x, coefficients[0])
    for coefficient in coefficients[1:]:
        total = total * x + coefficient
    return total


def ln(x: Floats) -> Floats:
    """Natural logarithm of normal numbers ``x`` > 0, any shape; absolute error 4e-16 max(1, \\|ln x\\|). No validation.

    x = 2^k m with √½ <= m < √2, ln m = 2 artanh((m − 1) / (m + 1)).
    """
    bits = np.ascontiguousarray(x, np.float64).view(np.uint64) + OFFSET
    exponents = (bits - SQRT_HALF_BITS) >> MANTISSA_BITS
    m = (bits - (exponents << MANTISSA_BITS)).view(np.float64)
    s = (m - 1.0) / (m + 1.0)
    return (exponents.astype(np.float64) - EXPONENT_SHIFT) * LN_2 + 2.0 * s * series(LN_SERIES, s * s)


def on_circle(parts: Integers) -> tuple[Floats, Floats]:
    """Cosine and sine of (part + ½) / 2^32 turns, for whole ``parts`` in [0, 2^32); absolute error 4e-16."""
    turned = (parts + EIGHTH) & WORD
    quarter = turned >> QUARTER_BITS
    x = ((turned & IN_QUARTER).astype(np.float64) - CENTRE) * RADIANS
    cos, sin = series(COS_SERIES, x * x), x * series(SIN_SERIES, x * x)
    odd = (quarter & ONE) != 0
    first, second = np.where(odd, sin, cos), np.where(odd, cos, sin)
    return np.where(((quarter + ONE) & TWO) != 0, -first, first), np.where(quarter >= TWO, -second, second)
