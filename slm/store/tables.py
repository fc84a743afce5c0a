"""Named LMDB tables whose every value ends in a CRC32 of the table's name, the key and the value.

LMDB has no page checksums. With the name and the key in the sum, a value that a damaged tree page puts under another
key or into another table is caught as surely as one with a flipped bit.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import Any

import lmdb
import numpy as np
import numpy.typing as npt

from slm.errors import StoreDamaged
from slm.store.faults import damaged

CRC_BYTES = 4
_RESIDUE = 0x2144DF1C
"""The CRC32 of any bytes followed by their own CRC32, least byte first (theorem: a CRC is linear)."""
_ORDINAL = struct.Struct(">I")
_CRC = struct.Struct("<I")


def ordinal_key(ordinal: int) -> bytes:
    """Four bytes, big-endian: keys sort as numbers."""
    return _ORDINAL.pack(ordinal)


def ordinal_of_key(key: bytes | memoryview) -> int:
    """The number in the last four bytes of a key."""
    return int(_ORDINAL.unpack(key[-4:])[0])


class Table:
    """One named table. It holds no transaction: each call takes the transaction it works in."""

    def __init__(self, name: str, handle: Any, path: str) -> None:
        self.name = name
        self._handle = handle
        self._path = path
        self._seed = zlib.crc32(name.encode())

    def get(self, txn: Any, key: bytes) -> bytes | None:
        """The value under ``key``, checked; None when there is none."""
        raw = txn.get(key, db=self._handle)
        return None if raw is None else self._checked(key, raw)

    def put(self, txn: Any, key: bytes, body: bytes, *, append: bool = False) -> None:
        """Write a value. ``append`` is for a key above all others: the page before it stays full."""
        crc = zlib.crc32(body, zlib.crc32(key, self._seed))
        if not txn.put(key, body + _CRC.pack(crc), append=append, db=self._handle):
            raise damaged(f"table {self.name!r} already goes beyond the value {key.hex()}", self._path)

    def drop(self, txn: Any, key: bytes) -> None:
        """Delete a value; nothing happens when there is none."""
        txn.delete(key, db=self._handle)

    def clear(self, txn: Any) -> None:
        """Delete every value."""
        txn.drop(self._handle, delete=False)

    def count(self, txn: Any) -> int:
        """Number of keys, as the tree's root tells it."""
        return int(txn.stat(self._handle)["entries"])

    def last_ordinal(self, txn: Any, prefix: bytes = b"") -> int | None:
        """The greatest ordinal under ``prefix``, its value checked; None when there is none."""
        with txn.cursor(db=self._handle) as cursor:
            beyond = cursor.set_range(prefix + b"\xff" * 5) if prefix else False
            found = cursor.prev() if beyond else cursor.last()
            if not found or not bytes(cursor.key()).startswith(prefix):
                return None
            key = bytes(cursor.key())
            self._checked(key, cursor.value())
            return ordinal_of_key(key)

    def items(
        self, txn: Any, prefix: bytes = b"", *, start: bytes | None = None, reverse: bool = False
    ) -> Iterator[tuple[bytes, bytes]]:
        """Keys and checked values under ``prefix`` in order, from the key ``start`` on (downwards if ``reverse``)."""
        with txn.cursor(db=self._handle) as cursor:
            found = self._seek(cursor, prefix, start, reverse)
            step = cursor.prev if reverse else cursor.next
            while found:
                key = bytes(cursor.key())
                if not key.startswith(prefix):
                    return
                yield key, self._checked(key, cursor.value())
                found = step()

    def rows(self, txn: Any, dtype: np.dtype[np.void]) -> npt.NDArray[np.void]:
        """All values in key order, checked, as one read-only array: the fast way through values of a fixed layout."""
        crc32, seed, stride = zlib.crc32, self._seed, dtype.itemsize + CRC_BYTES
        joined = bytearray()
        with txn.cursor(db=self._handle) as cursor:
            for key, raw in cursor:
                if crc32(raw, crc32(key, seed)) != _RESIDUE:
                    raise self._wrong(bytes(key))
                joined += raw
        stored: npt.NDArray[np.void] = np.ndarray(len(joined) // stride, dtype, joined, strides=(stride,))
        array = stored.copy()
        array.flags.writeable = False
        return array

    def dense(self, txn: Any, *, first: int = 0) -> int:
        """The number of values in a table keyed ``first, first + 1, …``; StoreDamaged when the tree hides some."""
        last = self.last_ordinal(txn)
        n_values = 0 if last is None else last + 1 - first
        if n_values != self.count(txn):
            raise damaged(f"table {self.name!r} holds {self.count(txn)} values but ends at {last}", self._path)
        return n_values

    def missing(self, key: bytes) -> StoreDamaged:
        """The error for a value that must be there and isn't."""
        return damaged(f"table {self.name!r} lacks the value {key.hex()}", self._path)

    def _seek(self, cursor: Any, prefix: bytes, start: bytes | None, reverse: bool) -> bool:
        if not reverse:
            return bool(cursor.set_range(start or prefix) if start or prefix else cursor.first())
        beyond = start if start is not None else prefix + b"\xff" * 5
        if not cursor.set_range(beyond):
            return bool(cursor.last())
        return True if bytes(cursor.key()) == start else bool(cursor.prev())

    def _checked(self, key: bytes, raw: Any) -> bytes:
        if zlib.crc32(raw, zlib.crc32(key, self._seed)) != _RESIDUE:
            raise self._wrong(key)
        return bytes(raw[:-CRC_BYTES])

    def _wrong(self, key: bytes) -> StoreDamaged:
        return damaged(f"value {key.hex()} of table {self.name!r} doesn't match its checksum", self._path)


class Tables:
    """Every table of the current schema."""

    NAMES = ("meta", "memories", "heads", "means", "tokens", "names", "lookups", "journal", "claims")

    def __init__(self, environment: lmdb.Environment, path: str, *, create: bool) -> None:
        def table(name: str) -> Table:
            return Table(name, environment.open_db(name.encode(), create=create), path)

        self.meta = table("meta")
        self.memories = table("memories")
        self.heads = table("heads")
        self.means = table("means")
        self.tokens = table("tokens")
        self.names = table("names")
        self.lookups = table("lookups")
        self.journal = table("journal")
        self.claims = table("claims")

    def all(self) -> list[Table]:
        """The tables in the order of their names above."""
        return [getattr(self, name) for name in self.NAMES]
