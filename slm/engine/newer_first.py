"""Newer statements before older ones of the same kind, where the question doesn't tell them apart."""

from __future__ import annotations

import numpy as np

from slm.engine.index import Index
from slm.retrieval.question import Query
from slm.retrieval.ranking import Floats, Mask, Ranking
from slm.retrieval.semantic import unit
from slm.retrieval.supersession import LOOKED_AT, lifts
from slm.retrieval.words import terms
from slm.store.reader import Reader


def newer_first(index: Index, reader: Reader, query: Query, ranking: Ranking) -> Floats:
    """What is added to the scores (m,) of the ranked memories; texts are read of those alone that look alike."""
    top = ranking.ordinals[:LOOKED_AT]
    rows = unit(index.semantic.rows(index.columns["first_chunk"][top]))
    observed_ns = index.columns["observed_ns"]
    lifted = np.zeros(len(ranking.scores))
    lifted[:LOOKED_AT] = lifts(
        ranking.scores[:LOOKED_AT],
        [(int(observed_ns[i]), int(i)) for i in top],
        np.where(_told_apart(index, ranking), 0.0, rows @ rows.T),
        lambda place: terms(reader.text(int(top[place]))),
        query.terms,
    )
    return lifted


def _told_apart(index: Index, ranking: Ranking) -> Mask:
    """Which pairs (m, m) of the best the question tells apart, as the index knows: one holds a word of it, one doesn't.

    The terms of a memory of one chunk are those of its text; of others the text itself must be asked.
    """
    top = ranking.ordinals[:LOOKED_AT]
    held = ranking.held[:, :LOOKED_AT]
    whole = index.columns["n_chunks"][top] == 1
    differs: Mask = (held[:, :, None] != held[:, None, :]).any(axis=0)
    differs &= whole[:, None] & whole
    return differs
