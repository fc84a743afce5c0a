"""watch_add, watch_list, watch_remove as operations; what happens to notes is in tests/watch."""

from __future__ import annotations

from pathlib import Path

import pytest

from slm.engine.watch_board import MOST_PROBLEMS, Report
from slm.engine.watches import is_marked, mount_point
from slm.errors import InvalidInput, NotFound
from tests.engine.desk import Desk


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "notes"
    made.mkdir()
    return made


def test_a_watch_is_kept_with_its_name_globs_and_scope(desk: Desk, folder: Path) -> None:
    """client.md: watch add DIR; the scope is the caller's choice, else the folder's project."""
    desk.call("watch_add", path=str(folder), glob="*.txt", in_scope="acme/api")
    desk.reopen()

    (watch,) = desk.call("watch_list")["watches"]

    assert (watch["name"], watch["path"], watch["globs"]) == ("notes", str(folder), ("*.txt",))
    assert (watch["scope"], watch["state"], watch["files"]) == ("acme/api", "starting", 0)


def test_a_link_to_a_folder_is_watched_where_it_leads(desk: Desk, folder: Path) -> None:
    """One folder has one path, however it was reached."""
    (folder.parent / "link").symlink_to(folder)

    assert desk.call("watch_add", path=str(folder.parent / "link"))["path"] == str(folder)


@pytest.mark.parametrize("below", [".", "sub", ".."])
def test_folders_that_overlap_are_refused(desk: Desk, folder: Path, below: str) -> None:
    """Or each note in both would be remembered twice."""
    (folder / "sub").mkdir()
    desk.call("watch_add", path=str(folder))

    with pytest.raises(InvalidInput, match="watched"):
        desk.call("watch_add", path=str(folder / below))


@pytest.mark.parametrize("path", ["relative", "/no/such/folder", "/etc/passwd"])
def test_what_is_no_folder_is_refused(desk: Desk, path: str) -> None:
    """A mistake of the user, said at once."""
    with pytest.raises(InvalidInput, match="no such folder"):
        desk.call("watch_add", path=path)


def test_slms_own_data_are_not_watched(desk: Desk) -> None:
    """Nothing there is a note."""
    with pytest.raises(InvalidInput, match="own data"):
        desk.call("watch_add", path=str(desk.root))


def test_folders_of_one_name_are_told_apart(desk: Desk, folder: Path) -> None:
    """The journal names the watch; a name that the user chose is not changed."""
    other = folder.parent / "other" / "notes"
    other.mkdir(parents=True)
    desk.call("watch_add", path=str(folder))

    with pytest.raises(InvalidInput, match="called 'notes' already"):
        desk.call("watch_add", path=str(other), name="notes")
    assert desk.call("watch_add", path=str(other))["name"] == "notes-2"


@pytest.mark.parametrize("fields", [{"name": "two\nlines"}, {"name": " "}, {"glob": [""]}, {"glob": ["a\nb"]}])
def test_names_and_globs_are_one_printable_line(desk: Desk, folder: Path, fields: dict[str, object]) -> None:
    """They are shown on terminals and written into the journal."""
    with pytest.raises(InvalidInput):
        desk.call("watch_add", path=str(folder), **fields)


@pytest.mark.parametrize("by_path", [False, True])
def test_a_watch_is_removed_by_name_or_folder(desk: Desk, folder: Path, by_path: bool) -> None:
    """client.md: watch remove DIR. Numbers are never given twice, so that nothing left over is mistaken."""
    first = desk.call("watch_add", path=str(folder))
    desk.call("watch_remove", watch=str(folder) if by_path else "notes")

    assert desk.call("watch_list")["watches"] == []
    assert desk.call("watch_add", path=str(folder))["number"] == first["number"] + 1
    assert desk.ops() == ["watch", "unwatch", "watch"]


def test_what_isnt_watched_cant_be_removed(desk: Desk, folder: Path) -> None:
    """The error names what there is."""
    desk.call("watch_add", path=str(folder))

    with pytest.raises(NotFound, match="watched as letters") as caught:
        desk.call("watch_remove", watch="letters")
    assert "notes" in str(caught.value.hint)


def test_a_profile_with_watches_is_marked(desk: Desk, folder: Path) -> None:
    """A starting daemon opens marked profiles alone; listing heals a mark that a restored backup lacks."""
    desk.call("watch_add", path=str(folder))
    profile = desk.root / "default"
    assert is_marked(profile)
    (profile / "watched").unlink()

    desk.call("watch_list")
    assert is_marked(profile)
    desk.call("watch_remove", watch="notes")

    assert not is_marked(profile)


def test_problems_are_named_up_to_a_number_and_counted(desk: Desk, folder: Path) -> None:
    """A folder of ten thousand broken files must not fill the screen; doctor names one and the rest's number."""
    number = desk.call("watch_add", path=str(folder))["number"]
    problems = {f"{i:03}.md": "not a UTF-8 text" for i in range(30)}
    desk.service.board.put("default", number, Report("watching", problems=problems, rounds=1))

    (watch,) = desk.call("watch_list")["watches"]
    doctor = {check["name"]: check for check in desk.call("doctor")["checks"]}["watches"]

    assert (len(watch["problems"]), watch["n_problems"]) == (MOST_PROBLEMS, 30)
    assert doctor["detail"].endswith("000.md can't be taken in: not a UTF-8 text, and 29 more")


def test_doctor_says_what_is_polled(desk: Desk, folder: Path) -> None:
    """Polling works, so it is no failure; why it is so is said."""
    number = desk.call("watch_add", path=str(folder))["number"]
    desk.service.board.put("default", number, Report("polling", "the limit is reached", rounds=1))

    doctor = {check["name"]: check for check in desk.call("doctor")["checks"]}["watches"]

    assert doctor["ok"]
    assert doctor["detail"] == f"1 watched folder; {folder} is looked at every second: the limit is reached"


def test_the_mount_point_of_a_path_is_a_folder_above_it(tmp_path: Path) -> None:
    """/proc is a mount on every Linux."""
    assert mount_point("/proc/self") == "/proc"
    assert str(tmp_path).startswith(mount_point(str(tmp_path)))


@pytest.mark.parametrize(("op", "field"), [("watch_add", "path"), ("watch_remove", "watch"), ("backup", "path")])
def test_a_path_that_no_system_takes_is_refused(desk: Desk, op: str, field: str) -> None:
    """A NUL ends a path for the system; found by fuzzing."""
    with pytest.raises(InvalidInput, match="takes a path"):
        desk.call(op, **{field: "/tmp/a\0b"})
