"""Single channels against brute force over the same store."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slm.bench.collections.collection import Collection
from slm.bench.quality import channels
from slm.bench.quality.asking import filled
from slm.bench.quality.channels import BASELINES, as_read, as_written, best, reciprocal
from slm.embed.onnx import Embedder
from slm.engine.engine import Engine
from slm.engine.service import Service
from slm.geometry.fisher_rao import squared_distances
from tests.bench.quality.stores import made, record

QUESTION = "Which hobbies has Ben had?"
LONG = " ".join(f"The {place} office orders {i} chairs." for i, place in enumerate(["Oslo", "Riga", "Cork"] * 25))


def with_a_long_one() -> Collection:
    """A memory of several chunks among the short ones."""
    plain = made()
    return Collection("made", [record(0, "Cem", "s0", LONG), *plain.records[1:]], plain.questions)


@pytest.fixture(scope="module")
def service(embedder: Embedder) -> Iterator[Service]:
    with filled([with_a_long_one()], embedder) as service:
        yield service


def looked_up(service: Service, look: Any) -> Any:
    return service.inspect(look)


def test_every_baseline_scores_every_memory(service: Service) -> None:
    """Specification: scores (n,)."""
    shapes = looked_up(service, lambda engine: {name: way(engine, QUESTION).shape for name, way in BASELINES.items()})

    assert set(shapes.values()) == {(5,)}
    assert {"words alone (BM25)", "meaning alone (Fisher-Rao)", "meaning alone (cosine)"} <= set(shapes)


def test_meaning_is_the_best_chunk_by_exact_distance(service: Service, embedder: Embedder) -> None:
    """Oracle: Fisher-Rao distances of all rows, a loop over memories."""

    def look(engine: Engine) -> tuple[Any, Any]:
        semantic, columns = engine.index.semantic, engine.index.columns
        vector = embedder.embed_query("Which hobbies has had?").mean
        distances = squared_distances(np.asarray(semantic.vectors), vector, semantic.epoch.std)
        firsts, sizes = columns["first_chunk"], columns["n_chunks"]
        assert sizes.max() > 1
        nearest = [distances[int(f) : int(f) + int(n)].min() for f, n in zip(firsts, sizes, strict=True)]
        return as_read(engine, QUESTION).meaning(), nearest

    scores, nearest = looked_up(service, look)

    assert np.argsort(-scores).tolist() == np.argsort(nearest).tolist()


def test_the_cosine_is_that_of_the_rows(service: Service, embedder: Embedder) -> None:
    """Oracle: numpy."""
    vector = embedder.embed_query("Which hobbies has had?").mean.astype(np.float64)

    def look(engine: Engine) -> tuple[Any, Any]:
        rows = np.asarray(engine.index.semantic.vectors).astype(np.float64)
        cosines = rows @ vector / np.linalg.norm(rows, axis=1) / np.linalg.norm(vector)
        firsts = engine.index.columns["first_chunk"]
        ends = [*firsts[1:], len(rows)]
        return as_read(engine, QUESTION).cosine(), [cosines[a:b].max() for a, b in zip(firsts, ends, strict=True)]

    scores, expected = looked_up(service, look)

    np.testing.assert_allclose(scores, expected, atol=1e-12)


def test_phrases_don_t_depend_on_the_blocks(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks only save memory."""
    whole = looked_up(service, lambda engine: as_read(engine, QUESTION).phrases())
    monkeypatch.setattr(channels, "CHUNKS_A_BLOCK", 2)

    assert np.array_equal(looked_up(service, lambda engine: as_read(engine, QUESTION).phrases()), whole)


def test_a_name_is_taken_out_or_left_in(service: Service) -> None:
    """Recall handles a known author by the author term: the channels alone don't see the name."""
    read, written = looked_up(
        service, lambda engine: (as_read(engine, QUESTION).query, as_written(engine, QUESTION).query)
    )

    assert "ben" not in read.terms
    assert "ben" in written.terms
    assert not np.array_equal(read.vector, written.vector)


def test_scores_are_summed_by_the_weights_of_recall(service: Service) -> None:
    """By hand: 1.5 words + 1.0 meaning."""

    def look(engine: Engine) -> tuple[Any, Any]:
        one = as_read(engine, QUESTION)
        return one.sum_of_scores(), 1.5 * one.words() + one.meaning()

    summed, expected = looked_up(service, look)

    assert np.array_equal(summed, expected)


def test_a_memory_without_a_shared_word_gets_nothing_of_the_words_rank(service: Service) -> None:
    """BM25 returns what holds a word; the rest has no rank in its list."""

    def look(engine: Engine) -> tuple[Any, Any]:
        one = as_read(engine, "pottery")
        return one.sum_of_ranks() - reciprocal(one.meaning()), one.words()

    of_words, words = looked_up(service, look)

    assert np.count_nonzero(words) == 1
    assert of_words[words == 0] == pytest.approx(0.0, abs=1e-15)
    assert of_words[words > 0] == pytest.approx(1 / 61)


@given(st.lists(st.floats(-2, 2), min_size=1, max_size=12, unique=True).map(np.array))
def test_ranks_are_counted_from_one(scores: np.ndarray) -> None:
    """Cormack et al. (2009), k = 60. Oracle: how many are better."""
    expected = [1 / (60 + 1 + sum(other > score for other in scores)) for score in scores]

    assert reciprocal(scores) == pytest.approx(expected)


def test_the_best_are_at_most_as_many_as_there_are() -> None:
    """Edge: a store smaller than the depth."""
    assert best(np.array([0.1, 0.9, 0.5]), 2) == [1, 2]
    assert best(np.array([0.1, 0.9, 0.5]), 20) == [1, 2, 0]
