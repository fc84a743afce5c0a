from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slm.retrieval.abstention import NOTHING_NEAR, SMALL_STORE, judge
from slm.retrieval.ranking import Ranking

COSINES = st.floats(-1, 1)
SHARES = st.floats(0, 1)
THRESHOLD = 0.088


def _ranking(cosines: list[float], coverage: list[float], n_searched: int = 1000) -> Ranking:
    n = len(cosines)
    none = np.zeros(n)
    return Ranking(
        np.arange(n),
        {},
        {},
        none,
        np.array(cosines),
        np.array(coverage),
        none,
        none > 0,
        lead=0.0,
        n_searched=n_searched,
    )


@given(COSINES, SHARES)
def test_the_probability_is_one_and_grows_with_nearness_and_coverage(cosine: float, share: float) -> None:
    """A logistic law with positive weights."""
    verdict = judge(_ranking([cosine], [share]), 0.0)
    nearer = judge(_ranking([min(1.0, cosine + 0.1)], [share]), 0.0)
    fuller = judge(_ranking([cosine], [min(1.0, share + 0.1)]), 0.0)

    assert 0.0 < verdict.probability < 1.0
    assert verdict.probability <= nearer.probability
    assert verdict.probability <= fuller.probability


@given(COSINES, SHARES, SHARES)
def test_a_large_store_abstains_exactly_below_the_threshold(cosine: float, share: float, threshold: float) -> None:
    """experience.md: abstention has one threshold; 0 never abstains."""
    verdict = judge(_ranking([cosine], [share]), threshold)

    assert (verdict.reason is None) == (verdict.probability >= threshold)


@given(COSINES, SHARES, st.integers(1, SMALL_STORE - 1))
def test_a_small_store_abstains_only_when_nothing_is_near_at_all(cosine: float, share: float, n: int) -> None:
    """experience.md: below 50 memories slm abstains only when nothing is near at all."""
    verdict = judge(_ranking([cosine], [share], n), THRESHOLD)

    assert (verdict.reason is not None) == (cosine < NOTHING_NEAR and share == 0.0)
    assert judge(_ranking([cosine], [share], n), 0.0).reason is None


@pytest.mark.parametrize(
    ("ranking", "reason"),
    [
        (_ranking([], [], 0), "nothing is remembered here yet"),
        (_ranking([], [], 5), "nothing fits the filters"),
        (_ranking([0.01], [0.0], 5), "nothing here is near to that"),
        (_ranking([0.01], [0.0]), "nothing here speaks about that"),
        (_ranking([0.01], [0.1]), "only near misses"),
        (_ranking([0.9], [0.9]), None),
    ],
)
def test_each_way_of_finding_nothing_has_its_reason(ranking: Ranking, reason: str | None) -> None:
    """experience.md: an honest "nothing" says why."""
    assert judge(ranking, THRESHOLD).reason == reason


def test_the_best_cosine_may_stand_anywhere_but_coverage_counts_at_the_top() -> None:
    """Pinned behaviour: the words of the first three that are shown, the nearness of all."""
    assert judge(_ranking([0.1, 0.1, 0.1, 0.9], [0] * 4), 0.5) == judge(_ranking([0.9], [0]), 0.5)
    assert judge(_ranking([0.1] * 4, [0, 0, 0, 1.0]), 0.5) == judge(_ranking([0.1], [0]), 0.5)


def test_an_empty_ranking_has_no_probability() -> None:
    """Nothing that could answer."""
    assert judge(_ranking([], [], 0), THRESHOLD).probability == 0.0
