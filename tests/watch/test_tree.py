from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from slm.watch.tree import FolderGone, look

TEMPORARY = [
    ".#a.md", "#a.md#", "a.md~", ".a.md.swp", ".a.md.swx", "a.md.tmp", "4913", "~$a.md", "a.md___jb_tmp___",
    "a.md.part", ".goutputstream-X.md", ".a.md.kate-swp",
]  # fmt: skip


def _write(root: Path, *paths: str) -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("x")


@pytest.mark.parametrize("name", TEMPORARY)
def test_what_editors_leave_while_they_work_is_no_note(tmp_path: Path, name: str) -> None:
    """The files that Emacs, Vim, Office, JetBrains, GNOME and Kate make, even where everything is wanted."""
    _write(tmp_path, name, "a.md")

    assert list(look(str(tmp_path), ["*"]).files) == ["a.md"]


def test_globs_choose_by_name_or_by_path(tmp_path: Path) -> None:
    """Patterns as in .gitignore: without a slash a name anywhere, with one a path, ! takes out again."""
    _write(tmp_path, "a.md", "b.txt", "daily/c.md", "daily/d.txt", "x/daily/e.md")

    assert sorted(look(str(tmp_path), ["*.md"]).files) == ["a.md", "daily/c.md", "x/daily/e.md"]
    assert sorted(look(str(tmp_path), ["/daily/"]).files) == ["daily/c.md", "daily/d.txt"]
    assert sorted(look(str(tmp_path), ["*.md", "!c.md", "*.txt"]).files) == [
        "a.md",
        "b.txt",
        "daily/d.txt",
        "x/daily/e.md",
    ]


def test_hidden_folders_are_passed_over(tmp_path: Path) -> None:
    """.git, .obsidian, .trash: what programs keep for themselves."""
    _write(tmp_path, ".obsidian/a.md", ".trash/b.md", ".hidden.md", "c.md")

    assert list(look(str(tmp_path), ["*"]).files) == ["c.md"]


def test_symbolic_links_are_named_and_never_followed(tmp_path: Path) -> None:
    """The issue: loops of links; a link may also lead to what isn't meant to be remembered."""
    _write(tmp_path, "a.md", "sub/b.md")
    (tmp_path / "sub" / "up").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "link.md").symlink_to("/etc/passwd")

    tree = look(str(tmp_path), ["*.md"])

    assert sorted(tree.files) == ["a.md", "sub/b.md"]
    assert tree.problems == {"link.md": "a symbolic link, not followed"}


def test_pipes_and_folders_with_a_notes_name_are_no_notes(tmp_path: Path) -> None:
    """Reading a pipe would wait for ever."""
    os.mkfifo(tmp_path / "a.md")
    _write(tmp_path, "b.md/c.md")

    tree = look(str(tmp_path), ["*.md"])

    assert list(tree.files) == ["b.md/c.md"]
    assert tree.problems == {"a.md": "not a file"}


def test_of_a_folder_that_cant_be_read_nothing_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its files are not missing: whoever takes a folder's rights away hasn't deleted what is in it."""
    _write(tmp_path, "a.md", "locked/b.md")
    scandir = os.scandir

    def refusing(path: str) -> Iterator[os.DirEntry[str]]:
        if str(path).endswith("/locked"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr("os.scandir", refusing)
    tree = look(str(tmp_path), ["*.md"])

    assert tree.problems == {"locked/": "Permission denied"}
    assert not tree.lacks("locked/b.md")
    assert not tree.lacks("a.md")
    assert tree.lacks("other/b.md")


def test_a_root_that_isnt_there_is_said_to_be_gone(tmp_path: Path) -> None:
    """So that nothing is taken for deleted."""
    with pytest.raises(FolderGone, match="No such file"):
        look(str(tmp_path / "none"), ["*"])


def test_names_that_are_no_unicode_are_found(tmp_path: Path) -> None:
    """A look never fails on a name; reading such a file says what is wrong with it."""
    (tmp_path / os.fsdecode(b"caf\xe9.md")).write_text("x")

    assert len(look(str(tmp_path), ["*.md"]).files) == 1
