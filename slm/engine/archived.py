"""Archived memories in recall: left out unless they fit far better than what is shown, or nothing else answers."""

from __future__ import annotations

import numpy as np

from slm.engine.eligible import Mask
from slm.engine.request import Request
from slm.retrieval.ranking import Floats

MARGIN = 0.5
"""How far above the last hit the score of an archived memory must be; what was measured is in ARCHITECTURE.md."""


def archived_of(request: Request, eligible: Mask) -> Mask:
    """Which of the ``eligible`` memories (n,) recall may leave out; none when they are asked for."""
    if request.fields.get("archived"):
        return np.zeros(len(eligible), np.bool_)
    archived: Mask = eligible & request.engine.index.lifecycles.archived(request.day)
    return archived


def left_out(scores: Floats, archived: Mask, limit: int) -> Mask:
    """Which of the ranked memories (m,), best first, are left out of ``limit`` hits.

    That is the ``archived`` (m,) whose ``scores`` (m,) are not :data:`MARGIN` above the last hit without them; all of
    them where there is no such hit.
    """
    others = scores[~archived]
    needed = others[min(limit, len(others)) - 1] + MARGIN if len(others) else np.inf
    out: Mask = archived & (scores < needed)
    return out
