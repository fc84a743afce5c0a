"""Selection of the best k: exact, deterministic, equal to a full sort."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from slm.geometry.top_k import N_STRIPES, floor_of_best, kth_largest, top_k

quick = settings(max_examples=120, deadline=None)
FEW_VALUES = st.sampled_from([-np.inf, -2.0, -0.0, 0.0, 0.5, 1.0, np.inf])
SCORES = hnp.arrays(np.float32, st.integers(0, 400), elements=FEW_VALUES)


def by_sorting(scores, k) -> list[int]:
    """Oracle: Python's sort by (−score, index)."""
    return sorted(range(len(scores)), key=lambda i: (-scores[i], i))[:k]


@quick
@given(SCORES, st.integers(0, 450))
def test_the_best_k_are_those_of_a_full_sort(scores, k) -> None:
    """Oracle: a full sort; many ties, infinities, k beyond n."""
    assert top_k(scores, k).tolist() == by_sorting(scores, k)


@pytest.mark.parametrize("n", [1, 63, 64, 65, 1000, 20_000])
@pytest.mark.parametrize("k", [1, 10, 256])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_long_vectors_are_selected_exactly(n, k, dtype) -> None:
    """Oracle: a full sort, past the length where stripes are used."""
    scores = np.random.default_rng(n * k).normal(size=n).astype(dtype)

    assert top_k(scores, k).tolist() == by_sorting(scores, k)


def test_equal_scores_come_in_order_of_their_index() -> None:
    """Specification: ties go to the smaller index, however many there are."""
    assert top_k(np.zeros(50_000, np.float32), 5).tolist() == [0, 1, 2, 3, 4]


def test_the_best_may_share_a_column_of_the_stripes() -> None:
    """The floor comes from the maxima of columns: a column full of winners must not lose any."""
    scores = np.zeros(N_STRIPES * 100)
    scores[7::100] = np.arange(N_STRIPES, 0, -1)

    assert top_k(scores, N_STRIPES).tolist() == list(range(7, len(scores), 100))


def test_the_best_may_lie_in_the_rest_behind_the_stripes() -> None:
    """The columns cover a multiple of 64; the tail counts as well."""
    scores = np.zeros(N_STRIPES * 10 + 5)
    scores[-3:] = [1.0, 3.0, 2.0]

    assert top_k(scores, 3).tolist() == [len(scores) - 2, len(scores) - 1, len(scores) - 3]


@quick
@given(hnp.arrays(np.float64, st.integers(1, 300), elements=st.floats(-5, 5)), st.integers(1, 20))
def test_at_least_k_scores_reach_the_floor(scores, k) -> None:
    """The floor is at most the k-th largest score (maxima of disjoint columns are scores)."""
    k = min(k, len(scores))

    assert (scores >= floor_of_best(scores, k)).sum() >= k


def test_the_kth_largest_is_the_kth_of_a_sort() -> None:
    """Oracle: sorted."""
    scores = np.random.default_rng(3).normal(size=57)

    assert [kth_largest(scores, k) for k in range(1, 58)] == sorted(scores, reverse=True)


def test_the_scores_are_left_alone() -> None:
    """A selection doesn't reorder what it reads, and takes read-only arrays."""
    scores = np.random.default_rng(4).normal(size=1000)
    before = scores.copy()
    scores.flags.writeable = False
    top_k(scores, 10)

    assert np.array_equal(scores, before)


@pytest.mark.parametrize(("scores", "k"), [(np.zeros(0), 3), (np.ones(4), 0)])
def test_nothing_wanted_or_nothing_there_gives_nothing(scores, k) -> None:
    """Specification: an empty int64 vector."""
    chosen = top_k(scores, k)

    assert chosen.shape == (0,)
    assert chosen.dtype == np.int64


def test_a_score_that_is_not_a_number_is_refused() -> None:
    """Specification: ValueError, since NaN has no place in an order."""
    with pytest.raises(ValueError, match="not a number"):
        top_k(np.array([1.0, np.nan]), 1)


@pytest.mark.parametrize(("scores", "k"), [(np.zeros((2, 2)), 1), (np.zeros(3), -1)])
def test_a_matrix_or_a_negative_k_is_refused(scores, k) -> None:
    """Specification: ValueError."""
    with pytest.raises(ValueError, match="vector"):
        top_k(scores, k)
