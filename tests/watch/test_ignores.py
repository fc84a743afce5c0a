"""git itself is the oracle: ``git check-ignore`` on real folders."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from slm.watch.ignores import Ignores
from slm.watch.tree import look

GIT = shutil.which("git")
FILES = ["a.md", "keep.md", "build/a.md", "docs/a.md", "docs/build/b.md", "docs/deep/x/draft.md", "tmp1.md", "no te.md"]
RULES: dict[str, Mapping[str, str]] = {
    "names and negation": {".gitignore": "*.md\n!keep.md\n"},
    "folders and anchors": {".gitignore": "/build/\ntmp?.md\n"},
    "a nested file decides": {".gitignore": "*.md\n", "docs/.gitignore": "!a.md\n"},
    "an ignored folder hides its exceptions": {".gitignore": "docs/\n!docs/a.md\n"},
    "stars and remarks": {".gitignore": "# all drafts\n**/draft.md\ndocs/**/b.md\n\\#x\n"},
    "trailing blanks, escapes and classes": {".gitignore": "no\\ te.md   \ntmp[0-9].md\n"},
    "info/exclude": {".git/info/exclude": "keep.md\n"},
    "the nearer file wins over exclude": {".git/info/exclude": "keep.md\n", ".gitignore": "!keep.md\n"},
    "a broken pattern": {".gitignore": "[\na.md\n"},
}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    if GIT is None:
        pytest.skip("git is not installed, and it is the oracle")
    subprocess.run([GIT, "init", "-q", str(tmp_path / "repo")], check=True)
    for file in FILES:
        path = tmp_path / "repo" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    return tmp_path / "repo"


def _not_ignored_by_git(repository: Path) -> list[str]:
    assert GIT is not None
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    command = [GIT, "ls-files", "-z", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=repository, env=environment, capture_output=True, check=True)
    return sorted(name for name in listed.stdout.decode().split("\0") if name.endswith(".md"))


@pytest.mark.parametrize("name", RULES)
def test_the_notes_found_are_those_that_git_would_track(repository: Path, name: str) -> None:
    """The issue: what .gitignore names is ignored, nested files included."""
    for path, rules in RULES[name].items():
        (repository / path).write_text(rules)

    assert sorted(look(str(repository), ["*.md"]).files) == _not_ignored_by_git(repository)


def test_the_rules_above_the_watched_folder_count(repository: Path) -> None:
    """gitignore(5): patterns are read from every folder up to the top of the repository."""
    (repository / ".gitignore").write_text("docs/build/\n")
    (repository / "docs" / ".gitignore").write_text("draft.md\n")

    assert list(look(str(repository / "docs"), ["*.md"]).files) == ["a.md"]


def test_a_folder_that_is_ignored_itself_may_be_watched(repository: Path) -> None:
    """Whoever names it wants what is in it; many keep their notes untracked beside the code."""
    (repository / ".gitignore").write_text("docs/\n")

    assert "a.md" in look(str(repository / "docs"), ["*.md"]).files


def test_outside_a_repository_gitignore_files_count_from_the_watched_folder(tmp_path: Path) -> None:
    """The folder's own files say what it doesn't want, repository or not; those above it are another's."""
    (tmp_path / ".gitignore").write_text("a.md\n")
    notes = tmp_path / "notes"
    notes.mkdir()
    (notes / ".gitignore").write_text("b.md\n")
    for name in ("a.md", "b.md"):
        (notes / name).write_text("x")

    assert list(look(str(notes), ["*.md"]).files) == ["a.md"]


@pytest.mark.parametrize("content", [b"\xff\xfe*.md", b"*.md\n" * 300_000])
def test_rules_that_cant_be_read_are_no_rules(tmp_path: Path, content: bytes) -> None:
    """A damaged or endless file must neither hide everything nor stop the look."""
    (tmp_path / ".gitignore").write_bytes(content)

    assert not Ignores().within(str(tmp_path)).rules


def test_a_pipe_called_gitignore_is_not_waited_for(tmp_path: Path) -> None:
    """Opening a pipe waits for a writer unless it is opened without waiting."""
    os.mkfifo(tmp_path / ".gitignore")

    assert not Ignores().within(str(tmp_path)).rules
