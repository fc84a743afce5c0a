"""Ranking: every channel scores every memory, exact terms are computed on the best, and a score is a plain sum.

A channel is one file with a ``screen`` over all rows and exact terms for a pool; this module adds them up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from slm.geometry.top_k import top_k
from slm.model import HeadFlag
from slm.retrieval.columns import Columns
from slm.retrieval.lexical import LexicalIndex
from slm.retrieval.semantic import SemanticChannel

Floats = npt.NDArray[np.float64]
Ordinals = npt.NDArray[np.int64]

POOL = 128
"""Memories whose terms are computed exactly."""

WEIGHT_WORDS = 1.5
WEIGHT_LENGTH = 0.10
"""Per natural logarithm of the number of chunks: takes back what the best of many chunks gains by being many."""

DIGITS = 6
"""Scores are compared after rounding to this many decimals, so that ties are ties on every machine."""


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for: the words' vector (d,), and its terms with repetitions."""

    vector: npt.NDArray[np.float32]
    terms: Sequence[str]


@dataclass(frozen=True, slots=True)
class Ranking:
    """The pool, best first: ``ordinals`` (m,), named ``terms`` (m,) each, ``scores`` (m,) = their sum.

    ``cosines`` (m,) are the true cosines of each memory's best chunk, ``coverage`` (m,) the share of the query's idf
    mass found in it, ``superseded`` (m,) whether it has a successor; ``n_searched`` memories were eligible.
    """

    ordinals: Ordinals
    terms: Mapping[str, Floats]
    scores: Floats
    cosines: Floats
    coverage: Floats
    superseded: npt.NDArray[np.bool_]
    n_searched: int


class Ranker:
    """Ranks the memories of one store; owned by the numeric worker, holds no state of its own between calls."""

    def __init__(self, columns: Columns, semantic: SemanticChannel, lexical: LexicalIndex) -> None:
        self.columns = columns
        self.semantic = semantic
        self.lexical = lexical

    def rank(self, query: Query, eligible: npt.NDArray[np.bool_], limit: int) -> Ranking:
        """Order the ``eligible`` (n,) memories; the best ``limit``, and at least :data:`POOL`, are returned."""
        words = self.lexical.scores(query.terms)
        share = words.scores / words.mass if words.mass > 0 else words.scores
        first_pass = (
            self._best_chunk(self.semantic.screen(query.vector))
            + WEIGHT_WORDS * self._best_chunk(share)
            - WEIGHT_LENGTH * np.log(self.columns["n_chunks"])
        )
        n_searched = int(np.count_nonzero(eligible))
        pool = top_k(np.where(eligible, first_pass, -np.inf), min(max(POOL, 2 * limit), n_searched))
        return self._exact(query, share, pool, n_searched)

    def _exact(self, query: Query, share: Floats, pool: Ordinals, n_searched: int) -> Ranking:
        first, sizes = (
            self.columns["first_chunk"][pool].astype(np.int64),
            self.columns["n_chunks"][pool].astype(np.int64),
        )
        starts = np.cumsum(sizes) - sizes
        chunks = np.repeat(first - starts, sizes) + np.arange(sizes.sum())
        rows = self.semantic.rows(chunks)

        def best(per_chunk: Floats) -> Floats:
            return np.maximum.reduceat(per_chunk, starts) if len(starts) else per_chunk[:0]

        terms = {
            "meaning": best(self.semantic.exact(query.vector, rows)),
            "words": WEIGHT_WORDS * best(share[chunks]),
            "length": -WEIGHT_LENGTH * np.log(sizes.astype(np.float64)),
        }
        scores = np.round(sum(terms.values(), np.zeros(len(pool))), DIGITS)
        order = np.lexsort((pool, -scores))
        return Ranking(
            ordinals=pool[order],
            terms={name: values[order] for name, values in terms.items()},
            scores=scores[order],
            cosines=best(self.semantic.cosine(query.vector, rows))[order],
            coverage=best(self.lexical.coverage(query.terms, chunks))[order],
            superseded=(self.columns["flags"][pool] & HeadFlag.SUPERSEDED != 0)[order],
            n_searched=n_searched,
        )

    def _best_chunk(self, per_chunk: npt.NDArray[np.floating]) -> Floats:
        """Chunk scores (n_chunks,) -> memory scores (n,): a memory is as good as its best chunk."""
        firsts = self.columns["first_chunk"]
        if len(per_chunk) == len(firsts):
            return per_chunk.astype(np.float64)
        return np.maximum.reduceat(per_chunk, firsts).astype(np.float64)
