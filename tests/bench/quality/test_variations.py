"""Other settings of the same recall, and the way back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from slm.bench.quality.asking import Asker, filled
from slm.bench.quality.variations import SESSION_TERMS, UNIFORM, VARIATIONS, Variation, varied, without
from slm.embed.onnx import Embedder
from slm.engine.service import Service
from slm.retrieval.weights import DEFAULT_WEIGHTS
from tests.bench.quality.stores import made

CAT, HOBBIES, _ = made().questions


@pytest.fixture(scope="module")
def service(embedder: Embedder) -> Iterator[Service]:
    with filled([made()], embedder) as service:
        yield service


def test_every_term_has_a_row_without_it() -> None:
    """design/retrieval.md, bars: each term off, the metric, uniform weights."""
    assert set(VARIATIONS) == {
        *(f"without {term}" for term in DEFAULT_WEIGHTS), "without session context", "uniform weights",
        "metric = cosine",
    }  # fmt: skip


@pytest.mark.parametrize("term", DEFAULT_WEIGHTS)
def test_a_term_is_taken_out_by_a_weight_of_zero(term: str) -> None:
    """Specification; the others keep theirs."""
    weights = VARIATIONS[f"without {term}"].weights

    assert weights[term] == 0.0
    assert {k: v for k, v in weights.items() if k != term} == {k: v for k, v in DEFAULT_WEIGHTS.items() if k != term}


def test_the_session_goes_with_all_its_terms() -> None:
    """One of the four alone is partly made up for by the others."""
    weights = without(*SESSION_TERMS).weights

    assert [weights[term] for term in SESSION_TERMS] == [0.0, 0.0, 0.0, 0.0]
    assert sum(weights[term] != DEFAULT_WEIGHTS[term] for term in DEFAULT_WEIGHTS) == 4


def test_uniform_weights_are_one_where_a_term_speaks_for_a_memory() -> None:
    """What speaks against one keeps its weight."""
    assert {UNIFORM[term] for term, weight in DEFAULT_WEIGHTS.items() if weight > 0} == {1.0}
    assert all(UNIFORM[term] == weight for term, weight in DEFAULT_WEIGHTS.items() if weight <= 0)


def test_a_varied_store_ranks_by_its_weights(service: Service) -> None:
    """Through the very same recall: without its only terms every score is nothing."""
    asker = Asker(service, made())

    with varied(service, without(*DEFAULT_WEIGHTS)):
        scores = {hit.score for hit in asker.ask(CAT).hits}

    assert scores == {0.0}


def test_a_varied_metric_gives_other_scores_and_the_same_cosines(service: Service) -> None:
    """The probability rests on the true cosine whatever the metric is, where no author is named who could be led."""
    asker = Asker(service, made())
    nobody = replace(HOBBIES, text="who collects stamps")
    default = asker.ask(nobody)

    with varied(service, VARIATIONS["metric = cosine"]):
        by_cosine = asker.ask(nobody)

    assert [hit.score for hit in by_cosine.hits] != [hit.score for hit in default.hits]
    assert by_cosine.probability == default.probability


@pytest.mark.parametrize("variation", [without("author"), Variation(metric="cosine"), Variation(UNIFORM)])
def test_afterwards_all_is_as_it_was(service: Service, variation: Variation) -> None:
    """A row must not colour the next one; neither may one that fails."""
    asker = Asker(service, made())
    before = asker.ask(HOBBIES).hits

    with pytest.raises(ZeroDivisionError), varied(service, variation):
        raise ZeroDivisionError

    assert asker.ask(HOBBIES).hits == before
    assert service.inspect(lambda engine: engine.index.weights) is DEFAULT_WEIGHTS


def test_the_default_variation_changes_nothing(service: Service) -> None:
    """A row of the default is the first row."""
    asker = Asker(service, made())
    before = asker.ask(CAT).hits

    with varied(service, Variation()):
        assert asker.ask(CAT).hits == before
