from __future__ import annotations

import lmdb
import pytest

from slm.errors import StoreDamaged
from slm.store import migrations
from slm.store.migrations import table_of_claims
from slm.store.store import Store
from slm.store.tables import ordinal_key
from tests.store.conftest import MAP_BYTES
from tests.store.samples import FINGERPRINT, fill, memory


@pytest.fixture
def store(folder):
    with Store.open(folder, FINGERPRINT, map_bytes=MAP_BYTES) as opened:
        fill(opened, 5)
        yield opened


def test_claims_are_kept_by_memory_and_replaced_whole(store) -> None:
    """Specification: one value a memory, in the engine's own form."""
    store.transact(lambda writer: writer.put_claims(3, b"old"))
    store.transact(lambda writer: writer.put_claims(3, b"new"))

    with store.read() as reader:
        assert (reader.claims(3), reader.claims(2)) == (b"new", None)


def test_claims_come_in_the_order_of_their_memories_from_any_of_them(store) -> None:
    """Specification: ordinals sort as numbers."""

    def put(writer) -> None:
        for ordinal in (4, 0, 2):
            writer.put_claims(ordinal, bytes([ordinal]))

    store.transact(put)

    with store.read() as reader:
        assert list(reader.all_claims()) == [(0, b"\0"), (2, b"\2"), (4, b"\4")]
        assert list(reader.all_claims(1)) == [(2, b"\2"), (4, b"\4")]


def test_nothing_is_kept_of_a_change_that_failed(store) -> None:
    """Specification of transactions: all or nothing, claims included."""

    def half(writer) -> None:
        writer.put_claims(1, b"half")
        raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        store.transact(half)
    with store.read() as reader:
        assert reader.claims(1) is None


def test_a_damaged_value_is_found_when_it_is_read(store) -> None:
    """performance.md: every value is read against its checksum."""
    store.transact(lambda writer: writer.put_claims(1, b"claims"))
    handle = store._environment.lmdb.open_db(b"claims")
    store.transact(lambda writer: writer._txn.put(ordinal_key(1), b"claimz\0\0\0\0", db=handle))

    with store.read() as reader, pytest.raises(StoreDamaged, match="claims"):
        reader.claims(1)


def test_claims_of_a_memory_that_does_not_exist_are_damage(store) -> None:
    """``check`` follows every reference."""
    store.transact(lambda writer: writer.put_claims(5, b"whose?"))

    with pytest.raises(StoreDamaged, match="claims of memories"):
        store.check()


def test_an_older_store_gets_the_table_and_keeps_everything_else(folder) -> None:
    """Schema 1 had no table of claims; its memories are those that were written."""
    with Store.open(folder, FINGERPRINT, map_bytes=MAP_BYTES) as store:
        fill(store, 5)
        environment = store._environment.lmdb

        def age(writer) -> None:
            writer._txn.drop(environment.open_db(b"claims", txn=writer._txn))
            migrations.write_schema(environment, writer._txn, 1)

        store.transact(age)

    with Store.open(folder, FINGERPRINT, map_bytes=MAP_BYTES) as store:
        assert store.check().memories == 5
        with store.read() as reader:
            assert [reader.memory(n) for n in range(5)] == [memory(n) for n in range(5)]
            assert reader.claims(0) is None


def test_the_step_to_the_table_leaves_one_that_is_there(tmp_path) -> None:
    """A step that was taken twice would lose nothing."""
    with lmdb.open(str(tmp_path / "x"), subdir=False, max_dbs=4) as environment:
        for _ in range(2):
            with environment.begin(write=True) as txn:
                table_of_claims.migrate(environment, txn)
                txn.put(b"k", b"v", db=environment.open_db(b"claims", txn=txn))
        with environment.begin() as txn:
            assert txn.get(b"k", db=environment.open_db(b"claims", txn=txn, create=False)) == b"v"
