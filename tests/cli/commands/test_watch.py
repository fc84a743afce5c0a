from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from slm.errors import InvalidInput
from tests.cli.canned import refusal


def _watch(**more: Any) -> dict[str, Any]:
    """A watch as the engine lists it."""
    return {
        "number": 1, "name": "notes", "path": "/home/anna/notes", "globs": ["*.md"], "scope": "global", "mount": "/",
        "files": 2, "memories": 5, "left_out": 0, "state": "watching", "detail": "", "done": 2, "total": 2,
        "problems": [], "n_problems": 0, "rounds": 1,
    } | more  # fmt: skip


def test_add_waits_until_the_notes_are_taken_in(client, monkeypatch) -> None:
    """Whoever scripts it may recall right after; the daemon does the work."""
    monkeypatch.setattr("slm.cli.commands.watch.POLL_S", 0.001)
    lists = [{"watches": [_watch(rounds=0, state="taking in", done=done)]} for done in (0, 1)]
    answers = {"watch_add": _watch(), "watch_list": [*lists, {"watches": [_watch()]}]}

    ran = client("watch", "add", "/", "--glob", "*.md", "--glob", "*.txt", "--name", "all", answers=answers)

    assert (ran.code, ran.stdout) == (0, "")
    assert ran.stderr == "watching /: 2 files, 5 memories\n"
    assert ran.calls[0] == ("watch_add", {"path": "/", "glob": ["*.md", "*.txt"], "name": "all"})


def test_add_names_the_files_that_cant_be_taken_in(client) -> None:
    """A clear state at once, not only when asked for."""
    trouble = _watch(problems=[{"path": "a.md", "problem": "not a UTF-8 text"}], n_problems=3)
    ran = client("watch", "add", ".", answers={"watch_add": _watch(), "watch_list": {"watches": [trouble]}})

    assert ran.stderr.splitlines()[-2:] == ["  a.md: not a UTF-8 text", "  … and 2 more"]


@pytest.mark.parametrize("state", ["gone", "failing"])
def test_add_doesnt_wait_for_what_doesnt_get_on(client, state: str) -> None:
    """The folder may vanish at any time."""
    answers = {"watch_add": _watch(), "watch_list": {"watches": [_watch(rounds=0, state=state)]}}

    assert client("--json", "watch", "add", "/", answers=answers).code == 0


def test_add_tells_what_doesnt_get_on(client) -> None:
    """A folder that has vanished is not just "0 files"."""
    gone = _watch(rounds=0, files=0, memories=0, state="gone", detail="No such file or directory")

    ran = client("watch", "add", "/", answers={"watch_add": _watch(), "watch_list": {"watches": [gone]}})

    assert "the folder can't be found" in ran.stderr


def test_a_watch_that_somebody_removes_meanwhile_is_said(client) -> None:
    """Another terminal."""
    ran = client("watch", "add", "/", answers={"watch_add": _watch(), "watch_list": {"watches": []}})

    assert (ran.code, "removed the watch" in ran.stderr) == (4, True)


def test_a_watch_is_removed_by_its_name_from_a_deleted_folder_too(client, tmp_path, monkeypatch) -> None:
    """A name is no path."""
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    answers = {"watch_list": {"watches": [_watch()]}, "watch_remove": _watch(forgotten=0)}

    assert client("watch", "remove", "notes", answers=answers).calls[-1] == ("watch_remove", {"watch": "notes"})
    assert client("watch", "remove", "other", answers=answers).code == 2


def test_a_relative_folder_is_one_of_the_callers(client, monkeypatch, tmp_path: Path) -> None:
    """The daemon stands somewhere else."""
    (tmp_path / "notes").mkdir()
    monkeypatch.chdir(tmp_path)
    ran = client("watch", "add", "notes", answers={"watch_add": _watch(), "watch_list": {"watches": [_watch()]}})

    assert ran.calls[0][1]["path"] == str(tmp_path / "notes")


def test_list_shows_every_watch_and_how_it_does(either) -> None:
    """client.md: a clear state in watch list."""
    watches = [
        _watch(left_out=1),
        _watch(name="drive", state="gone", detail="No such file or directory"),
        _watch(name="big", state="polling", detail="the limit is reached"),
        _watch(name="new", state="taking in", done=3, total=9),
    ]
    ran = either("watch", "list", answers={"watch_list": {"watches": watches}})

    lines = ran.stdout.splitlines()
    assert lines[:2] == [
        "notes  /home/anna/notes  *.md → global",
        "  up to date; 2 files, 5 memories, 1 left out because you forgot them",
    ]
    assert lines[3].startswith("  the folder can't be found; nothing was forgotten")
    assert "looked at every second: the limit is reached" in lines[5]
    assert "taking in 3 of 9 files" in lines[7]


def test_list_of_nothing_says_how_to_begin(either) -> None:
    """Data on stdout, talk on stderr."""
    ran = either("watch", "list", answers={"watch_list": {"watches": []}})

    assert (ran.stdout, ran.stderr) == ("", "nothing is watched; slm watch add DIR\n")


def test_list_as_json_is_the_answer_itself(either) -> None:
    """One document."""
    ran = either("watch", "list", "--json", answers={"watch_list": {"watches": [_watch()]}})

    assert '"state": "watching"' in ran.stdout


@pytest.mark.parametrize(("given", "sent"), [("notes", "notes"), ("/home/anna/notes", "/home/anna/notes")])
def test_remove_takes_a_name_or_a_folder(either, given: str, sent: str) -> None:
    """A name wins over a folder of that name here."""
    answers = {"watch_list": {"watches": [_watch()]}, "watch_remove": _watch(forgotten=5)}
    ran = either("watch", "remove", given, "--forget", answers=answers)

    assert ran.calls[-1] == ("watch_remove", {"watch": sent, "forget": True})
    assert ran.stderr == "no longer watching /home/anna/notes; forgot 5 memories\n"


def test_remove_says_that_the_memories_stay(either) -> None:
    """Nothing is lost by ending to watch."""
    answers = {"watch_list": {"watches": [_watch()]}, "watch_remove": _watch(forgotten=0)}

    assert "its memories stay" in either("watch", "remove", "notes", answers=answers).stderr


def test_a_refusal_is_an_error_with_its_own_code(client) -> None:
    """As everywhere."""
    ran = client("watch", "add", "/x", answers={"watch_add": refusal(InvalidInput, "no such folder: /x")})

    assert (ran.code, ran.stderr) == (2, "slm: error: no such folder: /x\n  fix: mend it\n")


def test_watch_alone_is_wrong_usage(client) -> None:
    """A group says which commands it has."""
    assert client("watch").code == 2
