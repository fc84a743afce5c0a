from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import lmdb
import pytest

from slm.errors import StoreDamaged, StoreTooNew
from slm.store import migrations
from slm.store.migrations import SCHEMA, decode_schema, encode_schema
from slm.store.reader import META_PREFIX
from slm.store.store import Store
from slm.store.tables import Table
from tests.store.conftest import MAP_BYTES
from tests.store.samples import FINGERPRINT, fill, memory

Migrate = Callable[[lmdb.Environment, lmdb.Transaction], None]


def made_with(folder: Path, schema: int) -> dict[str, bytes]:
    """A closed store that says it has that schema, as bytes by file."""
    with Store.open(folder, FINGERPRINT, map_bytes=MAP_BYTES) as store:
        fill(store, 5)
        store.transact(lambda writer: migrations.write_schema(store._environment.lmdb, writer._txn, schema))
    return contents(folder)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def step(migrate: Migrate) -> ModuleType:
    module = ModuleType("step")
    module.migrate = migrate  # type: ignore[attr-defined]
    return module


def note(key: str) -> Migrate:
    """A step that leaves a value in the meta table, in the store's own form."""

    def migrate(environment: lmdb.Environment, txn: lmdb.Transaction) -> None:
        Table("meta", environment.open_db(b"meta", txn=txn), "here").put(txn, META_PREFIX + key.encode(), b"done")

    return migrate


@pytest.mark.parametrize("schema", [0, 1, 2, 2**32 - 1])
def test_a_schema_number_reads_back(schema) -> None:
    assert decode_schema(encode_schema(schema)) == schema


@pytest.mark.parametrize("bit", range(64))
def test_a_damaged_schema_number_is_found(bit) -> None:
    raw = bytearray(encode_schema(1))
    raw[bit // 8] ^= 1 << bit % 8

    with pytest.raises(ValueError, match="checksum"):
        decode_schema(bytes(raw))


def test_the_form_of_the_schema_number_never_changes() -> None:
    """Pinned: every program, older or newer, must be able to read it."""
    assert encode_schema(1).hex() == "01000000" + "79b8f899"


def test_a_newer_store_is_refused_and_not_a_byte_is_changed(folder) -> None:
    before = made_with(folder, SCHEMA + 1)

    with pytest.raises(StoreTooNew) as caught:
        Store.open(folder, FINGERPRINT, map_bytes=MAP_BYTES)

    assert contents(folder) == before
    assert f"schema {SCHEMA + 1}" in caught.value.message
    assert caught.value.exit_code == 6


def test_a_newer_store_of_another_model_is_called_newer(folder) -> None:
    """What a newer program wrote may not even hold an identity that this one can read."""
    made_with(folder, SCHEMA + 1)

    with pytest.raises(StoreTooNew):
        Store.open(folder, FINGERPRINT._replace(dims=64), map_bytes=MAP_BYTES)


def test_a_damaged_schema_number_in_a_store_is_damage(folder) -> None:
    with Store.open(folder, FINGERPRINT, map_bytes=MAP_BYTES) as store:
        handle = store._environment.lmdb.open_db(b"schema")
        store.transact(lambda writer: writer._txn.put(b"schema", b"12345678", db=handle))

    with pytest.raises(StoreDamaged, match="schema's number"):
        Store.open(folder, FINGERPRINT, map_bytes=MAP_BYTES)


def test_an_older_store_is_brought_up_and_keeps_its_memories(folder, monkeypatch) -> None:
    made_with(folder, 0)
    monkeypatch.setitem(migrations.MIGRATIONS, 0, step(note("first")))

    with Store.open(folder, FINGERPRINT, map_bytes=MAP_BYTES) as store, store.read() as reader:
        assert store.identity.schema == SCHEMA
        assert reader.meta("first") == b"done"
        assert [reader.memory(n) for n in range(5)] == [memory(n) for n in range(5)]


def test_steps_are_taken_in_order_and_once(folder, monkeypatch) -> None:
    made_with(folder, 0)
    taken = []
    monkeypatch.setattr(migrations, "SCHEMA", 3)
    for schema in range(3):
        monkeypatch.setitem(migrations.MIGRATIONS, schema, step(lambda *_, schema=schema: taken.append(schema)))

    for _ in range(2):
        Store.open(folder, FINGERPRINT, map_bytes=MAP_BYTES).close()

    assert taken == [0, 1, 2]


def test_a_step_that_fails_leaves_the_store_as_it_was_and_is_taken_again(folder, monkeypatch) -> None:
    made_with(folder, 0)

    def half(environment: lmdb.Environment, txn: lmdb.Transaction) -> None:
        note("first")(environment, txn)
        raise RuntimeError("the step has a fault")

    monkeypatch.setitem(migrations.MIGRATIONS, 0, step(half))
    with pytest.raises(RuntimeError, match="the step has a fault"):
        Store.open(folder, FINGERPRINT, map_bytes=MAP_BYTES)
    monkeypatch.setitem(migrations.MIGRATIONS, 0, step(note("second")))

    with Store.open(folder, FINGERPRINT, map_bytes=MAP_BYTES) as store, store.read() as reader:
        assert (reader.meta("first"), reader.meta("second")) == (None, b"done")


def test_there_is_a_step_from_every_older_schema() -> None:
    assert sorted(migrations.MIGRATIONS) == list(range(1, SCHEMA))
