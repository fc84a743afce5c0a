"""What becomes of the memories when notes change. Expectations: the issue's list for watch, experience.md."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from slm.engine.note_plan import EDITED, GONE
from slm.engine.request import Request
from slm.model import Caller
from slm.watch.follow import MOST_NOTES, SLICE_NOTES, Follow, Stopped, WatchRemoved
from slm.watch.tree import FolderGone
from tests.engine.desk import Desk
from tests.watch.notes import COFFEE, PORTS, Notes

BOTH = PORTS + "\n" + COFFEE
MOVED_PORT = BOTH.replace("5433", "5434")


def _only(notes: Notes) -> dict[str, object]:
    """The one live memory."""
    (memory_id,) = notes.taken().values()
    return notes.records()[memory_id]


def test_a_note_becomes_a_memory_of_each_section(notes: Notes) -> None:
    """The issue: notes are remembered; trust .7, actor watch:NAME; observed when the file was written."""
    file = notes.write("a.md", BOTH)

    notes.round()

    ports, coffee = sorted(notes.records().values(), key=lambda record: record["text"], reverse=True)
    assert (ports["text"].splitlines()[0], coffee["text"].splitlines()[0]) == ("Ports", "Coffee")
    assert ports["source"] == ports["session"] == str(file)
    assert (ports["actor"], ports["trust"]) == ("watch:notes", 0.7)
    assert ports["observed_at"].startswith("2023-11-14")


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

    new = _only(notes)
    assert (new["tags"], new["pinned"], new["uses"]) == (["infra"], True, 1)


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


def test_a_file_that_comes_back_is_the_same_memories(notes: Notes) -> None:
    """Switching branches takes files away and brings them back."""
    file = notes.write("a.md", BOTH)
    notes.round()
    before = notes.taken()
    file.unlink()
    notes.round()

    notes.write("a.md", BOTH)
    notes.restart()
    notes.round()

    assert notes.taken() == before


def test_a_renamed_file_keeps_its_memories(notes: Notes) -> None:
    """The issue: renames follow, same memories, the source changes; a note without a heading, too."""
    file = notes.write("plain.md", "The door code of the office in Lyon changed and is kept by the desk there.\n")
    notes.write("a.md", BOTH)
    notes.round()
    before = notes.taken()

    (notes.folder / "sub").mkdir()
    file.rename(notes.folder / "sub" / "other.md")
    (notes.folder / "a.md").rename(notes.folder / "b.md")
    notes.round()

    assert notes.taken() == before
    assert {record["source"].rpartition("notes/")[2] for record in notes.records().values()} == {"sub/other.md", "b.md"}
    assert notes.desk.ops()[0] == "move"
    assert notes.shown()["files"] == 2


def test_a_file_renamed_and_edited_at_once_is_followed(notes: Notes) -> None:
    """What a restart finds after both: the place on the disk and a section or heading in common."""
    file = notes.write("a.md", BOTH)
    notes.round()
    before = notes.taken()

    file.rename(notes.folder / "b.md")
    notes.write("b.md", MOVED_PORT)
    notes.restart()
    notes.round()

    after = notes.taken()
    assert set(before.values()) & set(after.values()) == {
        memory_id for text, memory_id in before.items() if "Coffee" in text
    }
    assert len(after) == 2
    assert len(notes.records()) == 3


def test_an_unrelated_file_on_the_same_place_of_the_disk_is_another(notes: Notes) -> None:
    """File systems give the place of a deleted file to the next one."""
    file = notes.write("a.md", PORTS)
    notes.round()
    file.rename(notes.folder / "b.md")
    notes.write("b.md", COFFEE)

    notes.round()

    assert [text[:6] for text in notes.taken()] == ["Coffee"]
    assert not any(record["superseded_by"] for record in notes.records().values())


def test_a_section_moved_to_another_file_stays_the_same_memory(notes: Notes) -> None:
    """Cutting and pasting between notes is no deletion."""
    notes.write("a.md", BOTH)
    notes.round()
    before = notes.taken()

    notes.write("a.md", PORTS)
    notes.write("b.md", COFFEE)
    notes.round()

    assert notes.taken() == before
    assert notes.desk.ops()[0] == "move"


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

    assert "5434" in str(_only(notes)["text"])


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

    assert "5435" in str(_only(notes)["text"])


def test_a_text_that_goes_back_is_one_more_correction(notes: Notes) -> None:
    """What watching itself replaced is not known to be wrong: the file says it again."""
    for text in (PORTS, PORTS.replace("5433", "5434"), PORTS):
        notes.write("a.md", text)
        notes.round()

    assert "5433" in str(_only(notes)["text"])
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

    assert "AKIAIOSFODNN7EXAMPLE" not in str(_only(notes)["text"])


def test_a_burst_of_a_thousand_files_is_one_commit_and_one_undo(notes: Notes) -> None:
    """The issue: a burst of 1,000 files is one batch."""
    for i in range(1000):
        notes.write(f"{i // 100}/{i}.md", f"# Note {i}\n\nnumber {i} of a burst\n")
    first = notes.desk.engine().store
    with first.read() as reader:
        before = reader.journal_head()[0]

    notes.round()

    assert len(notes.taken()) == 1000
    with first.read() as reader:
        entries = [entry for entry in reader.entries(before) if entry.op == "remember"]
    assert len({entry.time_ns for entry in entries}) == 1
    notes.desk.call("undo", entry=entries[0].seq)
    assert notes.taken() == {}


def test_more_notes_than_a_batch_holds_are_still_one_undo(notes: Notes) -> None:
    """Long take-ins let other writes through between two commits."""
    for part in range(3):
        notes.write(f"{part}.md", "".join(f"# Note {part}-{i}\n\ntext of it\n" for i in range(MOST_NOTES // 2)))
    notes.round()
    assert len(notes.taken()) == 1000
    total = len(notes.records())
    assert total == 3 * (MOST_NOTES // 2)

    notes.desk.call("undo", entry=notes.desk.call("log", limit=1)["entries"][0]["seq"])

    assert notes.taken() == {}


def test_other_writes_wait_for_a_slice_of_a_burst_only(notes: Notes, monkeypatch: pytest.MonkeyPatch) -> None:
    """A burst is embedded a slice at a time, and committed at once: somebody's remember isn't kept waiting."""
    for i in range(3 * SLICE_NOTES):
        notes.write(f"{i}.md", f"# Note {i}\n\nnumber {i}\n")
    turns: list[str] = []
    change = notes.desk.service.change

    def watching(caller: Caller, job: Callable[[Request], Any]) -> Any:
        turns.append(getattr(getattr(job, "func", job), "__name__", ""))
        if len(turns) == 4:
            notes.desk.remember("said in between")
        return change(caller, job)

    monkeypatch.setattr(notes.desk.service, "change", watching)
    notes.round()

    assert turns.count("_embedded") == 3
    texts = notes.desk.texts()
    assert texts[-1] == "said in between"
    assert len(texts) == 3 * SLICE_NOTES + 1


def test_a_daemon_that_leaves_takes_in_no_more(notes: Notes) -> None:
    """What wasn't committed is taken in after the next start."""
    notes.write("a.md", BOTH)

    with pytest.raises(Stopped):
        Follow(notes.desk.service, "default", notes.watch, lambda: True).round(lambda: True, lambda done, total: None)

    assert notes.taken() == {}
    notes.round()
    assert len(notes.taken()) == 2


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


def test_a_pinned_memory_outlives_its_note(notes: Notes) -> None:
    """Whoever pins a memory wants it kept."""
    file = notes.write("a.md", PORTS)
    notes.round()
    notes.desk.call("pin", id=list(notes.taken().values()))
    file.unlink()

    notes.round()

    assert len(notes.taken()) == 1


def test_an_empty_file_and_empty_sections_are_no_memories(notes: Notes) -> None:
    """There is nothing to remember in them, and nothing to complain of."""
    notes.write("a.md", "")
    notes.write("b.md", "---\ntitle: x\n---\n")

    tree = notes.round()

    assert notes.taken() == {}
    assert tree.problems == {}


def test_two_equal_sections_of_a_file_are_two_memories(notes: Notes) -> None:
    """As an import makes them; taking one away leaves the other."""
    again = "# Standup\n\nNothing new to tell today, the same as yesterday and the day before.\n\n"
    notes.write("a.md", again * 2)
    notes.round()
    listed = notes.desk.call("list", all_scopes=True)["memories"]
    assert len({memory["id"] for memory in listed}) == 2

    notes.write("a.md", again)
    notes.round()

    (left,) = notes.desk.call("list", all_scopes=True)["memories"]
    assert left["id"] in {memory["id"] for memory in listed}


def test_files_that_change_names_keep_their_memories(notes: Notes) -> None:
    """a and b swapped: each text stays its own memory and moves to the other file."""
    notes.write("a.md", PORTS)
    notes.write("b.md", COFFEE)
    notes.round()
    before = notes.taken()

    notes.write("a.md", COFFEE)
    notes.write("b.md", PORTS)
    notes.round()

    sources = {record["id"]: record["source"].rpartition("/")[2] for record in notes.records().values()}
    assert set(before.values()) <= set(sources)
    live = {text.split("\n")[0]: sources[memory_id] for text, memory_id in notes.taken().items()}
    assert live == {"Coffee": "a.md", "Ports": "b.md"}


def test_a_moved_folder_keeps_every_memory(notes: Notes) -> None:
    """A hundred renames in one move."""
    for i in range(100):
        notes.write(f"old/{i}.md", f"# Note {i}\n\nnumber {i}\n")
    notes.round()
    before = notes.taken()

    (notes.folder / "old").rename(notes.folder / "new")
    notes.round()

    assert notes.taken() == before
    assert all("/new/" in record["source"] for record in notes.records().values())
    assert len(notes.records()) == 100


def test_a_copied_file_is_remembered_beside_the_first(notes: Notes) -> None:
    """Copying is no moving: both are there."""
    notes.write("a.md", PORTS)
    notes.round()
    notes.write("b.md", PORTS)
    notes.round()

    listed = notes.desk.call("list", all_scopes=True)["memories"]
    assert sorted(memory["source"].rpartition("/")[2] for memory in listed) == ["a.md", "b.md"]


def test_front_matter_and_dated_headings_count_as_in_an_import(notes: Notes) -> None:
    """The same reader: tags of the file, the day of a heading before the time of the file."""
    notes.write("a.md", "---\ntags: [home, work]\n---\n# 2024-03-14 Visit\n\nThe plumber came and fixed the sink.\n")

    notes.round()

    only = _only(notes)
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

    assert _only(notes)["scope"] == "github.com/acme/api"


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

    assert "5434" in str(_only(notes)["text"])


def test_only_what_a_glob_names_is_taken_in(desk: Desk, folder: Path) -> None:
    """The issue: --glob; any text is a note then."""
    notes = Notes(desk, folder, "*.txt", "/journal/")
    notes.write("a.md", PORTS)
    notes.write("b.txt", COFFEE)
    notes.write("journal/c.org", "The dentist moved the appointment to the first week of the next month.\n")

    notes.round()

    assert sorted(text.split("\n")[0] for text in notes.taken()) == ["Coffee", "c"]


SECTIONS = st.lists(st.sampled_from("abcdef"), max_size=5, unique=True)
FOLDERS = st.dictionaries(st.sampled_from(["p.md", "q.md", "r.md"]), SECTIONS, max_size=3)


def _texts(folder: dict[str, list[str]]) -> list[str]:
    return sorted(name for names in folder.values() for name in names)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(states=st.lists(FOLDERS, min_size=1, max_size=5))
def test_after_any_history_the_memories_are_what_the_files_say(
    new_notes: Callable[[], Notes], states: list[dict[str, list[str]]]
) -> None:
    """Oracle: the sections of the files as they are now; whatever was moved, copied, deleted and brought back."""
    notes = new_notes()
    for state in states:
        for path in ("p.md", "q.md", "r.md"):
            (notes.folder / path).unlink(missing_ok=True)
        for path, names in state.items():
            notes.write(path, "".join(f"# Heading {name}\n\n{name * 70}\n\n" for name in names))
        notes.round()

        listed = notes.desk.call("list", limit=1000, all_scopes=True)["memories"]
        assert sorted(memory["text"][-1] for memory in listed) == _texts(state)
        assert sorted(memory["source"].rpartition("/")[2] for memory in listed) == sorted(
            path for path, names in state.items() for _ in names
        )
