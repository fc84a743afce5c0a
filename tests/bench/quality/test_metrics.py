"""Measures of rankings against slow, obvious oracles."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slm.bench.quality.metrics import METRICS, auc, measured

GOLD = st.frozensets(st.integers(0, 29), min_size=1, max_size=14)
RANKED = st.permutations(range(30)).flatmap(lambda order: st.integers(0, 30).map(lambda n: order[:n]))
SCORES = st.lists(st.integers(0, 6).map(float), min_size=1, max_size=25).map(np.array)


@given(GOLD, RANKED)
def test_ndcg_is_the_gain_by_rank_over_that_of_a_perfect_ranking(gold: frozenset[int], ranked: list[int]) -> None:
    """Järvelin & Kekäläinen (2002), binary gains, cut at 10; oracle: a loop."""
    gained = sum(1 / math.log2(rank + 1) for rank, unit in enumerate(ranked[:10], 1) if unit in gold)
    perfect = sum(1 / math.log2(rank + 1) for rank in range(1, min(10, len(gold)) + 1))

    assert METRICS["nDCG@10"](gold, ranked) == pytest.approx(gained / perfect, abs=1e-12)


@given(GOLD, RANKED, st.sampled_from([5, 10, 20]))
def test_recall_is_the_share_of_the_gold_that_was_found(gold: frozenset[int], ranked: list[int], k: int) -> None:
    """Oracle: counting one by one."""
    found = 0
    for unit in gold:
        found += unit in ranked[:k]

    assert METRICS[f"R@{k}"](gold, ranked) == found / len(gold)


@given(GOLD, RANKED)
def test_the_reciprocal_rank_is_that_of_the_first_hit_within_twenty(gold: frozenset[int], ranked: list[int]) -> None:
    """Oracle: the smallest of all hits' ranks."""
    ranks = [ranked.index(unit) + 1 for unit in gold if unit in ranked[:20]]

    assert METRICS["MRR"](gold, ranked) == (1 / min(ranks) if ranks else 0)


@given(GOLD, RANKED)
def test_the_first_is_a_hit_or_not(gold: frozenset[int], ranked: list[int]) -> None:
    """A hit at 1 is a reciprocal rank of 1."""
    assert METRICS["hit@1"](gold, ranked) == float(METRICS["MRR"](gold, ranked) == 1.0)


@given(GOLD)
def test_a_perfect_ranking_scores_one_and_an_empty_one_nothing(gold: frozenset[int]) -> None:
    """The ends of every scale."""
    best = [*gold, *(i for i in range(30) if i not in gold)]
    perfect, useless = measured([gold], [best]), measured([gold], [[]])

    assert {perfect[name][0] for name in ("hit@1", "R@20", "nDCG@10", "MRR")} == {1.0}
    assert {float(useless[name][0]) for name in METRICS} == {0.0}


@given(st.lists(st.tuples(GOLD, RANKED), max_size=6))
def test_every_question_gets_every_measure(pairs: list[tuple[frozenset[int], list[int]]]) -> None:
    """Specification: arrays (n,) by name."""
    found = measured([gold for gold, _ in pairs], [ranked for _, ranked in pairs])

    assert {name: values.shape for name, values in found.items()} == dict.fromkeys(METRICS, (len(pairs),))
    assert all((values >= 0).all() and (values <= 1).all() for values in found.values())


def test_by_hand() -> None:
    """Literals: gold 1 and 9, found at ranks 3 and 6."""
    values = measured([{1, 9}], [[5, 6, 1, 7, 8, 9]])

    assert {name: round(float(value[0]), 4) for name, value in values.items()} == {
        "hit@1": 0.0, "R@5": 0.5, "R@10": 1.0, "R@20": 1.0,
        "nDCG@10": round((1 / 2 + 1 / math.log2(7)) / (1 + 1 / math.log2(3)), 4), "MRR": round(1 / 3, 4),
    }  # fmt: skip


@given(SCORES, SCORES)
def test_auc_is_the_share_of_pairs_in_the_right_order(positives: np.ndarray, negatives: np.ndarray) -> None:
    """Mann & Whitney (1947): over all pairs, ties count half. Oracle: all pairs."""
    won = [(p > n) + (p == n) / 2 for p in positives for n in negatives]

    assert auc(positives, negatives) == pytest.approx(sum(won) / len(won))


@given(SCORES, SCORES)
def test_auc_turns_round_with_its_sides(positives: np.ndarray, negatives: np.ndarray) -> None:
    """Symmetry: P(p > n) + P(n > p) = 1 with ties halved."""
    assert auc(positives, negatives) + auc(negatives, positives) == pytest.approx(1)


def test_auc_of_nobody_is_not_a_number() -> None:
    """Edge: no pair to compare."""
    assert math.isnan(auc(np.zeros(0), np.ones(3)))
    assert math.isnan(auc(np.ones(3), np.zeros(0)))
