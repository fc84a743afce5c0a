"""The plan's own pieces; whole histories are in tests/watch/test_follow.py."""

from __future__ import annotations

import pytest

from slm.engine.note_plan import EDITED, GONE, _Missing, standing, was_gone
from slm.engine.noted_files import NotedFile, Section
from slm.model import Memory
from tests.engine.desk import Desk


def _section(digest: str, headings: str = "") -> Section:
    return Section(digest, "", headings, "k3m9q")


def _file(path: str, inode: int, *sections: Section) -> NotedFile:
    return NotedFile(path, (1, 2, inode), sections)


def test_a_renamed_file_is_found_by_its_place_on_the_disk() -> None:
    """Also when a section was edited: another, or a heading, is shared."""
    missing = _Missing({"a.md": _file("a.md", 7, _section("x", "h"), _section("y"))})

    assert missing.take((9, 9, 7), [_section("z", "h")]) == "a.md"
    assert missing.take((9, 9, 7), [_section("z", "h")]) is None


def test_a_copy_on_another_disk_is_found_by_what_it_says() -> None:
    """mv between file systems gives a new place."""
    missing = _Missing({"a.md": _file("a.md", 7, _section("x")), "b.md": _file("b.md", 8, _section("x"))})

    assert missing.take((1, 2, 99), [_section("x")]) == "a.md"
    assert missing.take((1, 2, 99), [_section("x")]) == "b.md"
    assert missing.take((1, 2, 99), [_section("x")]) is None


def test_the_place_alone_proves_nothing() -> None:
    """It is given to the next file; files without a heading or with no text have nothing in common."""
    missing = _Missing({"a.md": _file("a.md", 7, _section("x")), "empty.md": _file("empty.md", 8)})

    assert missing.take((1, 2, 7), [_section("y")]) is None
    assert missing.take((1, 2, 8), [_section("x")]) == "a.md"
    assert missing.take((1, 2, 8), []) is None


def test_an_id_stands_for_its_last_successor_that_wasnt_undone(desk: Desk) -> None:
    """correct leads on, undo leads back, what was erased stands for nothing."""
    first = desk.remember("the api listens on 5432")
    second = desk.call("correct", id=first, text="the api listens on 5433")["id"]
    store = desk.engine().store

    with store.read() as reader:
        assert standing(reader, first) == standing(reader, second) == reader.ordinal_of(second)
        assert standing(reader, "000000000000") is None
    desk.call("undo")
    with store.read() as reader:
        assert standing(reader, first) == standing(reader, second) == reader.ordinal_of(first)


@pytest.mark.parametrize(
    ("fields", "back"),
    [
        ({"forgotten_at": "2026-01-01T00:00:00Z", "reason": GONE + "a.md"}, True),
        ({"forgotten_at": "2026-01-01T00:00:00Z", "reason": "private"}, False),
        ({"forgotten_at": "2026-01-01T00:00:00Z"}, False),
        ({"never_true": True, "reason": EDITED + "a.md"}, False),
        ({"reason": GONE + "a.md"}, False),
    ],
)
def test_only_what_watching_hid_may_come_back_by_itself(fields: dict[str, object], back: bool) -> None:
    """What the user forgot stays forgotten."""
    assert was_gone(Memory.from_record({"id": "k3m9q0000000", "text": "x", **fields})) is back
