"""The compiled twin of :func:`slm.geometry.ornstein_uhlenbeck.noise`: the same double operations, hence the same bits.

The process is computed for tiles of memories: every inner loop does one thing to all of a tile and has no branch, so
that it becomes vector instructions. A choice is made of values at hand, by bits or by factors of 1 and 0: chosen at the
array, it would become masked stores, which are slow on many processors. Constants are written anew here: numba caches a
kernel by its own file.
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
def blended(mask: Any, one: Any, other: Any) -> Any:
    """``one`` where ``mask`` has all bits, ``other`` where it has none."""
    bits = np.float64(other).view(np.uint64)
    return np.uint64(((np.float64(one).view(np.uint64) ^ bits) & mask) ^ bits).view(np.float64)


@njit(error_model="numpy")
def normals(weeks: Any, ids: Any, key: Any, words: Any, plane: Any) -> None:
    """See :func:`slm.geometry.ornstein_uhlenbeck.normals`; put into ``plane`` (2, n), with ``words`` (2, n) between.

    A pass for each step: the constants of all of them together are more than there are registers.
    """
    n = ids.shape[0]
    for i in range(n):
        words[0, i], words[1, i] = philox2x32(np.uint64(weeks[i]) & WORD, np.uint64(ids[i]), key)
    for i in range(n):
        plane[0, i] = math.sqrt(-2.0 * (ln(2.0 * to_float(words[0, i]) + 1.0) - LN_OF_SCALE))
    for i in range(n):
        cos, sin = on_circle(words[1, i])
        plane[0, i], plane[1, i] = plane[0, i] * cos, plane[0, i] * sin


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
    counters, reached = np.empty(TILE, np.int64), np.empty(TILE, np.int64)
    words, drawn = np.empty((2, TILE), np.uint64), np.empty((2, TILE))
    left, right = np.empty((2, TILE)), np.empty((2, TILE))
    for tile in range(0, ids.shape[0], TILE):
        n = min(TILE, ids.shape[0] - tile)
        own, n_steps = ids[tile : tile + n], 0
        for i in range(n):
            start, block = births[tile + i] >> 5, max(births[tile + i], weeks[tile + i]) >> 5
            counters[i], reached[i] = start * BLOCK, block * BLOCK
            n_steps = max(n_steps, block - start)
        normals(counters, own, wide_key, words, left)
        for _ in range(n_steps):
            for i in range(n):
                counters[i] += BLOCK
            normals(counters, own, wide_key, words, drawn)
            for i in range(n):
                follows = counters[i] <= reached[i]
                kept, added = (decay if follows else 1.0), (spread if follows else 0.0)
                for axis in range(2):
                    left[axis, i] = kept * left[axis, i] + added * drawn[axis, i]
        for i in range(n):
            counters[i] = reached[i] + BLOCK
        normals(counters, own, wide_key, words, drawn)
        for i in range(n):
            for axis in range(2):
                right[axis, i] = decay * left[axis, i] + spread * drawn[axis, i]
        for halving in range(1, HALVINGS + 1):
            pull, width = factors[halving, 0], factors[halving, 1]
            half = BLOCK >> halving
            for i in range(n):
                counters[i] = reached[i] + half
            normals(counters, own, wide_key, words, drawn)
            for i in range(n):
                later = np.uint64(-np.int64(weeks[tile + i] >= counters[i]))
                reached[i] += half & np.int64(later)
                for axis in range(2):
                    before, after = left[axis, i], right[axis, i]
                    middle = pull * (before + after) + width * drawn[axis, i]
                    left[axis, i], right[axis, i] = blended(later, middle, before), blended(later, after, middle)
        for i in range(n):
            out[0, tile + i], out[1, tile + i] = left[0, i], left[1, i]
