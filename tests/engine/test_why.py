from __future__ import annotations

import pytest

from slm.errors import InvalidInput, NotFound
from tests.engine.desk import Desk

FACTS = ["the api listens on 5433", "Ana is allergic to olives", "the backup runs at night", "Ben moved to Porto"]
QUESTION = "where does the api listen"
AGENT = "mcp:claude"


def test_the_last_recall_is_explained_as_it_was_answered(desk: Desk) -> None:
    """experience.md: ``why --last`` reads the memory of recalls: query, terms of every hit, channel ranks."""
    for text in FACTS:
        desk.remember(text)
    desk.call("recall", query="olives", min_confidence=0)
    answer = desk.call("recall", query=QUESTION, min_confidence=0, why=True, now="2026-11-24T12:00", zone="+01:00")

    last = desk.call("why", last=True)

    shared = {"recall_id", "scope", "searched", "abstained", "reason", "probability"}
    assert {name: last[name] for name in shared} == {name: answer[name] for name in shared}
    assert (last["query"], last["asked_at"]) == (QUESTION, "2026-11-24T12:00:00+01:00")
    kept = ("rank", "score", "memory", "phase", "flags", "successor", "why", "channels", "weights")
    assert last["hits"] == [{name: hit[name] for name in kept} for hit in answer["hits"]]


def test_terms_are_kept_of_recalls_that_did_not_ask_for_them(desk: Desk) -> None:
    """One asks why after one has seen the answer."""
    desk.remember(FACTS[0])
    desk.call("recall", query=QUESTION)

    hit = desk.call("why", last=True)["hits"][0]

    assert round(sum(hit["why"].values()), 6) == hit["score"]
    assert hit["channels"]["meaning"] == 1


def test_a_recall_that_abstained_is_explained_with_its_near_misses(real_desk: Desk) -> None:
    """An abstention names its reason and shows the near misses."""
    real_desk.remember(FACTS[0])
    answer = real_desk.call("recall", query="giraffe")

    last = real_desk.call("why", last=True)

    assert (last["abstained"], last["reason"]) == (True, answer["reason"])
    assert [hit["memory"] for hit in last["hits"]] == [miss["memory"] for miss in answer["near_misses"]]


def test_each_peer_sees_its_own_recalls_alone(desk: Desk) -> None:
    """experience.md: the last 64 a peer; what one agent asked is no other's business."""
    desk.remember(FACTS[0])
    desk.call("recall", query=QUESTION, as_actor=AGENT)

    assert desk.call("why", last=True, as_actor=AGENT)["query"] == QUESTION
    with pytest.raises(NotFound, match="no recall of yours is remembered"):
        desk.call("why", last=True, as_actor="mcp:other")


def test_recalls_are_gone_after_a_restart(desk: Desk) -> None:
    """experience.md: in memory, queries never reach the disk."""
    desk.remember(FACTS[0])
    desk.call("recall", query=QUESTION)

    desk.reopen()

    with pytest.raises(NotFound):
        desk.call("why", last=True)


def test_no_file_ever_holds_a_query(desk: Desk) -> None:
    """experience.md: queries never reach the disk. Every file of the data root is read, while open and closed."""
    desk.remember(FACTS[0])
    memory_id = desk.remember(FACTS[1])
    secret = b"zyxomma quern"
    desk.call("recall", query=f"who fears the {secret.decode()}", min_confidence=0)
    desk.call("why", id=memory_id, for_=f"is {secret.decode()} near", min_confidence=0)
    desk.call("used", id=memory_id)

    def held(words: bytes) -> bool:
        return any(words in path.read_bytes() for path in desk.root.rglob("*") if path.is_file())

    assert held(b"allergic to olives"), "the search itself works: texts are there"
    for part in (secret, *secret.split()):
        assert not held(part)
    desk.reopen()
    assert not held(secret.split()[0])


def test_why_tells_what_a_memory_is_and_which_recall_showed_it(desk: Desk) -> None:
    """The brief: source, actor, dates, history and flags, and the last recall that showed it."""
    old = desk.remember("Ana lives in Oslo", source="notes.md", at="2020-01-01", zone="UTC")
    new = desk.call("correct", id=old, text="Ana lives in Porto", from_="2024-05-01", zone="UTC")["id"]
    desk.call("recall", query="where does Ana live", min_confidence=0)
    desk.call("recall", query="Ana", min_confidence=0, limit=1)

    about = desk.call("why", id=new[:8])
    before = desk.call("why", id=old)

    shown = desk.memory(new)
    assert len(shown.pop("all_claims")) == 1
    assert (about["memory"], about["phase"], about["flags"]) == (shown, "active", [])
    assert [earlier["id"] for earlier in about["history"]] == [old]
    assert (about["recalled"]["query"], about["recalled"]["hit"]["rank"]) == ("Ana", 1)
    assert (before["memory"]["id"], before["flags"], before["history"]) == (old, ["superseded"], [])
    assert (before["memory"]["source"], before["memory"]["valid_until"]) == ("notes.md", "2024-05-01T00:00:00Z")
    assert (before["recalled"]["query"], before["recalled"]["hit"]["rank"]) == ("where does Ana live", 2)
    assert set(about["recalled"]) == {
        "recall_id", "query", "asked_at", "scope", "searched", "abstained", "reason", "probability", "hit",
    }  # fmt: skip


def test_a_memory_that_no_recall_showed_says_so(desk: Desk) -> None:
    """Null, not an error: what it is can be told all the same."""
    memory_id = desk.remember(FACTS[0])

    assert desk.call("why", id=memory_id)["recalled"] is None


def test_a_memory_forgotten_since_is_explained_as_it_is_today(desk: Desk) -> None:
    """The recall is of then, the record of now."""
    memory_id = desk.remember(FACTS[0])
    desk.call("recall", query=QUESTION)
    desk.call("forget", id=memory_id)

    assert desk.call("why", last=True)["hits"][0]["memory"]["forgotten_at"]
    assert desk.call("why", id=memory_id)["recalled"]["hit"]["rank"] == 1


@pytest.mark.parametrize("how", [{}, {"for": QUESTION}])
def test_a_private_memory_is_not_there_for_agents(desk: Desk, how: dict[str, str]) -> None:
    """experience.md: ``--private`` memories never go through MCP; not even that they exist."""
    secret = desk.remember(FACTS[0], private=True)

    with pytest.raises(NotFound) as hidden:
        desk.call("why", id=secret, as_actor=AGENT, **how)
    with pytest.raises(NotFound) as absent:
        desk.call("why", id="zzzz", as_actor=AGENT, **how)

    assert desk.call("why", id=secret, **how)["memory"]["private"] is True
    assert str(hidden.value).replace(secret, "ID") == str(absent.value).replace("zzzz", "ID")
    assert hidden.value.hint == absent.value.hint


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({}, "give an id, or last"),
        ({"id": "k3m9q", "last": True}, "give an id, or last"),
        ({"last": True, "for": "x"}, "a question is asked of one memory"),
        ({"id": "k3m9q", "limit": 3}, "limit goes with a question"),
        ({"last": True, "tag": ["x"]}, "tag goes with a question"),
        ({"id": "u"}, "is not an id"),
    ],
)
def test_what_is_asked_for_is_said_clearly(desk: Desk, fields: dict[str, object], message: str) -> None:
    """A field that would be ignored is refused."""
    with pytest.raises(InvalidInput, match=message):
        desk.call("why", **fields)


def test_an_empty_question_is_refused(desk: Desk) -> None:
    """As recall refuses it."""
    with pytest.raises(InvalidInput, match="the query is empty"):
        desk.call("why", id=desk.remember(FACTS[0]), for_="  ")
