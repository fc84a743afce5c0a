from __future__ import annotations

import pytest

from slm.engine.summary import WIDTH, summary
from slm.store.journal import JournalEntry


def _entry(op: str, payload: dict | None) -> JournalEntry:
    known = {"seq": 1, "op": op, "actor": "cli", "payload": payload, "time_ns": 0, "hash": bytes(32)}
    fields = JournalEntry.__annotations__
    return JournalEntry(**{name: known.get(name, bytes(32)) for name in fields})


CHANGE = {"id": "abcdefghjkmn", "before": {"pinned": False}, "after": {"pinned": True}}


@pytest.mark.parametrize(
    ("op", "payload", "line"),
    [
        ("remember", {"created": [{"id": "k3m9q0000000", "text": "a\n b"}], "changes": []}, "k3m9q a b"),
        ("pin", {"changes": [CHANGE]}, "abcde pinned"),
        ("pin", {"changes": [CHANGE] * 5}, "abcde pinned, abcde pinned, abcde pinned and 2 more"),
        ("use", {"ids": ["abcdefghjkmn"]}, "abcdefghjkmn"),
        ("undo", {"entries": [7], "changes": [CHANGE]}, "of entry 7 abcde pinned"),
        ("undo", {"entries": [9, 8, 7, 6], "changes": []}, "of entry 9, 8, 7 …"),
        ("scope_rename", {"from": "a", "to": "b", "changes": [CHANGE]}, "abcde pinned a → b"),
        ("epoch", {"memories": 5}, "variance published at 5 memories"),
        ("remember", None, "(erased)"),
    ],
)
def test_an_entry_is_told_in_a_line(op: str, payload: dict | None, line: str) -> None:
    """Pinned behaviour: what ``log`` and ``undo`` show."""
    assert summary(_entry(op, payload)) == line


def test_a_long_text_is_cut_where_the_line_ends() -> None:
    """Pinned behaviour: a line each, whatever was remembered."""
    line = summary(_entry("remember", {"created": [{"id": "k3m9q0000000", "text": "word " * 1000}]}))

    assert len(line) <= len("k3m9q ") + WIDTH
    assert line.endswith("…")
