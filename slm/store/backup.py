"""Backups: a compacted copy of a live store's data file, checked, and put back where no store is.

A backup is the data file alone: scan files and postings are derived from it. It holds what the last commit before it
held; writers go on meanwhile.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO, NamedTuple

import lmdb

from slm.errors import InvalidInput, StorageRefused, StoreDamaged
from slm.store import migrations
from slm.store.check import check
from slm.store.faults import translated
from slm.store.folder import prepare_folder, sync_folder
from slm.store.identity import StoreIdentity
from slm.store.page_file import require_sound
from slm.store.reader import Reader
from slm.store.store import DATA_FILE, IDENTITY_KEY, Store, known_schema
from slm.store.tables import Tables

ROOM_FOR_STEPS = 64 << 20
"""Bytes by which the steps from an older schema may enlarge a small store; a large one may double."""
UNFINISHED = ".part"
"""Ends the name of a file that is being written; one that a kill left behind is written over."""


class Backup(NamedTuple):
    """What a backup holds. ``journal_head`` is the hash to compare with ``log --verify --head``."""

    identity: StoreIdentity
    memories: int
    entries: int
    journal_head: bytes
    n_bytes: int


def write_backup(store: Store, target: Path) -> Backup:
    """Copy the store into a file that only its owner can read, whole or not at all.

    InvalidInput when the file exists, StorageRefused when it can't be written.
    """
    if target.exists():
        raise InvalidInput(f"there is a file already: {target}", hint="name another; backups are never written over")
    _appear(target, lambda file: store.copy_to(file.fileno(), target))
    with _opened(target) as (reader, identity):
        return _described(target, reader, identity)


def verify_backup(path: Path) -> Backup:
    """Read every value of a backup and the whole chain of its journal; of an older slm's, all that it becomes.

    Another process reads the pages first, for a damaged one would kill it. StoreDamaged names the first fault,
    StoreTooNew a backup of a newer slm.
    """
    _require_file(path)
    with _naming_the_backup(path):
        require_sound(path, crashed=True, closed_with=None)
        with _opened(path) as (reader, identity):
            check(reader, str(path))
            return _described(path, reader, identity)


def restore_backup(path: Path, folder: Path) -> None:
    """Put a verified backup into ``folder``, where no data file may be; what broke off before is written over.

    InvalidInput when there is one. The data file appears under its name at once whole, so a crash leaves no half store.
    """
    prepare_folder(folder)
    data_file = folder / DATA_FILE
    if data_file.exists():
        raise InvalidInput(f"there is a store already in {folder}")
    (folder / "store.lock").unlink(missing_ok=True)  # it holds the seal of whatever lay here before

    def copy(file: IO[bytes]) -> None:
        with path.open("rb") as source:
            shutil.copyfileobj(source, file, 1 << 20)

    _appear(data_file, copy)


def _appear(target: Path, write: Callable[[IO[bytes]], None]) -> None:
    """Let ``write`` fill a file beside ``target``, and give it that name once it is on the disk."""
    unborn = target.with_name(target.name + UNFINISHED)
    try:
        fd = os.open(unborn, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        try:
            with os.fdopen(fd, "wb") as file:
                write(file)
                file.flush()
                os.fsync(file.fileno())
            unborn.rename(target)
            sync_folder(target.parent)
        except BaseException:
            unborn.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise StorageRefused(f"the file can't be written: {error.strerror}", where={"file": str(target)}) from error


def _require_file(path: Path) -> None:
    try:
        with path.open("rb"):
            return
    except OSError as error:
        raise InvalidInput(f"{path}: {error.strerror}") from None


@contextmanager
def _opened(path: Path) -> Iterator[tuple[Reader, StoreIdentity]]:
    """A backup as it stands, read without writing a byte beside it; an older one as this program will have it."""
    schema = known_schema(path)
    try:
        with _current(path, schema) if schema < migrations.SCHEMA else _as_it_stands(path) as environment:
            tables = Tables(environment, str(path), create=False)
            with environment.begin(buffers=True) as txn:
                body = tables.meta.get(txn, IDENTITY_KEY)
                if body is None:
                    raise StoreDamaged("the store's identity is missing")
                identity = StoreIdentity.decode(body, migrations.SCHEMA)
                yield Reader(tables, txn, str(path), identity.embedder.dims), identity
    except lmdb.Error as error:
        raise translated(error, path) from error


def _as_it_stands(path: Path) -> lmdb.Environment:
    return lmdb.open(str(path), subdir=False, readonly=True, lock=False, max_dbs=64)


@contextmanager
def _current(path: Path, schema: int) -> Iterator[lmdb.Environment]:
    """A copy of an older backup, brought up to this program's schema: what opening it restored will do.

    The copy is a temporary file without a name, so that nothing of it outlives the process. StorageRefused when the
    temporary folder has no room for it.
    """
    with tempfile.TemporaryFile() as copy:
        try:
            with path.open("rb") as source:
                shutil.copyfileobj(source, copy, 1 << 20)
            copy.flush()
        except OSError as error:
            where = {"file": str(path), "folder": tempfile.gettempdir()}
            raise StorageRefused(f"the older backup can't be copied: {error.strerror}", where=where) from error
        with lmdb.open(
            f"/proc/self/fd/{copy.fileno()}", subdir=False, lock=False, sync=False, max_dbs=64,
            map_size=2 * path.stat().st_size + ROOM_FOR_STEPS,
        ) as environment:  # fmt: skip
            migrations.bring_up(environment, partial(environment.begin, write=True), schema)
            yield environment


@contextmanager
def _naming_the_backup(path: Path) -> Iterator[None]:
    """The store's errors of damage, said of a backup: there is another way back."""
    try:
        yield
    except StoreDamaged as error:
        hint = "don't rely on this file: take another backup"
        raise StoreDamaged(error.message, where={"backup": str(path)}, hint=hint) from error


def _described(path: Path, reader: Reader, identity: StoreIdentity) -> Backup:
    entries, head = reader.journal_head()
    return Backup(identity, reader.n_memories, entries, head, path.stat().st_size)
