"""Kills a store at one call after the other of its migration, or of a change; see :mod:`tests.killed_at_calls`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from slm.store import migrations
from slm.store.store import Store
from slm.store.writer import Writer
from tests.killed_at_calls import Profile, run
from tests.store.samples import FINGERPRINT, append, claims, fill, lifecycle, memory

COUNT = 6
MAP_BYTES = 16 << 20


def aged(folder: Path) -> None:
    """A store as schema 1 had it: without the table of claims."""
    with Store.open(folder, FINGERPRINT, map_bytes=MAP_BYTES) as store:
        fill(store, COUNT, lived=True)
        environment = store._environment.lmdb

        def age(writer: Writer) -> None:
            writer._txn.drop(environment.open_db(b"claims", txn=writer._txn))
            migrations.write_schema(environment, writer._txn, 1)

        store.transact(age)


def migrate(folder: Path, killer: Callable[[], Profile]) -> None:
    """Open it with this program, and close it."""
    sys.setprofile(killer())
    Store.open(folder, FINGERPRINT, map_bytes=MAP_BYTES).close()


def is_migrated(folder: Path) -> None:
    """Opened once more it is of this schema, and everything is there; claims were never in it."""
    with Store.open(folder, FINGERPRINT, map_bytes=MAP_BYTES) as store, store.read() as reader:
        assert migrations.read_schema(store._environment.lmdb, reader._txn) == migrations.SCHEMA
        assert [reader.memory(n) for n in range(reader.n_memories)] == [memory(n) for n in range(COUNT)]
        assert [reader.head(n)["lifecycle"].tobytes() for n in range(COUNT)] == [lifecycle(n) for n in range(COUNT)]
        assert list(reader.all_claims()) == []
        assert store.check().memories == COUNT


def change(folder: Path, killer: Callable[[], Profile]) -> None:
    """One commit: a new memory, another tag, other claims, another lifecycle, a setting, a journal entry each."""
    with Store.open(folder, FINGERPRINT, map_bytes=MAP_BYTES) as store:
        sys.setprofile(killer())
        store.transact(_changed)


def _changed(writer: Writer) -> None:
    append(writer, COUNT, lived=True)
    writer.replace(0, replace(memory(0), tags=("other",)))
    writer.put_claims(0, b"other claims")
    writer.put_lifecycle(0, bytes(28))
    writer.put_meta("changed", b"yes")
    writer.journal("tag", "script", {"id": memory(0).id}, 1)


def is_whole(folder: Path) -> None:
    """All of the change is there or nothing of it."""
    with Store.open(folder, FINGERPRINT, map_bytes=MAP_BYTES) as store, store.read() as reader:
        made = reader.n_memories > COUNT
        assert store.check() == store.check()._replace(memories=COUNT + made, entries=COUNT + 2 * made)
        assert reader.memory(0) == replace(memory(0), tags=("other",) if made else memory(0).tags)
        assert reader.claims(0) == (b"other claims" if made else claims(0))
        assert reader.head(0)["lifecycle"].tobytes() == (bytes(28) if made else lifecycle(0))
        assert reader.meta("changed") == (b"yes" if made else None)
        assert [reader.claims(n) for n in range(1, COUNT + made)] == [claims(n) for n in range(1, COUNT + made)]


def kill(what: str, place: Path, step: int) -> None:
    """``what`` is killed at every ``step``-th call."""
    data = place / "data"
    if what == "migration":
        aged(data)
        run(data, place / "work", migrate, is_migrated, 0, step)
    else:
        with Store.open(data, FINGERPRINT, map_bytes=MAP_BYTES) as store:
            fill(store, COUNT, lived=True)
        run(data, place / "work", change, is_whole, 0, step)


if __name__ == "__main__":
    kill(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
