"""The block for a prompt: what is in it, in which order, within which budget, and what never is."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from slm.engine.context import HEADINGS
from slm.engine.fence import CLOSING, OPENING, tokens
from slm.errors import InvalidInput
from tests.engine.desk import Desk

API = "acme/api"


@pytest.fixture
def lived_in(desk: Desk) -> Desk:
    """A project with something of every kind."""
    desk.remember("the API listens on 5433", in_scope=API, at="2026-01-02")
    desk.remember("we deploy on Tuesdays", in_scope=API, kind="decision", at="2026-01-03")
    desk.remember("call me Al", kind="preference", pin=True, at="2026-01-01")
    desk.remember("never push to main", in_scope=API, pin=True, at="2026-01-01")
    desk.remember("the door code is 4711", in_scope=API, private=True, pin=True)
    desk.remember("another project's port is 1", in_scope="acme/web", pin=True)
    return desk


def test_a_block_holds_what_is_pinned_needed_decided_and_new(lived_in: Desk) -> None:
    """Brief: pinned, project scope, recent decisions, what the topic needs; each memory once."""
    block = lived_in.call("context", topic="API listens", in_scope=None, cwd=None)

    assert list(block["sections"]) == ["pinned"]
    assert block["topic_reason"]
    here = lived_in.call("context", topic="which port the API listens on", in_scope=API)
    told = {name: [lived_in.memory(i)["text"] for i in ids] for name, ids in here["sections"].items()}
    assert told["pinned"] == ["never push to main"]
    assert told["topic"][0] == "the API listens on 5433"
    assert "we deploy on Tuesdays" in told["topic"] + told.get("decisions", [])
    ids = [i for section in here["sections"].values() for i in section]
    assert len(ids) == len(set(ids))


def test_what_is_pinned_in_the_project_comes_before_what_is_pinned_everywhere(lived_in: Desk, tmp_path) -> None:
    """The nearer rule is the more likely one; the more important before the less."""
    urgent = lived_in.remember("rotate the keys", in_scope=API, pin=True, importance=0.9)
    repository = tmp_path / "api"
    (repository / ".git").mkdir(parents=True)
    (repository / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    (repository / ".git" / "config").write_text('[remote "origin"]\n url = https://github.com/acme/api\n')
    lived_in.call("scope_rename", from_=API, to="github.com/acme/api")

    pinned = lived_in.call("context", cwd=str(repository))["sections"]["pinned"]

    assert pinned[0] == urgent
    assert [lived_in.memory(i)["text"] for i in pinned[1:]] == ["never push to main", "call me Al"]


def test_private_memories_are_never_in_a_block_whoever_asks(lived_in: Desk) -> None:
    """experience.md: ``--private`` memories never go through MCP, hooks or ``context``."""
    for actor in ("cli", "hook", "mcp:x"):
        assert "4711" not in lived_in.call("context", topic="door code", in_scope=API, as_actor=actor)["text"]


def test_what_has_ended_was_replaced_or_forgotten_is_not_in_a_block(desk: Desk) -> None:
    """A prompt must not bring back what is not true any more."""
    desk.remember("the old office", valid_until="2020-01-01")
    desk.call("correct", id=desk.remember("we use vim"), text="we use emacs")
    desk.call("correct", id=desk.remember("rent is 900"), text="rent is 950", from_="2026-01-01")
    desk.call("forget", id=[desk.remember("a mistake")])

    text = desk.call("context", topic="office vim rent mistake")["text"]

    assert "emacs" in text
    assert "950" in text
    assert not any(gone in text for gone in ("old office", "vim", "900", "mistake"))


def test_turns_of_conversations_come_by_topic_only(desk: Desk) -> None:
    """Newest turns are noise in another prompt."""
    desk.remember("yes, thanks", kind="turn", session="s", speaker="user")

    assert desk.call("context")["text"] == ""
    assert desk.call("context", topic="yes, thanks")["sections"].keys() == {"topic"}


def test_an_empty_store_gives_an_empty_block(desk: Desk) -> None:
    """Nothing to say is not a fence around nothing."""
    block = desk.call("context", topic="anything")

    assert (block["text"], block["tokens"], block["sections"]) == ("", 0, {})


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(100, 900), st.sampled_from(["", "note about things", "漢字"]))
def test_a_block_keeps_its_budget_whole_memories_and_fence_included(crowded: Desk, budget, topic) -> None:
    """Specification: a token budget is of the whole block. Oracle: the count of the finished text."""
    block = crowded.call("context", topic=topic or None, budget=budget, why=True)

    assert tokens(block["text"]) == block["tokens"] <= budget
    lines = block["text"].split("\n")
    assert (lines[0], lines[-1]) == (OPENING, CLOSING)
    headings = [HEADINGS[name] for name in HEADINGS if name in block["sections"]]
    assert [line for line in lines if line in HEADINGS.values()] == headings
    shown = [i for ids in block["sections"].values() for i in ids]
    assert block["text"].count("[slm:") == len(shown) + 1
    assert not {entry["id"] for entry in block["left_out"]["budget"]} & set(shown)


@pytest.fixture
def crowded(desk: Desk) -> Desk:
    for i in range(40):
        desk.remember(f"note {i} about things", kind=("note", "decision")[i % 2], pin=i % 7 == 0)
    desk.remember("漢字 " * 400, pin=True)
    desk.remember("word " * 900)
    return desk


def test_the_same_question_gives_the_same_block(crowded: Desk) -> None:
    """Brief: deterministic; also after a restart."""
    before = crowded.call("context", topic="note about things", now="2026-12-01")
    crowded.reopen()

    assert crowded.call("context", topic="note about things", now="2026-12-01") == before


def test_many_pinned_memories_leave_room_for_the_topic(desk: Desk) -> None:
    """A section takes its share, then what is left over."""
    for i in range(60):
        desk.remember(f"rule number {i} of the house, which is long enough to fill a block", pin=True)
    needed = desk.remember("billing uses port 8443")

    block = desk.call("context", topic="billing port", budget=400)

    assert block["sections"]["topic"][0] == needed
    assert len(block["sections"]["pinned"]) > 3


def test_why_tells_what_had_no_room_and_what_was_not_considered(lived_in: Desk) -> None:
    """Brief: ``--why`` explains what it left out."""
    lived_in.call("correct", id=lived_in.remember("old", in_scope=API), text="new", from_="2026-01-01")
    for i in range(30):
        lived_in.remember(f"a decision of some length, number {i}", in_scope=API, kind="decision")

    left = lived_in.call("context", in_scope=API, budget=150, why=True)["left_out"]

    assert left["private"] == 1
    assert left["superseded"] == 1
    assert left["other_scopes"] == 2
    assert left["budget"]
    assert {entry["section"] for entry in left["budget"]} <= set(HEADINGS)
    assert "left_out" not in lived_in.call("context", in_scope=API)


@pytest.mark.parametrize("budget", [0, 99, 100_001])
def test_a_budget_out_of_bounds_is_refused(desk: Desk, budget) -> None:
    """A fence alone takes some thirty tokens."""
    with pytest.raises(InvalidInput, match="budget"):
        desk.call("context", budget=budget)


def test_a_recall_without_private_memories_can_be_asked_for(desk: Desk) -> None:
    """``recall --format context`` prints for prompts: the user's own question, but nothing private."""
    desk.remember("the door code is 4711", private=True)
    desk.remember("the door is green")

    assert desk.found("door", without_private=True) == ["the door is green"]
