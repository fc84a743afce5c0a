"""The semantic channel: Fisher-Rao similarity of embeddings under the store's pooled variance.

Every row is screened through its int8 codes, a pool gets exact terms from its float16 rows. The pooled variance is an
*epoch* quantity: it stays as published while memories come and go, so that scores don't drift between two epochs.
"""

from __future__ import annotations

import copy
import struct
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Literal

import numpy as np
import numpy.typing as npt

from slm.geometry.backend import Kernels
from slm.geometry.fisher_rao import chord_weights
from slm.geometry.normal import PooledMoments

Metric = Literal["fisher_rao", "cosine"]
Codes = npt.NDArray[np.int8]
Floats32 = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.floating]

CODE_MAX = 127

UNRELATED = 1.6727
"""d² a coordinate of two unrelated texts, so that their similarity is about 0.

Two independent draws from the pooled normal have 1.6734; the value is the measured one and pinned.
"""

CURVE_TOP = np.array([3.99806756, 4.86426209, 0.285022], np.float32)
CURVE_BOTTOM = np.array([1.0, 1.70227455, 0.36642145], np.float32)
"""E[2 g(t z²)] / t, z standard normal, as a ratio of quadratics in the mean chord t; within 5e-4 for t <= 3."""

GROWTH_OF_AN_EPOCH = 1.25

ROWS_A_BLOCK = 32768
ROWS_WORTH_A_THREAD = 32768
HEADER = struct.Struct("<QQQQ")


def quantise(rows: Rows) -> tuple[Codes, Floats32]:
    """int8 codes (n, d) within ±127 and scales (n,) of ``rows`` (n, d): row ≈ code × scale, at most half a step off."""
    wide = rows.astype(np.float32)
    scales = np.abs(wide).max(axis=1, initial=0.0) / np.float32(CODE_MAX)
    steps = np.where(scales > 0, scales, np.float32(1.0))
    return np.rint(wide / steps[:, None]).astype(np.int8), scales.astype(np.float32)


def unit(rows: Rows) -> Floats:
    """``rows`` (m, d) at length 1, a row of zeros as it is."""
    wide = rows.astype(np.float64)
    norms = np.sqrt((wide * wide).sum(axis=1, keepdims=True))
    scaled: Floats = wide / np.where(norms > 0, norms, 1.0)
    return scaled


@dataclass(frozen=True, eq=False)
class Epoch:
    """A published pooled variance: ``number``, the ``count`` of rows it was learnt from, ``variance`` (d,).

    ``constant`` coordinates are masked: they weigh nothing.
    """

    number: int
    count: int
    variance: Floats
    constant: tuple[int, ...] = ()

    @classmethod
    def publish(cls, number: int, moments: PooledMoments, constant: tuple[int, ...] = ()) -> Epoch:
        """The epoch of ``moments``; masks ``constant`` and what the moments themselves show to be constant."""
        masked = sorted({*constant, *moments.constant_dimensions()})
        return cls(number, moments.count, moments.variance(), tuple(masked))

    def outgrown(self, count: int) -> bool:
        """Whether a store of ``count`` rows has grown by more than a quarter since."""
        return count > GROWTH_OF_AN_EPOCH * self.count

    @cached_property
    def std(self) -> Floats:
        """Pooled standard deviations (d,), infinite in masked coordinates."""
        std = np.sqrt(self.variance)
        std[list(self.constant)] = np.inf
        return std

    @cached_property
    def n_active(self) -> int:
        """Number of coordinates that count."""
        return max(1, len(self.variance) - len(self.constant))

    def to_bytes(self) -> bytes:
        """Number, count, dimensions, masked coordinates and variances, little-endian."""
        header = HEADER.pack(self.number, self.count, len(self.variance), len(self.constant))
        return header + np.array(self.constant, "<i8").tobytes() + self.variance.astype("<f8").tobytes()

    @classmethod
    def from_bytes(cls, data: bytes) -> Epoch:
        """The epoch that :meth:`to_bytes` wrote. ValueError: a wrong length."""
        if len(data) < HEADER.size:
            raise ValueError(f"{len(data)} bytes are too few for an epoch")
        number, count, dims, n_constant = HEADER.unpack_from(data)
        if len(data) != HEADER.size + 8 * (n_constant + dims):
            raise ValueError(f"{len(data)} bytes are not an epoch of {dims} dimensions")
        constant = np.frombuffer(data, "<i8", n_constant, HEADER.size)
        variance = np.frombuffer(data, "<f8", dims, HEADER.size + 8 * n_constant)
        return cls(number, count, variance.astype(np.float64), tuple(int(i) for i in constant))


class SemanticChannel:
    """Similarities of a query to the chunks of one store, under one epoch; between calls it changes nothing.

    ``codes`` (n, d) and ``scales`` (n,) come from :func:`quantise`, ``vectors`` (n, d) are the float16 rows; all three
    may be read-only mappings. ``metric="cosine"`` puts the cosine in the place of the Fisher-Rao similarity, for
    comparison. ``threads`` share the scan of a large store.
    """

    def __init__(
        self,
        epoch: Epoch,
        kernels: Kernels,
        codes: Codes,
        scales: Floats32,
        vectors: Rows,
        *,
        metric: Metric = "fisher_rao",
        threads: int = 1,
    ) -> None:
        if codes.shape[1] != len(epoch.variance) or vectors.shape != codes.shape:
            raise ValueError(f"codes {codes.shape}, rows {vectors.shape}, variance {epoch.variance.shape}")
        self.epoch = epoch
        self.kernels = kernels
        self.metric = metric
        self.codes, self.scales, self.vectors = codes, scales, vectors
        self._pool = ThreadPoolExecutor(threads, "scan") if threads > 1 else None
        self._threads = threads
        wide = chord_weights(epoch.std) if metric == "fisher_rao" else np.ones(codes.shape[1])
        self._weights = wide.astype(np.float32)
        self._row_terms: Floats32 = np.empty(len(codes), np.float32)
        kernels.row_terms(codes, scales, self._weights, self._row_terms)

    @property
    def count(self) -> int:
        """Number of chunks."""
        return len(self.codes)

    def extended(self, codes: Codes, scales: Floats32, vectors: Rows) -> SemanticChannel:
        """The channel of the same store, grown: the first :attr:`count` rows are those it has already."""
        grown = copy.copy(self)
        grown.codes, grown.scales, grown.vectors = codes, scales, vectors
        grown._row_terms = with_room(self._row_terms, self.count, len(codes))
        new = slice(self.count, len(codes))
        self.kernels.row_terms(codes[new], scales[new], self._weights, grown._row_terms[new])
        return grown

    def with_kernels(self, kernels: Kernels) -> SemanticChannel:
        """The same channel on another backend: the same scores to the bit."""
        other = copy.copy(self)
        other.kernels = kernels
        return other

    def rows(self, chunks: npt.NDArray[np.integer]) -> Rows:
        """The float16 rows (m, d) of ``chunks`` (m,), copied."""
        chosen: Rows = self.vectors[chunks]
        return chosen

    def screen(self, query: npt.NDArray[np.floating]) -> Floats32:
        """Similarity proxies (n,) of ``query`` (d,) to every chunk, from the codes. ValueError: a wrong query."""
        wide = self._checked(query)
        weighted = self._weights * wide
        out = np.empty(self.count, np.float32)
        self._in_parts(partial(self._scan, weighted.astype(np.float32), float((weighted * wide).sum()), out))
        return out

    def exact(self, query: npt.NDArray[np.floating], rows: Rows) -> Floats:
        """Similarities (m,) of ``query`` (d,) to ``rows`` (m, d): 1 − d² / (1.6727 n_active), or the cosine.

        float64 without any mathematical library: a row's similarity has the same bits alone, in any company and on any
        backend. ValueError: a wrong query.
        """
        if self.metric == "cosine":
            return self.cosine(query, rows)
        squares = np.empty(len(rows))
        wide, mean = np.ascontiguousarray(rows, np.float64), self._checked(query)
        self.kernels.shared_std_distances(wide, mean, chord_weights(self.epoch.std), squares)
        return 1.0 - squares / (UNRELATED * self.epoch.n_active)

    def cosine(self, query: npt.NDArray[np.floating], rows: Rows) -> Floats:
        """True cosines (m,) of ``query`` (d,) and ``rows`` (m, d), 0 for a row of zeros. ValueError: a wrong query."""
        query_wide, wide = self._checked(query), rows.astype(np.float64)
        norms = np.sqrt((query_wide * query_wide).sum()) * np.sqrt((wide * wide).sum(axis=1))
        cosines: Floats = (wide * query_wide).sum(axis=1) / np.where(norms > 0, norms, 1.0)
        return cosines

    def _scan(self, weighted: Floats32, query_term: float, out: Floats32, first: int, last: int) -> None:
        """The proxies of the rows from ``first`` up to ``last``, while a block's chords are in the cache."""
        for start in range(first, last, ROWS_A_BLOCK):
            rows = slice(start, min(start + ROWS_A_BLOCK, last))
            codes, scales, terms, block = self.codes[rows], self.scales[rows], self._row_terms[rows], out[rows]
            self.kernels.chord_scan(codes, scales, terms, weighted, query_term, block)
            if self.metric == "cosine":
                cosine_of_chord(block, terms, query_term)
            else:
                similarity_of_chord(block, self.epoch.n_active, self.kernels)

    def _in_parts(self, scan: Callable[[int, int], None]) -> None:
        """``scan(first, last)`` over all rows, in as many threads as have enough to do."""
        n_parts = max(1, min(self._threads, self.count // ROWS_WORTH_A_THREAD))
        if self._pool is None or n_parts == 1:
            scan(0, self.count)
        else:
            bounds = [self.count * i // n_parts for i in range(n_parts + 1)]
            list(self._pool.map(scan, bounds[:-1], bounds[1:]))

    def _checked(self, query: npt.NDArray[np.floating]) -> Floats:
        if query.shape != self.epoch.variance.shape or not np.isfinite(query).all():
            raise ValueError(f"a query of shape {query.shape}; wanted {self.epoch.variance.shape} finite numbers")
        return query.astype(np.float64)


def similarity_of_chord(chords: Floats32, n_active: int, kernels: Kernels) -> None:
    """Chords X -> similarities (n,), in place, by the d² that a normal difference with that chord has on average."""
    kernels.curve(chords, np.float32(1.0 / n_active), CURVE_TOP, CURVE_BOTTOM, np.float32(-1.0 / UNRELATED))


def cosine_of_chord(chords: Floats32, row_terms: Floats32, query_term: float) -> None:
    """Chords |row − query|² under unit weights -> cosines (n,), in place."""
    np.subtract(row_terms + np.float32(query_term), chords, out=chords)
    norms = np.sqrt(row_terms * np.float32(query_term))
    chords /= np.where(norms > 0, 2 * norms, np.float32(1.0))


def with_room(values: Floats32, count: int, wanted: int) -> Floats32:
    """A view (wanted,) that begins with ``values[:count]``: the array behind it grows by half, so seldom."""
    whole = values if values.base is None else values.base
    if len(whole) < wanted:
        whole = np.empty(wanted + wanted // 2, np.float32)
        whole[:count] = values
    return whole[:wanted]
