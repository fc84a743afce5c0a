"""Real files and real inotify; what the system refuses is made up."""

from __future__ import annotations

import errno
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from slm.watch.changes import Changes

NEVER_S = 3600.0


@pytest.fixture
def changes(folder: Path) -> Iterator[Changes]:
    """Listening, and without the clock's looks."""
    made = Changes(folder, quiet_s=0.05, check_s=NEVER_S)
    made.listen()
    yield made
    made.close()


def _deep(folder: Path) -> None:
    (folder / "a" / "b").mkdir(parents=True)
    (folder / "a" / "b" / "c.md").write_text("x")


ACTS: dict[str, Callable[[Path], object]] = {
    "write": lambda folder: (folder / "there.md").write_text("y"),
    "create": lambda folder: (folder / "new.md").write_text("x"),
    "create deep": _deep,
    "rename": lambda folder: (folder / "there.md").rename(folder / "other.md"),
    "delete": lambda folder: (folder / "there.md").unlink(),
    "move away": lambda folder: (folder / "there.md").rename(folder.parent / "away.md"),
    "replace the folder": lambda folder: (shutil.move(folder, folder.parent / "aside"), folder.mkdir()),
}


@pytest.mark.parametrize("act", ACTS)
def test_every_change_calls_for_a_look(folder: Path, act: str) -> None:
    """The issue: new, changed, deleted and renamed notes; also the watched folder itself."""
    (folder / "there.md").write_text("x")
    changes = Changes(folder, quiet_s=0.05, check_s=NEVER_S)
    changes.listen()
    try:
        ACTS[act](folder)
        assert changes.wait()
    finally:
        changes.close()


def test_looking_calls_for_no_look(changes: Changes, folder: Path) -> None:
    """Reading and listing are no changes, or a look would call for the next one for ever."""
    (folder / "a.md").write_text("x")
    assert changes.wait()

    (folder / "a.md").read_text()
    list(folder.iterdir())
    stopper = threading.Timer(0.6, changes.stop)
    stopper.start()

    assert not changes.wait()


def test_stopping_ends_every_waiting(changes: Changes) -> None:
    """The daemon leaves at once."""
    changes.stop()

    assert not changes.wait()
    assert not changes.pause(NEVER_S)


@pytest.mark.parametrize(("number", "said"), [(errno.ENOSPC, "max_user_watches"), (errno.EMFILE, "max_user_instances")])
def test_without_room_for_watches_the_folder_is_polled(
    folder: Path, monkeypatch: pytest.MonkeyPatch, number: int, said: str
) -> None:
    """The issue: inotify's limits give a clear state; notes are remembered all the same."""

    def full(*_: object) -> None:
        raise OSError(number, "limit")

    monkeypatch.setattr("slm.watch.changes._observer", full)
    changes = Changes(folder)
    changes.listen()

    assert said in changes.why_polled
    assert changes.wait()


def test_a_limit_that_leaves_some_folders_out_is_noticed(changes: Changes, monkeypatch: pytest.MonkeyPatch) -> None:
    """watchdog says nothing of a folder below that it couldn't watch: one watch more is tried instead."""
    changes.probe()
    assert changes.why_polled == ""

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "limit")

    monkeypatch.setattr("watchdog.observers.api.BaseObserver.schedule", full)
    changes.probe()

    assert "max_user_watches" in changes.why_polled
    changes.probe()


def test_a_network_file_system_is_polled(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """inotify sees what this machine writes there, not what others do."""
    monkeypatch.setattr("slm.watch.changes.file_system_of", lambda path, mounts: "nfs4")
    changes = Changes(folder)
    changes.listen()

    assert changes.why_polled == "a network file system (nfs4) doesn't tell what others change"


def test_a_folder_that_was_removed_and_made_again_is_heard_again(changes: Changes, folder: Path) -> None:
    """The watch belongs to the folder that is gone; the place on the disk may be the same."""
    folder.rmdir()
    assert changes.wait()
    folder.mkdir()
    changes.listen()

    (folder / "a.md").write_text("x")

    assert changes.wait()
