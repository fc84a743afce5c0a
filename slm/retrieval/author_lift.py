"""How far the stored texts bear out what the store says of their authors: names that don't fit must not rank.

No labels and no questions are needed. Who is called by name mostly speaks next. Where the turn after "…, Anna?" is
Anna's no more often than any turn of that session is, the author field says nothing of who speaks. Sessions that Anna
has no part in don't count: whoever is called there is another Anna, or was only spoken of.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from slm.retrieval.session_order import NONE

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.integer]
Ordinals = npt.NDArray[np.int64]

PRIOR = 3.0
"""Turns that the field is trusted for beforehand: those that a right field foretells and chance doesn't."""


def author_lifts(
    mentions: Mapping[int, Ordinals], speaker: Numbers, session: Numbers, after: Ordinals, n_authors: int
) -> Floats:
    """The share (n_authors + 1,) of its feature that each author keeps, in [0, 1], by interned number; [0] is nobody.

    ``mentions`` are the memories that name each author, ``speaker`` (n,) the authors of all, ``session`` (n,) numbers
    of their sessions and ``after`` (n,) the next memory in the session or −1. The share is Youden's informedness
    (h − c) / (n − c) of n turns after a mention, h of them by the one named and c expected by chance in their sessions,
    with :data:`PRIOR` sure turns added: 1 without evidence. What lies in sessions without the author changes nothing.
    """
    followers = after[after != NONE]
    speaks, sits = speaker[followers], session[followers]
    followers_in = np.bincount(sits, minlength=int(session.max(initial=0)) + 1)
    lifts = np.ones(n_authors + 1)
    for author, memories in mentions.items():
        next_turns = after[memories]
        next_turns = next_turns[next_turns != NONE]
        own_in = np.bincount(sits[speaks == author], minlength=len(followers_in))
        where = session[next_turns]
        next_turns, where = next_turns[own_in[where] > 0], where[own_in[where] > 0]
        by_chance = float((own_in[where] / followers_in[where]).sum())
        followed = np.count_nonzero(speaker[next_turns] == author)
        lifts[author] = (followed - by_chance + PRIOR) / (len(next_turns) - by_chance + PRIOR)
    return np.clip(lifts, 0.0, 1.0)
