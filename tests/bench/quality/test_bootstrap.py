"""Intervals of means, against the normal approximation and against loops."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slm.bench.quality.bootstrap import EDGES, RESAMPLES, clustered, interval

VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=20).map(np.array)


def test_the_interval_is_that_of_the_mean() -> None:
    """Oracle: the normal interval of many draws."""
    values = np.random.default_rng(0).random(2000)
    half = 1.96 * values.std() / math.sqrt(len(values))

    assert interval(values, seed=3) == pytest.approx((values.mean() - half, values.mean() + half), abs=0.003)


@given(VALUES, st.integers(0, 5))
def test_the_interval_lies_within_the_values_and_repeats_with_its_seed(values: np.ndarray, seed: int) -> None:
    """Means of draws can't leave the range of what is drawn; determinism."""
    low, high = interval(values, seed)

    assert values.min() - 1e-12 <= low <= high <= values.max() + 1e-12
    assert (low, high) == interval(values, seed)


@given(VALUES, st.floats(-1, 1))
def test_a_paired_difference_that_is_always_the_same_has_no_width(values: np.ndarray, shift: float) -> None:
    """The difference of two rankings is drawn over questions, not over two independent samples."""
    differences = (values + shift) - values

    assert interval(differences, seed=1) == pytest.approx((shift, shift), abs=1e-9)


def test_nothing_to_draw_from_is_an_error() -> None:
    """An interval of nobody must not look like one."""
    with pytest.raises(ValueError, match="no values"):
        interval(np.zeros(0), seed=1)


@pytest.mark.parametrize("seed", [0, 3])
def test_clusters_are_drawn_whole(seed: int) -> None:
    """Oracle: the same draws in a loop, each store's questions taken together."""
    values = np.array([1.0, 0.0, 0.0, 1.0, 1.0, 0.5])
    clusters = ["b", "a", "a", "b", "c", "c"]
    members = {name: [v for v, c in zip(values, clusters, strict=True) if c == name] for name in "abc"}
    drawn = np.random.default_rng(seed).integers(3, size=(RESAMPLES, 3))
    means = [np.mean([value for i in row for value in members["abc"[i]]]) for row in drawn]

    assert clustered(values, clusters, seed) == pytest.approx(tuple(np.quantile(means, EDGES)))


def test_stores_that_agree_give_a_narrow_interval_and_stores_that_differ_a_wide_one() -> None:
    """What clustering is for: questions of one conversation are not independent."""
    values = np.array([0.0, 1.0] * 50)
    alike, apart = ["a", "a", "b", "b"] * 25, ["a", "b"] * 50

    narrow, wide = clustered(values, alike, 1), clustered(values, apart, 1)

    assert narrow == (0.5, 0.5)
    assert wide == (0.0, 1.0)


def test_one_store_has_no_interval_over_stores() -> None:
    """Edge: nothing to draw."""
    assert clustered(np.ones(4), ["a"] * 4, 1) is None
