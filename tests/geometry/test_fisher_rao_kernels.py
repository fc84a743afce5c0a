"""The compiled distances of any two diagonal normals, against the float64 reference, on every rung of the ladder."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slm.geometry import fisher_rao_kernels as kernels
from slm.geometry.fisher_rao import squared_distance
from slm.geometry.normal import DiagonalNormal

quick = settings(max_examples=40, deadline=None)
RELATIVE_ERROR = 1e-5


def compiled_distances(means, stds, mean, std) -> np.ndarray:
    """The kernel's result in a new array."""
    out = np.full(len(means), np.nan, np.float32)
    kernels.squared_distances(means, stds, mean, std, out)
    return out


def reference(means, stds, mean, std) -> np.ndarray:
    """Oracle: the float64 reference, row by row, on the same float32 numbers."""
    q = DiagonalNormal(mean.astype(np.float64), std.astype(np.float64))
    rows = zip(means.astype(np.float64), stds.astype(np.float64), strict=True)
    return np.array([squared_distance(DiagonalNormal(m, s), q) for m, s in rows])


def sample(n, d, spread, seed=0) -> tuple[np.ndarray, ...]:
    """float32 means and stds of ``n`` rows and of one normal; ``spread`` is the size of the means."""
    generator = np.random.default_rng(seed)
    means = (generator.normal(size=(n + 1, d)) * spread).astype(np.float32)
    stds = np.exp(generator.normal(size=(n + 1, d)) / 2).astype(np.float32)
    return means[:n], stds[:n], means[n], stds[n]


def largest_excess(means, stds, mean, std) -> np.ndarray:
    """The largest x_i of every row."""
    wide = [a.astype(np.float64) for a in (means, stds, mean, std)]
    return (((wide[0] - wide[2]) ** 2 + 2 * (wide[1] - wide[3]) ** 2) / (4 * wide[1] * wide[3])).max(axis=1)


@pytest.mark.parametrize("d", [1, 2, 7, 8, 9, 64, 384, 1000])
@pytest.mark.parametrize("spread", [0.01, 1.0, 10.0, 300.0])
def test_the_kernel_is_the_reference_to_float32(d, spread) -> None:
    """Oracle: float64 reference; relative error of the rational function and of the float32 sum."""
    arrays = sample(40, d, spread)

    np.testing.assert_allclose(compiled_distances(*arrays), reference(*arrays), rtol=RELATIVE_ERROR, atol=1e-9)


@pytest.mark.parametrize(
    ("spread", "lowest", "highest"), [(0.3, 0.0, 16.0), (12.0, 16.0, 576.0), (3000.0, 576.0, np.inf)]
)
def test_every_rung_of_the_ladder_is_climbed(spread, lowest, highest) -> None:
    """The three formulas are chosen by a row's largest x: each is reached and right on its own ground."""
    arrays = sample(200, 4, spread, seed=1)
    largest = largest_excess(*arrays)
    on_the_rung = (largest > lowest) & (largest < highest)

    assert on_the_rung.sum() > 20
    measured, expected = compiled_distances(*arrays)[on_the_rung], reference(*arrays)[on_the_rung]
    np.testing.assert_allclose(measured, expected, rtol=RELATIVE_ERROR)


@pytest.mark.parametrize("edge", [16.0, 576.0])
def test_the_formulas_meet_at_the_edges(edge) -> None:
    """Just below and just above an edge the distance hardly changes, in either formula."""
    shifts = np.sqrt(4 * edge * np.array([0.999999, 1.000001], np.float64)).astype(np.float32)[:, None]
    ones = np.ones((2, 1), np.float32)
    below, above = compiled_distances(shifts, ones, np.zeros(1, np.float32), np.ones(1, np.float32))

    assert above == pytest.approx(below, rel=RELATIVE_ERROR)


def test_one_far_coordinate_among_many_near_ones_is_noticed() -> None:
    """The integer maximum of the float bits sees each lane, whatever its place."""
    d = 67
    for place in range(d):
        means, mean = np.zeros((1, d), np.float32), np.zeros(d, np.float32)
        means[0, place] = 1e6
        ones = np.ones((1, d), np.float32)
        expected = reference(means, ones, mean, ones[0])

        np.testing.assert_allclose(compiled_distances(means, ones, mean, ones[0]), expected, rtol=RELATIVE_ERROR)


def test_a_normal_is_at_distance_zero_from_itself() -> None:
    """Metric axiom, exact even in float32."""
    means, stds, _, _ = sample(5, 30, 1.0)

    assert compiled_distances(means[:1], stds[:1], means[0], stds[0]).tolist() == [0.0]


@quick
@given(st.integers(1, 50), st.integers(0, 2**32 - 1))
def test_the_kernel_is_symmetric_to_float32(d, seed) -> None:
    """Metric axiom: d(p, q) = d(q, p)."""
    means, stds, mean, std = sample(1, d, 3.0, seed)
    there = compiled_distances(means, stds, mean, std)
    back = compiled_distances(mean[None], std[None], means[0], stds[0])

    np.testing.assert_allclose(there, back, rtol=RELATIVE_ERROR)


@quick
@given(st.integers(1, 20), st.integers(0, 2**32 - 1))
def test_rows_do_not_influence_each_other(n, seed) -> None:
    """The same bits one by one and together."""
    means, stds, mean, std = sample(n, 21, 5.0, seed)
    together = compiled_distances(means, stds, mean, std)
    apart = [compiled_distances(means[i : i + 1], stds[i : i + 1], mean, std)[0] for i in range(n)]

    assert together.tolist() == apart


def test_read_only_arrays_are_taken() -> None:
    """Rows are views of mapped files."""
    arrays = sample(3, 5, 1.0)
    for array in arrays:
        array.flags.writeable = False

    np.testing.assert_allclose(compiled_distances(*arrays), reference(*arrays), rtol=RELATIVE_ERROR)


def test_no_rows_are_no_work() -> None:
    """Edge: n = 0."""
    means, stds, mean, std = sample(0, 5, 1.0)

    assert compiled_distances(means, stds, mean, std).shape == (0,)


def test_another_dtype_is_refused() -> None:
    """Explicit signatures: a float64 array would mean a second compilation."""
    with pytest.raises(TypeError):
        kernels.squared_distances(*(a.astype(np.float64) for a in sample(1, 2, 1.0)), np.empty(1, np.float32))
