"""Every operation with any values: an answer or an error that says what to mend; and nothing more for an agent."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from slm.engine.agents import ALLOWED
from slm.engine.ops import OPS
from slm.errors import SlmError
from tests.engine.desk import Desk

AGENT, SECRET = "mcp:agent", "heliotrope"
TIMES = ["0001-01-01", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "1677", "2262-05-01", "yesterday",
         "999999 years ago", "in 999999 years", "", "25:00"]  # fmt: skip
TEXTS = ["", " ", "olives", "a.b=1", "a.b=1e400", "a=\ud7ff", "\u202e", "x" * 5000, "-1", "0" * 400, "%", "[", "*"]
IDS = ["0", "k", "zzzz", "slm:", "0/0", "/"]
NUMBERS = [0, 1, 2, -1, 1000, 1001, 2**31, 2**63, 10**400]
UNSAFE = {"backup", "watch_add", "scope_rename", "weights_reset"}
"""These write elsewhere, or change what the other examples stand on."""
PEOPLES = sorted(set(OPS) - UNSAFE)


class Known:
    """A store with a private and a pinned memory among others, open for all examples."""

    def __init__(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.desk = Desk(Path(self.folder.name))
        self.desk.remember("olives are green", tag="food", claim=["a.b=1"], source="notes.md")
        self.private = self.desk.remember(
            f"the {SECRET} is 4711", private=True, tag=SECRET, claim=[f"{SECRET}.code=4711"], source=SECRET, session="s"
        )
        self.other = self.desk.remember(f"{SECRET} has moved", private=True, claim=[f"{SECRET}.code=4712"])
        self.pinned = self.desk.remember("tea is at four", pin=True, session="s")
        self.desk.remember("tea is late", session="s")
        self.ids = [record["id"] for record in self.desk.exported()]

    def kept(self) -> list[dict[str, Any]]:
        """What no agent may change; that a pinned memory was used or said again is no change."""
        counted = ("uses", "last_used", "confirmations", "lifecycle")
        kept = (self.private, self.other, self.pinned)
        held = [record for record in self.desk.exported() if record.get("id") in kept]
        return [{name: value for name, value in record.items() if name not in counted} for record in held]


@pytest.fixture(scope="module")
def known() -> Iterator[Known]:
    made = Known()
    yield made
    made.desk.service.close()
    made.folder.cleanup()


kept_back = known
"""Another one, that no person has changed."""


def values(kind: str, words: list[str]) -> st.SearchStrategy[Any]:
    """Values of a kind of field, edges among them, and now and then one of another kind."""
    texts = st.sampled_from([*TEXTS, *IDS, *words, "food", "notes.md", "s", "global"]) | st.text(max_size=12)
    numbers = st.sampled_from(NUMBERS)
    right: dict[str, st.SearchStrategy[Any]] = {
        "text": texts,
        "path": texts,
        "texts": st.lists(texts, max_size=3) | texts,
        "time": st.sampled_from(TIMES),
        "integer": numbers,
        "number": numbers | st.floats(),
        "flag": st.booleans(),
        "records": st.lists(
            st.fixed_dictionaries({"text": texts}, optional={"valid_from": st.sampled_from(TIMES)}), max_size=2
        ),
        "object": st.dictionaries(st.text(max_size=5), numbers, max_size=2),
    }
    return right[kind] | st.sampled_from([None, True, 7, "x", [], {}])


def drawn(data: st.DataObject, op: str, words: list[str], names: list[str]) -> dict[str, Any]:
    fields = OPS[op].fields
    chosen = [name for name in names if fields[name].required or data.draw(st.integers(0, 3)) == 0]
    return {name: data.draw(values(fields[name].type, words), label=name) for name in chosen}


@pytest.mark.parametrize("op", PEOPLES)
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_values_break_an_operation(op, data, known: Known) -> None:
    """client.md: an error says what to mend; anything but an SlmError is a bug."""
    fields = drawn(data, op, [*known.ids, SECRET], list(OPS[op].fields))
    try:
        json.dumps(known.desk.call(op, **fields), allow_nan=False)
    except SlmError:
        return


@pytest.mark.parametrize("op", sorted(OPS))
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_operation_shows_an_agent_what_is_private_or_changes_what_is_pinned(op, data, kept_back: Known) -> None:
    """experience.md: private memories never go through MCP, and what is pinned is the user's; by whatever operation."""
    before = kept_back.kept()
    words = kept_back.ids[:1] if op in ("remember", "correct") else [*kept_back.ids, SECRET]  # it mustn't tell itself
    fields = drawn(data, op, words, sorted(ALLOWED.get(op, OPS[op].fields)))
    asked = json.dumps(fields)
    try:
        told = json.dumps(kept_back.desk.call(op, as_actor=AGENT, **fields))
    except SlmError as error:
        told = f"{error.message} {error.hint} {error.where}"

    assert kept_back.kept() == before
    for hidden in (SECRET, kept_back.private, kept_back.other, "4711", "4712"):
        assert hidden in asked or hidden not in told
