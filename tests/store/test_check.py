from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import lmdb
import pytest

from slm.errors import StoreDamaged
from slm.store.names import name_lookup_key
from slm.store.reader import ID_PREFIX, TEXT_PREFIX
from slm.store.records import encode_memory
from slm.store.store import Store
from slm.store.tables import Tables, ordinal_key
from slm.store.writer import Writer
from tests.store.samples import chunks, digest, fill, memory

COUNT = 12


@pytest.fixture
def filled(store: Store) -> Store:
    fill(store, COUNT)
    return store


def damage(store: Store, change: Callable[[Tables, lmdb.Transaction], None]) -> None:
    """Write past the writer, checksums and all."""

    def past(writer: Writer) -> None:
        change(writer._tables, writer._txn)

    store.transact(past)


def test_a_sound_store_is_counted(filled) -> None:
    checked = filled.check()

    assert checked == (COUNT, sum(len(chunks(n)) for n in range(COUNT)), COUNT)


def test_an_empty_store_is_sound(store) -> None:
    assert store.check() == (0, 0, 0)


def remove(table: str, key: bytes) -> Callable[[Tables, lmdb.Transaction], None]:
    return lambda tables, txn: txn.delete(key, db=getattr(tables, table)._handle)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (remove("memories", ordinal_key(3)), "lacks the value"),
        (remove("memories", ordinal_key(COUNT - 1)), "lacks the value"),
        (remove("heads", ordinal_key(3)), "ends at"),
        (remove("means", ordinal_key(3)), "ends at"),
        (remove("tokens", ordinal_key(3)), "lacks the value"),
        (remove("journal", ordinal_key(3)), "ends at"),
        (remove("names", b"\x01" + ordinal_key(1)), "lacks the value"),
        (remove("lookups", ID_PREFIX + memory(3).id.encode()), "isn't found by its id"),
        (remove("lookups", name_lookup_key("scope", "global")), "'global' isn't found by its name"),
        (remove("lookups", TEXT_PREFIX + digest(memory(3).text) + ordinal_key(3)), "11 texts lead to 12"),
    ],
)
def test_a_value_that_is_gone_is_found(filled, change, said) -> None:
    damage(filled, change)

    with pytest.raises(StoreDamaged, match=said):
        filled.check()


def test_a_head_that_disagrees_with_its_memory_is_found(filled) -> None:
    def change(tables: Tables, txn: lmdb.Transaction) -> None:
        tables.memories.put(txn, ordinal_key(3), encode_memory(replace(memory(3), scope="elsewhere")))

    damage(filled, change)
    with pytest.raises(StoreDamaged, match="name another scope"):
        filled.check()


def test_heads_whose_chunks_overlap_are_found(filled) -> None:
    def change(tables: Tables, txn: lmdb.Transaction) -> None:
        tables.heads.put(txn, ordinal_key(3), tables.heads.get(txn, ordinal_key(4)) or b"")

    damage(filled, change)
    with pytest.raises(StoreDamaged, match="overlap or leave gaps"):
        filled.check()


def test_a_last_entry_that_a_lookup_misses_is_damage(filled, monkeypatch) -> None:
    """A branch page can hide a value from lookups that a walk still meets."""
    with filled.read() as reader:
        monkeypatch.setattr(reader._tables.journal, "get", lambda *_: None)
        with pytest.raises(StoreDamaged, match="lacks the value"):
            reader.journal_head()


def test_a_rewritten_entry_of_the_journal_is_found(filled) -> None:
    def change(tables: Tables, txn: lmdb.Transaction) -> None:
        stored = tables.journal.get(txn, ordinal_key(3)) or b""
        tables.journal.put(txn, ordinal_key(3), stored.replace(b"remember", b"rememb3r"))

    damage(filled, change)
    with pytest.raises(StoreDamaged, match="entry 3 doesn't match its hash"):
        filled.check()
