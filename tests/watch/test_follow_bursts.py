"""Many notes at once: one commit, one undo, and others get their turn in between."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from slm.engine.request import Request
from slm.model import Caller
from slm.watch.follow import MOST_NOTES, SLICE_NOTES, Follow, Stopped
from tests.watch.notes import COFFEE, PORTS, Notes

BOTH = PORTS + "\n" + COFFEE
MOVED_PORT = BOTH.replace("5433", "5434")


def test_a_burst_of_a_thousand_files_is_one_commit_and_one_undo(notes: Notes) -> None:
    """The issue: a burst of 1,000 files is one batch."""
    for i in range(1000):
        notes.write(f"{i // 100}/{i}.md", f"# Note {i}\n\nnumber {i} of a burst\n")
    first = notes.desk.engine().store
    with first.read() as reader:
        before = reader.journal_head()[0]

    notes.round()

    assert len(notes.taken()) == 1000
    with first.read() as reader:
        entries = [entry for entry in reader.entries(before) if entry.op == "remember"]
    assert len({entry.time_ns for entry in entries}) == 1
    notes.desk.call("undo", entry=entries[0].seq)
    assert notes.taken() == {}


def test_more_notes_than_a_batch_holds_are_still_one_undo(notes: Notes) -> None:
    """Long take-ins let other writes through between two commits."""
    for part in range(3):
        notes.write(f"{part}.md", "".join(f"# Note {part}-{i}\n\ntext of it\n" for i in range(MOST_NOTES // 2)))
    notes.round()
    assert len(notes.taken()) == 1000
    total = len(notes.records())
    assert total == 3 * (MOST_NOTES // 2)

    notes.desk.call("undo", entry=notes.desk.call("log", limit=1)["entries"][0]["seq"])

    assert notes.taken() == {}


def test_other_writes_wait_for_a_slice_of_a_burst_only(notes: Notes, monkeypatch: pytest.MonkeyPatch) -> None:
    """A burst is embedded a slice at a time, and committed at once: somebody's remember isn't kept waiting."""
    for i in range(3 * SLICE_NOTES):
        notes.write(f"{i}.md", f"# Note {i}\n\nnumber {i}\n")
    turns: list[str] = []
    change = notes.desk.service.change

    def watching(caller: Caller, job: Callable[[Request], Any]) -> Any:
        turns.append(getattr(getattr(job, "func", job), "__name__", ""))
        if len(turns) == 4:
            notes.desk.remember("said in between")
        return change(caller, job)

    monkeypatch.setattr(notes.desk.service, "change", watching)
    notes.round()

    assert turns.count("_embedded") == 3
    texts = notes.desk.texts()
    assert texts[-1] == "said in between"
    assert len(texts) == 3 * SLICE_NOTES + 1


def test_a_daemon_that_leaves_takes_in_no_more(notes: Notes) -> None:
    """What wasn't committed is taken in after the next start."""
    notes.write("a.md", BOTH)

    with pytest.raises(Stopped):
        Follow(notes.desk.service, "default", notes.watch, lambda: True).round(lambda: True, lambda done, total: None)

    assert notes.taken() == {}
    notes.round()
    assert len(notes.taken()) == 2
