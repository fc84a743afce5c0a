from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slm.geometry.backend import NUMPY
from slm.geometry.normal import PooledMoments
from slm.model import HeadFlag
from slm.retrieval import recall
from slm.retrieval.columns import DTYPES, Columns
from slm.retrieval.lexical import LexicalIndex
from slm.retrieval.recall import WEIGHT_LENGTH, WEIGHT_WORDS, Query, Ranker, Ranking
from slm.retrieval.semantic import Epoch, SemanticChannel, quantise

DIMS = 16
WORDS = ["port", "api", "olive", "ana", "backup", "night"]


class World:
    """Memories of one or several chunks, each a vector and some words, and a ranker over them."""

    def __init__(self, sizes: list[int], seed: int) -> None:
        draw = np.random.default_rng(seed)
        n_chunks = sum(sizes)
        rows = draw.standard_normal((n_chunks, DIMS))
        self.rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float16)
        self.terms = [[WORDS[i] for i in draw.integers(len(WORDS), size=draw.integers(1, 6))] for _ in range(n_chunks)]
        self.chunks = np.split(np.arange(n_chunks), np.cumsum(sizes)[:-1]) if sizes else []
        heads = np.zeros(len(sizes), np.dtype(list(DTYPES.items())))
        heads["n_chunks"], heads["first_chunk"] = sizes, np.cumsum([0, *sizes])[: len(sizes)]
        heads["flags"] = draw.choice([0, HeadFlag.SUPERSEDED], size=len(sizes))
        self.columns = Columns(heads)
        self.lexical = LexicalIndex(kernels=NUMPY)
        for i, terms in enumerate(self.terms):
            self.lexical.add(i, terms)
        epoch = Epoch.publish(1, PooledMoments.zero(DIMS).add(self.rows))
        self.semantic = SemanticChannel(epoch, NUMPY, *quantise(self.rows), self.rows)
        vector = draw.standard_normal(DIMS)
        self.query = Query((vector / np.linalg.norm(vector)).astype(np.float32), ["port", "api"])

    def rank(self, eligible: list[bool] | None = None, limit: int = 5) -> Ranking:
        mask = np.ones(len(self.chunks), bool) if eligible is None else np.array(eligible, bool)
        return Ranker(self.columns, self.semantic, self.lexical).rank(self.query, mask, limit)

    def score(self, memory: int) -> float:
        """The definition, a chunk at a time."""
        words = self.lexical.scores(self.query.terms)
        meanings = [float(self.semantic.exact(self.query.vector, self.rows[c : c + 1])[0]) for c in self.chunks[memory]]
        shares = [float(words.scores[c]) / words.mass for c in self.chunks[memory]]
        length = WEIGHT_LENGTH * math.log(len(self.chunks[memory]))
        return round(max(meanings) + WEIGHT_WORDS * max(shares) - length, 6)


SIZES = st.lists(st.integers(1, 4), min_size=1, max_size=24)
quick = settings(max_examples=40, deadline=None)


@quick
@given(SIZES, st.integers(0, 99), st.data())
def test_the_ranking_is_the_definition_computed_the_slow_way(sizes: list[int], seed: int, data: st.DataObject) -> None:
    """Oracle: every memory's score from its chunks one by one, then sorted; a tie keeps the older first."""
    world = World(sizes, seed)
    eligible = data.draw(st.lists(st.booleans(), min_size=len(sizes), max_size=len(sizes)))
    expected = sorted((i for i in range(len(sizes)) if eligible[i]), key=lambda i: (-world.score(i), i))

    ranking = world.rank(eligible)

    assert ranking.ordinals.tolist() == expected
    assert ranking.scores.tolist() == pytest.approx([world.score(i) for i in expected], abs=1e-9)
    assert ranking.n_searched == sum(eligible)


@quick
@given(SIZES, st.integers(0, 99))
def test_the_terms_sum_to_the_scores(sizes: list[int], seed: int) -> None:
    """DESIGN.md: a score is a sum of named terms."""
    ranking = World(sizes, seed).rank()

    assert set(ranking.terms) == {"meaning", "words", "length"}
    assert sum(ranking.terms.values()) == pytest.approx(ranking.scores, abs=1e-6)


@quick
@given(SIZES, st.integers(0, 99))
def test_cosines_coverage_and_flags_belong_to_the_memory_beside_them(sizes: list[int], seed: int) -> None:
    """Oracle: loops over the chunks of each memory."""
    world = World(sizes, seed)
    ranking = world.rank()

    for place, memory in enumerate(ranking.ordinals):
        chunks = world.chunks[memory]
        rows = world.rows[chunks].astype(float)
        cosines = rows @ world.query.vector.astype(float) / np.linalg.norm(rows, axis=1)
        assert ranking.cosines[place] == pytest.approx(cosines.max(), abs=1e-6)
        held = {word: world.lexical.view().idf(word) for word in ("port", "api")}
        covered = [sum(idf for word, idf in held.items() if word in world.terms[c]) for c in chunks]
        assert ranking.coverage[place] == pytest.approx(max(covered) / sum(held.values()))
        assert ranking.superseded[place] == bool(world.columns["flags"][memory] & HeadFlag.SUPERSEDED)


def test_a_pool_smaller_than_the_store_still_holds_the_best(monkeypatch: pytest.MonkeyPatch) -> None:
    """The screen decides who is computed exactly: its best must be among them."""
    world = World([1] * 400, 5)
    whole = world.rank(limit=200)
    monkeypatch.setattr(recall, "POOL", 32)

    pooled = world.rank(limit=1)

    assert len(pooled.ordinals) == 32
    assert pooled.ordinals[:10].tolist() == whole.ordinals[:10].tolist()
    assert pooled.n_searched == 400


def test_a_large_limit_makes_the_pool_larger() -> None:
    """At least twice as many as are asked for, so that filters after the ranking leave enough."""
    assert len(World([1] * 400, 6).rank(limit=150).ordinals) == 300


@pytest.mark.parametrize("sizes", [[], [1, 2, 3]])
def test_nothing_eligible_gives_an_empty_ranking(sizes: list[int]) -> None:
    """An empty store, or filters that exclude everything."""
    ranking = World(sizes, 1).rank([False] * len(sizes))

    assert len(ranking.ordinals) == len(ranking.scores) == ranking.n_searched == 0
    assert all(len(values) == 0 for values in ranking.terms.values())


def test_a_query_without_words_is_ranked_by_meaning_alone() -> None:
    """ "?!" has no terms: the lexical channel then has no mass to divide by."""
    world = World([1, 1, 2], 3)
    world.query = Query(world.query.vector, [])

    ranking = world.rank()

    assert ranking.terms["words"].tolist() == [0.0] * 3
    assert ranking.coverage.tolist() == [0.0] * 3
    assert np.isfinite(ranking.scores).all()
