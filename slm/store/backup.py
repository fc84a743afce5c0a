"""Backups: a compacted copy of a live store's data file, checked, and put back where no store is.

A backup is the data file alone: scan files and postings are derived from it. It holds what the last commit before it
held; writers go on meanwhile.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, NamedTuple

import lmdb

from slm.errors import InvalidInput, StorageRefused, StoreDamaged
from slm.store import migrations
from slm.store.check import check
from slm.store.environment import DEFAULT_MAP_BYTES, Environment
from slm.store.faults import translated
from slm.store.folder import prepare_folder, sync_folder
from slm.store.identity import StoreIdentity
from slm.store.page_file import require_sound
from slm.store.reader import Reader
from slm.store.store import DATA_FILE, IDENTITY_KEY, Store, bring_up, known_schema
from slm.store.tables import Tables

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
    """Read every value of a backup and the whole chain of its journal.

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
    """A backup read without writing a byte beside it; one of an older slm as a store made of it will be."""
    schema = known_schema(path)
    if schema == migrations.SCHEMA:
        with _read(path) as found:
            yield found
        return
    try:
        with TemporaryDirectory(prefix="slm-backup-") as folder:
            copy = Path(folder) / DATA_FILE
            shutil.copyfile(path, copy)
            environment = Environment(copy, DEFAULT_MAP_BYTES)
            try:
                bring_up(environment, schema)
            finally:
                environment.close()
            with _read(copy) as found:
                yield found
    except OSError as error:
        raise StorageRefused(
            f"a backup of an older slm is checked in a copy, which can't be made: {error.strerror}",
            where={"backup": str(path)},
            hint="set TMPDIR to a folder with as much room as the backup takes",
        ) from error


@contextmanager
def _read(path: Path) -> Iterator[tuple[Reader, StoreIdentity]]:
    """A data file of this program's schema that nobody writes."""
    try:
        with lmdb.open(str(path), subdir=False, readonly=True, lock=False, max_dbs=64) as environment:
            tables = Tables(environment, str(path), create=False)
            with environment.begin(buffers=True) as txn:
                body = tables.meta.get(txn, IDENTITY_KEY)
                if body is None:
                    raise StoreDamaged("the store's identity is missing")
                identity = StoreIdentity.decode(body, migrations.SCHEMA)
                yield Reader(tables, txn, str(path), identity.embedder.dims), identity
    except lmdb.Error as error:
        raise translated(error, path) from error


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
