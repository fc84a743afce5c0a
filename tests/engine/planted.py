"""A store in which memories that agents don't see stand between, before, behind and beside some that they do."""

from __future__ import annotations

from typing import Any, NamedTuple

from tests.engine.desk import Desk

FIRST, MIDDLE, LAST = "aaaaa0000001", "zqyzq0000002", "aaaaa0000003"
WRONG, HIDDEN_TRUTH = "aaaaa0000004", "zqyzr0000005"
CLAIMED, CLAIMED_HIDDEN = "aaaaa0000006", "zqyzs0000007"
HIDDEN = (MIDDLE, HIDDEN_TRUTH, CLAIMED_HIDDEN)
QUESTION = "which port does the api use"
WRONG_TEXT = "the gate of the garden is green"


class Link(NamedTuple):
    """Fields of the records of two memories, the second of which takes the place of the first."""

    old: dict[str, Any]
    new: dict[str, Any]


def link(old: str, new: str, *, never_true: bool = False) -> Link:
    ending = {"never_true": True} if never_true else {"valid_until": "2026-02-01T00:00:00Z"}
    return Link({"superseded_by": new, **ending}, {"supersedes": [old]})


def plant(desk: Desk) -> None:
    """A memory replaced by a private one, that by an open one; a private correction; a private contradiction."""
    one, two = link(FIRST, MIDDLE), link(MIDDLE, LAST)
    wrong = link(WRONG, HIDDEN_TRUTH, never_true=True)
    records = [
        {"id": FIRST, "text": "the port of the api is 5431", **one.old},
        {"id": MIDDLE, "text": "the port of the api is 5432", "private": True, **one.new, **two.old},
        {"id": LAST, "text": "the port of the api is 5433", **two.new},
        {"id": WRONG, "text": WRONG_TEXT, **wrong.old},
        {"id": HIDDEN_TRUTH, "text": "the gate of the garden is blue", "private": True, **wrong.new},
        {"id": CLAIMED, "text": "the cellar of the house is open", "claims": ["cellar.state=open"]},
        {"id": CLAIMED_HIDDEN, "text": "the cellar is shut now", "claims": ["cellar.state=shut"], "private": True},
    ]
    made = desk.call("remember", as_actor="import:jsonl", batch=records)["results"]
    assert [result["status"] for result in made] == ["stored"] * len(records)
