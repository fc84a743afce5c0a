"""The lexical channel: BM25 over an inverted index that grows by appending and forgets by marking.

Counts are exact over live chunks, so scores depend on what is remembered and not on the order in which it was added,
forgotten, flushed or merged.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial, reduce
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from slm.geometry.backend import NUMPY, Kernels
from slm.geometry.bm25 import inverse_document_frequency
from slm.retrieval.segment import Arrays, Growing, Postings, Segment, build, merge, without
from slm.retrieval.word_rates import UNKNOWN_RATE, word_rates

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

K1 = 0.9
B = 0.4

PRIOR_CHUNKS = 20.0
"""Imagined chunks of ordinary English that every store starts from; they weigh as much as 20 of its own."""

GROWTH = 2
"""A segment is at least this many times as large as the one after it: each posting is copied O(log n) times."""


class LexicalScores(NamedTuple):
    """``scores`` (n,) of all chunks and ``mass`` = (k1 + 1) Σ idf of the query, which no score reaches.

    ``scores / mass`` is the share in [0, 1) that enters the sum; ``mass`` is 0 for a query without terms.
    """

    scores: Floats
    mass: float


class Found(NamedTuple):
    """What a look-up of one term gives: its ``postings``, segment by segment, and how many chunks in them count."""

    postings: list[Postings]
    n_live: int


@dataclass(frozen=True, slots=True)
class LexicalView:
    """The index as it was at one moment: what is added, forgotten, flushed or merged later doesn't show.

    ``lengths`` and ``dead`` (n,) belong to all chunks; ``n_live`` and ``total_length`` count live ones only, and of
    these only those of a ``circle`` (n,), where there is one. A view looks each term up once, so it is kept for one
    question and no longer.
    """

    segments: tuple[Segment, ...]
    tail: Mapping[str, Growing]
    lengths: npt.NDArray[np.int32]
    dead: npt.NDArray[np.bool_]
    n_live: int
    total_length: int
    kernels: Kernels
    circle: Mask | None = None
    _found: dict[str, Found] = field(default_factory=dict)

    def within(self, circle: Mask) -> LexicalView:
        """The same chunks, with terms as rare and texts as long as they are among the live ones of ``circle`` (n,)."""
        counted = circle & ~self.dead
        total_length = int(self.lengths[counted].sum(dtype=np.int64))
        return replace(
            self, n_live=int(np.count_nonzero(counted)), total_length=total_length, circle=counted, _found={}
        )

    def scores(self, query_terms: Sequence[str]) -> LexicalScores:
        """BM25 of every chunk; 0 for forgotten ones. Terms may repeat; their order makes no difference to the bits."""
        scores, mass = np.zeros(len(self.lengths)), 0.0
        average = self.total_length / self.n_live if self.total_length else 1.0
        for weight, found in self._weighted(query_terms):
            mass += weight
            for chunks, frequencies in found.postings:
                self.kernels.accumulate(chunks, frequencies, weight, K1, B, self.lengths, average, scores)
        if self._has_dead:
            np.copyto(scores, 0.0, where=self.dead)
        return LexicalScores(scores, (K1 + 1.0) * mass)

    def shares(self, query_terms: Sequence[str], chunks: npt.NDArray[np.integer]) -> Iterator[Floats]:
        """What each distinct term, in order, adds to ``scores / mass`` of each of ``chunks`` (m,): one (m,) a term.

        Terms that no chunk of the index holds are passed over: a pasted page has thousands of them.
        """
        wanted, weighted = chunks.astype(np.int32), list(self._weighted(query_terms))
        lengths, mass = self.lengths[wanted], (K1 + 1.0) * sum(weight for weight, _ in weighted)
        average = self.total_length / self.n_live if self.total_length else 1.0
        for weight, found in weighted:
            if not found.postings:
                continue
            own = np.zeros(len(wanted))
            for holders, frequencies in found.postings:
                places = np.searchsorted(holders, wanted)
                held = np.flatnonzero(holders.take(places, mode="clip") == wanted)
                of_held = np.ascontiguousarray(frequencies[places[held]])
                self.kernels.accumulate(held.astype(np.int32), of_held, weight, K1, B, lengths, average, own)
            yield own / mass

    def coverage(self, query_terms: Sequence[str], held: Mask) -> Floats:
        """Share (m,) in [0, 1] of the query's idf mass whose terms are held, by what :meth:`held` (t, m) gave."""
        covered, mass = np.zeros(held.shape[1]), 0.0
        for (weight, _), holds in zip(self._weighted(query_terms), held, strict=True):
            mass += weight
            covered += weight * holds
        return covered / mass if mass > 0.0 else covered

    def held(self, query_terms: Sequence[str], chunks: npt.NDArray[np.integer]) -> Mask:
        """Which of the distinct terms of a query, sorted, each of ``chunks`` (m,) holds (t, m); forgotten or not."""
        wanted, distinct = chunks.astype(np.int32), sorted(set(query_terms))
        held = np.zeros((len(distinct), len(wanted)), np.bool_)
        for holds, term in zip(held, distinct, strict=True):
            for holders, _ in self._look_up(term).postings:
                holds |= holders.take(np.searchsorted(holders, wanted), mode="clip") == wanted
        return held

    def holders(self, terms: Sequence[str]) -> npt.NDArray[np.int64]:
        """The live chunks that hold every one of ``terms``, ascending; none for no terms."""
        postings = [self._look_up(term).postings for term in terms]
        held = [np.concatenate([np.empty(0, np.int32), *(part.chunks for part in parts)]) for parts in postings]
        if not held:
            return np.empty(0, np.int64)
        chunks = reduce(partial(np.intersect1d, assume_unique=True), held).astype(np.int64)
        return chunks[~self.dead[chunks]]

    def document_frequency(self, term: str) -> int:
        """How many of the chunks that count hold ``term``."""
        return self._look_up(term).n_live

    def idf(self, term: str) -> float:
        """Inverse document frequency over the chunks that count and the imagined ones of :data:`PRIOR_CHUNKS`."""
        rate = word_rates().get(term, UNKNOWN_RATE)
        document_frequency = self.document_frequency(term) + PRIOR_CHUNKS * rate
        return inverse_document_frequency(self.n_live + PRIOR_CHUNKS, document_frequency)

    @property
    def _has_dead(self) -> bool:
        return self.n_live < len(self.lengths)

    def _weighted(self, query_terms: Sequence[str]) -> Iterator[tuple[float, Found]]:
        """Each distinct term's idf times its count, with its postings; sorted, so that sums have one order."""
        for term, count in sorted(Counter(query_terms).items()):
            yield count * self.idf(term), self._look_up(term)

    def _look_up(self, term: str) -> Found:
        found = self._found.get(term)
        if found is None:
            postings = self._postings(term)
            found = self._found[term] = Found(postings, self._live_count(postings))
        return found

    def _postings(self, term: str) -> list[Postings]:
        found = [postings for segment in self.segments if (postings := segment.find(term))]
        growing = self.tail.get(term)
        if growing:
            found.append(growing.before(len(self.lengths)))
        return [postings for postings in found if len(postings.chunks)]

    def _live_count(self, postings: Iterable[Postings]) -> int:
        # Counted anew for each query: exact by construction, at a third of the cost of scoring the same postings,
        # and forgetting needs neither the text of what is forgotten nor the analyser that once read it.
        if self.circle is not None:
            return sum(int(np.count_nonzero(self.circle[chunks])) for chunks, _ in postings)
        return sum(
            len(chunks) - (int(np.count_nonzero(self.dead[chunks])) if self._has_dead else 0) for chunks, _ in postings
        )


class LexicalIndex:
    """The inverted index of one store, owned by the thread that writes.

    New chunks go into a mutable tail; :meth:`flush` makes it a segment, :meth:`merge` keeps segments few. Other
    threads read through :meth:`view`. ``kernels`` may be replaced at any time: all give the same bits.
    """

    def __init__(self, segments: Iterable[Segment] = (), dead: Iterable[int] = (), kernels: Kernels = NUMPY) -> None:
        """``segments`` in order and without gaps, ``dead`` the forgotten chunks among them; ValueError otherwise."""
        self.kernels = kernels
        self.segments: tuple[Segment, ...] = tuple(segments)
        stops = [0, *(segment.stop for segment in self.segments)]
        if [segment.first for segment in self.segments] != stops[:-1]:
            raise ValueError(f"segments must follow one another from chunk 0 on, not stop at {stops}")
        self._tail: dict[str, Growing] = {}
        self._lengths = np.concatenate([np.empty(0, np.int32), *(segment.lengths for segment in self.segments)])
        self._dead = np.zeros(len(self._lengths), bool)
        self.count = self.n_live = len(self._lengths)
        self.total_length = int(self._lengths.sum(dtype=np.int64))
        self.remove(dead)

    @classmethod
    def from_arrays(
        cls, segments: Iterable[Arrays], dead: Iterable[int] = (), kernels: Kernels = NUMPY
    ) -> LexicalIndex:
        """The index whose segments' ``arrays()`` were written to files; the arrays may be mapped and stay so."""
        return cls(map(Segment, segments), dead, kernels)

    def view(self) -> LexicalView:
        """The index as it is now."""
        return LexicalView(
            self.segments,
            self._tail,
            self._lengths[: self.count],
            self._dead[: self.count],
            self.n_live,
            self.total_length,
            self.kernels,
        )

    def scores(self, query_terms: Sequence[str]) -> LexicalScores:
        """:meth:`LexicalView.scores` of the index as it is now."""
        return self.view().scores(query_terms)

    def document_frequency(self, term: str) -> int:
        """:meth:`LexicalView.document_frequency` of the index as it is now."""
        return self.view().document_frequency(term)

    def add(self, chunk_id: int, terms: Iterable[str]) -> None:
        """Append the next chunk, with repetitions among its ``terms``; ValueError unless ``chunk_id`` is the next."""
        if chunk_id != self.count:
            raise ValueError(f"the next chunk is {self.count}, not {chunk_id}")
        frequencies = Counter(terms)
        for term, frequency in frequencies.items():
            growing = self._tail.get(term)
            if growing is None:
                growing = self._tail[term] = Growing(array("i"), array("H"))
            growing.append(chunk_id, frequency)
        self._append_length(frequencies.total())

    def remove(self, chunks: Iterable[int]) -> None:
        """Forget ``chunks``: they score 0 and count in nothing. ValueError, and no change, if one isn't live."""
        self._mark(chunks, dead=True)

    def restore(self, chunks: Iterable[int]) -> None:
        """Undo :meth:`remove`. ValueError, and no change, if one of ``chunks`` isn't forgotten."""
        self._mark(chunks, dead=False)

    def purge(self, chunks: npt.NDArray[np.int64]) -> None:
        """Forget ``chunks`` for good: they are as if they had been empty, and no word of theirs stays."""
        self.remove(chunks[~self._dead[chunks]])
        self.flush()
        self._lengths = self._lengths.copy()  # views hold the array as it was
        self._lengths[chunks] = 0
        self.segments = tuple(without(segment, chunks) for segment in self.segments)

    def flush(self) -> None:
        """Turn the tail into a segment, if there is one."""
        first = self.segments[-1].stop if self.segments else 0
        if first < self.count:
            segment = build(first, self._lengths[first : self.count].copy(), self._tail)
            self.segments, self._tail = (*self.segments, segment), {}

    def merge(self) -> None:
        """Merge neighbours until each segment is :data:`GROWTH` times as large as the next."""
        merged: list[Segment] = []
        for segment in self.segments:
            merged.append(segment)
            while len(merged) > 1 and merged[-2].size < GROWTH * merged[-1].size:
                newer, older = merged.pop(), merged.pop()
                merged.append(merge(older, newer))
        self.segments = tuple(merged)

    def _append_length(self, length: int) -> None:
        if self.count == len(self._lengths):
            room = max(1024, self.count // 2)
            self._lengths = np.concatenate([self._lengths, np.zeros(room, np.int32)])
            self._dead = np.concatenate([self._dead, np.zeros(room, bool)])
        self._lengths[self.count] = length
        self.count += 1
        self.n_live += 1
        self.total_length += length

    def _mark(self, chunks: Iterable[int], *, dead: bool) -> None:
        ids = np.unique(np.fromiter(chunks, np.int64))
        if not len(ids):
            return
        if ids[0] < 0 or ids[-1] >= self.count or (self._dead[ids] == dead).any():
            raise ValueError(f"not all of these chunks are {'live' if dead else 'forgotten'}: {ids[:10].tolist()}")
        changed = self._dead.copy()  # views hold the array as it was
        changed[ids] = dead
        self._dead = changed
        sign = -1 if dead else 1
        self.n_live += sign * len(ids)
        self.total_length += sign * int(self._lengths[ids].sum(dtype=np.int64))
