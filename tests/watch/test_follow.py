"""What becomes of the memories when notes change. Expectations: the issue's list for watch, experience.md."""

from __future__ import annotations

from pathlib import Path

import pytest

from slm.engine.note_plan import EDITED, GONE
from slm.watch.follow import WatchRemoved
from tests.engine.ages import state
from tests.engine.calendar import Clock
from tests.engine.desk import Desk
from tests.watch.notes import COFFEE, PORTS, Notes

BOTH = PORTS + "\n" + COFFEE
MOVED_PORT = BOTH.replace("5433", "5434")


def test_a_note_becomes_a_memory_of_each_section(notes: Notes) -> None:
    """The issue: notes are remembered; trust .7, actor watch:NAME; observed when the file was written."""
    file = notes.write("a.md", BOTH)

    notes.round()

    ports, coffee = sorted(notes.records().values(), key=lambda record: record["text"], reverse=True)
    assert (ports["text"].splitlines()[0], coffee["text"].splitlines()[0]) == ("Ports", "Coffee")
    assert ports["source"] == ports["session"] == str(file)
    assert (ports["actor"], ports["trust"]) == ("watch:notes", 0.7)
    assert ports["observed_at"].startswith("2023-11-14")


def test_a_day_that_a_note_is_dated_with_is_the_users_day(notes: Notes, monkeypatch) -> None:
    """client.md: a naive time keeps its written day in the user's zone; "on 3 March" must find it from any."""
    monkeypatch.setenv("TZ", "America/Los_Angeles")
    notes.restart()
    notes.write("2026-03-03.md", PORTS)

    notes.round()

    assert notes.only()["observed_at"] == "2026-03-03T00:00:00-08:00"


def test_a_second_look_at_the_same_notes_changes_nothing(notes: Notes) -> None:
    """Idempotent: only what was written is read."""
    notes.write("a.md", BOTH)
    notes.round()
    before = notes.desk.exported()

    notes.round()
    notes.restart()
    notes.round()

    assert notes.desk.exported() == before
    assert notes.desk.ops() == ["remember", "remember", "watch"]


def test_touching_a_file_enters_nothing_into_the_journal(notes: Notes) -> None:
    """The text decides, not the time of the file."""
    notes.write("a.md", BOTH)
    notes.round()

    notes.write("a.md", BOTH)
    notes.round()

    assert notes.desk.ops() == ["remember", "remember", "watch"]


def test_an_edited_section_corrects_its_memory_and_leaves_the_others(notes: Notes) -> None:
    """The issue: section-level correction, history kept, ids of untouched sections stable."""
    notes.write("a.md", BOTH)
    notes.round()
    before = notes.taken()

    notes.write("a.md", MOVED_PORT)
    notes.round()

    after = notes.taken()
    coffee = next(text for text in before if text.startswith("Coffee"))
    assert after[coffee] == before[coffee]
    new = next(memory_id for text, memory_id in after.items() if "5434" in text)
    (old,) = notes.desk.history(new)
    assert "5433" in old["text"]
    assert (old["never_true"], old["reason"]) == (True, EDITED + "a.md")


def test_a_correction_keeps_what_the_user_has_made_of_the_memory(notes: Notes) -> None:
    """experience.md: the successor inherits tags, pin, scope and uses."""
    notes.write("a.md", PORTS)
    notes.round()
    (old,) = notes.taken().values()
    notes.desk.call("tag", id=old, add="infra")
    notes.desk.call("pin", id=[old])
    notes.desk.call("used", id=[old])

    notes.write("a.md", PORTS.replace("5433", "5434"))
    notes.round()

    new = notes.only()
    assert (new["tags"], new["pinned"], new["uses"]) == (["infra"], True, 1)


def test_an_edit_goes_on_from_the_life_of_what_it_corrects(notes: Notes, monkeypatch: pytest.MonkeyPatch) -> None:
    """experience.md: the successor inherits uses, on their days. The life of a correction by hand is the oracle."""
    clock, desk = Clock(monkeypatch), notes.desk
    notes.write("a.md", PORTS)
    notes.round()
    noted, written = notes.only()["id"], desk.remember("the deploy is on Tuesday", as_actor="watch:notes")
    for day in (5, 40):
        clock.go_to(day)
        desk.call("used", id=[noted, written])
    clock.go_to(300)

    notes.write("a.md", PORTS.replace("5433", "5434"))
    notes.round()
    corrected = desk.call("correct", id=written, text="the deploy is on Monday", as_actor="watch:notes")["id"]

    (edited,) = (memory_id for text, memory_id in notes.taken().items() if "5434" in text)
    assert state(desk, edited) == state(desk, corrected)


def test_a_section_under_a_new_heading_stays_one_memory(notes: Notes) -> None:
    """The text below is the same, so what changed is a correction and no deletion."""
    notes.write("a.md", BOTH)
    notes.round()

    notes.write("a.md", BOTH.replace("# Ports", "# Network"))
    notes.round()

    assert notes.desk.ops()[0] == "correct"
    assert any(text.startswith("Network") for text in notes.taken())


def test_a_removed_section_is_forgotten_with_its_reason_and_comes_back(notes: Notes) -> None:
    """The issue: deletions mark; nothing automatic loses anything; text that returns is the same memory."""
    notes.write("a.md", BOTH)
    notes.round()
    before = notes.taken()

    notes.write("a.md", PORTS)
    notes.round()
    hidden = next(record for record in notes.records().values() if "Coffee" in record["text"])
    assert hidden["reason"] == GONE + "a.md"
    notes.write("a.md", BOTH)
    notes.round()

    assert notes.taken() == before
    assert notes.desk.ops()[:2] == ["return", "forget"]


def test_a_deleted_file_is_forgotten_and_undo_brings_it_back(notes: Notes) -> None:
    """The issue: deletions are undoable, all of a batch at once."""
    file = notes.write("a.md", BOTH)
    notes.round()
    before = notes.taken()
    file.unlink()
    notes.round()
    assert notes.taken() == {}
    assert notes.shown()["files"] == 0

    entry = notes.desk.call("log", limit=1)["entries"][0]
    assert (entry["op"], entry["actor"]) == ("forget", "watch:notes")
    notes.desk.call("undo", entry=entry["seq"])

    assert notes.taken() == before
    notes.round()
    assert notes.taken() == before


def test_what_the_user_forgot_stays_out_also_when_edited(notes: Notes) -> None:
    """The issue: what was forgotten by the user is not taken in again; watch list says so."""
    notes.write("a.md", BOTH)
    notes.round()
    coffee = next(memory_id for text, memory_id in notes.taken().items() if "Coffee" in text)
    notes.desk.call("forget", id=[coffee], reason="private")

    notes.write("a.md", MOVED_PORT.replace("Thursday", "Friday"))
    notes.round()
    notes.write("b.md", "x\n")
    (notes.folder / "a.md").rename(notes.folder / "c.md")
    notes.round()

    assert [text for text in notes.taken() if "Coffee" in text] == []
    assert notes.shown()["left_out"] == 1


def test_undoing_the_forgetting_takes_the_section_up_again(notes: Notes) -> None:
    """The other half: what was brought back follows its section."""
    notes.write("a.md", PORTS)
    notes.round()
    (ports,) = notes.taken().values()
    notes.desk.call("forget", id=[ports])
    notes.desk.call("undo")

    notes.write("a.md", PORTS.replace("5433", "5434"))
    notes.round()

    assert "5434" in str(notes.only()["text"])


def test_what_the_user_corrected_is_corrected_on(notes: Notes) -> None:
    """An edit of the file is the latest word on the memory that stands for its section today."""
    notes.write("a.md", PORTS)
    notes.round()
    (ports,) = notes.taken().values()
    notes.desk.call("correct", id=ports, text="the api listens on 6000")

    notes.write("a.md", PORTS.replace("5433", "5434"))
    notes.round()

    (now,) = notes.taken().values()
    assert [old["text"][:5] for old in notes.desk.history(now)] == ["Ports", "the a"]


def test_an_undone_edit_is_followed_by_the_next(notes: Notes) -> None:
    """After undo the memory before stands for the section again."""
    notes.write("a.md", PORTS)
    notes.round()
    notes.write("a.md", PORTS.replace("5433", "5434"))
    notes.round()
    notes.desk.call("undo", entry=notes.desk.call("log", limit=1)["entries"][0]["seq"])
    assert "5433" in next(iter(notes.taken()))

    notes.write("a.md", PORTS.replace("5433", "5435"))
    notes.round()

    assert "5435" in str(notes.only()["text"])


def test_a_text_that_goes_back_is_one_more_correction(notes: Notes) -> None:
    """What watching itself replaced is not known to be wrong: the file says it again."""
    for text in (PORTS, PORTS.replace("5433", "5434"), PORTS):
        notes.write("a.md", text)
        notes.round()

    assert "5433" in str(notes.only()["text"])
    assert len(notes.records()) == 3


def test_notes_that_were_imported_before_are_adopted(notes: Notes) -> None:
    """An import names its notes by path, headings and text: watching the folder doubles nothing."""
    from slm.ingest import markdown

    notes.write("sub/a.md", BOTH)
    imported = [record for _, record in markdown.read(notes.folder, print)]
    notes.desk.call("remember", batch=imported, as_actor="import:markdown")
    before = notes.taken()

    notes.round()

    assert notes.taken() == before
    assert all(record["source"] == str(notes.folder / "sub/a.md") for record in notes.records().values())


@pytest.mark.parametrize("forget", [False, True])
def test_a_folder_watched_again_takes_its_memories_up(notes: Notes, forget: bool) -> None:
    """watch remove keeps the memories, or hides them undoably; adding the folder again doubles nothing."""
    notes.write("a.md", BOTH)
    notes.round()
    (notes.folder / "a.md").rename(notes.folder / "b.md")
    notes.round()
    before = notes.taken()

    notes.desk.call("watch_remove", watch="notes", forget=forget)
    assert (notes.taken() == {}) is forget
    with pytest.raises(WatchRemoved):
        notes.restart() or notes.round()
    again = Notes(notes.desk, notes.folder)
    again.round()

    assert again.taken() == before


def test_secrets_are_redacted_as_everywhere(notes: Notes) -> None:
    """trust.md: secrets are redacted before they are stored."""
    notes.write("a.md", "# Keys\n\nthe deploy key is AKIAIOSFODNN7EXAMPLE and it is kept in the vault of the team.\n")

    notes.round()

    assert "AKIAIOSFODNN7EXAMPLE" not in str(notes.only()["text"])


def test_a_pinned_memory_outlives_its_note(notes: Notes) -> None:
    """Whoever pins a memory wants it kept."""
    file = notes.write("a.md", PORTS)
    notes.round()
    notes.desk.call("pin", id=list(notes.taken().values()))
    file.unlink()

    notes.round()

    assert len(notes.taken()) == 1


def test_front_matter_and_dated_headings_count_as_in_an_import(notes: Notes) -> None:
    """The same reader: tags of the file, the day of a heading before the time of the file."""
    notes.write("a.md", "---\ntags: [home, work]\n---\n# 2024-03-14 Visit\n\nThe plumber came and fixed the sink.\n")

    notes.round()

    only = notes.only()
    assert only["tags"] == ["home", "work"]
    assert str(only["observed_at"]).startswith("2024-03-14")


def test_memories_are_of_the_folders_project_or_the_scope_chosen(desk: Desk, folder: Path) -> None:
    """experience.md: scope is the git repository of the folder, else global, else what was chosen."""
    (folder / ".git").mkdir()
    (folder / ".git" / "HEAD").write_text("ref: refs/heads/main")
    (folder / ".git" / "config").write_text('[remote "origin"]\n\turl = git@github.com:acme/api.git\n')
    notes = Notes(desk, folder)
    notes.write("a.md", PORTS)
    notes.round()

    assert notes.only()["scope"] == "github.com/acme/api"


def test_only_what_a_glob_names_is_taken_in(desk: Desk, folder: Path) -> None:
    """The issue: --glob; any text is a note then."""
    notes = Notes(desk, folder, "*.txt", "/journal/")
    notes.write("a.md", PORTS)
    notes.write("b.txt", COFFEE)
    notes.write("journal/c.org", "The dentist moved the appointment to the first week of the next month.\n")

    notes.round()

    assert sorted(text.split("\n")[0] for text in notes.taken()) == ["Coffee", "c"]
