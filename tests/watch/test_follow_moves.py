"""Notes that move, are copied, renamed or come back: the same sections stay the same memories."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.watch.notes import COFFEE, PORTS, Notes

BOTH = PORTS + "\n" + COFFEE
MOVED_PORT = BOTH.replace("5433", "5434")


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
