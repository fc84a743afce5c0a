"""Session context: what the turns around a memory, and the best of its session, say for it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from slm.retrieval.columns import Columns
from slm.retrieval.session_order import NONE, SessionOrder
from slm.retrieval.text_features import ENDS_AS_QUESTION

Floats = npt.NDArray[np.float64]
Floats32 = npt.NDArray[np.float32]
Ordinals = npt.NDArray[np.int64]

REACH = 4
"""Turns that are looked at on either side."""
DECAY = 0.25
"""What each further turn counts beside the nearer one: the correlation ρ of an Ornstein-Uhlenbeck kernel ρ^|i − j|."""

OF_A_QUESTION = 2.0
"""What an earlier turn that ends as a question counts beside one that doesn't: an answer leaves out what was asked."""

SHORT_WORDS = 30.0
"""A turn borrows context in proportion min(1, 30 / words): short ones need it, long ones speak for themselves."""


def neighbours(
    base: Floats32, lift: float, at: Ordinals, columns: Columns, sessions: SessionOrder
) -> dict[str, Floats]:
    """Features of the memories ``at`` (m,): what the ``base`` scores (n,) of all are in the turns before and after.

    An Ornstein-Uhlenbeck kernel over the session, taken apart into past and future so that each has its weight, and
    gated: what is borrowed and, of the past, what is lent shrinks with the length of the turn. Earlier questions lend
    :data:`OF_A_QUESTION` times as much. The share ``lift`` of a score is lent at all.
    """
    n_words, features = columns["n_words"], columns["features"]

    def gate(ordinals: Ordinals) -> Floats:
        share: Floats = np.minimum(1.0, SHORT_WORDS / np.maximum(n_words[ordinals], 1))
        return share

    def of(ordinals: Ordinals) -> Floats:
        return np.where(ordinals == NONE, 0.0, lift * base[ordinals].astype(np.float64))

    def asked(ordinals: Ordinals) -> Floats:
        return np.where(features[ordinals] & ENDS_AS_QUESTION != 0, OF_A_QUESTION, 1.0)

    before, after = at, at
    earlier, later = np.zeros(len(at)), np.zeros(len(at))
    for step in range(REACH):
        before, after = sessions.before(before), sessions.after(after)
        if max(before.max(initial=NONE), after.max(initial=NONE)) == NONE:
            break
        earlier += DECAY**step * gate(before) * asked(before) * of(before)
        later += DECAY**step * of(after)
    return {"earlier turns": gate(at) * earlier, "reply": gate(at) * later}


def best_of_session(scores: Floats, at: Ordinals, columns: Columns) -> Floats:
    """The best of ``scores`` (m,) in the session of each memory ``at`` (m,); one without a session is its own."""
    session = columns["session"][at].astype(np.int64)
    key = np.where(session > 0, session << 32 | columns["scope"][at], -1 - at)
    _, group = np.unique(key, return_inverse=True)
    best = np.full(int(group.max(initial=-1)) + 1, -np.inf)
    np.maximum.at(best, group, scores)
    return best[group]
