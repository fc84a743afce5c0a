"""What was learnt: from one store to another by an export, and back to nothing."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from slm.engine.learning import USES_AN_EPOCH, Event, Learning, as_journalled
from slm.errors import InvalidInput
from slm.retrieval.weights import DEFAULT_WEIGHTS
from tests.engine.desk import Desk

NOTES = [f"the {thing} of the {place}" for thing in ("port", "key", "door") for place in ("api", "shed", "garden")]
QUESTIONS = ("port of the api", "key of the shed", "door of the garden")


def _events(count: int) -> list[Event]:
    draw = np.random.default_rng(1)
    return [Event(draw.normal(0, 0.4, (5, len(DEFAULT_WEIGHTS))).astype(np.float32), (0,)) for _ in range(count)]


def _made() -> dict[str, Any]:
    """What eleven made uses taught."""
    return Learning.begin().after(_events(USES_AN_EPOCH)).after(_events(3)).record()


def _learn(desk: Desk, count: int) -> None:
    for i in range(count):
        hit = desk.hits(QUESTIONS[i % 3], min_confidence=0)[1]
        desk.call("used", id=[hit["memory"]["id"]])


def _experienced(desk: Desk, uses: int = USES_AN_EPOCH + 3) -> Desk:
    for text in NOTES:
        desk.remember(text)
    _learn(desk, uses)
    return desk


def _lines(desk: Desk) -> list[dict[str, Any]]:
    """The export as a file has it."""
    return [json.loads(json.dumps(line)) for line in desk.call("export")["lines"]]


def _learnt(desk: Desk) -> dict[str, Any]:
    return next(line["slm_weights"] for line in _lines(desk) if "slm_weights" in line)


def _move(here: Desk, there: Desk) -> dict[str, Any]:
    records = [line for line in _lines(here) if "text" in line]
    there.call("remember", batch=records, as_actor="import:jsonl")
    return there.call("weights_restore", learnt=_learnt(here), as_actor="import:jsonl")


def test_an_export_gives_an_empty_profile_the_same_weights(new_desk: Any) -> None:
    """experience.md: the export carries the weights; lossless means an equal store."""
    here, there = _experienced(new_desk()), new_desk()

    became = _move(here, there)

    assert became == {"status": "restored", "uses": USES_AN_EPOCH + 3}
    assert there.call("weights") == here.call("weights")
    assert _lines(there)[1:] == _lines(here)[1:]
    assert there.hits(QUESTIONS[0], why=True)[0]["weights"] == here.hits(QUESTIONS[0], why=True)[0]["weights"] != {}


def test_what_was_restored_is_learnt_on_from(new_desk: Any) -> None:
    """The same further uses lead to the same state: precision and sharpness came along."""
    here, there = _experienced(new_desk()), new_desk()
    _move(here, there)
    learning = [desk.engine().learning.after(_events(USES_AN_EPOCH)) for desk in (here, there)]

    assert learning[0].record() == learning[1].record()


def test_weights_restored_survive_a_restart_and_the_journal_replays_them(new_desk: Any) -> None:
    """experience.md: a replay of the journal gives them bit for bit; doctor checks it."""
    here, there = _experienced(new_desk()), new_desk()
    _move(here, there)
    _learn(there, 2)
    before = _learnt(there)

    there.reopen()

    assert _learnt(there) == before
    assert {check["name"]: check for check in there.call("doctor")["checks"]}["weights"][
        "detail"
    ] == f"{USES_AN_EPOCH + 5} uses, as the journal replays them"
    with there.engine().store.read() as reader:
        replayed = as_journalled([(entry.op, entry.payload) for entry in reader.entries()])
    assert replayed.record() == before
    (entry, *_) = there.call("log")["entries"]
    assert (entry["op"], entry["summary"]) == (
        "weights_restore",
        f"what was learnt elsewhere from {USES_AN_EPOCH + 3} uses",
    )


def test_a_profile_with_learning_of_its_own_keeps_it(new_desk: Any) -> None:
    """Two histories of use can't be one: the one that is there stays."""
    here, there = _experienced(new_desk()), _experienced(new_desk(), 2)
    before = there.call("weights")

    assert _move(here, there) == {"status": "kept", "uses": 2}
    assert there.call("weights") == before


def test_a_second_import_finds_the_weights_known(new_desk: Any) -> None:
    """experience.md: idempotent; no further entry either."""
    here, there = _experienced(new_desk()), new_desk()
    _move(here, there)
    entries = there.call("status")["journal"]["entries"]

    assert _move(here, there) == {"status": "known", "uses": USES_AN_EPOCH + 3}
    assert there.call("status")["journal"]["entries"] == entries


def test_a_profile_that_was_reset_takes_weights_as_a_new_epoch(new_desk: Any) -> None:
    """An epoch's number never comes back with other weights."""
    here, there = _experienced(new_desk()), _experienced(new_desk(), 2 * USES_AN_EPOCH)
    there.call("weights_reset")

    assert _move(here, there)["status"] == "restored"
    assert there.call("weights")["epoch"] == 4
    assert there.call("weights")["weights"] == here.call("weights")["weights"]


def test_nothing_learnt_makes_no_line(desk: Desk) -> None:
    """The export of a store that learnt nothing is records alone."""
    desk.remember("olives are green")

    assert [next(iter(line)) for line in _lines(desk)] == ["slm_export", "id", "slm_export_end"]


@pytest.mark.parametrize("weights", [{}, {**DEFAULT_WEIGHTS, "omens": 1.0}])
def test_weights_of_other_terms_are_left_out(desk: Desk, weights: dict[str, float]) -> None:
    """A version of slm with other terms: what it learnt says nothing here."""
    learnt = {**_made(), "weights": weights}

    assert desk.call("weights_restore", learnt=learnt) == {"status": "other_terms", "uses": 0}
    assert desk.call("weights")["epoch"] == 0


@pytest.mark.parametrize(
    "damage",
    [
        {"learner": "AAAA"},
        {"learner": "no base64!"},
        {"learner": None},
        {"uses": 3},
        {"published_uses": 99},
        {"epoch": -1},
        {"epoch": "x"},
        {"weights": []},
        {"weights": {**DEFAULT_WEIGHTS, "words": 1e9}},
    ],
)
def test_weights_that_no_export_says_are_refused(desk: Desk, damage: dict[str, Any]) -> None:
    """A file may hold anything, beyond three times the shipped weights too; nothing is changed then."""
    with pytest.raises(InvalidInput, match="what was learnt can't be read"):
        desk.call("weights_restore", learnt={**_made(), **damage})

    assert desk.call("weights")["uses"] == 0


def test_a_record_gives_back_what_it_was_made_of() -> None:
    """Round trip through JSON, to the bit."""
    learning = Learning.begin().after(_events(USES_AN_EPOCH)).after(_events(3))

    again = Learning.from_record(json.loads(json.dumps(learning.record())))

    assert again.learner.to_bytes() == learning.learner.to_bytes()
    assert (again.epoch, again.published_uses, dict(again.weights)) == (1, USES_AN_EPOCH, dict(learning.weights))
