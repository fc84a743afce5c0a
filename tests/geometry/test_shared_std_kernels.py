"""Exact distances of normals that share their std: the compiled twin against numpy's, to the bit."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from slm.geometry import shared_std_kernels as fast
from slm.geometry.fisher_rao import SERIES_END, halved, series, shared_std_distances, squared_arccosh

quick = settings(max_examples=100, deadline=None)
COORDINATES = st.floats(-1e6, 1e6)
WEIGHTS = st.just(0.0) | st.floats(1e-9, 1e6)
"""0 is a masked coordinate."""


@st.composite
def samples(draw) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows (n, d), a mean (d,) and weights (d,)."""
    n, d = draw(st.integers(0, 5)), draw(st.integers(0, 20))
    return (
        draw(hnp.arrays(np.float64, (n, d), elements=COORDINATES)),
        draw(hnp.arrays(np.float64, d, elements=COORDINATES)),
        draw(hnp.arrays(np.float64, d, elements=WEIGHTS)),
    )


def distances(kernel, rows, mean, weights) -> list[float]:
    out = np.full(len(rows), np.nan)
    kernel(rows, mean, weights, out)
    return out.tolist()


@quick
@given(samples())
def test_both_twins_give_the_same_bits(sample) -> None:
    """Only correctly rounded operations in one order, near and far alike."""
    assert distances(fast.shared_std_distances, *sample) == distances(shared_std_distances, *sample)


@quick
@given(samples())
def test_a_distance_is_the_sum_of_its_coordinates_from_the_first_on(sample) -> None:
    """Oracle: a loop over coordinates in Python, whose additions have the same order."""
    rows, mean, weights = sample
    expected = []
    for row in rows.tolist():
        total = 0.0
        for x, m, weight in zip(row, mean.tolist(), weights.tolist(), strict=True):
            total += float(squared_arccosh([(x - m) * (x - m) * weight])[0])
        expected.append(2.0 * total)

    assert distances(shared_std_distances, *sample) == expected


def test_a_store_of_real_width_gives_the_same_bits() -> None:
    """Edge: 384 coordinates, more rows than a block of numpy's twin, and one row far away."""
    draw = np.random.default_rng(4)
    rows, mean = draw.normal(size=(100, 384)) / 20, draw.normal(size=384) / 20
    rows[50, 7] = 1e5
    weights = draw.uniform(50, 150, 384)

    quickly = distances(fast.shared_std_distances, rows, mean, weights)

    assert quickly == distances(shared_std_distances, rows, mean, weights)
    assert np.argmax(quickly) == 50


def test_read_only_rows_are_taken() -> None:
    """Rows may be a view of a mapped file."""
    rows = np.ones((2, 3))
    rows.flags.writeable = False

    assert distances(fast.shared_std_distances, rows, np.ones(3), np.ones(3)) == [0.0, 0.0]


@pytest.mark.parametrize("excess", [0.0, 1e-300, 0.1, 5.9, 13.0, 1e4, 1e9, 1e300, math.inf])
def test_one_coordinate_is_that_of_the_reference(excess) -> None:
    """Whatever the number of halvings; infinity has no distance in either."""
    with np.errstate(invalid="ignore"):
        expected = squared_arccosh([excess])[0]

    assert np.array_equal(fast.squared_arccosh(excess), expected, equal_nan=True)


@quick
@given(st.floats(0, SERIES_END), st.floats(0, 1e12))
def test_the_parts_are_those_of_the_reference(near, excess) -> None:
    """The series and the two halvings, each by itself."""
    assert fast.series.py_func(near) == series(np.array([near]))[0]
    assert fast.quartered.py_func(excess) == halved(halved(np.array([excess])))[0]
