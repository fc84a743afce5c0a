"""The scan kernels twice: plain numpy, ready at once, and compiled. Both give the same bits.

Query and weights are cut to whole levels so small that every sum of products is an exact integer, in any order and in
either arithmetic; the last step from the sum to a float32 is written the same way twice. So is every step of the noise.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from slm.geometry.bm25 import accumulate as accumulate_numpy
from slm.geometry.fisher_rao import shared_std_distances as shared_std_distances_numpy
from slm.geometry.late_interaction import best_matches as best_matches_numpy
from slm.geometry.ornstein_uhlenbeck import Ids, Weeks, coefficients
from slm.geometry.ornstein_uhlenbeck import noise as unchecked_noise_numpy

Codes = npt.NDArray[np.int8]
Floats32 = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]

CODE_LIMIT = 128
INT16_LIMIT = 32767
INT32_LIMIT = 2**31 - 1
EXACT_FLOAT_LIMIT = 2**53

ROWS_A_BLOCK = 256
DRAWS_A_BLOCK = 8192

RowTerms = Callable[[Codes, Floats32, Floats32, Floats32], None]
ChordScan = Callable[[Codes, Floats32, Floats32, Floats32, float, Floats32], None]
Noise = Callable[[Ids, Weeks, Weeks, int, Floats, Floats], None]


class Kernels(NamedTuple):
    """The kernels of one backend, called ``"numpy"`` or ``"compiled"``.

    ``chord_scan(codes int8 (n, d), scales f32 (n,), row_terms f32 (n,), weighted_query f32 (d,), query_term, out f32
    (n,))`` puts X_r = row_term_r − 2 scale_r Σ code_ri weighted_query_i + query_term into ``out``, not below 0.
    ``row_terms(codes, scales, weights f32 (d,), out f32 (n,))`` puts scale_r² Σ weight_i code_ri² there.
    ``curve(values f32 (n,), scale, top f32 (3,), bottom f32 (3,), factor)`` turns each value v into
    1 + factor · x top(x) / bottom(x) at x = scale · v, in place, with quadratics given from the constant up.
    ``shared_std_distances`` are exact, see :mod:`slm.geometry.fisher_rao`. ``accumulate`` adds one term's BM25 scores,
    see :mod:`slm.geometry.bm25`. ``best_matches`` is late interaction, see :mod:`slm.geometry.late_interaction`.
    ``noise(ids u32 (n,), births i32 (n,), weeks i32 (n,), key, factors f64 (6, 2), out f64 (2, n))`` puts the process
    of :mod:`slm.geometry.ornstein_uhlenbeck` there. Arrays are C-contiguous; all release the GIL
    for their longest part.
    """

    chord_scan: ChordScan
    row_terms: RowTerms
    curve: Callable[..., None]
    shared_std_distances: Callable[..., None]
    accumulate: Callable[..., None]
    best_matches: Callable[..., None]
    noise: Noise
    name: str


def levels_of(values: Floats32, limit: float) -> tuple[Floats, float]:
    """Whole levels (d,) within ±``limit`` and the step that turns them back into ``values``, rounded."""
    step = float(np.abs(values).max(initial=0.0)) / limit or 1.0
    return np.rint(values / np.float64(step)), step


def query_levels(weighted_query: Floats32) -> tuple[npt.NDArray[np.int16], float]:
    """int16 levels whose products with d codes add up within 32 bits."""
    limit = min(INT16_LIMIT, INT32_LIMIT // (CODE_LIMIT * max(1, len(weighted_query))))
    levels, step = levels_of(weighted_query, limit)
    return levels.astype(np.int16), step


def weight_levels(weights: Floats32) -> tuple[Floats, float]:
    """Levels whose products with d squared codes add up below 2^53."""
    return levels_of(weights, EXACT_FLOAT_LIMIT // (CODE_LIMIT**2 * max(1, len(weights))))


def check_scan(codes: Codes, coordinates: Floats32, *per_row: Floats32) -> None:
    """ValueError unless shapes fit: codes (n, d), coordinates (d,), every array of ``per_row`` (n,)."""
    n, d = codes.shape
    if coordinates.shape != (d,) or any(array.shape != (n,) for array in per_row):
        shapes = ", ".join(str(array.shape) for array in per_row)
        raise ValueError(f"codes {codes.shape} don't fit {coordinates.shape} coordinates and rows of {shapes}")


def row_terms_numpy(codes: Codes, scales: Floats32, weights: Floats32, out: Floats32) -> None:
    """``row_terms`` of :class:`Kernels` in blocks of float64 products."""
    check_scan(codes, weights, scales, out)
    levels, step = weight_levels(weights)
    for start in range(0, len(codes), ROWS_A_BLOCK):
        rows = slice(start, start + ROWS_A_BLOCK)
        block = codes[rows].astype(np.float64)
        block *= block
        scale = scales[rows].astype(np.float64)
        out[rows] = (scale * scale) * (step * (block @ levels))


def chord_scan_numpy(
    codes: Codes, scales: Floats32, row_terms: Floats32, weighted_query: Floats32, query_term: float, out: Floats32
) -> None:
    """``chord_scan`` of :class:`Kernels` in blocks of float64 products."""
    check_scan(codes, weighted_query, scales, row_terms, out)
    levels, step = query_levels(weighted_query)
    wide = levels.astype(np.float64)
    for start in range(0, len(codes), ROWS_A_BLOCK):
        rows = slice(start, start + ROWS_A_BLOCK)
        totals = codes[rows].astype(np.float64) @ wide
        chords = (row_terms[rows].astype(np.float64) + query_term) - (2.0 * scales[rows].astype(np.float64)) * (
            step * totals
        )
        out[rows] = np.maximum(chords, 0.0)


def curve_numpy(values: Floats32, scale: np.float32, top: Floats32, bottom: Floats32, factor: np.float32) -> None:
    """``curve`` of :class:`Kernels`, operation by operation as written there."""
    values *= scale
    scaled = values * quadratic(values, top)
    scaled /= quadratic(values, bottom)
    np.multiply(scaled, factor, out=values)
    values += np.float32(1.0)


def quadratic(x: Floats32, coefficients: Floats32) -> Floats32:
    """c0 + c1 x + c2 x² (n,) in float32, by Horner's rule."""
    constant, linear, square = coefficients
    total: Floats32 = x * square
    total += linear
    total *= x
    total += constant
    return total


def check_noise(ids: Ids, births: Weeks, weeks: Weeks, factors: Floats, out: Floats) -> None:
    """ValueError unless ids, births and weeks are (n,), factors (6, 2) and out (2, n)."""
    shapes = ids.shape, births.shape, weeks.shape, factors.shape, out.shape
    n = ids.size
    if shapes != ((n,), (n,), (n,), (6, 2), (2, n)):
        raise ValueError(f"ids, births, weeks, factors and out of shapes {shapes} don't fit each other")


def noise_numpy(ids: Ids, births: Weeks, weeks: Weeks, key: int, factors: Floats, out: Floats) -> None:
    """``noise`` of :class:`Kernels` in blocks that stay in the cache."""
    check_noise(ids, births, weeks, factors, out)
    for start in range(0, len(ids), DRAWS_A_BLOCK):
        part = slice(start, start + DRAWS_A_BLOCK)
        unchecked_noise_numpy(ids[part], births[part], weeks[part], key, factors, out[:, part])


NUMPY = Kernels(
    chord_scan_numpy,
    row_terms_numpy,
    curve_numpy,
    shared_std_distances_numpy,
    accumulate_numpy,
    best_matches_numpy,
    noise_numpy,
    "numpy",
)


def compiled() -> Kernels:
    """The compiled kernels, ready to run: compiling them, or loading them from numba's cache, takes its time here.

    Imports numba. Every kernel has one signature for each dtype it takes, so nothing is compiled later.
    """
    from slm.geometry import fisher_rao_kernels as fast
    from slm.geometry.bm25_kernels import accumulate
    from slm.geometry.late_interaction_kernels import best_matches
    from slm.geometry.ornstein_uhlenbeck_kernels import noise as unchecked_noise
    from slm.geometry.shared_std_kernels import shared_std_distances

    def row_terms(codes: Codes, scales: Floats32, weights: Floats32, out: Floats32) -> None:
        check_scan(codes, weights, scales, out)
        fast.row_terms(codes, scales, *weight_levels(weights), out)

    def chord_scan(
        codes: Codes, scales: Floats32, row_terms: Floats32, weighted_query: Floats32, query_term: float, out: Floats32
    ) -> None:
        check_scan(codes, weighted_query, scales, row_terms, out)
        fast.chord_scan(codes, scales, row_terms, *query_levels(weighted_query), query_term, out)

    def noise(ids: Ids, births: Weeks, weeks: Weeks, key: int, factors: Floats, out: Floats) -> None:
        check_noise(ids, births, weeks, factors, out)
        unchecked_noise(ids, births, weeks, np.uint32(key), factors, out)

    kernels = Kernels(
        chord_scan, row_terms, fast.curve, shared_std_distances, accumulate, best_matches, noise, "compiled"
    )
    run_once(kernels)
    return kernels


def run_once(kernels: Kernels) -> None:
    """Call every kernel on arrays of one element."""
    codes, one = np.ones((1, 1), np.int8), np.ones(1, np.float32)
    kernels.row_terms(codes, one, one, np.empty(1, np.float32))
    kernels.chord_scan(codes, one, one, one, 1.0, np.empty(1, np.float32))
    kernels.curve(one.copy(), one[0], np.ones(3, np.float32), np.ones(3, np.float32), one[0])
    kernels.shared_std_distances(np.ones((1, 1)), np.ones(1), np.ones(1), np.empty(1))
    ids, lengths = np.zeros(1, np.int32), np.ones(1, np.int32)
    for frequencies in (np.ones(1, np.uint8), np.ones(1, np.uint16)):
        kernels.accumulate(ids, frequencies, 1.0, 0.9, 0.4, lengths, 1.0, np.zeros(1, np.float32))
    id_, week = np.zeros(1, np.uint32), np.zeros(1, np.int32)
    kernels.noise(id_, week, week, 0, coefficients(1.0), np.empty((2, 1)))
    starts, stops = np.zeros(1, np.int64), np.ones(1, np.int64)
    kernels.best_matches(
        np.ones((1, 8), np.int16), np.ones((1, 1), np.uint8), starts, stops, np.empty((1, 1), np.int32)
    )
