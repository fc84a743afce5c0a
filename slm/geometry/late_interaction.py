"""Late interaction on sign bits: for each query token the best inner product with any token of a chunk.

A document token keeps only the signs of its state. The inner product of a query token with a sign vector, divided by
|q| √d √(2/π), estimates the cosine: √(2/π) is what taking signs leaves of a normal coordinate on average.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.uint8]
Levels = npt.NDArray[np.int16]
Places = npt.NDArray[np.int64]
Integers = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]

SHRINKAGE = math.sqrt(2.0 / math.pi)
"""E|z| of a standard normal: the share of an inner product that sign bits keep (0.798)."""

MAX_DIMS = 4096
"""The widest of the published embedders; 4,095 levels are left there."""
INT16_LIMIT = 32767
EXACT_FLOAT32_LIMIT = 2**24


def level_limit(dims: int) -> int:
    """The largest level of a query: float32 adds ``dims`` of them exactly, in any order. ValueError as below."""
    if not 0 < dims <= MAX_DIMS or dims % 8:
        raise ValueError(f"{dims} dimensions; at most {MAX_DIMS}, in whole bytes of sign bits")
    return min(INT16_LIMIT, (EXACT_FLOAT32_LIMIT - 1) // dims)


def query_levels(states: npt.NDArray[np.floating]) -> tuple[Levels, Floats]:
    """Whole levels (t, d) of query token ``states`` (t, d), and what turns their sums into cosines (t,).

    ValueError: more than 4,096 dimensions, or not a multiple of 8.
    """
    d = states.shape[1]
    limit = level_limit(d)
    wide = states.astype(np.float64)
    steps = np.abs(wide).max(axis=1, initial=0.0) / limit
    steps = np.where(steps > 0, steps, 1.0)
    norms = np.sqrt((wide * wide).sum(axis=1))
    to_cosine = steps / (np.where(norms > 0, norms, 1.0) * math.sqrt(d) * SHRINKAGE)
    return np.rint(wide / steps[:, None]).astype(np.int16), to_cosine


def best_matches(levels: Levels, codes: Codes, starts: Places, stops: Places, out: Integers) -> None:
    """Put max_j Σ_i ±level_ti over the tokens j of chunk c into ``out`` (c, t), int32; c >= 1.

    ``codes`` (m, d/8) are the sign bits of all tokens of a store in a row, ``starts`` and ``stops`` (c,) where those of
    each chunk begin and end; a chunk has at least one. Exact: the sums are integers below 2^24, which float32 holds.
    The compiled twin is in :mod:`slm.geometry.late_interaction_kernels`. No validation.
    """
    sizes = stops - starts
    ends = np.cumsum(sizes)
    rows = np.repeat(starts - (ends - sizes), sizes) + np.arange(ends[-1])
    bits = np.unpackbits(codes[rows], axis=1).astype(np.float32)
    of_ones = bits @ levels.T.astype(np.float32)
    sums = 2 * of_ones.astype(np.int32) - levels.sum(axis=1, dtype=np.int32)
    np.maximum.reduceat(sums, ends - sizes, axis=0, out=out)
