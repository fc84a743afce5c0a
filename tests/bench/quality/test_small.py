"""Stores of a few memories: how they are cut, and what is counted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from slm.bench import app
from slm.bench.collections.collection import Collection, Question
from slm.bench.quality import small
from slm.embed.onnx import Embedder
from tests.bench import conversations
from tests.bench.quality.stores import made


def _texts(store: Collection) -> list[str]:
    return [record["text"] for record in store.records]


@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_a_small_store_holds_the_evidence_of_its_question(size: int) -> None:
    """Otherwise an abstention would be right."""
    for store, source in small.small_stores([made("a"), made("b")], size, seed=1):
        (question,) = store.questions
        evidence = [source.records[unit]["text"] for unit in question.gold]

        assert len(store.records) == size
        assert set(evidence) <= set(_texts(store)) <= set(_texts(source))
        assert store.unit_of_key() == {
            key: unit for key, unit in source.unit_of_key().items() if key in store.unit_of_key()
        }


def test_evidence_that_does_not_fit_asks_for_a_larger_store() -> None:
    """The second question of the made turns rests on two of them, the third on none."""
    asked = {
        size: {store.questions[0].text for store, _ in small.small_stores([made()], size, seed=1)} for size in (1, 2, 6)
    }

    assert asked[1] == {"What is the name of Ana's cat?"}
    assert asked[2] == {"What is the name of Ana's cat?", "Which hobbies has Ben had?"}
    assert asked[6] == set(), "the set holds five records only"


def test_all_turns_of_a_session_that_answers_are_evidence() -> None:
    """Where a unit is a session, it takes all its records along."""
    sessions = Collection("s", made().records, [Question("What did Mo catch?", frozenset({1}), "")], [0, 0, 1, 1, 1])

    ((store, _),) = small.small_stores([sessions], 4, seed=1)

    assert _texts(store)[-3:] == _texts(sessions)[2:]
    assert list(small.small_stores([sessions], 2, seed=1)) == []


def test_the_same_seed_cuts_the_same_stores() -> None:
    """Figures can be measured again."""
    one, again = ([_texts(store) for store, _ in small.small_stores([made()], 3, seed=4)] for _ in range(2))

    assert one == again


def test_a_set_is_measured_from_its_file(tmp_path: Path, embedder: Embedder, monkeypatch: pytest.MonkeyPatch) -> None:
    """Made conversations through the real recall: a row a size with each kind of question."""
    monkeypatch.setattr(small, "SIZES", (1, 3))
    monkeypatch.setattr(small, "UNRELATED", small.UNRELATED[:3])

    result = small.run(conversations.write(tmp_path), seed=1, embedder=embedder)

    first, second = result["rows"]
    assert [(row["memories"], row["stores"]) for row in (first, second)] == [(1, 3), (3, 3)]
    assert first["abstained"]["answerable"]["questions"] == first["stores"]
    assert first["abstained"]["unrelated"]["questions"] == 3 * first["stores"]
    assert set(first["auc"]) == {"of another store", "unrelated"}
    assert "abstained on" in small.table(result)


def test_a_size_that_no_store_has_is_a_row_without_figures() -> None:
    """Said, not left out."""
    row = {"memories": 30, "stores": 0, "abstained": {}, "auc": {}}

    lines = small.table({"set": "made", "seed": 1, "sha256": "ab" * 32, "rows": [row]}).splitlines()

    assert lines[-1].split() == ["30", "0", "-", "-", "-", "-"]


def test_the_command_takes_a_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """File or folder, and the seed."""
    asked = []
    monkeypatch.setattr(small, "run", lambda *given, **options: asked.append((given, options)) or {"set": "x"})

    given = CliRunner().invoke(app.app, ["small", str(tmp_path), "--json"], catch_exceptions=False)

    assert asked == [((tmp_path,), {"seed": 7})]
    assert json.loads(given.output)["set"] == "x"
