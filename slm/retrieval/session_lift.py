"""How far the stored texts bear out that the turns of a session belong together: sessions that don't must not rank.

No labels and no questions are needed. What follows in a conversation is nearer to what went before than what was said
at another time; where it isn't, the session field says nothing.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from slm.retrieval.semantic import unit
from slm.retrieval.session_order import NONE

Ordinals = npt.NDArray[np.int64]

SAMPLE = 256
"""Pairs of turns that are compared."""
OF_A_KIND = 0.15
"""Mean cosine by which neighbours in real conversations are nearer than strangers; measured .17 to .57."""
PRIOR = 20.0
"""Pairs that the field is trusted for beforehand."""


def pairs(after: Ordinals) -> tuple[Ordinals, Ordinals]:
    """Memories (m,) spread evenly over the store, and the next of each in its session, from ``after`` (n,)."""
    earlier = np.flatnonzero(after != NONE)
    count = min(SAMPLE, len(earlier))
    chosen = earlier[np.arange(count) * len(earlier) // max(1, count)]
    return chosen, after[chosen]


def session_lift(earlier: npt.NDArray[np.floating], later: npt.NDArray[np.floating]) -> float:
    """The share in [0, 1] that session context keeps, from the vectors (m, d) of the turns of :func:`pairs`.

    Neighbours against the same turns dealt out half a store away, with :data:`PRIOR` sure pairs: 1 without evidence.
    """
    count = len(earlier)
    if not count:
        return 1.0
    one, other = unit(earlier), unit(later)
    near = (one * other).sum(axis=1)
    far = (one * np.roll(other, count // 2, axis=0)).sum(axis=1)
    nearer = (float((near - far).sum()) + PRIOR * OF_A_KIND) / (count + PRIOR)
    return min(1.0, max(0.0, nearer / OF_A_KIND))
