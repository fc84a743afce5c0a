from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slm.bench.collections import Question
from slm.bench.locomo import _interval, _ndcg, _scores, run, table
from tests.bench.conversations import write

GOLD = st.frozensets(st.integers(0, 29), min_size=1, max_size=12)
RANKED = st.permutations(range(30))


@given(GOLD, RANKED)
def test_ndcg_is_the_gain_by_rank_over_that_of_a_perfect_ranking(gold: frozenset[int], ranked: list[int]) -> None:
    """Järvelin & Kekäläinen (2002), binary gains, cut at 10; oracle: a loop."""
    gained = sum(1 / math.log2(rank + 1) for rank, turn in enumerate(ranked[:10], 1) if turn in gold)
    perfect = sum(1 / math.log2(rank + 1) for rank in range(1, min(10, len(gold)) + 1))

    assert _ndcg(Question("", gold, ""), ranked) == pytest.approx(gained / perfect)


@given(GOLD)
def test_a_perfect_ranking_scores_one_hundred_and_a_useless_one_nothing(gold: frozenset[int]) -> None:
    """The ends of every scale."""
    best = [*gold, *(i for i in range(30) if i not in gold)]
    perfect = _scores([(Question("", gold, "x"), best)], seed=1)
    useless = _scores([(Question("", gold, "x"), [])], seed=1)

    assert (perfect["R@20"], perfect["nDCG@10"]) == (100.0, 100.0)
    assert (useless["R@20"], useless["nDCG@10"], useless["R@10 95 %"]) == (0.0, 0.0, [0.0, 0.0])


def test_recall_counts_the_share_of_the_evidence_and_averages_over_questions() -> None:
    """Oracle: by hand. A category's figure is over its own questions."""
    ranked = [
        (Question("", frozenset({1, 9}), "a"), [1, 2, 3, 4, 5, 9]),
        (Question("", frozenset({7}), "b"), list(range(20, 40))),
    ]

    scores = _scores(ranked, seed=1)

    assert (scores["R@5"], scores["R@10"], scores["R@20"]) == (25.0, 50.0, 50.0)
    assert scores["R@10 by category"] == {"a": 100.0, "b": 0.0}


def test_the_interval_is_that_of_the_mean_and_repeats_with_its_seed() -> None:
    """Oracle: the normal interval of many draws."""
    values = np.random.default_rng(0).random(2000)
    half = 1.96 * values.std() / math.sqrt(len(values))

    low, high = _interval(values, seed=3)

    assert (low, high) == pytest.approx((values.mean() - half, values.mean() + half), abs=0.003)
    assert (low, high) == _interval(values, seed=3)


def test_the_benchmark_runs_over_made_conversations(tmp_path: Path) -> None:
    """From the file to the table through real ingestion: with four turns a store, everything is among the first ten."""
    result = run(write(tmp_path))

    assert (result["conversations"], result["turns"], result["questions"]) == (["conv-1", "conv-2"], 5, 4)
    assert result["rows"]["slm recall"]["R@10"] == 100.0
    assert set(result["rows"]) >= {"slm recall", "words alone (BM25)", "meaning alone (cosine)"}
    printed = table(result)
    assert result["sha256"][:12] in printed
    assert "slm recall" in printed


def test_one_conversation_may_be_chosen(tmp_path: Path) -> None:
    """For a quick look."""
    assert run(write(tmp_path), "conv-2")["questions"] == 1
