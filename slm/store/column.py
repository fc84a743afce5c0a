"""One growing array in one file: a header of 64 bytes, then the rows. Written by calls, read through a map.

Never written through the map: a full disk would be a signal instead of an error.
"""

from __future__ import annotations

import mmap
import os
import struct
import zlib
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from slm.store.faults import refused

HEADER_BYTES = 64
_MAGIC = b"slmscan\0"
_FORMAT = 1
_HEADER = struct.Struct("<8sII16sQQI8xI")
_LEAST_CAPACITY = 1024


class ColumnError(Exception):
    """A file that can't be used as it is; its contents can be derived again."""


class Header(NamedTuple):
    """The first bytes of a file. ``body_crc`` is the CRC32 of the published rows."""

    row_bytes: int
    store_id: str
    generation: int
    n_rows: int
    body_crc: int

    def encode(self) -> bytes:
        """64 bytes, the last four of which are the CRC32 of the others."""
        store_id = bytes.fromhex(self.store_id)
        fields = (_MAGIC, _FORMAT, self.row_bytes, store_id, self.generation, self.n_rows, self.body_crc)
        return _HEADER.pack(*fields, zlib.crc32(_HEADER.pack(*fields, 0)))

    @classmethod
    def decode(cls, raw: bytes) -> Header:
        """The header that :meth:`encode` gave. ColumnError for anything else."""
        if len(raw) != HEADER_BYTES:
            raise ColumnError("is too short")
        magic, version, row_bytes, store_id, generation, n_rows, body_crc, crc = _HEADER.unpack(raw)
        if (magic, version) != (_MAGIC, _FORMAT) or crc != zlib.crc32(raw[:-4] + bytes(4)):
            raise ColumnError("has a damaged header")
        return cls(row_bytes, store_id.hex(), generation, n_rows, body_crc)


class Column:
    """An open file. Rows are written at any place, and shown once they are published."""

    def __init__(self, path: Path, fd: int, header: Header, dtype: type[np.generic], shape: tuple[int, ...]) -> None:
        self.path = path
        self._fd = fd
        self._header = header
        self._dtype = np.dtype(dtype)
        self._shape = shape
        self._map: Any = b""
        self._capacity = 0
        self._reserve(header.n_rows)

    @property
    def count(self) -> int:
        """Number of published rows."""
        return self._header.n_rows

    @property
    def generation(self) -> int:
        """A number drawn when the files were begun: those of one set share it."""
        return self._header.generation

    @classmethod
    def create(
        cls, path: Path, store_id: str, dtype: type[np.generic], shape: tuple[int, ...], generation: int
    ) -> Column:
        """An empty file in the place of whatever had the name; maps of the old file stay valid."""
        header = Header(_row_bytes(dtype, shape), store_id, generation, 0, 0)
        try:
            path.unlink(missing_ok=True)
            fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
            os.pwrite(fd, header.encode(), 0)
        except OSError as error:
            raise refused(error, path) from error
        return cls(path, fd, header, dtype, shape)

    @classmethod
    def open(cls, path: Path, store_id: str, dtype: type[np.generic], shape: tuple[int, ...]) -> Column:
        """The file as it stands. ColumnError when it is missing, damaged, or of another store."""
        try:
            fd = os.open(path, os.O_RDWR | os.O_NOFOLLOW)
        except FileNotFoundError as error:
            raise ColumnError(f"{path.name} is missing") from error
        except OSError as error:
            raise refused(error, path) from error
        try:
            column = cls(path, fd, _sound_header(fd, store_id, _row_bytes(dtype, shape)), dtype, shape)
            if zlib.crc32(column._body(0, column.count)) != column._header.body_crc:
                raise ColumnError("doesn't match its checksum")
        except ColumnError as error:
            os.close(fd)
            raise ColumnError(f"{path.name} {error}") from error
        return column

    def write(self, at: int, rows: npt.NDArray[Any]) -> None:
        """Write rows from number ``at`` on, at or beyond the published ones. StorageRefused when the disk is full."""
        if at < self.count or rows.shape[1:] != self._shape or rows.dtype != self._dtype:
            raise ValueError(f"{self.path.name}: can't write {rows.dtype}{rows.shape} at row {at} of {self.count}")
        body = memoryview(np.ascontiguousarray(rows).tobytes())
        offset = HEADER_BYTES + at * self._header.row_bytes
        try:
            while body:
                written = os.pwrite(self._fd, body, offset)
                body, offset = body[written:], offset + written
        except OSError as error:
            raise refused(error, self.path) from error

    def publish(self, count: int) -> None:
        """Show the first ``count`` rows."""
        self._reserve(count)
        crc = zlib.crc32(self._body(self.count, count), self._header.body_crc)
        header = self._header._replace(n_rows=count, body_crc=crc)
        try:
            os.pwrite(self._fd, header.encode(), 0)
        except OSError as error:
            raise refused(error, self.path) from error
        self._header = header

    def value(self, row: int) -> Any:
        """One row, published or just written."""
        raw = os.pread(self._fd, self._header.row_bytes, HEADER_BYTES + row * self._header.row_bytes)
        return np.frombuffer(raw, self._dtype).reshape(self._shape)[()]

    def array(self) -> npt.NDArray[Any]:
        """The published rows, read-only, mapped. Stays valid when the file grows, is replaced or closed."""
        flat = np.frombuffer(self._map, self._dtype, self.count * self._n_values(), HEADER_BYTES)
        return flat.reshape(self.count, *self._shape)

    def close(self) -> None:
        """Close the file; arrays that were taken stay valid."""
        os.close(self._fd)
        self._map = b""

    def _n_values(self) -> int:
        return self._header.row_bytes // self._dtype.itemsize

    def _body(self, start: int, stop: int) -> memoryview:
        size = self._header.row_bytes
        return memoryview(self._map)[HEADER_BYTES + start * size : HEADER_BYTES + stop * size]

    def _reserve(self, count: int) -> None:
        """Map room for at least ``count`` rows. The file is lengthened by a hole, which takes no space on disk."""
        if count <= self._capacity and self._map:
            return
        capacity = max(_LEAST_CAPACITY, count + count // 4)
        size = HEADER_BYTES + capacity * self._header.row_bytes
        try:
            if os.fstat(self._fd).st_size < size:
                os.ftruncate(self._fd, size)
            self._map = mmap.mmap(self._fd, size, prot=mmap.PROT_READ, flags=mmap.MAP_SHARED)
        except OSError as error:
            raise refused(error, self.path) from error
        self._capacity = capacity


def _row_bytes(dtype: type[np.generic], shape: tuple[int, ...]) -> int:
    return int(np.prod(shape, dtype=np.int64)) * np.dtype(dtype).itemsize


def _sound_header(fd: int, store_id: str, row_bytes: int) -> Header:
    header = Header.decode(os.pread(fd, HEADER_BYTES, 0))
    if header.store_id != store_id:
        raise ColumnError("belongs to another store")
    if header.row_bytes != row_bytes:
        raise ColumnError("has rows of another size")
    if os.fstat(fd).st_size < HEADER_BYTES + header.n_rows * row_bytes:
        raise ColumnError("is cut short")
    return header
