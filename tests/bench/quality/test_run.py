"""From collections to one document of figures."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from slm.bench.collections.collection import Collection, Question
from slm.bench.quality import run as module
from slm.bench.quality.run import measure, strangers
from slm.bench.quality.stores import RECALL, Observed, Plan
from slm.embed.onnx import Embedder
from tests.bench.quality.stores import LINES, made


def audited(collection: Collection) -> Collection:
    """As an audit would leave it: the first question corrected to another turn, the second unfit."""
    first, *others = collection.questions
    return replace(collection, questions=[replace(first, corrected=frozenset({3})), *others])


@pytest.fixture(scope="module")
def result(embedder: Embedder) -> dict[str, Any]:
    collections = [audited(made("one")), made("two")]
    return measure("Made", collections, Plan({}), headline="R@5", seed=3, embedder=embedder)


def test_the_document_says_what_was_measured(result: dict[str, Any]) -> None:
    """A claim carries sizes and seed."""
    told = {name: result[name] for name in ("set", "headline", "stores", "memories", "questions", "seed")}

    assert told == {
        "set": "Made", "headline": "R@5", "stores": 2, "memories": 2 * len(LINES), "questions": 4, "seed": 3,
    }  # fmt: skip


def test_everything_is_among_the_first_five_of_five(result: dict[str, Any]) -> None:
    """By hand: a store of five turns."""
    figure = result["rows"][RECALL]["metrics"]["R@5"]

    assert figure == {"mean": 100.0, "interval": [100.0, 100.0], "by_store": [100.0, 100.0]}
    assert {name: row["questions"] for name, row in result["rows"][RECALL]["categories"].items()} == {
        "multi-hop": 2, "single-hop": 2,
    }  # fmt: skip


def test_clean_questions_are_scored_by_the_corrected_evidence(result: dict[str, Any]) -> None:
    """The turn that answers the first question is first; its audited evidence here is another one."""
    clean = result["clean"]

    assert clean["questions"] == 1
    assert clean["rows"][RECALL]["metrics"]["hit@1"]["mean"] == 0.0
    assert clean["rows"][RECALL]["metrics"]["R@20"]["mean"] == 100.0
    assert result["rows"][RECALL]["categories"]["single-hop"]["hit@1"] == 100.0


def test_abstention_counts_every_kind(result: dict[str, Any]) -> None:
    """Each store gets the two answerable questions of the other."""
    counts = {kind: row["questions"] for kind, row in result["abstention"]["abstained"].items()}

    assert counts == {"answerable": 4, "as keywords": 4, "of another store": 4, "unanswerable": 2}
    assert set(result["abstention"]["auc"]) == {"unanswerable", "of another store"}


def test_medians_of_time_are_told(result: dict[str, Any]) -> None:
    """Of the embedding, and of everything else."""
    assert set(result["timings_ms"]) == {"embed", "rest"}
    assert all(ms > 0 for ms in result["timings_ms"].values())


def test_the_document_is_json(result: dict[str, Any]) -> None:
    """``--json``: no NaN, no numpy."""
    assert json.loads(json.dumps(result, allow_nan=False)) == result


def test_the_same_seed_gives_the_same_figures(result: dict[str, Any], embedder: Embedder) -> None:
    """Determinism: all but the times."""
    collections = [audited(made("one")), made("two")]

    again = measure("Made", collections, Plan({}), headline="R@5", seed=3, embedder=embedder)

    assert {**again, "timings_ms": None} == {**result, "timings_ms": None}


def test_a_set_without_audit_and_answers_says_so() -> None:
    """Absent is null, not zero."""
    question = Question("q", frozenset({0}), "x")
    silent = Observed("s", [question], [], {RECALL: [[0]]}, [], [])

    assert module._clean([silent], 1) is None
    assert module._answers([]) is None


def test_answers_are_scored_and_silence_counts_nothing() -> None:
    """By hand: F1 1, 0 (no answer) and 1/2 (one part of the two)."""
    pairs = [
        (Question("a", frozenset(), "single-hop", answer="7 May"), "7 May"),
        (Question("b", frozenset(), "single-hop", answer="no"), None),
        (Question("c", frozenset(), "multi-hop", answer="pottery, chess"), "pottery"),
    ]

    found = module._answers(pairs)

    assert found == {
        "questions": 3, "answered": 2, "F1": 50.0, "categories": {"multi-hop": 50.0, "single-hop": 50.0},
    }  # fmt: skip


def test_strangers_are_answerable_questions_of_the_other_collections() -> None:
    """Nothing in this store answers them; a hundred at most, the same with the same seed."""
    many = replace(made("many"), questions=[Question(f"q{i}", frozenset({0}), "x") for i in range(150)])
    one, two = made("one"), made("two")

    drawn = strangers(one, [one, two, many], seed=1)

    assert len(drawn) == len({question.text for question in drawn}) == 100
    assert all(question.gold for question in drawn)
    assert drawn == strangers(one, [one, two, many], seed=1) != strangers(one, [one, two, many], seed=2)
    assert strangers(one, [one], seed=1) == []
    assert {q.text for q in strangers(one, [one, two], seed=1)} == {q.text for q in two.questions if q.gold}
