"""The threads themselves, on real files."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from slm.errors import StorageRefused
from slm.watch.watcher import Watcher
from tests.engine.desk import Desk
from tests.watch.notes import COFFEE, PORTS

DEADLINE_S = 20.0


def eventually(condition: Callable[[], object]) -> None:
    """Return as soon as ``condition`` holds; fail when it doesn't within the deadline."""
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline, "the condition never came true"
        time.sleep(0.01)


@pytest.fixture
def watcher(desk: Desk) -> Iterator[Watcher]:
    made = Watcher(desk.service)
    yield made
    made.close()


def _texts(desk: Desk) -> set[str]:
    return {text.split("\n")[0] for text in desk.texts()}


def _shown(desk: Desk) -> dict[str, Any]:
    return dict(desk.call("watch_list")["watches"][0])


def test_notes_are_remembered_as_they_are_written(desk: Desk, folder: Path, watcher: Watcher) -> None:
    """The issue: new and changed notes, deletions and renames, without a command."""
    (folder / "a.md").write_text(PORTS)
    desk.call("watch_add", path=str(folder))
    eventually(lambda: _texts(desk) == {"Ports"})

    (folder / "b.md").write_text(COFFEE)
    eventually(lambda: _texts(desk) == {"Ports", "Coffee"})
    (folder / "a.md").write_text(PORTS.replace("5433", "5434"))
    eventually(lambda: any("5434" in text for text in desk.texts()))
    (folder / "b.md").unlink()
    eventually(lambda: _texts(desk) == {"Ports"})

    eventually(lambda: _shown(desk)["state"] == "watching")


def test_what_changed_while_the_daemon_was_away_is_caught_up(desk: Desk, folder: Path) -> None:
    """The issue: survives restarts, its state is in the store; a profile nobody asks for is followed, too."""
    desk.call("watch_add", path=str(folder), profile="other")
    first = Watcher(desk.service)
    (folder / "a.md").write_text(PORTS)
    eventually(lambda: desk.texts(profile="other"))
    first.close()
    desk.reopen()
    (folder / "a.md").rename(folder / "c.md")
    (folder / "b.md").write_text(COFFEE)

    second = Watcher(desk.service)
    try:
        eventually(lambda: len(desk.texts(profile="other")) == 2)
    finally:
        second.close()

    assert {record["source"].rpartition("/")[2] for record in desk.call("list", profile="other")["memories"]} == {
        "b.md",
        "c.md",
    }
    assert not (desk.root / "default").exists()


def test_a_removed_watch_is_followed_no_more(desk: Desk, folder: Path, watcher: Watcher) -> None:
    """The thread ends; what is written later stays unknown."""
    (folder / "a.md").write_text(PORTS)
    desk.call("watch_add", path=str(folder))
    eventually(lambda: _texts(desk) == {"Ports"})

    desk.call("watch_remove", watch="notes")
    eventually(lambda: not watcher._followers)
    (folder / "b.md").write_text(COFFEE)

    assert desk.call("watch_list")["watches"] == []
    assert _texts(desk) == {"Ports"}


def test_a_folder_that_is_gone_is_said_and_taken_up_again(desk: Desk, folder: Path, watcher: Watcher) -> None:
    """The issue: vanished directories have a clear state; nothing is forgotten for them."""
    (folder / "a.md").write_text(PORTS)
    desk.call("watch_add", path=str(folder))
    eventually(lambda: _texts(desk) == {"Ports"})
    aside = folder.with_name("aside")
    shutil.move(folder, aside)

    eventually(lambda: _shown(desk)["state"] == "gone")
    assert _texts(desk) == {"Ports"}
    bad = next(check for check in desk.call("doctor")["checks"] if check["name"] == "watches")
    assert not bad["ok"]
    assert desk.call("status")["watches"] == {"total": 1, "troubled": 1}
    shutil.move(aside, folder)

    eventually(lambda: _shown(desk)["state"] == "watching")
    (folder / "b.md").write_text(COFFEE)
    eventually(lambda: _texts(desk) == {"Ports", "Coffee"})


def test_what_keeps_a_watch_from_going_on_is_said_and_tried_again(
    desk: Desk, folder: Path, watcher: Watcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk must not end the thread, nor lose the note."""
    monkeypatch.setattr("slm.watch.watcher.RETRY_S", 0.05)
    refusals = iter([StorageRefused("the disk is full"), RuntimeError("a bug")])
    change = desk.service.change

    def failing(caller: Any, job: Any) -> Any:
        if caller.actor == "watch:notes" and (error := next(refusals, None)) is not None:
            raise error
        return change(caller, job)

    monkeypatch.setattr(desk.service, "change", failing)
    (folder / "a.md").write_text(PORTS)
    desk.call("watch_add", path=str(folder))

    eventually(lambda: _texts(desk) == {"Ports"})
    eventually(lambda: _shown(desk)["state"] == "watching")


def test_closing_ends_every_thread(desk: Desk, folder: Path) -> None:
    """The daemon leaves without waiting for a change."""
    desk.call("watch_add", path=str(folder))
    watcher = Watcher(desk.service)
    eventually(lambda: _shown(desk)["rounds"])
    followers = list(watcher._followers.values())

    watcher.close()

    assert not any(follower.is_alive() for follower in followers)
