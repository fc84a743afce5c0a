"""What else in a store tells of some memories."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from slm.engine.mentions import accepting, entries_about, histories
from slm.store.reader import Reader
from slm.store.store import Store
from tests.engine.desk import Desk


@pytest.fixture
def store(desk: Desk) -> Store:
    return desk.engine().store


def ordinals(reader: Reader, *ids: str) -> list[int]:
    found = [reader.ordinal_of(memory_id) for memory_id in ids]
    assert None not in found
    return [ordinal for ordinal in found if ordinal is not None]


def ops(reader: Reader, numbers: Iterable[int]) -> list[str]:
    return [reader.entry(seq).op for seq in numbers]


def test_a_history_is_all_that_corrections_link(desk: Desk, store: Store) -> None:
    """Whichever of them is named, hidden ones included; what only shares a tag isn't one."""
    first = desk.remember("the port is 5431", tag=["port"])
    second = desk.call("correct", id=first, text="the port is 5432")["id"]
    third = desk.call("correct", id=second, text="the port is 5433")["id"]
    undone = desk.call("correct", id=third, text="the port is 5434")["id"]
    desk.call("undo")
    merged = desk.remember("both ports are 5433", supersedes=[third])
    other = desk.remember("the other port", tag=["port"])

    with store.read() as reader:
        whole = sorted(ordinals(reader, first, second, third, undone, merged))
        for memory_id in (first, third, undone, merged):
            assert histories(reader, ordinals(reader, memory_id)) == whole
        assert histories(reader, ordinals(reader, other)) == ordinals(reader, other)
        assert histories(reader, []) == []


def test_entries_that_hold_words_or_properties_are_told(desk: Desk, store: Store) -> None:
    """Uses name an id alone, and stay; what was done to others does not concern them."""
    first = desk.remember("the port is 5432")
    desk.remember("the port is 5432")
    desk.call("tag", id=first, add=["x"])
    desk.call("pin", id=[first])
    desk.call("correct", id=first, text="the port is 5433")
    other = desk.remember("other")
    desk.call("forget", id=[other])
    desk.call("scope_rename", from_="global", to="acme/api")
    desk.call("used", id=[other])
    desk.call("pin", id=[other])

    with store.read() as reader:
        entries = entries_about(reader, {first})
        told = ["remember", "confirm", "tag", "pin", "correct", "scope_rename"]
        assert ops(reader, entries.told) == told
        assert (entries.undone, entries.conflicts) == ([], frozenset())
        assert ops(reader, entries_about(reader, {other}).told) == ["remember", "forget", "scope_rename", "pin"]
        assert entries_about(reader, {"none"}) == ([], [], frozenset())


def test_what_a_told_undo_took_is_remembered(desk: Desk, store: Store) -> None:
    """Its entry goes; the entries of others that it undid must stay undone."""
    results = desk.call("remember", batch=[{"text": "one"}, {"text": "two"}])["results"]
    desk.call("undo")

    with store.read() as reader:
        entries = entries_about(reader, {results[0]["id"]})
        assert ops(reader, entries.told) == ["remember", "undo"]
        assert ops(reader, entries.undone) == ["remember"]
        assert reader.entry(entries.undone[0]).payload["created"][0]["text"] == "two"


def test_what_an_undone_undo_took_stands_again(desk: Desk, store: Store) -> None:
    """The undo of an undo brings back what that had taken: its entries aren't undone."""
    results = desk.call("remember", batch=[{"text": "one"}, {"text": "two"}])["results"]
    desk.call("undo")
    desk.call("undo", entry=desk.entry_of("undo"))

    with store.read() as reader:
        entries = entries_about(reader, {results[0]["id"]})
        assert ops(reader, entries.told) == ["remember", "undo", "undo"]
        assert entries.undone == []


def test_entries_that_name_a_conflict_are_told_with_its_memories(desk: Desk, store: Store) -> None:
    """Also a later entry of another memory that repeats what it had accepted."""
    at = {"at": "2026-03-01"}
    rome, paris = desk.remember("Alice lives in Rome", **at), desk.remember("Alice lives in Paris", **at)
    lyon = desk.remember("Alice lives in Lyon", **at)
    while found := desk.call("audit")["conflicts"]:
        desk.call("audit_resolve", conflict=found[0]["id"], accept=True)

    with store.read() as reader:
        held = {i: reader.memory(i).conflicts_accepted for i in ordinals(reader, rome, paris, lyon)}
        every = {name for names in held.values() for name in names}
        entries = entries_about(reader, {lyon})
        assert "resolve" in ops(reader, entries.told)
        assert entries.conflicts <= every
        others = {i: tuple(n for n in names if n not in entries.conflicts) for i, names in held.items()}
        changed = {i: names for i, names in others.items() if names != held[i]}
        assert accepting(reader, entries.conflicts) == changed
        assert accepting(reader, ()) == {}
        unnamed = entries_about(reader, {"none"}, every)
        assert set(ops(reader, unnamed.told)) == {"resolve"}
