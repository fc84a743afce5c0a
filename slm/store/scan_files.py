"""Arrays over all chunks, mapped from files beside the store: what every query reads in full.

They are derived from the chunks in LMDB: a file that is missing, damaged, foreign or behind is written again.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from slm.counted import counted
from slm.store.column import Column, ColumnError
from slm.store.faults import refused
from slm.store.reader import Reader
from slm.store.records import Chunk
from slm.store.rewrite import Between
from slm.store.store import Store

Quantise = Callable[[npt.NDArray[np.float16]], tuple[npt.NDArray[np.int8], npt.NDArray[np.float32]]]
"""Rows (n, d) to codes int8 (n, d) and scales float32 (n,)."""

_HEAL_ROWS = 1024


class ScanView(NamedTuple):
    """The arrays at one moment, read-only; they stay valid and unchanged when chunks are added.

    The tokens of chunk ``i`` are ``tokens[token_ends[i - 1] : token_ends[i]]``, from 0 for the first.
    """

    codes: npt.NDArray[np.int8]
    scales: npt.NDArray[np.float32]
    rows: npt.NDArray[np.float16]
    tokens: npt.NDArray[np.uint8]
    token_ends: npt.NDArray[np.uint64]

    def token_codes(self, chunk_id: int) -> npt.NDArray[np.uint8]:
        """The sign bits of a chunk's tokens, (t, d / 8)."""
        start = int(self.token_ends[chunk_id - 1]) if chunk_id else 0
        return self.tokens[start : int(self.token_ends[chunk_id])]


class ScanFiles:
    """The files of one store. One thread appends and publishes; any thread may read :attr:`view`.

    Append before the store's commit, publish after it: rows that no commit stands behind are written over.
    """

    def __init__(self, folder: Path, store_id: str, dims: int) -> None:
        self._folder = folder / "scan"
        self._store_id = store_id
        self._dims = dims
        self._columns: list[Column] = []
        self._pending: list[int] = []
        self.trouble: str | None = None
        """What was wrong with the files when they were opened; :meth:`heal` mends it."""
        self._open()

    @property
    def view(self) -> ScanView:
        """All arrays as of the last :meth:`publish`."""
        return self._view

    @property
    def codes(self) -> npt.NDArray[np.int8]:
        """Quantised means, (n, d)."""
        return self._view.codes

    @property
    def scales(self) -> npt.NDArray[np.float32]:
        """What a row of codes is multiplied with, (n,)."""
        return self._view.scales

    @property
    def rows(self) -> npt.NDArray[np.float16]:
        """Means, (n, d)."""
        return self._view.rows

    def token_codes(self, chunk_id: int) -> npt.NDArray[np.uint8]:
        """The sign bits of a chunk's tokens, (t, d / 8)."""
        return self._view.token_codes(chunk_id)

    def __len__(self) -> int:
        return len(self._view.codes)

    def append(
        self,
        codes: npt.NDArray[np.int8],
        scales: npt.NDArray[np.float32],
        rows: npt.NDArray[np.float16],
        token_codes: Sequence[npt.NDArray[np.uint8]],
    ) -> None:
        """Write the rows of further chunks, not yet to be seen. StorageRefused when the disk is full."""
        counts = np.array([len(codes) for codes in token_codes], np.uint64)
        ends = self._pending[3] + np.cumsum(counts, dtype=np.uint64)
        tokens = np.concatenate([np.zeros((0, self._dims // 8), np.uint8), *token_codes])
        arrays: list[npt.NDArray[Any]] = [codes, scales, rows, tokens, ends]
        if not len(codes) == len(scales) == len(rows) == len(token_codes):
            raise ValueError(f"{len(codes)} codes, {len(scales)} scales, {len(rows)} rows, {len(token_codes)} tokens")
        for i, (column, array) in enumerate(zip(self._columns, arrays, strict=True)):
            column.write(self._pending[i], array)
        self._pending = [at + len(array) for at, array in zip(self._pending, arrays, strict=True)]

    def publish(self, n_chunks: int) -> None:
        """Show the first ``n_chunks`` rows, which a commit stands behind, and drop what was appended beyond them."""
        if not len(self) <= n_chunks <= self._pending[0]:
            raise ValueError(f"can't show {n_chunks} of {self._pending[0]} rows, {len(self)} shown before")
        n_tokens = int(self._columns[4].value(n_chunks - 1)) if n_chunks else 0
        counts = [n_chunks, n_chunks, n_chunks, n_tokens, n_chunks]
        for column, count in zip(self._columns, counts, strict=True):
            column.publish(count)
        self._pending = counts
        self._view = self._viewed()

    def discard(self) -> None:
        """Drop the rows that were appended and not published: their transaction came to nothing."""
        self._pending = [column.count for column in self._columns]

    def heal(self, store: Store, quantise: Quantise, between: Between = lambda: None) -> str | None:
        """Bring the files up to the store: from the first row when they were damaged, else the rows they lack.

        ``between`` is called now and then, and may read from the store. Returns what was done in words, None when
        nothing was to do.
        """
        with store.read() as reader:
            n_chunks = reader.n_chunks
            if self.trouble is None and len(self) > n_chunks:
                self.trouble = f"they hold {counted(len(self), 'chunk')}, the store {n_chunks}"
            if self.trouble is None and len(self) == n_chunks:
                return None
            said = f"scan files written again from {counted(n_chunks, 'chunk')}: {self.trouble}"
            if self.trouble is None:
                said = f"scan files brought up from {len(self)} to {counted(n_chunks, 'chunk')}"
            else:
                self._create()
            for batch in _batches(reader, len(self)):
                self._append_chunks(batch, quantise)
                between()
            self.publish(n_chunks)
        self.trouble = None
        return said if n_chunks else None

    def close(self) -> None:
        """Close the files. Arrays that were taken stay valid."""
        for column in self._columns:
            column.close()
        self._columns = []

    def _layout(self) -> list[tuple[str, type[np.generic], tuple[int, ...]]]:
        return [
            ("codes.i8", np.int8, (self._dims,)),
            ("scales.f32", np.float32, ()),
            ("rows.f16", np.float16, (self._dims,)),
            ("tokens.u1", np.uint8, (self._dims // 8,)),
            ("token_ends.u64", np.uint64, ()),
        ]

    def _open(self) -> None:
        """Take the files as they are when every one is sound and they agree; otherwise start empty and note why."""
        try:
            for name, dtype, shape in self._layout():
                self._columns.append(Column.open(self._folder / name, self._store_id, dtype, shape))
            self._require_agreement()
        except ColumnError as error:
            self.trouble = str(error)
            self._create()
            return
        except BaseException:
            self.close()
            raise
        self._pending = [column.count for column in self._columns]
        self._view = self._viewed()

    def _require_agreement(self) -> None:
        codes, scales, rows, tokens, ends = self._columns
        n_tokens = int(ends.value(ends.count - 1)) if ends.count else 0
        if not codes.count == scales.count == rows.count == ends.count or n_tokens != tokens.count:
            raise ColumnError("they hold different numbers of chunks")
        if len({column.generation for column in self._columns}) > 1:
            raise ColumnError("they are of different generations")

    def _create(self) -> None:
        """Fresh, empty files under the same names; maps of the old ones stay valid."""
        generation = secrets.randbits(64)
        self.close()
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise refused(error, self._folder) from error
        for name, dtype, shape in self._layout():
            self._columns.append(Column.create(self._folder / name, self._store_id, dtype, shape, generation))
        self._pending = [0] * len(self._columns)
        self._view = self._viewed()

    def _viewed(self) -> ScanView:
        return ScanView(*(column.array() for column in self._columns))

    def _append_chunks(self, chunks: Sequence[Chunk], quantise: Quantise) -> None:
        rows = np.stack([chunk.mean for chunk in chunks])
        codes, scales = quantise(rows)
        self.append(codes, scales, rows, [chunk.codes for chunk in chunks])


def _batches(reader: Reader, start: int) -> Iterator[list[Chunk]]:
    chunks = reader.chunks(start)
    while batch := list(islice(chunks, _HEAL_ROWS)):
        yield batch
