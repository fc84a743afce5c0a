"""Notes whose memories were erased: the files still say it, and it is not taken in again, however they change."""

from __future__ import annotations

import pytest

from slm.engine.note_plan import section_of
from slm.engine.noted_files import has_seals, read_files
from slm.ingest.markdown import notes as read_notes
from tests.engine.traces import left_in
from tests.watch.notes import COFFEE, PORTS, Notes

VAULT = "# Vault\n\nThe xylophonist keeps the second key below the quetzalcoatl, as everybody in the team knows.\n"
TRACES = {"text": b"xylophonist", "utf-16": "xylophonist".encode("utf-16-le")}


@pytest.fixture
def erased(notes: Notes) -> Notes:
    """Two files; the vault's section of the first was erased."""
    notes.write("a.md", PORTS + "\n" + VAULT)
    notes.write("b.md", COFFEE)
    notes.round()
    (gone,) = [memory_id for text, memory_id in notes.taken().items() if "Vault" in text]
    notes.desk.call("erase", id=[gone])
    return notes


def require_it_stays_away(notes: Notes, n_taken: int) -> None:
    """Now, and after a restart of the store and of the follower."""
    for _ in range(2):
        notes.round()
        assert len(notes.taken()) == n_taken
        assert not any("Vault" in text or "xylophonist" in text for text in notes.taken())
        assert left_in(notes.desk.root, TRACES) == []
        notes.desk.reopen()
        notes.restart()


def test_a_file_as_it_was_brings_nothing_back(erased: Notes) -> None:
    """experience.md: watch doesn't take it in again."""
    require_it_stays_away(erased, 2)


@pytest.mark.parametrize(
    "text",
    [
        PORTS.replace("5433", "5434") + "\n" + VAULT,
        VAULT + "\n" + PORTS,
        PORTS + "\n" + VAULT.upper().replace("# VAULT", "# Vault"),
        PORTS + "\n" + VAULT.replace("second key", "third key"),
    ],
    ids=["another section edited", "moved within", "written in capitals", "edited"],
)
def test_a_changed_file_brings_nothing_back(erased: Notes, text: str) -> None:
    """What the user erased is not taken in again, edited or not."""
    erased.write("a.md", text)

    require_it_stays_away(erased, 2)


def test_an_edit_beside_it_is_still_a_correction(erased: Notes) -> None:
    """The other sections of the file are followed as ever."""
    before = next(memory_id for text, memory_id in erased.taken().items() if "5433" in text)
    erased.write("a.md", PORTS.replace("5433", "5434") + "\n" + VAULT)

    erased.round()

    after = next(memory_id for text, memory_id in erased.taken().items() if "5434" in text)
    assert erased.records()[after]["supersedes"] == [before]


def test_a_section_that_moves_to_another_file_brings_nothing_back(erased: Notes) -> None:
    """It is known by its text, wherever it stands."""
    erased.write("a.md", PORTS)
    erased.write("b.md", COFFEE + "\n" + VAULT)

    require_it_stays_away(erased, 2)


def test_a_renamed_or_copied_file_brings_nothing_back(erased: Notes) -> None:
    """The same, for the whole file."""
    (erased.folder / "a.md").rename(erased.folder / "c.md")
    require_it_stays_away(erased, 2)

    erased.write("d.md", VAULT)
    require_it_stays_away(erased, 2)


def test_a_file_that_went_and_came_again_brings_nothing_back(erased: Notes) -> None:
    """What is gone from a file is kept as removed, sealed as well."""
    (erased.folder / "a.md").unlink()
    erased.round()
    assert len(erased.taken()) == 1
    erased.write("a.md", PORTS + "\n" + VAULT)

    require_it_stays_away(erased, 2)


def test_a_watch_added_anew_brings_nothing_back(erased: Notes) -> None:
    """The watch's own record of the file is gone then: the text is known all the same."""
    erased.desk.call("watch_remove", watch="notes")

    again = Notes(erased.desk, erased.folder)

    require_it_stays_away(again, 2)


def test_no_digest_of_the_section_stays_that_the_store_could_make_again(erased: Notes) -> None:
    """Or a short secret could be guessed from the store alone: such digests lie under a key that isn't in it."""
    (note,) = read_notes(VAULT, "a.md", print)
    store_id = erased.desk.engine().index.store_id
    section = section_of(store_id, note)
    wanted = {"section": section.digest.encode(), "body": section.body.encode(), "heading": section.headings.encode()}

    for _ in range(2):
        assert left_in(erased.desk.root, wanted) == []
        with erased.desk.engine().store.read() as reader:
            sealed = [path for path, file in read_files(reader, erased.watch.number).items() if has_seals(file)]
        assert sealed == ["a.md"]
        erased.write("a.md", VAULT + "\n" + PORTS)
        erased.round()
