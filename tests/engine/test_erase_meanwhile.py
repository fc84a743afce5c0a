"""What others get while memories are erased. Expectations: trust.md, no byte is left; worker.py, queries go first."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from slm.engine import mentions
from slm.engine.worker import Worker
from slm.errors import TimedOut
from slm.store import rewrite, scan_files
from tests.engine.desk import Desk
from tests.engine.erasable import OTHERS, SECRET, lived_in, traces
from tests.engine.traces import left_in


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """A small store is erased from in as many steps as a large one."""
    monkeypatch.setattr(mentions, "STRIDE", 1)
    monkeypatch.setattr(rewrite, "_COMMIT_BYTES", 1000)
    monkeypatch.setattr(scan_files, "_HEAL_ROWS", 1)


def between_steps(desk: Desk, patch: pytest.MonkeyPatch, ask: Any) -> None:
    """Have ``ask()`` done on the numeric worker wherever waiting queries would be served."""
    asking: list[bool] = []

    def serve() -> None:
        if not asking:
            asking.append(True)
            ask()
            asking.clear()

    worker = desk.engine()._worker  # its own thread runs what it submits at once, as it would a waiting query
    patch.setattr(worker, "serve_queries", serve)


@pytest.mark.usefixtures("small_steps")
def test_recalls_are_answered_throughout(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything that stays is found at every step; what goes is found until its commit, and never after it."""
    first, second = lived_in(desk)
    wanted = traces(desk, first, second)
    answers: list[tuple[list[str], list[str]]] = []
    between_steps(desk, monkeypatch, lambda: answers.append((desk.found("ports vault bread"), desk.texts())))

    desk.call("erase", id=[first])

    assert len(answers) > 50
    for found, listed in answers:
        assert set(OTHERS) <= set(found)
        assert set(OTHERS) <= set(listed)
        assert any(SECRET in text for text in found) == any(SECRET in text for text in listed)
    shown = [len(found) > len(OTHERS) for found, _ in answers]
    assert shown == sorted(shown, reverse=True)
    assert set(shown) == {True, False}
    assert shown.index(False) < len(shown) // 2, "the longest part comes after the commit"
    assert left_in(desk.root, wanted) == []


@pytest.mark.usefixtures("small_steps")
def test_scores_meanwhile_are_those_of_afterwards(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The old index, once it has followed, ranks as the new one does. Oracle: the new one, after all is done."""
    first, _ = lived_in(desk)
    scores: list[dict[str, float]] = []
    between_steps(desk, monkeypatch, lambda: scores.append(desk.scores("note about ports")))

    desk.call("erase", id=[first])

    last = desk.scores("note about ports")
    after_commit = [each for each in scores if len(each) == len(OTHERS)]
    assert len(after_commit) > 20
    assert all(each == last for each in after_commit)


@pytest.mark.usefixtures("small_steps")
def test_what_is_written_meanwhile_waits_and_is_kept(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is being copied takes no change: it would be missing in the copy."""
    first, _ = lived_in(desk)
    writing = threading.Thread(target=lambda: desk.remember("written meanwhile"))
    seen: list[list[str]] = []

    def ask() -> None:
        if not writing.ident:
            writing.start()
        seen.append(desk.texts())

    between_steps(desk, monkeypatch, ask)
    desk.call("erase", id=[first])
    writing.join()
    monkeypatch.undo()

    assert not any("written meanwhile" in texts for texts in seen)
    desk.reopen()
    assert sorted(desk.texts()) == sorted([*OTHERS, "written meanwhile"])


@pytest.mark.usefixtures("small_steps")
def test_a_profile_that_erases_again_at_its_start_serves_nobody_before_it_is_open(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Whoever asks for it then would open it a second time."""
    first, _ = lived_in(desk)
    desk.call("backup", path=str(tmp_path / "old.slm"))
    desk.call("erase", id=[first])
    served: list[str] = []
    monkeypatch.setattr(Worker, "serve_queries", lambda _: served.append("too early"))

    desk.call("restore", path=str(tmp_path / "old.slm"), name="second")

    assert served == []
    assert sorted(desk.texts(profile="second")) == sorted(OTHERS)


@pytest.mark.usefixtures("small_steps")
def test_an_export_begun_meanwhile_goes_on_afterwards(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """It begins after the commit, so it promises no more than there is."""
    first, _ = lived_in(desk)
    monkeypatch.setattr("slm.engine.export.PAGE", 3)
    begun: list[dict[str, Any]] = []

    def ask() -> None:
        if not begun and len(desk.texts()) == len(OTHERS):
            begun.append(desk.call("export"))

    between_steps(desk, monkeypatch, ask)
    desk.call("erase", id=[first])

    lines, page = [], begun[0]
    while True:
        lines += page["lines"]
        if page["next"] is None:
            break
        page = desk.call("export", after=page["next"])
    assert [line["text"] for line in lines if "text" in line] == OTHERS
    assert lines[-1] == {"slm_export_end": len(OTHERS)}


@pytest.mark.usefixtures("small_steps")
def test_a_change_that_waits_too_long_is_told_what_for(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """STYLE.md, an error: what, and the next step. A batch waits, as an import would break off otherwise."""
    first, _ = lived_in(desk)
    monkeypatch.setattr("slm.engine.service.WRITE_PATIENCE_S", 0.001)
    told: list[BaseException] = []
    waited = threading.Event()

    def change() -> None:
        try:
            desk.remember("one change")
        except TimedOut as error:
            told.append(error)
        waited.set()

    batch = threading.Thread(target=lambda: desk.call("remember", batch=[{"text": "a batch"}]))
    changing = threading.Thread(target=change)

    def ask() -> None:
        if not changing.ident and len(desk.texts()) == len(OTHERS):
            batch.start()
            changing.start()
            waited.wait(20.0)

    between_steps(desk, monkeypatch, ask)
    desk.call("erase", id=[first])
    batch.join()
    changing.join()

    assert [str(error).splitlines()[0] for error in told] == [
        "memories are being erased, and changes wait for that; nothing was changed"
    ]
    assert sorted(desk.texts()) == sorted([*OTHERS, "a batch"])


def test_an_erasing_begins_only_from_the_last_look(desk: Desk) -> None:
    """What was written since could tell of what goes, and would stay."""
    first, second = lived_in(desk)
    engine = desk.engine()
    going = desk.service.inspect(lambda _: engine.doomed([3]))
    desk.call("tag", id=second, add=["since"])

    with pytest.raises(AssertionError, match="nothing was written since"):
        desk.service.inspect(lambda _: engine.erase(going, "cli"))
    assert desk.memory(first)["id"] == second
