from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from slm.engine.engine import Engine
from slm.engine.learning import EPOCH, LEARN, RESET, USES_AN_EPOCH, Event, Learning, as_journalled
from slm.retrieval.weights import DEFAULT_WEIGHTS
from tests.engine.desk import Desk

NOTES = [f"the {thing} of the {place} is number {i}" for i, (thing, place) in enumerate(
    (thing, place) for thing in ("port", "key", "door") for place in ("api", "shed", "garden")
)]  # fmt: skip


def _ask_and_use(desk: Desk, question: str, place: int = 0) -> str:
    hit = desk.hits(question, min_confidence=0)[place]
    desk.call("used", id=[hit["memory"]["id"]])
    return hit["memory"]["id"]


def _learn(desk: Desk, count: int) -> None:
    for i in range(count):
        _ask_and_use(desk, ("port of the api", "key of the shed", "door of the garden")[i % 3], place=1)


def _filled(desk: Desk) -> Desk:
    for text in NOTES:
        desk.remember(text)
    return desk


def _entries(desk: Desk) -> list[tuple[str, dict[str, Any]]]:
    with desk.engine().store.read() as reader:
        return [(entry.op, entry.payload) for entry in reader.entries() if entry.op in (LEARN, RESET)]


def test_weights_move_when_enough_uses_came_together(desk: Desk) -> None:
    """experience.md: learnt weights are published in epochs; in between no score moves."""
    _filled(desk)
    _learn(desk, USES_AN_EPOCH - 1)
    before = desk.call("weights")
    assert (before["epoch"], before["uses"]) == (0, USES_AN_EPOCH - 1)
    assert all(row["drift"] == 0 for row in before["weights"])

    _learn(desk, 1)

    after = desk.call("weights")
    assert (after["epoch"], after["uses"]) == (1, USES_AN_EPOCH)
    assert any(row["drift"] for row in after["weights"])
    assert [row["term"] for row in after["weights"]] == list(DEFAULT_WEIGHTS)


def test_learnt_weights_survive_a_restart_to_the_bit(desk: Desk) -> None:
    """They live in the store."""
    _learn(_filled(desk), 2 * USES_AN_EPOCH)
    before, hits = desk.call("weights"), desk.hits("port of the api", why=True)

    desk.reopen()

    assert desk.call("weights") == before
    assert desk.hits("port of the api", why=True) == hits


def test_replaying_the_journal_gives_the_same_weights_bit_for_bit(desk: Desk) -> None:
    """experience.md: a replay of the journal gives them bit for bit, resets included."""
    _learn(_filled(desk), USES_AN_EPOCH)
    desk.call("weights_reset")
    _learn(desk, USES_AN_EPOCH + 3)

    again = as_journalled(_entries(desk))

    held = desk.service.inspect(lambda engine: engine.learning)
    assert again.learner.to_bytes() == held.learner.to_bytes()
    assert dict(again.weights) == dict(held.weights)
    assert again.epoch == held.epoch


def test_the_journal_holds_features_and_no_question(desk: Desk) -> None:
    """experience.md: a use stores the feature vectors, not the query."""
    _filled(desk)
    _ask_and_use(desk, "zanzibar port of the api")

    ((_, payload),) = _entries(desk)

    assert "zanzibar" not in str(payload)
    (record,) = payload["events"]
    assert Event.from_record(record).features.shape[1] == len(DEFAULT_WEIGHTS)


def test_a_memory_counts_once_a_recall(desk: Desk) -> None:
    """experience.md: one use a pair of recall and memory."""
    _filled(desk)
    used = _ask_and_use(desk, "port of the api")
    desk.call("used", id=[used])

    assert desk.call("weights")["uses"] == 1
    assert desk.call("show", id=[used])["memories"][0]["uses"] == 1
    desk.hits("port of the api")
    desk.call("used", id=[used])
    assert desk.call("show", id=[used])["memories"][0]["uses"] == 2


def test_a_later_report_of_the_same_recall_leaves_out_what_was_used_before(desk: Desk) -> None:
    """Two hits of one recall helped: the second isn't preferred to the first."""
    _filled(desk)
    first, second, *others = desk.hits("port of the api", min_confidence=0)
    for hit in (first, second):
        desk.call("used", id=[hit["memory"]["id"]])

    one, other = (payload["events"][0] for _, payload in _entries(desk))

    assert (one["hits"], one["used"]) == (2 + len(others), [0])
    assert (other["hits"], other["used"]) == (1 + len(others), [0])


def test_doctor_replays_what_was_learnt(desk: Desk) -> None:
    """experience.md: replaying the journal gives the same weights; a state that it doesn't give is found."""
    _learn(_filled(desk), USES_AN_EPOCH)
    assert _weights_check(desk)["detail"] == f"{USES_AN_EPOCH} uses, as the journal replays them"

    desk.service.inspect(lambda engine: engine.use_weights(Learning.begin()))

    check = _weights_check(desk)
    assert (check["name"], check["ok"], check["fix"]) == ("weights", False, "slm stats weights --reset")


def test_a_use_of_what_no_recall_showed_teaches_nothing(desk: Desk) -> None:
    """There is nothing it was preferred to."""
    memory = desk.remember("olives are green")

    desk.call("used", id=[memory])

    assert desk.call("weights")["uses"] == 0
    assert _entries(desk) == []


def test_learning_can_be_switched_off(new_desk: Any) -> None:
    """The configuration's ``recall.learn``."""
    desk = _filled(new_desk(recall__learn=False))

    _learn(desk, USES_AN_EPOCH)

    assert desk.call("weights")["learns"] is False
    assert desk.call("weights")["uses"] == 0


def test_a_reset_goes_back_to_the_defaults_and_is_journalled(desk: Desk) -> None:
    """Resettable; the log says so."""
    _learn(_filled(desk), USES_AN_EPOCH)

    reset = desk.call("weights_reset")

    assert (reset["uses"], reset["epoch"]) == (0, 2)
    assert all(row["weight"] == row["default"] for row in desk.call("weights")["weights"])
    (entry, *_) = desk.call("log")["entries"]
    assert (entry["op"], entry["summary"]) == ("weights_reset", "what was learnt from use is forgotten")


def test_learning_is_not_shown_in_the_log(desk: Desk) -> None:
    """experience.md: uses stand outside log and undo."""
    _learn(_filled(desk), 1)

    assert {entry["op"] for entry in desk.call("log")["entries"]} == {"remember"}


def _with_state_of_another_version(engine: Engine) -> Learning:
    engine.store.transact(lambda writer: writer.put_meta("learner", b"of another rule"))
    with engine.store.read() as reader:
        return Learning.load(reader)


def test_what_another_version_learnt_is_learnt_anew_from_the_journal(desk: Desk) -> None:
    """The journal is the truth: its events by the rule of today, as a new epoch."""
    _learn(_filled(desk), USES_AN_EPOCH + 1)
    before = desk.service.inspect(lambda engine: engine.learning)

    found = desk.service.inspect(_with_state_of_another_version)

    assert (found.epoch, found.published_uses) == (2, USES_AN_EPOCH + 1)
    assert found.learner.to_bytes() == before.learner.to_bytes()
    desk.reopen()
    assert _weights_check(desk)["ok"] is True


def test_events_of_other_terms_teach_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A term more or less: its weights start from the defaults, as a new epoch."""
    _learn(_filled(desk), USES_AN_EPOCH)
    monkeypatch.setattr(Event, "from_record", lambda record: Event(np.zeros((3, 5), np.float32), (0,)))

    found = desk.service.inspect(_with_state_of_another_version)

    assert (found.epoch, found.learner.n_uses, dict(found.weights)) == (2, 0, dict(DEFAULT_WEIGHTS))


def test_an_event_comes_back_from_its_record_as_it_was() -> None:
    """Round trip, float32 to the bit."""
    event = Event(np.random.default_rng(1).standard_normal((3, len(DEFAULT_WEIGHTS))).astype(np.float32), (0, 2))

    again = Event.from_record(event.record())

    assert again.used == event.used
    assert np.array_equal(again.features, event.features)


def test_an_event_of_fewer_terms_teaches_what_it_taught() -> None:
    """A journal older than a term: the term was 0 for every hit, which moves no weight."""
    features = np.random.default_rng(1).standard_normal((3, len(DEFAULT_WEIGHTS))).astype(np.float32)
    features[:, -1] = 0.0
    older = Event(features[:, :-1], (1,)).record()

    again = Event.from_record(older)

    assert np.array_equal(again.features, features)
    learnt, expected = Learning.begin().after([again]), Learning.begin().after([Event(features, (1,))])
    assert learnt.learner.to_bytes() == expected.learner.to_bytes()


def test_weights_published_before_a_term_came_into_being_take_its_default(desk: Desk) -> None:
    """A store of an older version ranks by what it learnt, and by the new term as shipped."""
    _learn(_filled(desk), USES_AN_EPOCH)

    def without_attention(engine: Engine) -> Learning:
        with engine.store.read() as reader:
            published = json.loads(reader.meta(EPOCH))
        del published["weights"]["attention"]
        engine.store.transact(lambda writer: writer.put_meta(EPOCH, json.dumps(published).encode()))
        with engine.store.read() as reader:
            return Learning.load(reader)

    held = desk.service.inspect(without_attention)

    assert dict(held.weights) == dict(desk.engine().learning.weights)


def test_explanations_name_the_weights_that_use_has_moved(desk: Desk) -> None:
    """experience.md, Why: weight, what it was, its error and the uses; in recall, in why and in why --last."""
    _filled(desk)
    question = "port of the api"
    assert desk.hits(question, why=True)[0]["weights"] == {}
    _learn(desk, USES_AN_EPOCH)

    hit = desk.hits(question, why=True)[0]
    rows = {row.pop("term"): row for row in desk.call("weights")["weights"]}
    last = desk.call("why", last=True)["hits"][0]
    about = desk.call("why", id=hit["memory"]["id"])["recalled"]["hit"]
    asked = desk.call("why", id=hit["memory"]["id"], **{"for": question, "min_confidence": 0})

    assert hit["weights"] == {
        name: {**rows[name], "uses": USES_AN_EPOCH} for name in hit["why"] if name in rows and rows[name]["drift"]
    }
    assert {"words", "meaning"} & set(hit["weights"])
    assert hit["weights"] == last["weights"] == about["weights"] == asked["weights"]
    assert "weights" in desk.hits(question)[0]
    assert desk.hits(question)[0]["weights"] == {}


def test_a_recall_is_explained_by_the_weights_that_it_was_ranked_by(desk: Desk) -> None:
    """What was learnt since had no part in it."""
    _filled(desk)
    _learn(desk, USES_AN_EPOCH)
    told = desk.hits("port of the api", why=True, as_actor="mcp:other")[0]["weights"]
    _learn(desk, USES_AN_EPOCH)

    assert desk.hits("port of the api", why=True)[0]["weights"] != told
    assert desk.call("why", last=True, as_actor="mcp:other")["hits"][0]["weights"] == told


def test_what_is_used_comes_up_more_readily(desk: Desk) -> None:
    """Its lead over the others grows under the weights that its uses taught."""
    _filled(desk)
    question = "port of the api"

    def lead() -> float:
        first, second, *_ = desk.hits(question, limit=9, min_confidence=0)
        return first["score"] - second["score"]

    wanted, before = desk.hits(question, min_confidence=0)[0]["memory"]["id"], lead()
    for _ in range(3 * USES_AN_EPOCH):
        desk.hits(question, min_confidence=0)
        desk.call("used", id=[wanted])

    assert desk.hits(question, min_confidence=0)[0]["memory"]["id"] == wanted
    assert lead() > before


def _weights_check(desk: Desk) -> dict[str, Any]:
    return {check["name"]: check for check in desk.call("doctor")["checks"]}["weights"]
