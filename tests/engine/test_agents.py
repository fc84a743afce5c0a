"""What an injected agent can't do, asked of the engine itself: no surface is between."""

from __future__ import annotations

from typing import Any

import pytest

from slm.engine.agents import ALLOWED
from slm.engine.ops import OPS
from slm.engine.service import OWN_OPS
from slm.errors import InvalidInput, NeedsUser, NotFound
from slm.store.journal import MAX_ACTOR_BYTES
from tests.engine.desk import Desk

AGENT, ABSENT = "mcp:injected", "zzzzzzzzzzzz"
NOT_THEIRS = sorted((set(OPS) | set(OWN_OPS)) - set(ALLOWED))

LEAST: dict[str, dict[str, Any]] = {
    "undo": {"entry": 1}, "tag": {"id": "a", "add": "x"}, "pin": {"id": "a"}, "unpin": {"id": "a"},
    "scope_rename": {"from": "a", "to": "b"}, "profile_create": {"name": "x"}, "profile_delete": {"name": "default"},
    "audit_resolve": {"conflict": "a"}, "claims_add": {"id": "a", "claim": ["a.b=c"]}, "claims_drop": {"id": ["a"]},
    "restore": {"path": "/a"}, "watch_add": {"path": "/a"}, "watch_remove": {"watch": "a"},
    "weights_restore": {"learnt": {}},
}  # fmt: skip
"""Fields that an operation can't do without."""


@pytest.mark.parametrize("op", NOT_THEIRS)
def test_an_operation_that_is_not_listed_is_refused_to_agents(desk: Desk, op) -> None:
    """experience.md: an injected agent must not be able to destroy. A new operation is closed until it is listed."""
    with pytest.raises(NeedsUser, match="agents can't"):
        desk.call(op, as_actor=AGENT, **LEAST.get(op, {}))


@pytest.mark.parametrize(
    "op", ["undo", "pin", "unpin", "export", "log", "scope_rename", "profile_delete", "weights_reset"]
)
def test_what_destroys_or_shows_all_is_not_listed(op) -> None:
    """The list itself, checked against the worst."""
    assert op in NOT_THEIRS


@pytest.mark.parametrize("field", ["pin", "private", "force", "no_redact", "supersedes", "importance", "batch"])
def test_an_agent_can_neither_pin_nor_force_nor_keep_secrets(desk: Desk, field) -> None:
    """client.md: the arguments of memory_remember are all there are."""
    value: Any = {"supersedes": ["k3m9q"], "importance": 1.0, "batch": [{"text": "x"}]}.get(field, True)

    with pytest.raises(NeedsUser, match=field):
        desk.call("remember", text="x", as_actor=AGENT, **{field: value})


@pytest.mark.parametrize("selector", ["tag", "source", "mentions"])
def test_an_agent_forgets_by_id_alone(desk: Desk, selector) -> None:
    """One call must not hide a whole store."""
    desk.remember("one", tag="x", source="y")

    with pytest.raises(NeedsUser):
        desk.call("forget", as_actor=AGENT, **{selector: "x"})
    assert desk.texts() == ["one"]


def test_a_pinned_memory_is_neither_corrected_nor_hidden_by_an_agent(desk: Desk) -> None:
    """client.md: pinned memories answer ``needs_user``."""
    pinned, other = desk.remember("the user's rule", pin=True), desk.remember("a note")

    with pytest.raises(NeedsUser, match="pinned"):
        desk.call("correct", id=pinned, text="the agent's rule", as_actor=AGENT)
    gone = desk.call("forget", id=[pinned, other], as_actor=AGENT)

    assert gone["needs_user"] == [pinned]
    assert [record["id"] for record in gone["forgotten"]] == [other]
    assert desk.texts() == ["the user's rule"]


def test_the_user_corrects_and_hides_what_is_pinned(desk: Desk) -> None:
    """The rule is for agents: nothing changes for people."""
    pinned = desk.remember("old rule", pin=True)
    corrected = desk.call("correct", id=pinned, text="new rule")["id"]

    assert desk.call("forget", id=[corrected])["forgotten"][0]["id"] == corrected
    assert "needs_user" not in desk.call("forget", id=[corrected])


def test_saying_what_is_pinned_again_changes_nothing_but_its_count(desk: Desk) -> None:
    """A confirmation brings its tags along: an agent's don't reach a pinned memory."""
    pinned = desk.remember("the user's rule", pin=True, tag=["mine"])

    desk.call("remember", text="the user's rule", tag=["theirs"], as_actor=AGENT)

    assert desk.memory(pinned)["tags"] == ["mine"]
    assert desk.memory(pinned)["confirmations"] == 1


@pytest.mark.parametrize(
    ("op", "fields"),
    [
        ("show", {}), ("show", {"history": True}), ("why", {}), ("why", {"for": "code"}), ("used", {}), ("forget", {}),
        ("correct", {"text": "x"}), ("disclose", {"to": "http://localhost"}), ("claims_list", {}),
    ],
)  # fmt: skip
def test_a_private_memory_has_no_id_for_an_agent(desk: Desk, op, fields) -> None:
    """experience.md: private memories never go through MCP. It can't be told from one that isn't there."""
    secret = desk.remember("the door code is 4711", private=True)
    named = secret if op in ("why", "correct") else [secret]

    with pytest.raises(NotFound) as there:
        desk.call(op, id=named, as_actor=AGENT, **fields)
    absent = ABSENT if isinstance(named, str) else [ABSENT]
    with pytest.raises(NotFound) as nowhere:
        desk.call(op, id=absent, as_actor=AGENT, **fields)

    assert there.value.message.replace(secret, "ID") == nowhere.value.message.replace(ABSENT, "ID")


def test_ids_that_fit_a_prefix_are_not_told_to_an_agent(desk: Desk) -> None:
    """The names of private memories are among them."""
    first = desk.remember("one")
    while True:
        second = desk.remember(f"another {len(desk.texts())}", private=True)
        if second[0] == first[0]:
            break

    for op, fields in (("show", {}), ("used", {}), ("forget", {}), ("disclose", {"to": "x"}), ("claims_list", {})):
        with pytest.raises(NotFound) as told:
            desk.call(op, id=[first[0]], as_actor=AGENT, **fields)
        assert second not in told.value.message


def test_saying_a_private_text_tells_an_agent_nothing(desk: Desk) -> None:
    """Otherwise ``confirmed`` would answer the question whether the user keeps it."""
    secret = desk.remember("the door code is 4711", private=True, idempotency_key="k")

    by_text = desk.call("remember", text="The door code is 4711", as_actor=AGENT)
    by_key = desk.call("remember", text="else", idempotency_key="k", as_actor=AGENT)

    assert {by_text["status"], by_key["status"]} == {"stored"}
    assert secret not in (by_text["id"], by_key["id"])
    assert desk.memory(secret).get("confirmations", 0) == 0


def test_a_history_leaves_private_versions_out_for_an_agent(desk: Desk) -> None:
    """A public memory may supersede a private one."""
    secret = desk.remember("the code is 4711", private=True)
    public = desk.remember("the code has changed", supersedes=[secret])

    assert [old["id"] for old in desk.history(public)] == [secret]
    assert desk.memory(public, history=True, as_actor=AGENT)["history"] == []


def test_an_id_whose_successor_is_private_is_not_there_for_an_agent(desk: Desk) -> None:
    """Old ids lead to what stands today, which may be private."""
    public = desk.remember("the lock is old")
    desk.remember("the code is 4711", private=True, supersedes=[public])

    for op in ("show", "used"):
        with pytest.raises(NotFound):
            desk.call(op, id=[public], as_actor=AGENT)


def test_an_unknown_operation_is_a_mistake_for_agents_too(desk: Desk) -> None:
    """It isn't the user's to allow."""
    with pytest.raises(InvalidInput):
        desk.call("annihilate", as_actor=AGENT)


def test_every_listed_field_of_an_operation_there_is_exists() -> None:
    """A misspelt permission would never be noticed; those of operations to come are allowed."""
    later = {"remember": {"claims"}}
    for op in set(ALLOWED) & set(OPS):
        assert ALLOWED[op] - set(OPS[op].fields) <= later.get(op, set()), op


@pytest.mark.parametrize(
    "caller",
    [{"in_scope": "a\nb"}, {"in_scope": "a\0"}, {"in_scope": ""}, {"in_scope": "s" * 5000}, {"as_actor": ""},
     {"as_actor": "mcp:a\nb"}, {"as_actor": "a" * (MAX_ACTOR_BYTES + 1)}],
)  # fmt: skip
@pytest.mark.parametrize(("op", "fields"), [("remember", {"text": "x"}), ("recall", {"query": "x"})])
def test_words_of_a_caller_that_no_record_could_keep_are_refused(desk: Desk, caller, op, fields) -> None:
    """They are stored with the memories: one such record, and no import would take the whole export."""
    with pytest.raises(InvalidInput, match="the caller: field"):
        desk.call(op, **fields, **caller)

    assert desk.exported() == []
