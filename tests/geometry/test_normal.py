"""Pooled moments: exact under any order, a prior for small stores, a floor, constant coordinates, their bytes."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from slm.geometry.normal import (
    MIN_ROWS_TO_CALL_CONSTANT,
    PRIOR_ROWS,
    ROWS_A_BLOCK,
    SQUARE_STEP,
    VARIANCE_FLOOR,
    PooledMoments,
)

quick = settings(max_examples=60, deadline=None)
HALVES = st.floats(-1, 1, width=16)


def rows_of(max_rows=12, width=3) -> st.SearchStrategy[np.ndarray]:
    """float16 rows of ``width`` coordinates."""
    shapes = st.tuples(st.integers(0, max_rows), st.just(width))
    return hnp.arrays(np.float16, shapes, elements=HALVES)


def moments_of(rows) -> PooledMoments:
    """The moments of these rows alone."""
    return PooledMoments.zero(rows.shape[1]).add(rows)


def same(a, b) -> bool:
    """Whether two moments are equal to the bit."""
    return a.count == b.count and np.array_equal(a.sums, b.sums) and np.array_equal(a.squares, b.squares)


def unit_rows(n, d, seed=0) -> np.ndarray:
    """Random unit vectors as float16."""
    rows = np.random.default_rng(seed).normal(size=(n, d))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float16)


@quick
@given(rows_of(), st.data())
def test_the_order_of_rows_does_not_matter(rows, data) -> None:
    """Integer sums: any permutation gives the same bits."""
    order = data.draw(st.permutations(range(len(rows))))

    assert same(moments_of(rows), moments_of(rows[list(order)]))


@quick
@given(rows_of(), st.data())
def test_rows_may_come_in_any_portions(rows, data) -> None:
    """Integer sums: one by one, in two parts or all at once."""
    cut = data.draw(st.integers(0, len(rows)))
    one_by_one = PooledMoments.zero(3)
    for row in rows:
        one_by_one = one_by_one.add(row[None])

    assert same(one_by_one, moments_of(rows))
    assert same(moments_of(rows[:cut]).add(rows[cut:]), moments_of(rows))


@quick
@given(rows_of(), rows_of())
def test_what_is_subtracted_is_forgotten_exactly(kept, forgotten) -> None:
    """Forgetting a memory leaves the variance of a store that never had it, bit for bit."""
    both = moments_of(np.concatenate([kept, forgotten]))

    assert same(both.subtract(forgotten), moments_of(kept))
    assert np.array_equal(both.subtract(forgotten).variance(), moments_of(kept).variance())


@quick
@given(rows_of(max_rows=8))
def test_the_variance_is_the_formula(rows) -> None:
    """Oracle: (20/d + Σ (x − m)²) / (20 + n), at least 0.25/d, in exact fractions."""
    moments, (n, d) = moments_of(rows), rows.shape
    for i in range(d):
        column = [Fraction(float(x)) for x in rows[:, i]]
        mean = sum(column, Fraction(0)) / max(1, n)
        scatter = sum(((x - mean) ** 2 for x in column), Fraction(0))
        expected = max((Fraction(20, d) + scatter) / (20 + n), Fraction(1, 4 * d))

        assert moments.variance()[i] == pytest.approx(float(expected), rel=1e-9, abs=n * SQUARE_STEP)


def test_a_store_without_rows_has_the_variance_of_the_prior() -> None:
    """Specification: 1/d in every coordinate before anything is known."""
    np.testing.assert_allclose(PooledMoments.zero(384).variance(), 1 / 384, rtol=1e-15)


def test_a_small_store_lies_between_the_prior_and_its_data() -> None:
    """Specification: with 20 rows the prior and the data weigh the same."""
    rows = np.tile(np.array([[0.5], [-0.5]], np.float16), (10, 1))

    assert moments_of(rows).variance()[0] == pytest.approx((1.0 + 0.25) / 2)


def test_a_large_store_has_the_variance_of_its_data() -> None:
    """The prior's weight vanishes: oracle numpy's var."""
    rows = unit_rows(5000, 16)

    np.testing.assert_allclose(moments_of(rows).variance(), rows.astype(np.float64).var(axis=0), rtol=0.01)


def test_the_variance_never_falls_below_its_floor() -> None:
    """Specification: 0.25/d, whatever the data say."""
    rows = np.full((10_000, 4), 0.5, np.float16)

    np.testing.assert_array_equal(moments_of(rows).variance(), VARIANCE_FLOOR / 4)


def test_more_rows_than_a_block_add_up() -> None:
    """Blocks don't show."""
    rows = unit_rows(2 * ROWS_A_BLOCK + 3, 2)

    assert same(moments_of(rows), moments_of(rows[:5]).add(rows[5:]))


def test_float16_float32_and_float64_rows_of_the_same_value_are_the_same() -> None:
    """A float16 is a whole number of steps, whatever it is stored in."""
    rows = unit_rows(50, 8)

    assert same(moments_of(rows), moments_of(rows.astype(np.float32)))
    assert same(moments_of(rows), moments_of(rows.astype(np.float64)))


def test_sums_of_float16_rows_are_exact() -> None:
    """Oracle: Python integers; 2^-24 is the smallest float16."""
    rows = np.array([[2**-24], [-(2**-24)], [1.0], [2**-24]], np.float16)

    assert moments_of(rows).sums.tolist() == [2**24 + 1]


def test_adding_leaves_the_old_moments_alone() -> None:
    """Moments are values."""
    before = moments_of(unit_rows(3, 4))
    copy = PooledMoments.from_bytes(before.to_bytes())
    before.add(unit_rows(3, 4, seed=1))
    before.subtract(unit_rows(3, 4))

    assert same(before, copy)


def test_a_coordinate_that_never_varies_is_found() -> None:
    """Specification: 1 is constant, 3 varies by float16 rounding only, the others vary."""
    rows = unit_rows(500, 6).astype(np.float32)
    rows[:, 1] = 0.0
    rows[:, 3] = 0.3 + np.where(np.arange(500) % 2, 1e-4, 0)

    assert moments_of(rows.astype(np.float16)).constant_dimensions() == (1, 3)


def test_few_rows_prove_nothing_constant() -> None:
    """Specification: none before 64 rows."""
    rows = np.zeros((MIN_ROWS_TO_CALL_CONSTANT, 3), np.float16)
    rows[:, 0] = np.linspace(-1, 1, len(rows))

    assert moments_of(rows[1:]).constant_dimensions() == ()
    assert moments_of(rows).constant_dimensions() == (1, 2)


def test_a_store_of_one_text_repeated_has_no_constant_coordinates() -> None:
    """Nothing to compare with: masking all would make every query a perfect match."""
    assert moments_of(np.tile(unit_rows(1, 5), (100, 1))).constant_dimensions() == ()


@quick
@given(rows_of())
def test_moments_survive_their_bytes(rows) -> None:
    """Round trip."""
    moments = moments_of(rows)

    assert same(PooledMoments.from_bytes(moments.to_bytes()), moments)


def test_the_bytes_are_pinned() -> None:
    """Pinned format: count and dimensions as u64, sums and squares as i64, little-endian."""
    moments = moments_of(np.array([[0.5, -1.0]], np.float16))

    assert moments.to_bytes().hex(" ", 8).split() == [
        "0100000000000000",
        "0200000000000000",
        "0000800000000000",
        "000000ffffffffff",
        "0000004000000000",
        "0000000001000000",
    ]


@pytest.mark.parametrize("cut", [0, 7, 15, 16, 17, 47])
def test_cut_bytes_are_refused(cut) -> None:
    """Specification: ValueError on a wrong length."""
    whole = PooledMoments.zero(2).to_bytes()

    with pytest.raises(ValueError, match="bytes"):
        PooledMoments.from_bytes(whole[:cut])


def test_bytes_too_many_are_refused() -> None:
    """Specification: ValueError on a wrong length."""
    with pytest.raises(ValueError, match="bytes"):
        PooledMoments.from_bytes(PooledMoments.zero(2).to_bytes() + b"\0")


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 2.5, -3.0])
def test_entries_that_no_unit_vector_has_are_refused(bad) -> None:
    """Specification: finite and within ±2, so that the sums can't overflow."""
    with pytest.raises(ValueError, match="finite number within"):
        PooledMoments.zero(2).add(np.array([[0.0, bad]], np.float32))


@pytest.mark.parametrize("shape", [(3,), (2, 4), (1, 1, 3)])
def test_rows_of_another_shape_are_refused(shape) -> None:
    """Specification: rows are (n, d)."""
    with pytest.raises(ValueError, match="shape"):
        PooledMoments.zero(3).add(np.zeros(shape, np.float32))


def test_more_rows_than_were_added_cannot_be_subtracted() -> None:
    """Specification: ValueError instead of a negative count."""
    with pytest.raises(ValueError, match="can't be taken"):
        moments_of(unit_rows(2, 3)).subtract(unit_rows(3, 3))


def test_the_prior_weighs_twenty_rows() -> None:
    """Pinned: design figure 20, also in the formula's docstring."""
    assert PRIOR_ROWS == 20
