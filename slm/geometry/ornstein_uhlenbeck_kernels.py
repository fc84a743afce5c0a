"""The compiled twin of :func:`slm.geometry.ornstein_uhlenbeck.noise`: the same double operations, hence the same bits.

The process is computed for tiles of memories: every inner loop does one thing to all of a tile and has no branch, so
that it becomes vector instructions. Constants are written anew here: numba caches a kernel by its own file.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit, types

TILE = 256
BLOCK = 32
HALVINGS = 5

ROUNDS = 10
MULTIPLIER, WEYL, WORD, HALF_BITS = (np.uint64(c) for c in (0xD256D193, 0x9E3779B9, 0xFFFFFFFF, 32))

LN_2 = math.log(2.0)
LN_OF_SCALE = 33 * LN_2
LN_SERIES = tuple(1.0 / (2 * k + 1) for k in range(9, -1, -1))
COS_SERIES = tuple((-1.0) ** k / math.factorial(2 * k) for k in range(8, -1, -1))
SIN_SERIES = tuple((-1.0) ** k / math.factorial(2 * k + 1) for k in range(7, -1, -1))
OFFSET, MANTISSA_BITS = np.uint64(1024 << 52), np.uint64(52)
SQRT_HALF_BITS = np.uint64(np.float64(math.sqrt(0.5)).view(np.uint64))
EIGHTH, QUARTER_BITS, IN_QUARTER = np.uint64(1 << 29), np.uint64(30), np.uint64((1 << 30) - 1)
ONE, TWO = np.uint64(1), np.uint64(2)
RADIANS, CENTRE = 2.0 * math.pi / 2.0**32, 2.0**29 - 0.5
BITS_OF_2_52, VALUE_OF_2_52 = np.uint64(0x4330000000000000), 2.0**52

IDS, WEEKS = types.Array(types.uint32, 1, "C", readonly=True), types.Array(types.int32, 1, "C", readonly=True)
FACTORS, PLANE = types.Array(types.float64, 2, "C", readonly=True), types.float64[:, ::1]


@njit(inline="always", error_model="numpy")
def philox2x32(first: Any, second: Any, key: Any) -> Any:
    """See :func:`slm.geometry.philox.philox2x32`; 64-bit lanes."""
    for _ in range(ROUNDS):
        product = MULTIPLIER * first
        first = (product >> HALF_BITS) ^ key ^ second
        second = product & WORD
        key = (key + WEYL) & WORD
    return first, second


@njit(inline="always", error_model="numpy")
def to_float(word: Any) -> Any:
    """A whole number below 2^32 as a float64, by its bits: processors before AVX-512 convert one at a time."""
    return np.uint64(word | BITS_OF_2_52).view(np.float64) - VALUE_OF_2_52


@njit(inline="always", error_model="numpy")
def series(coefficients: Any, x: Any) -> Any:
    """See :func:`slm.geometry.elementary.series`."""
    total = coefficients[0]
    for coefficient in coefficients[1:]:
        total = total * x + coefficient
    return total


@njit(inline="always", error_model="numpy")
def ln(x: Any) -> Any:
    """See :func:`slm.geometry.elementary.ln`."""
    bits = np.float64(x).view(np.uint64) + OFFSET
    exponent = (bits - SQRT_HALF_BITS) >> MANTISSA_BITS
    m = np.uint64(bits - (exponent << MANTISSA_BITS)).view(np.float64)
    s = (m - 1.0) / (m + 1.0)
    return (to_float(exponent) - 1024.0) * LN_2 + 2.0 * s * series(LN_SERIES, s * s)


@njit(inline="always", error_model="numpy")
def on_circle(part: Any) -> Any:
    """See :func:`slm.geometry.elementary.on_circle`."""
    turned = (part + EIGHTH) & WORD
    quarter = turned >> QUARTER_BITS
    x = (to_float(turned & IN_QUARTER) - CENTRE) * RADIANS
    cos, sin = series(COS_SERIES, x * x), x * series(SIN_SERIES, x * x)
    odd = (quarter & ONE) != 0
    first, second = (sin if odd else cos), (cos if odd else sin)
    return (-first if ((quarter + ONE) & TWO) != 0 else first), (-second if quarter >= TWO else second)


@njit(inline="always", error_model="numpy")
def normals(week: Any, memory: Any, key: Any) -> Any:
    """See :func:`slm.geometry.ornstein_uhlenbeck.normals`."""
    first, second = philox2x32(np.uint64(week) & WORD, np.uint64(memory), key)
    length = math.sqrt(-2.0 * (ln(2.0 * to_float(first) + 1.0) - LN_OF_SCALE))
    cos, sin = on_circle(second)
    return length * cos, length * sin


@njit((IDS, WEEKS, WEEKS, types.uint32, FACTORS, PLANE), cache=True, nogil=True, error_model="numpy")
def noise(
    ids: npt.NDArray[np.uint32],
    births: npt.NDArray[np.int32],
    weeks: npt.NDArray[np.int32],
    key: Any,
    factors: npt.NDArray[np.float64],
    out: npt.NDArray[np.float64],
) -> None:
    """See :func:`slm.geometry.ornstein_uhlenbeck.noise`. No fast-math: neither reassociated nor contracted."""
    wide_key = np.uint64(key)
    decay, spread = factors[0, 0], factors[0, 1]
    starts, blocks, reached = np.empty(TILE, np.int64), np.empty(TILE, np.int64), np.empty(TILE, np.int64)
    left, right = np.empty((2, TILE)), np.empty((2, TILE))
    for tile in range(0, ids.shape[0], TILE):
        n = min(TILE, ids.shape[0] - tile)
        n_steps = 0
        for i in range(n):
            starts[i] = births[tile + i] >> 5
            blocks[i] = max(births[tile + i], weeks[tile + i]) >> 5
            reached[i] = blocks[i] * BLOCK
            n_steps = max(n_steps, blocks[i] - starts[i])
            left[0, i], left[1, i] = normals(starts[i] * BLOCK, ids[tile + i], wide_key)
        for step in range(1, n_steps + 1):
            for i in range(n):
                x, y = normals((starts[i] + step) * BLOCK, ids[tile + i], wide_key)
                x = decay * left[0, i] + spread * x
                y = decay * left[1, i] + spread * y
                follows = starts[i] + step <= blocks[i]
                left[0, i], left[1, i] = (x if follows else left[0, i]), (y if follows else left[1, i])
        for i in range(n):
            x, y = normals((blocks[i] + 1) * BLOCK, ids[tile + i], wide_key)
            right[0, i] = decay * left[0, i] + spread * x
            right[1, i] = decay * left[1, i] + spread * y
        for halving in range(1, HALVINGS + 1):
            pull, width = factors[halving, 0], factors[halving, 1]
            half = BLOCK >> halving
            for i in range(n):
                x, y = normals(reached[i] + half, ids[tile + i], wide_key)
                x = pull * (left[0, i] + right[0, i]) + width * x
                y = pull * (left[1, i] + right[1, i]) + width * y
                later = weeks[tile + i] >= reached[i] + half
                left[0, i], right[0, i] = (x if later else left[0, i]), (right[0, i] if later else x)
                left[1, i], right[1, i] = (y if later else left[1, i]), (right[1, i] if later else y)
                reached[i] = reached[i] + half if later else reached[i]
        for i in range(n):
            out[0, tile + i], out[1, tile + i] = left[0, i], left[1, i]
