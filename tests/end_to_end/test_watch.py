"""A real daemon on real files."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.end_to_end.home import Home, wait_until

PORTS = "# Ports\n\nThe billing api listens on 5433 since the move to the new database cluster.\n"
COFFEE = "# Coffee\n\nThe machine in the kitchen is broken until Thursday, says the facility desk.\n"


@pytest.fixture
def notes(home: Home) -> Path:
    made = Path(home.env["HOME"], "notes")
    made.mkdir()
    return made


def _listed(home: Home) -> str:
    return home.slm("list", "--all-scopes").out


def test_a_folder_is_followed_by_the_daemon(home: Home, notes: Path) -> None:
    """The issue: notes are remembered as they are written, and told in watch list, status and doctor."""
    (notes / "a.md").write_text(PORTS)
    added = home.slm("watch", "add", "notes")
    assert added.err == f"watching {notes}: 1 file, 1 memory\n"
    assert "5433" in home.slm("recall", "which", "port", "does", "billing", "use").out

    (notes / "b.md").write_text(COFFEE)
    assert wait_until(lambda: "Coffee" in _listed(home))

    assert "up to date; 2 files, 2 memories" in home.slm("watch", "list").out
    assert "1 folder" in home.slm("status").out
    assert "1 watched folder" in home.slm("doctor").out
    assert home.slm("watch", "remove", "notes").err.endswith("its memories stay\n")


@pytest.mark.parametrize("how", ["stop", "kill"])
def test_a_restarted_daemon_catches_up(home: Home, notes: Path, how: str) -> None:
    """The issue: survives restarts, by kill -9 too; state is in the store."""
    (notes / "a.md").write_text(PORTS)
    (notes / "b.md").write_text(COFFEE)
    home.slm("watch", "add", "notes")
    before = {record["text"]: record["id"] for record in home.exported()}
    getattr(home, how)()
    (notes / "a.md").rename(notes / "moved.md")
    (notes / "b.md").write_text(COFFEE.replace("Thursday", "Friday"))
    (notes / "c.md").write_text("# Tea\n\nThere is tea on the second floor, and biscuits on most of the days.\n")

    home.slm("daemon", "start")

    assert wait_until(lambda: all(word in _listed(home) for word in ("Tea", "Friday")))
    after = {record["text"]: record for record in home.exported()}
    ports = next(text for text in before if "5433" in text)
    assert after[ports]["id"] == before[ports]
    assert after[ports]["source"].endswith("/moved.md")
    assert sum(record.get("never_true", False) for record in after.values()) == 1


@pytest.mark.slow
def test_killed_in_the_middle_of_a_burst_nothing_is_doubled_or_lost(home: Home, notes: Path) -> None:
    """trust.md: kill -9 at any moment; afterwards each note is one memory."""
    home.slm("watch", "add", "notes")
    for i in range(300):
        (notes / f"{i}.md").write_text(f"# Note {i}\n\nnumber {i} of a burst\n")
    wait_until(lambda: "taking in" in home.slm("watch", "list").out, 5.0)
    home.kill()

    home.slm("daemon", "start")
    assert wait_until(lambda: "300 files, 300 memories" in home.slm("watch", "list").out)
    assert len(home.exported()) == 300


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_changing_branches_back_and_forth_gives_the_same_memories(home: Home, notes: Path) -> None:
    """Notes that go with a branch come back with it, by their own ids."""
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "HOME": home.env["HOME"]}

    def git(*words: str) -> None:
        command = ["git", "-c", "user.name=x", "-c", "user.email=x@y", *words]
        subprocess.run(command, cwd=notes, check=True, capture_output=True, env=environment)

    git("init", "-q", "-b", "main")
    (notes / "a.md").write_text(PORTS)
    git("add", ".")
    git("commit", "-qm", "ports")
    git("switch", "-qc", "coffee")
    (notes / "b.md").write_text(COFFEE)
    git("add", ".")
    git("commit", "-qm", "coffee")
    home.slm("watch", "add", "notes")
    before = _listed(home).split("\n")[0][:5]

    git("switch", "-q", "main")
    assert wait_until(lambda: "Coffee" not in _listed(home))
    git("switch", "-q", "coffee")
    assert wait_until(lambda: "Coffee" in _listed(home))

    assert before in _listed(home)
    assert len(home.exported()) == 2
