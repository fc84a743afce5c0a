"""One immutable run of the inverted index: which of some consecutive chunks hold which term, in arrays."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from itertools import compress, pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Arrays = Mapping[str, npt.NDArray[Any]]

MAX_FREQUENCY = 65_535


class Postings(NamedTuple):
    """The chunks (m,) that hold one term, ascending, and how often each does (m,)."""

    chunks: npt.NDArray[np.int32]
    frequencies: npt.NDArray[np.uint16]


class Growing(NamedTuple):
    """The postings of one term while chunks are still being added: int32 ids and uint16 frequencies."""

    chunks: array[int]
    frequencies: array[int]

    def append(self, chunk_id: int, frequency: int) -> None:
        """Add the posting of a chunk after all others; the id comes last, so that a reader never finds it alone."""
        self.frequencies.append(frequency if frequency < MAX_FREQUENCY else MAX_FREQUENCY)
        self.chunks.append(chunk_id)

    def before(self, stop: int) -> Postings:
        """A copy of the postings of chunks before ``stop``; safe while another thread appends."""
        chunks = np.frombuffer(self.chunks.tobytes(), np.int32)
        chunks = chunks[: chunks.searchsorted(stop)]
        return Postings(chunks, np.frombuffer(self.frequencies.tobytes(), np.uint16)[: len(chunks)])


class Segment:
    """Postings of the chunks ``first`` to ``first + len(lengths) - 1`` as compressed sparse rows, one row a term.

    Terms lie sorted, end to end in UTF-8, in ``letters``: term i is ``letters[offsets[i]:offsets[i + 1]]``, its
    postings are ``pointers[i]:pointers[i + 1]`` of ``chunks`` and ``frequencies``. Opening one reads nothing but the
    ends of its arrays; a look-up is a binary search, so a mapped segment costs no memory of its own.
    """

    DTYPES: Mapping[str, type[np.generic]] = {
        "first": np.int64,
        "lengths": np.int32,
        "letters": np.uint8,
        "offsets": np.int64,
        "pointers": np.int64,
        "chunks": np.int32,
        "frequencies": np.uint16,
    }

    def __init__(self, arrays: Arrays) -> None:
        """Wraps ``arrays`` as :meth:`arrays` gives them, without a copy; ValueError where they don't fit together."""
        plain = {name: np.asarray(arrays[name]) for name in self.DTYPES if name in arrays}
        _check(plain)
        self._arrays = plain
        self.first = int(plain["first"][0])
        self.lengths: npt.NDArray[np.int32] = plain["lengths"]
        self.pointers: npt.NDArray[np.int64] = plain["pointers"]
        self.postings = Postings(plain["chunks"], plain["frequencies"])
        self._letters = plain["letters"].data
        self._offsets = plain["offsets"].data

    @property
    def stop(self) -> int:
        """The first chunk after this segment."""
        return self.first + len(self.lengths)

    @property
    def size(self) -> int:
        """What merging it costs: its postings and chunks."""
        return len(self.postings.chunks) + len(self.lengths)

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """All that it is, to be written to a file and given to the constructor again."""
        return dict(self._arrays)

    def terms(self) -> list[bytes]:
        """Every term, sorted: reads all of them."""
        letters = bytes(self._letters)
        return [letters[start:stop] for start, stop in pairwise(self._offsets)]

    def find(self, term: str) -> Postings | None:
        """The postings of ``term``, views; None where no chunk holds it."""
        key, n_terms = term.encode(), len(self._offsets) - 1
        place = bisect_left(range(n_terms), key, key=self._term)
        if place == n_terms or self._term(place) != key:
            return None
        row = slice(self.pointers[place], self.pointers[place + 1])
        return Postings(self.postings.chunks[row], self.postings.frequencies[row])

    def _term(self, i: int) -> bytes:
        return self._letters[self._offsets[i] : self._offsets[i + 1]].tobytes()


def build(first: int, lengths: npt.NDArray[np.int32], postings: Mapping[str, Growing]) -> Segment:
    """The segment of chunks from ``first`` on with the given ``lengths`` (n,) and each term's non-empty postings."""
    terms = sorted(postings)  # by code point, which is the order of their UTF-8
    rows = [postings[term] for term in terms]
    return _assemble(
        first,
        lengths,
        [term.encode() for term in terms],
        _pointers(np.array([len(row.chunks) for row in rows], np.int64)),
        Postings(
            np.frombuffer(b"".join(row.chunks for row in rows), np.int32),
            np.frombuffer(b"".join(row.frequencies for row in rows), np.uint16),
        ),
    )


def merge(older: Segment, newer: Segment) -> Segment:
    """Both as one; ``newer`` begins where ``older`` stops. Nothing is dropped: forgotten chunks keep their postings."""
    if newer.first != older.stop:
        raise ValueError(f"a segment that stops at {older.stop} can't be merged with one from {newer.first}")
    words = [segment.terms() for segment in (older, newer)]
    terms = sorted({*words[0], *words[1]})
    place = {term: i for i, term in enumerate(terms)}
    rows = [np.fromiter(map(place.__getitem__, own), np.int64, len(own)) for own in words]
    counts = np.zeros(len(terms), np.int64)
    for segment, row in zip((older, newer), rows, strict=True):
        counts[row] += np.diff(segment.pointers)
    pointers = _pointers(counts)
    merged = Postings(np.empty(pointers[-1], np.int32), np.empty(pointers[-1], np.uint16))
    _copy_rows(older, pointers[:-1][rows[0]], merged)
    _copy_rows(newer, pointers[1:][rows[1]] - np.diff(newer.pointers), merged)
    return _assemble(older.first, np.concatenate([older.lengths, newer.lengths]), terms, pointers, merged)


def without(segment: Segment, chunks: npt.NDArray[np.int64]) -> Segment:
    """The same run with ``chunks`` (m,) empty, wherever they lie: no posting of theirs, no term that only they hold."""
    kept = ~np.isin(segment.postings.chunks, chunks)
    rows = np.repeat(np.arange(len(segment.pointers) - 1), np.diff(segment.pointers))
    counts = np.bincount(rows[kept], minlength=len(segment.pointers) - 1)
    lengths = segment.lengths.copy()
    lengths[chunks[(chunks >= segment.first) & (chunks < segment.stop)] - segment.first] = 0
    return _assemble(
        segment.first,
        lengths,
        list(compress(segment.terms(), counts > 0)),
        _pointers(counts[counts > 0]),
        Postings(segment.postings.chunks[kept], segment.postings.frequencies[kept]),
    )


def _copy_rows(segment: Segment, starts: npt.NDArray[np.int64], out: Postings) -> None:
    """Copy every row of ``segment`` to ``out``, row i to ``starts[i]``."""
    shifts = np.repeat(starts - segment.pointers[:-1], np.diff(segment.pointers))
    where = np.arange(len(shifts)) + shifts
    out.chunks[where] = segment.postings.chunks
    out.frequencies[where] = segment.postings.frequencies


def _assemble(
    first: int,
    lengths: npt.NDArray[np.int32],
    terms: Sequence[bytes],
    pointers: npt.NDArray[np.int64],
    postings: Postings,
) -> Segment:
    return Segment(
        {
            "first": np.array([first], np.int64),
            "lengths": lengths,
            "letters": np.frombuffer(b"".join(terms), np.uint8),
            "offsets": _pointers(np.array([len(term) for term in terms], np.int64)),
            "pointers": pointers,
            "chunks": postings.chunks,
            "frequencies": postings.frequencies,
        }
    )


def _pointers(counts: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Counts (v,) -> where each row begins and the last one ends (v + 1,)."""
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(counts, dtype=np.int64)])


def _check(arrays: Arrays) -> None:
    for name, dtype in Segment.DTYPES.items():
        if name not in arrays or arrays[name].dtype != dtype or arrays[name].ndim != 1:
            raise ValueError(f"a segment needs an array {name} of {dtype.__name__} with one axis")
    sizes = {name: len(array) for name, array in arrays.items()}
    fits = (
        sizes["first"] == 1
        and sizes["offsets"] == sizes["pointers"] >= 1
        and arrays["offsets"][-1] == sizes["letters"]
        and arrays["pointers"][-1] == sizes["chunks"] == sizes["frequencies"]
    )
    if not fits:
        raise ValueError(f"arrays of a segment don't fit together: {sizes}")
