"""Baselines: each channel alone and the plain ways to join two, exactly, over all memories of a store."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from slm.bench.quality.metrics import Floats
from slm.engine.asked import ask
from slm.engine.engine import Engine
from slm.geometry.top_k import top_k
from slm.retrieval.question import Query
from slm.retrieval.weights import DEFAULT_WEIGHTS
from slm.retrieval.words import query_terms

RRF_K = 60
CHUNKS_A_BLOCK = 2048
NO_DATE = date(2000, 1, 1)
"""Asking day of questions without one: no relative date of theirs means any memory."""


@dataclass(frozen=True, slots=True)
class Channels:
    """Scores (n,) of all memories of ``engine`` for one question; a memory is as good as its best chunk."""

    engine: Engine
    query: Query

    def words(self) -> Floats:
        """BM25 as the share of the query's idf mass."""
        scores, mass = self.engine.index.lexical.scores(self.query.terms)
        return self._best(scores / mass if mass > 0 else scores)

    def meaning(self) -> Floats:
        """The Fisher-Rao similarity of every float16 row."""
        semantic = self.engine.index.semantic
        return self._best(semantic.exact(self.query.vector, semantic.vectors))

    def cosine(self) -> Floats:
        """The cosine of every float16 row."""
        semantic = self.engine.index.semantic
        return self._best(semantic.cosine(self.query.vector, semantic.vectors))

    def phrases(self) -> Floats:
        """Late interaction with every chunk."""
        channel, count = self.engine.index.ranker(0).phrases, self.engine.index.lexical.count
        blocks = [np.arange(start, min(start + CHUNKS_A_BLOCK, count)) for start in range(0, count, CHUNKS_A_BLOCK)]
        scores = [channel.exact(self.query.states, self.query.shares, block) for block in blocks]
        return self._best(np.concatenate(scores))

    def sum_of_scores(self) -> Floats:
        """Words and meaning by their weights in recall."""
        return DEFAULT_WEIGHTS["words"] * self.words() + DEFAULT_WEIGHTS["meaning"] * self.meaning()

    def sum_of_ranks(self) -> Floats:
        """Reciprocal rank fusion (Cormack et al. 2009, k = 60) of words and meaning; no word shared is no rank."""
        words = self.words()
        return np.where(words > 0, reciprocal(words), 0.0) + reciprocal(self.meaning())

    def _best(self, per_chunk: Floats) -> Floats:
        return np.maximum.reduceat(per_chunk, self.engine.index.columns["first_chunk"])


def reciprocal(scores: Floats) -> Floats:
    """1 / (60 + rank) of each of ``scores`` (n,), the best of rank 1."""
    ranks = np.empty(len(scores))
    ranks[np.argsort(-scores, kind="stable")] = np.arange(1, len(scores) + 1)
    return 1.0 / (RRF_K + ranks)


def as_read(engine: Engine, text: str) -> Channels:
    """The channels for a question as recall reads it: the names of known authors are taken out."""
    return Channels(engine, ask(engine, text, NO_DATE, engine.index.columns.live()))


def as_written(engine: Engine, text: str) -> Channels:
    """The channels for a question as it stands."""
    query = as_read(engine, text).query
    vector = engine.embedder.embed_query(text).mean
    return Channels(engine, replace(query, vector=vector, terms=query_terms(text)))


BASELINES: Mapping[str, Callable[[Engine, str], Floats]] = {
    "words alone (BM25)": lambda engine, text: as_read(engine, text).words(),
    "words alone, names left in": lambda engine, text: as_written(engine, text).words(),
    "meaning alone (Fisher-Rao)": lambda engine, text: as_read(engine, text).meaning(),
    "meaning alone (cosine)": lambda engine, text: as_read(engine, text).cosine(),
    "cosine alone, names left in": lambda engine, text: as_written(engine, text).cosine(),
    "phrases alone": lambda engine, text: as_read(engine, text).phrases(),
    "words + meaning, scores": lambda engine, text: as_read(engine, text).sum_of_scores(),
    "words + meaning, ranks (RRF)": lambda engine, text: as_read(engine, text).sum_of_ranks(),
}


def best(scores: Floats, depth: int) -> list[int]:
    """The ordinals of the best ``depth`` of ``scores`` (n,)."""
    return [int(i) for i in top_k(scores, min(depth, len(scores)))]
