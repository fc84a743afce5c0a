"""The LMDB environment: one large sparse map, durable commits, growth while nobody reads.

LMDB's safe defaults are kept: without ``metasync`` a power cut undoes acknowledged commits, with ``writemap`` a full
disk kills the process.
"""

from __future__ import annotations

import mmap
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import lmdb

from slm.errors import StorageRefused
from slm.store.faults import MapGrown, refused, translated

DEFAULT_MAP_BYTES = 64 << 30
"""Address space, not memory or disk: the map is sparse."""
LEAST_MAP_BYTES = 16 << 20
_LOCK_TABLE_BYTES = 64 << 10
_MAX_READERS = 512
_MAX_TABLES = 32


class Environment:
    """An open data file. Threads may read at the same time, and one may write."""

    def __init__(self, path: Path, map_bytes: int) -> None:
        self.path = path
        self._writing = threading.Lock()
        self._gate = MapGate()
        self._map_bytes = _available(map_bytes, path)
        _allocate_lock_table(path.with_name(path.name + "-lock"))
        try:
            self.lmdb = lmdb.open(
                str(path),
                subdir=False,
                map_size=self._map_bytes,
                mode=0o600,
                max_dbs=_MAX_TABLES,
                max_readers=_MAX_READERS,
            )
        except lmdb.Error as error:
            raise translated(error, path) from error

    @property
    def map_bytes(self) -> int:
        """The size of the map."""
        return self._map_bytes

    @contextmanager
    def read(self) -> Iterator[Any]:
        """A snapshot: a read transaction giving buffers that are valid until it ends."""
        with self._gate.reading(), self._translating(), self.lmdb.begin(buffers=True) as txn:
            yield txn

    @contextmanager
    def write(self) -> Iterator[Any]:
        """A write transaction: one durable commit at the end, nothing at all when the body raises.

        MapGrown when the map was full; it has been enlarged then, so the same write finds room at the second try.
        """
        with self._writing:
            if self._nearly_full():
                self._grow()
            try:
                with self._translating(), self.lmdb.begin(write=True, buffers=True) as txn:
                    yield txn
            except MapGrown:
                if not self._grow():
                    raise _no_address_space(2 * self._map_bytes, self.path) from None
                raise

    def copy(self, fd: int, target: Path) -> None:
        """Write a compacted copy of the last commit into an open file named ``target``; writers go on meanwhile."""
        with self._gate.reading():
            try:
                self.lmdb.copyfd(fd, compact=True)
            except lmdb.Error as error:
                raise translated(error, target) from error

    def close(self) -> None:
        """Release the file. Transactions must have ended."""
        with self._writing:
            self.lmdb.close()

    @contextmanager
    def _translating(self) -> Iterator[None]:
        try:
            yield
        except lmdb.MapFullError as error:
            raise MapGrown(
                "the store's map was full and has been enlarged; nothing was written",
                where={"store": str(self.path)},
                hint="repeat the command",
            ) from error
        except lmdb.Error as error:
            raise translated(error, self.path) from error

    def _nearly_full(self) -> bool:
        info = self.lmdb.info()
        used = (info["last_pgno"] + 1) * self.lmdb.stat()["psize"]
        return int(used) > info["map_size"] * 3 // 4

    def _grow(self) -> bool:
        """Double the map once the readers have left; False when this thread reads itself or address space is short."""
        with self._gate.growing() as alone:
            if not alone or not _has_address_space(2 * self._map_bytes):
                return False
            try:
                self.lmdb.set_mapsize(2 * self._map_bytes)
            except lmdb.Error as error:
                raise translated(error, self.path) from error
            self._map_bytes *= 2
            return True


class MapGate:
    """Readers pass together; whoever enlarges the map waits until they have left, for that would cut them off."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._n_reading = 0
        self._closed = False
        self._own = threading.local()

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Pass as a reader. A thread that already reads passes even while another waits to grow the map."""
        depth = getattr(self._own, "depth", 0)
        with self._changed:
            self._changed.wait_for(lambda: depth > 0 or not self._closed)
            self._n_reading += 1
        self._own.depth = depth + 1
        try:
            yield
        finally:
            self._own.depth -= 1
            with self._changed:
                self._n_reading -= 1
                self._changed.notify_all()

    @contextmanager
    def growing(self) -> Iterator[bool]:
        """Wait for the readers and keep new ones out. Yields False at once when the calling thread is one of them."""
        if getattr(self._own, "depth", 0):
            yield False
            return
        with self._changed:
            self._closed = True
            self._changed.wait_for(lambda: self._n_reading == 0)
        try:
            yield True
        finally:
            with self._changed:
                self._closed = False
                self._changed.notify_all()


def _available(wanted: int, path: Path) -> int:
    """The largest map of ``wanted``, halved as often as needed, for which the process has address space."""
    size = wanted
    while not _has_address_space(size):
        size //= 2
        if size < LEAST_MAP_BYTES:
            raise _no_address_space(size, path)
    return size


def _has_address_space(size: int) -> bool:
    """Whether a map of that size would succeed. LMDB must not find out: a failed growth leaves it without a map."""
    try:
        mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, prot=mmap.PROT_READ).close()
    except (OSError, ValueError, OverflowError):
        return False
    return True


def _no_address_space(size: int, path: Path) -> StorageRefused:
    return StorageRefused(
        f"no room for a map of {size >> 20} MiB in this process",
        where={"store": str(path)},
        hint="raise the address space limit (ulimit -v), then start slm again",
    )


def _allocate_lock_table(path: Path) -> None:
    """Give LMDB's lock table its disk space beforehand: it is written through a map, where a full disk is fatal."""
    try:
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        try:
            held = os.fstat(fd).st_size
            os.pwrite(fd, bytes(max(0, _LOCK_TABLE_BYTES - held)), held)
        finally:
            os.close(fd)
    except OSError as error:
        raise refused(error, path) from error
