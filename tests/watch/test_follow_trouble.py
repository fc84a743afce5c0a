"""Files and folders that are missing, unreadable or no notes: nothing is lost, and the reason is told."""

from __future__ import annotations

import os
import shutil
from typing import Any

import pytest

from slm.watch.tree import FolderGone
from tests.watch.notes import COFFEE, PORTS, Notes

BOTH = PORTS + "\n" + COFFEE
MOVED_PORT = BOTH.replace("5433", "5434")


def test_a_missing_file_is_given_a_moment(notes: Notes) -> None:
    """Editors move the old file away and write the new one: between the two nothing was deleted."""
    file = notes.write("a.md", BOTH)
    notes.round()
    file.unlink()

    def written_again() -> bool:
        notes.write("a.md", BOTH)
        return True

    notes.round(settle=written_again)

    assert len(notes.taken()) == 2
    assert notes.desk.ops()[0] == "remember"


def test_a_folder_that_is_gone_forgets_nothing(notes: Notes) -> None:
    """A drive that is not there, or a folder moved away, is no deletion of what was in it."""
    notes.write("a.md", BOTH)
    notes.round()
    before = notes.taken()
    aside = notes.folder.with_name("aside")
    notes.folder.rename(aside)

    with pytest.raises(FolderGone):
        notes.round()
    assert notes.taken() == before
    aside.rename(notes.folder)
    notes.round()

    assert notes.taken() == before
    assert len(notes.desk.ops()) == 3


def test_a_file_system_that_is_not_mounted_is_gone(notes: Notes, monkeypatch: pytest.MonkeyPatch) -> None:
    """The empty folder under a mount is another one than the folder that is watched."""
    notes.write("a.md", BOTH)
    notes.round()
    shutil.rmtree(notes.folder)
    notes.folder.mkdir()
    monkeypatch.setattr("slm.watch.follow.mount_point", lambda path: "/elsewhere")

    with pytest.raises(FolderGone, match="isn't mounted"):
        notes.round()

    assert len(notes.taken()) == 2


@pytest.mark.parametrize(
    ("content", "problem"),
    [(b"\x00\x01binary", "not a UTF-8 text"), (b"\xff\xfe", "not a UTF-8 text"), (b"a" * (1 << 20) + b"b", "1 MiB")],
)
def test_a_file_that_is_no_note_is_named_and_keeps_what_it_was(notes: Notes, content: bytes, problem: str) -> None:
    """A clear state in watch list; what the file said before is not thrown away for it."""
    notes.write("a.md", BOTH)
    notes.round()
    before = notes.taken()
    notes.write("a.md", content)

    tree = notes.round()

    assert problem in tree.problems["a.md"]
    assert notes.taken() == before
    notes.write("a.md", MOVED_PORT)
    assert notes.round().problems == {}
    assert any("5434" in text for text in notes.taken())


def test_a_file_that_git_ignores_now_is_gone(notes: Notes) -> None:
    """What is not to be followed is not kept as if it were; it comes back with the rule's end."""
    notes.write("a.md", BOTH)
    notes.round()
    before = notes.taken()

    rules = notes.write(".gitignore", "a.md\n")
    notes.round()
    assert notes.taken() == {}
    rules.unlink()
    notes.round()

    assert notes.taken() == before


def test_an_empty_file_and_empty_sections_are_no_memories(notes: Notes) -> None:
    """There is nothing to remember in them, and nothing to complain of."""
    notes.write("a.md", "")
    notes.write("b.md", "---\ntitle: x\n---\n")

    tree = notes.round()

    assert notes.taken() == {}
    assert tree.problems == {}


def test_a_folder_that_cant_be_read_keeps_its_memories(notes: Notes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rights that were taken away delete nothing."""
    notes.write("sub/a.md", PORTS)
    notes.write("b.md", COFFEE)
    notes.round()
    scandir = os.scandir

    def refusing(path: str) -> Any:
        if str(path).endswith("/sub"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr("os.scandir", refusing)
    tree = notes.round()

    assert len(notes.taken()) == 2
    assert tree.problems == {"sub/": "Permission denied"}


def test_a_file_with_a_name_that_is_no_unicode_is_a_problem_of_its_own(notes: Notes) -> None:
    """The others are taken in."""
    notes.write(os.fsdecode(b"caf\xe9.md"), PORTS)
    notes.write("a.md", COFFEE)

    tree = notes.round()

    assert [text[:6] for text in notes.taken()] == ["Coffee"]
    assert len(tree.problems) == 1


def test_a_file_written_just_now_is_read_once_more(notes: Notes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Within one tick of the clock a second write would leave no trace in the file's time and size."""
    monkeypatch.setattr("slm.watch.follow.FRESH_NS", 10**18)
    file = notes.folder / "a.md"
    file.write_text(PORTS)
    os.utime(file)
    notes.round()
    stamp = file.stat()
    file.write_text(PORTS.replace("5433", "5434"))
    os.utime(file, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))

    notes.round()

    assert "5434" in str(notes.only()["text"])
