"""Words that the question shares with the turns beside a memory and not with the memory itself.

A conversation says a thing once: who answers "twice, in May" needn't repeat what was asked about. The context of
:mod:`slm.retrieval.context` adds what neighbours score, whatever they have in common with the memory; this adds only
the words that it lacks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from slm.retrieval.columns import Columns
from slm.retrieval.context import SHORT_WORDS
from slm.retrieval.lexical import LexicalView
from slm.retrieval.session_order import NONE, SessionOrder

Floats = npt.NDArray[np.float64]
Ordinals = npt.NDArray[np.int64]


def words_nearby(
    lexical: LexicalView,
    terms: Sequence[str],
    at: Ordinals,
    eligible: npt.NDArray[np.bool_],
    columns: Columns,
    sessions: SessionOrder,
) -> Floats:
    """Σ_t max(0, share_t of the turn before or after − share_t of the memory) for each of ``at`` (m,), in [0, 1).

    share_t is what the term adds to the ``words`` channel: of a memory, the best of its chunks'. Long memories borrow
    in proportion min(1, 30 / words), as in the context of the session. Only ``eligible`` (n,) neighbours lend.
    """
    before, after = (
        np.where((near != NONE) & eligible[near], near, at) for near in (sessions.before(at), sessions.after(at))
    )
    borrows = (before != at) | (after != at)
    lacking = np.zeros(len(at))
    if not borrows.any():
        return lacking
    looked_at = np.concatenate([one[borrows] for one in (at, before, after)])
    gate = np.minimum(1.0, SHORT_WORDS / np.maximum(columns["n_words"][at[borrows]], 1))
    total = np.zeros(len(gate))
    for share in _shares(lexical, terms, looked_at, columns):
        own, earlier, later = np.split(share, 3)
        total += np.maximum(np.maximum(earlier, later) - own, 0.0)
    lacking[borrows] = gate * total
    return lacking


def _shares(lexical: LexicalView, terms: Sequence[str], at: Ordinals, columns: Columns) -> Iterator[Floats]:
    """The share (m,) of each distinct term in each memory ``at`` (m,), that of its best chunk for the term."""
    sizes = columns["n_chunks"][at].astype(np.int64)
    starts = np.cumsum(sizes) - sizes
    chunks = np.repeat(columns["first_chunk"][at] - starts, sizes) + np.arange(sizes.sum())
    for share in lexical.shares(terms, chunks):
        yield share if len(chunks) == len(at) else np.maximum.reduceat(share, starts)
