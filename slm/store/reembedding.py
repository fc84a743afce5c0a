"""Other vectors for a store: a copy beside it gets them bit by bit and takes its place when it is whole.

Until then the store is as it was, for the model that it was built with. What was done outlives a crash.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

from slm.errors import NotFound, StorageRefused, StoreDamaged, StoreTooNew
from slm.store.environment import Environment
from slm.store.faults import refused
from slm.store.folder import drop_derived, sync_folder
from slm.store.identity import Fingerprint
from slm.store.reader import META_PREFIX
from slm.store.records import Chunk, with_chunks
from slm.store.store import DATA_FILE, IDENTITY_KEY, Store
from slm.store.tables import Tables

FOLDER = "reembed"
"""The copy's folder, inside the store's."""
BEGUN = "reembed"
"""Under this name the copy keeps the head of the journal that it was made at."""


class Progress(NamedTuple):
    """How many memories have their new vectors, of how many."""

    done: int
    total: int


class Reembedding:
    """The store in the hands of one process, and its copy."""

    def __init__(self, store: Store, copy: Store) -> None:
        self.old = store
        self.copy = copy

    @property
    def progress(self) -> Progress:
        """Memories done and all."""
        with self.old.read() as old, self.copy.read() as new:
            return Progress(new.n_memories, old.n_memories)

    def add(self, chunks: Sequence[Sequence[Chunk]]) -> None:
        """Give the next memories their chunks, in one durable commit."""
        with self.old.read() as old:
            heads = [old.head(ordinal).tobytes() for ordinal in self._next(len(chunks))]

        def change(writer: Any) -> None:
            for head, of_memory in zip(heads, chunks, strict=True):
                writer.append_vectors(with_chunks(head, writer.n_chunks, len(of_memory)), of_memory)

        self.copy.transact(change)

    def waiting(self, count: int) -> list[str]:
        """The texts of the next memories, at most ``count``."""
        with self.old.read() as old:
            return [old.text(ordinal) for ordinal in self._next(count)]

    def finish(self, seal: Callable[[Any], None]) -> None:
        """Let ``seal`` write what depends on all vectors, and put the copy in the store's place.

        The derived files go first, as they would be taken for right: the store's id stays. A crash after that leaves
        the old store, which makes them anew.
        """
        done, total = self.progress
        assert done == total, "every memory has its vectors"

        def last(writer: Any) -> None:
            seal(writer)
            writer.drop_meta(BEGUN)

        self.copy.transact(last)
        self.copy.close()
        folder = self.old.folder
        drop_derived(folder)
        try:
            (folder / FOLDER / DATA_FILE).rename(folder / DATA_FILE)
            sync_folder(folder)
        except OSError as error:
            raise refused(error, folder) from error
        shutil.rmtree(folder / FOLDER, ignore_errors=True)

    def _next(self, count: int) -> range:
        done, total = self.progress
        return range(done, min(total, done + count))


@contextmanager
def reembedding(folder: Path, embedder: Fingerprint, *, map_bytes: int) -> Iterator[Reembedding | None]:
    """The store in ``folder`` with its copy for ``embedder``, begun anew or gone on with; None when it has that model.

    A copy that is damaged, for another model, or of a state that the store has left since, is thrown away. Raises
    :class:`NotFound` where there is no store, :class:`StorageRefused` where a copy has no room, and what opening a
    store raises.
    """
    if not (folder / DATA_FILE).exists():
        raise NotFound("there is no store to embed anew", hint="slm profile list")
    with Store.open(folder, None, map_bytes=map_bytes) as store:
        if store.identity.embedder._replace(name="") == embedder._replace(name=""):
            shutil.rmtree(folder / FOLDER, ignore_errors=True)
            yield None
            return
        copy = _copy_of(store, embedder, map_bytes)
        try:
            yield Reembedding(store, copy)
        finally:
            copy.close()


def _copy_of(store: Store, embedder: Fingerprint, map_bytes: int) -> Store:
    place = store.folder / FOLDER
    with store.read() as reader:
        head = reader.journal_head()[1]
    if (place / DATA_FILE).exists():
        with suppress(StoreDamaged, StoreTooNew):
            copy = Store.open(place, None, map_bytes=map_bytes)
            with copy.read() as reader:
                same = reader.meta(BEGUN) == head
            if same and copy.identity.embedder == embedder:
                return copy
            copy.close()
    _begin(store, place, embedder, head, map_bytes)
    return Store.open(place, embedder, map_bytes=map_bytes)


def _begin(store: Store, place: Path, embedder: Fingerprint, head: bytes, map_bytes: int) -> None:
    """A copy without heads and chunks. It has its name only once it is whole."""
    unborn = place / (DATA_FILE + ".new")
    try:
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(mode=0o700)
        _require_room(store, place)
        with os.fdopen(os.open(unborn, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            store.copy_to(file.fileno(), unborn)
        environment = Environment(unborn, map_bytes)
        try:
            _strip(environment, store.identity._replace(embedder=embedder).encode(), head)
        finally:
            environment.close()
        unborn.with_name(unborn.name + "-lock").unlink()
        unborn.rename(place / DATA_FILE)
        sync_folder(place)
    except OSError as error:
        with suppress(OSError):
            shutil.rmtree(place)
        raise refused(error, place) from error


def _strip(environment: Environment, identity: bytes, head: bytes) -> None:
    tables = Tables(environment.lmdb, str(environment.path), create=False)
    with environment.write() as txn:
        for table in (tables.heads, tables.means, tables.tokens):
            table.clear(txn)
        tables.meta.put(txn, IDENTITY_KEY, identity)
        tables.meta.put(txn, META_PREFIX + BEGUN.encode(), head)


def _require_room(store: Store, place: Path) -> None:
    needed = store.disk_files()[DATA_FILE]
    free = shutil.disk_usage(place).free
    if free < 2 * needed:
        raise StorageRefused(
            f"a copy with new vectors needs up to {2 * needed >> 20} MiB, {free >> 20} are free",
            where={"store": str(store.folder)},
            hint="make room, then slm reembed",
        )
