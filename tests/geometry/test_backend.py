"""The two backends: equal to the bit, near the quantity they stand for, ready once loaded."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slm.geometry.backend import NUMPY, ROWS_A_BLOCK, Kernels, compiled, query_levels, weight_levels

quick = settings(max_examples=40, deadline=None)
WIDTHS = st.sampled_from([1, 2, 31, 63, 64, 65, 128, 200, 384])


@pytest.fixture(scope="module")
def fast() -> Kernels:
    """The compiled kernels."""
    return compiled()


def sample(n, d, seed=0) -> tuple[np.ndarray, ...]:
    """Codes, scales, weights and a query of plausible size."""
    generator = np.random.default_rng(seed)
    codes = generator.integers(-127, 128, (n, d), dtype=np.int8)
    scales = (generator.random(n) / 500).astype(np.float32)
    weights = (generator.random(d) * 200).astype(np.float32)
    return codes, scales, weights, generator.normal(size=d).astype(np.float32) / 20


def scanned(kernels, codes, scales, weights, query) -> tuple[np.ndarray, np.ndarray]:
    """Row terms, then chords, of one backend."""
    terms, chords = np.full(len(codes), np.nan, np.float32), np.full(len(codes), np.nan, np.float32)
    kernels.row_terms(codes, scales, weights, terms)
    wide = query.astype(np.float64)
    weighted, term = (weights * wide).astype(np.float32), float((weights * wide * wide).sum())
    kernels.chord_scan(codes, scales, terms, weighted, term, chords)
    return terms, chords


def naive(codes, scales, weights, query) -> np.ndarray:
    """Oracle: Σ weight (code scale − query)² in float64, not expanded."""
    rows = codes.astype(np.float64) * scales[:, None].astype(np.float64)
    return ((rows - query) ** 2 * weights).sum(axis=1)


@quick
@given(st.integers(0, 40), WIDTHS, st.integers(0, 2**32 - 1))
def test_both_backends_give_the_same_bits(fast, n, d, seed) -> None:
    """Sums of whole numbers are exact in any order; the last step is one expression."""
    arrays = sample(n, d, seed)

    for plain, quickly in zip(scanned(NUMPY, *arrays), scanned(fast, *arrays), strict=True):
        assert np.array_equal(plain, quickly)


def test_both_backends_agree_at_the_largest_codes(fast) -> None:
    """Edge: every product as large as it can be, so that a sum just fits into 32 bits."""
    for d in (64, 384, 1024, 4096):
        for sign in (-1, 1):
            codes = np.full((3, d), 127 * sign, np.int8)
            arrays = codes, np.ones(3, np.float32), np.ones(d, np.float32), np.full(d, 0.7, np.float32)

            assert np.array_equal(scanned(NUMPY, *arrays)[1], scanned(fast, *arrays)[1])
            np.testing.assert_allclose(scanned(fast, *arrays)[1], naive(*arrays), rtol=1e-4)


@pytest.mark.parametrize("d", [1, 64, 100, 384])
def test_the_chord_is_the_weighted_squared_difference(fast, d) -> None:
    """Oracle: the sum that the expanded form stands for; the query is cut to 16 bits."""
    arrays = sample(500, d)
    expected = naive(*arrays)

    np.testing.assert_allclose(scanned(fast, *arrays)[1], expected, rtol=1e-3, atol=1e-4 * expected.mean())


@pytest.mark.parametrize("d", [1, 64, 384])
def test_the_row_term_is_the_weighted_square(fast, d) -> None:
    """Oracle: scale² Σ weight code² in float64, to the last bit of a float32."""
    codes, scales, weights, query = sample(300, d)
    expected = scales.astype(np.float64) ** 2 * (codes.astype(np.float64) ** 2 @ weights.astype(np.float64))

    np.testing.assert_allclose(scanned(fast, codes, scales, weights, query)[0], expected, rtol=1.2e-7)


def test_a_chord_is_never_negative(fast) -> None:
    """A row equal to the query: the expanded form may fall below zero by rounding, the chord may not."""
    codes, scales, weights, _ = sample(200, 384)
    for i in range(50):
        query = codes[i].astype(np.float32) * scales[i]
        for kernels in (NUMPY, fast):
            chords = scanned(kernels, codes, scales, weights, query)[1]

            assert 0 <= chords[i] < 1e-3 * chords.mean()


def test_blocks_do_not_show(fast) -> None:
    """The numpy twin works in blocks: one row more or less than a block."""
    for n in (ROWS_A_BLOCK - 1, ROWS_A_BLOCK, ROWS_A_BLOCK + 1):
        arrays = sample(n, 16)

        assert np.array_equal(scanned(NUMPY, *arrays)[1], scanned(fast, *arrays)[1])


def test_masked_coordinates_change_nothing(fast) -> None:
    """Weight 0: whatever a row or the query has there."""
    codes, scales, weights, query = sample(30, 70)
    weights[[3, 69]] = 0
    other_codes, other_query = codes.copy(), query.copy()
    other_codes[:, [3, 69]] = 127
    other_query[[3, 69]] = 9

    for kernels in (NUMPY, fast):
        first = scanned(kernels, codes, scales, weights, query)[1]
        assert np.array_equal(first, scanned(kernels, other_codes, scales, weights, other_query)[1])


def test_a_query_of_zeros_leaves_the_row_terms(fast) -> None:
    """Edge: no largest entry to scale by."""
    codes, scales, weights, query = sample(20, 10)

    for kernels in (NUMPY, fast):
        terms, chords = scanned(kernels, codes, scales, weights, np.zeros_like(query))
        assert np.array_equal(terms, chords)


def test_read_only_codes_are_taken(fast) -> None:
    """Codes are views of mapped files."""
    codes, scales, weights, query = sample(20, 10)
    codes.flags.writeable = scales.flags.writeable = False

    assert np.array_equal(
        scanned(fast, codes, scales, weights, query)[1], scanned(NUMPY, codes, scales, weights, query)[1]
    )


@quick
@given(WIDTHS, st.integers(0, 2**32 - 1))
def test_levels_stand_for_their_values_within_half_a_step(d, seed) -> None:
    """Specification of the cut: whole numbers, at most half a step off, small enough for exact sums."""
    values = np.random.default_rng(seed).normal(size=d).astype(np.float32)
    for levels, step in (query_levels(values), weight_levels(np.abs(values))):
        wide = levels.astype(np.float64)

        assert np.array_equal(wide, np.rint(wide))
        assert np.abs(wide * step - (values if levels.dtype == np.int16 else np.abs(values))).max() <= 0.5001 * step


@pytest.mark.parametrize("d", [1, 384, 516, 517, 1024, 8192])
def test_sums_of_levels_fit(d) -> None:
    """|Σ code level| < 2^31 and Σ level code² < 2^53, for the largest codes there are."""
    ones = np.ones(d, np.float32)

    assert 128 * int(query_levels(ones)[0].astype(np.int64).sum()) < 2**31
    assert 128**2 * int(weight_levels(ones)[0].sum()) <= 2**53


@pytest.mark.parametrize("wrong", ["scales", "terms", "out", "coordinates"])
def test_arrays_that_do_not_fit_are_refused(fast, wrong) -> None:
    """Specification: ValueError before a kernel reads past an end."""
    sizes = {"scales": 3, "terms": 3, "out": 3, "coordinates": 4} | {wrong: 2}
    codes = np.zeros((3, 4), np.int8)
    scales, terms, out, coordinates = (np.zeros(size, np.float32) for size in sizes.values())

    for kernels in (NUMPY, fast):
        with pytest.raises(ValueError, match="fit"):
            kernels.chord_scan(codes, scales, terms, coordinates, 0.0, out)
        with pytest.raises(ValueError, match="fit"):
            kernels.row_terms(codes, scales, coordinates, terms if wrong == "terms" else out)


@quick
@given(st.integers(0, 200), st.integers(0, 2**32 - 1))
def test_a_curve_has_the_same_bits_in_both_backends_and_the_values_of_its_formula(fast, n, seed) -> None:
    """float32 operations in one order; oracle: the ratio of quadratics in float64."""
    draw = np.random.default_rng(seed)
    values, (top, bottom) = (draw.random(n) * 500).astype(np.float32), draw.random((2, 3)).astype(np.float32) + 0.1
    scale, factor = np.float32(1 / 384), np.float32(-0.6)
    plain, quickly = values.copy(), values.copy()
    NUMPY.curve(plain, scale, top, bottom, factor)
    fast.curve(quickly, scale, top, bottom, factor)
    x = values.astype(np.float64) * float(scale)
    over, under = (c[0] + c[1] * x + c[2] * x * x for c in (top.astype(float), bottom.astype(float)))

    assert np.array_equal(plain, quickly)
    np.testing.assert_allclose(plain, 1 + float(factor) * x * over / under, rtol=1e-4, atol=1e-5)


def test_a_term_counts_the_same_in_both_backends(fast) -> None:
    """The BM25 kernel of either backend; its own tests are in test_bm25."""
    ids, tf, lengths = np.array([0, 2], np.int32), np.array([1, 3], np.uint8), np.array([4, 5, 6], np.int32)
    plain, quickly = np.zeros(3), np.zeros(3)
    NUMPY.accumulate(ids, tf, 1.5, 0.9, 0.4, lengths, 5.0, plain)
    fast.accumulate(ids, tf, 1.5, 0.9, 0.4, lengths, 5.0, quickly)

    assert plain[1] == 0 < plain[0]
    np.testing.assert_allclose(plain, quickly, rtol=1e-15)


def test_backends_say_who_they_are(fast) -> None:
    """Specification: the name that ``slm status`` shows."""
    assert (NUMPY.name, fast.name) == ("numpy", "compiled")


def in_a_new_process(code) -> str:
    """Standard output of ``code`` in an interpreter of its own."""
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.strip()


def test_plain_numpy_needs_no_numba() -> None:
    """Specification: numba, a quarter of a second to import, comes only with compiled()."""
    code = "import sys, slm.geometry.backend, slm.retrieval.semantic; print('numba' in sys.modules)"

    assert in_a_new_process(code) == "False"
