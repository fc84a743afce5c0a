"""The store of one profile: a folder that one process holds open."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import lmdb

from slm.errors import StoreTooNew
from slm.store import migrations
from slm.store.check import Checked, check
from slm.store.environment import DEFAULT_MAP_BYTES, Environment
from slm.store.faults import MapGrown, damaged, refused, translated
from slm.store.folder import FolderLock, disk_files, prepare_folder, require_private, sync_folder
from slm.store.identity import Fingerprint, StoreIdentity, new_identity, require_same_embedder
from slm.store.page_file import require_sound, seal
from slm.store.reader import Reader
from slm.store.rewrite import Between, write_anew
from slm.store.tables import Tables
from slm.store.writer import KindAndName, Writer

T = TypeVar("T")

DATA_FILE = "store.mdb"
IDENTITY_KEY = b"identity"
_MOST_KNOWN_NAMES = 10_000
_LEFTOVERS = (".new", ".new-lock", ".part")
"""What the name of the data file ends in while it is made or restored."""


class Store:
    """Memories, chunks, journal and settings of one profile.

    Threads may share it. Reading never waits for writing; writing waits its turn.
    """

    def __init__(self, folder: Path, lock: FolderLock, environment: Environment, embedder: Fingerprint | None) -> None:
        self.folder = folder
        self._lock = lock
        self._closed = False
        self._copying = False
        self._environment = environment
        self._path = str(environment.path)
        self._tables = _open_tables(environment)
        self._known_names: dict[KindAndName, int] = {}
        self.identity = self._read_identity()
        if embedder is not None:
            require_same_embedder(self.identity.embedder, embedder, str(folder))

    @classmethod
    def open(cls, folder: Path, embedder: Fingerprint | None, *, map_bytes: int = DEFAULT_MAP_BYTES) -> Store:
        """Open the store in ``folder``, creating both when absent; without ``embedder`` one that is there, of any.

        StorageRefused for a folder that isn't private, local and free; StoreTooNew, StoreDamaged and ModelUnavailable
        (vectors of another embedder) leave what is there untouched.
        """
        prepare_folder(folder)
        path = folder / DATA_FILE
        for file in (path, path.with_name(path.name + "-lock")):
            require_private(file)
        lock = FolderLock(folder)
        try:
            environment = _sound_environment(path, embedder, map_bytes, lock)
            try:
                return cls(folder, lock, environment, embedder)
            except BaseException:
                environment.close()
                raise
        except BaseException:
            lock.close_untouched()
            raise

    def close(self) -> None:
        """Release the folder. Transactions must have ended; a second close does nothing."""
        if self._closed:
            return
        self._closed = True
        self._environment.close()
        self._lock.close(seal(self._environment.path))

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def read(self) -> Iterator[Reader]:
        """A snapshot that later writes don't change. Don't wait for a write of another thread inside."""
        with self._environment.read() as txn:
            yield Reader(self._tables, txn, self._path, self.identity.embedder.dims)

    @contextmanager
    def write(self) -> Iterator[Writer]:
        """One durable commit at the end, nothing when the body raises.

        :meth:`transact` repeats a write that met the end of the map; here that is MapGrown.
        """
        assert not self._copying, "what is written while the file is copied would be lost"
        dims = self.identity.embedder.dims
        with self._environment.write() as txn:
            writer = Writer(self._tables, txn, self._path, dims, self._known_names)
            yield writer
        if len(self._known_names) > _MOST_KNOWN_NAMES or writer.dropped_names:
            self._known_names = {}
        self._known_names = {**self._known_names, **writer.seen_names} if writer.seen_names else self._known_names

    def transact(self, change: Callable[[Writer], T]) -> T:
        """Run ``change`` in one durable commit and return what it returns. It runs again when the map had to grow."""
        while True:
            try:
                with self.write() as writer:
                    return change(writer)
            except MapGrown:
                continue

    def check(self) -> Checked:
        """Read and compare everything; StoreDamaged at the first fault."""
        with self.read() as reader:
            return check(reader, self._path)

    def copy_to(self, fd: int, target: Path) -> None:
        """Write a compacted copy of the last commit into an open file. ``target`` is its name, for errors."""
        self._environment.copy(fd, target)

    def rewrite(self, between: Between = lambda: None) -> None:
        """Put a file that holds what is stored, and no byte of what was deleted, in the data file's place.

        Transactions must have ended. Meanwhile ``between`` is called again and again: it may read, not write. What a
        kill left of files that hold copies goes too. StorageRefused when there is no room for it: the store goes on
        with the file that it has.
        """
        path = self._environment.path
        anew = path.with_name(path.name + ".anew")
        try:
            self._copying = True
            try:
                write_anew(self._environment.lmdb, anew, between)
            finally:
                self._copying = False
            self._environment.close()
            try:
                anew.rename(path)
                sync_folder(path.parent)
            finally:
                self._environment = Environment(path, self._environment.map_bytes)
                self._tables = _open_tables(self._environment)
            for ending in _LEFTOVERS:
                path.with_name(path.name + ending).unlink(missing_ok=True)
        except OSError as error:
            raise refused(error, anew) from error
        finally:
            anew.unlink(missing_ok=True)

    def disk_files(self) -> dict[str, int]:
        """Bytes on disk of each file in the folder."""
        return disk_files(self.folder)

    def disk_bytes(self) -> int:
        """Bytes on disk of the whole folder."""
        return sum(self.disk_files().values())

    def _read_identity(self) -> StoreIdentity:
        with self._environment.read() as txn:
            body = self._tables.meta.get(txn, IDENTITY_KEY)
            if body is None:
                raise damaged("the store's identity is missing", self._path)
            return StoreIdentity.decode(body, migrations.SCHEMA)


def _sound_environment(path: Path, embedder: Fingerprint | None, map_bytes: int, lock: FolderLock) -> Environment:
    """The data file, created when absent, found sound, of this program's schema, and open."""
    if not path.exists():
        assert embedder is not None, "a new store needs an embedder"
        _create(path, embedder, map_bytes)
    require_sound(path, crashed=lock.left_open, closed_with=lock.closed_with)
    lock.mark_open()
    schema = known_schema(path)
    environment = Environment(path, map_bytes)
    try:
        migrations.bring_up(environment.lmdb, environment.write, schema)
    except BaseException:
        environment.close()
        raise
    return environment


def _create(path: Path, embedder: Fingerprint, map_bytes: int) -> None:
    """Write an empty store beside its place and move it there: a data file always has an identity."""
    unborn = path.with_name(path.name + ".new")
    leftovers = [unborn, unborn.with_name(unborn.name + "-lock")]
    try:
        for file in leftovers:
            file.unlink(missing_ok=True)
        environment = Environment(unborn, map_bytes)
        try:
            _write_identity(environment, new_identity(embedder, migrations.SCHEMA, time.time_ns()))
        finally:
            environment.close()
        unborn.rename(path)
        leftovers[1].unlink()
        sync_folder(path.parent)
    except OSError as error:
        raise refused(error, path) from error


def _write_identity(environment: Environment, identity: StoreIdentity) -> None:
    try:
        tables = Tables(environment.lmdb, str(environment.path), create=True)
    except lmdb.Error as error:
        raise translated(error, environment.path) from error
    with environment.write() as txn:
        migrations.write_schema(environment.lmdb, txn, identity.schema)
        tables.meta.put(txn, IDENTITY_KEY, identity.encode())


def known_schema(path: Path) -> int:
    """The schema of the data file, read without writing a byte; StoreTooNew for one that isn't known yet."""
    try:
        with lmdb.open(str(path), subdir=False, readonly=True, lock=False, max_dbs=64) as peek, peek.begin() as txn:
            schema = migrations.read_schema(peek, txn)
    except lmdb.Error as error:
        raise translated(error, path) from error
    except ValueError as error:
        raise damaged(str(error), path) from error
    if schema > migrations.SCHEMA:
        raise StoreTooNew(
            f"the store has schema {schema}, this slm knows schemas up to {migrations.SCHEMA}",
            where={"store": str(path)},
            hint="install the slm that wrote it, or a later one; nothing was changed",
        )
    return schema


def _open_tables(environment: Environment) -> Tables:
    try:
        return Tables(environment.lmdb, str(environment.path), create=False)
    except lmdb.Error as error:
        raise translated(error, environment.path) from error
