"""What an answer to an agent doesn't name. Expectation: experience.md, private memories never go through MCP.

An id opens nothing for an agent, but it says that there is something, and of what.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from slm.engine.agents import ALLOWED
from slm.errors import SlmError
from slm.llm.prompt import messages
from tests.engine.desk import Desk
from tests.engine.planted import (
    CLAIMED,
    CLAIMED_HIDDEN,
    FIRST,
    HIDDEN,
    HIDDEN_TRUTH,
    LAST,
    MIDDLE,
    QUESTION,
    WRONG,
    WRONG_TEXT,
    plant,
)  # fmt: skip

OPEN = (FIRST, LAST, WRONG, CLAIMED)
ASKED: dict[str, list[dict[str, Any]]] = {
    "remember": [
        {"text": WRONG_TEXT}, {"text": "the port of the api is 5432"},
        {"text": "a cellar", "claim": ["cellar.state=wet"]},
    ],
    "recall": [{"query": QUESTION, "why": True, "min_confidence": 0}, {"query": QUESTION, "min_confidence": 1}],
    "context": [{"topic": QUESTION, "why": True}],
    "why": [{"last": True}, *({"id": one} for one in OPEN), *({"id": one, "for": QUESTION} for one in OPEN)],
    "show": [{"id": [one], "history": True} for one in OPEN],
    "list": [{}],
    "used": [{"id": [one]} for one in (*OPEN, *HIDDEN)],
    "disclose": [{"id": [one], "to": "http://localhost"} for one in OPEN],
    "audit": [{"explain": True, "accepted": True}],
    "claims_list": [{}, *({"id": [one]} for one in OPEN)],
    "correct": [{"id": one, "text": f"else {one}"} for one in (*OPEN, *HIDDEN)],
    "forget": [{"id": [one]} for one in (*OPEN, *HIDDEN)],
}  # fmt: skip
"""For each operation that agents have, what one would ask in this store; those that change it come last."""


def answer(desk: Desk, op: str, **asked: Any) -> str:
    """All that comes back, an error too."""
    try:
        return json.dumps(desk.call(op, **asked))
    except SlmError as error:
        return json.dumps([error.message, error.where, error.hint])


def test_no_operation_names_a_private_memory_to_an_agent(desk: Desk) -> None:
    """Every operation that is open to agents is asked; what is found is the whole id or the five letters people see."""
    plant(desk)
    assert ASKED.keys() == ALLOWED.keys(), "a new operation is asked here too"

    for op, each in ASKED.items():
        for fields in each:
            told = answer(desk, op, as_actor="mcp:curious", **fields)
            given = json.dumps(fields)
            assert not [name for name in HIDDEN if name[:5] in told and name not in given], (op, fields, told)


@pytest.mark.parametrize("op", ["recall", "show", "why"])
def test_people_are_told_every_link(desk: Desk, op: str) -> None:
    """The other way round: nothing is left out for those whose memories they are."""
    plant(desk)
    asked = {"recall": {"query": QUESTION, "min_confidence": 0}, "show": {"id": [LAST]}, "why": {"id": FIRST}}[op]

    assert MIDDLE in answer(desk, op, **asked)


def test_a_question_without_private_memories_gets_no_link_to_one(desk: Desk) -> None:
    """``recall --format context`` goes into a prompt, so it is answered as an agent is."""
    plant(desk)

    told = answer(desk, "recall", query=QUESTION, min_confidence=0, without_private=True)

    assert LAST in told
    assert not [name for name in HIDDEN if name in told]


def test_advice_for_a_conflict_that_is_seen_names_no_claim_that_is_not(desk: Desk) -> None:
    """What would settle it for the user takes the hidden claim along; an agent's advice is of what it sees alone."""
    plant(desk)
    desk.remember("the cellar is wet", claim=["cellar.state=wet"])

    seen = [json.dumps(desk.call("why", id=CLAIMED, as_actor=actor)["conflicts"]) for actor in ("cli", "mcp:curious")]

    assert [CLAIMED_HIDDEN in conflicts for conflicts in seen] == [True, False]
    assert all(CLAIMED in conflicts for conflicts in seen)


def test_a_hidden_successor_gives_way_to_the_next_that_may_be_seen(desk: Desk) -> None:
    """What matters to the agent is that the memory no longer stands, and where to go on."""
    plant(desk)

    hits = desk.hits(QUESTION, as_actor="mcp:curious")

    first = next(hit for hit in hits if hit["memory"]["id"] == FIRST)
    assert (first["memory"]["superseded_by"], first["successor"], first["flags"]) == (LAST, LAST, ["superseded"])


def test_what_only_a_hidden_memory_replaces_is_still_called_superseded(desk: Desk) -> None:
    """Its text must not pass for true. The flag says so, in a prompt as in an answer, and names nobody."""
    old = desk.remember("the port of the api is 5432")
    desk.remember("the port of the api is 5433", private=True, supersedes=[old])

    (hit,) = desk.hits(QUESTION, as_actor="mcp:curious")

    assert (hit["memory"]["superseded_by"], hit["flags"]) == (None, ["superseded"])
    assert '"replaced": true' in messages(QUESTION, [hit], {old: old[:5]})[1]["content"]


def test_a_correction_that_is_private_is_not_named_as_the_reason(desk: Desk) -> None:
    """``known_wrong`` and ``why`` point people at what is right; an agent is told that it is wrong, no more."""
    plant(desk)

    wrong = desk.call("remember", text=WRONG_TEXT, as_actor="mcp:curious")
    (excluded,) = desk.call("why", **{"id": WRONG, "for": "gate", "as_actor": "mcp:curious"})["excluded"]

    assert wrong["status"] == "known_wrong"
    assert HIDDEN_TRUTH not in wrong["message"]
    assert HIDDEN_TRUTH in desk.call("remember", text=WRONG_TEXT)["message"]
    assert (excluded["by"], excluded["hint"]) == ("corrected", None)
