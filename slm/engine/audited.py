"""What an audit looks at, made a step at a time: whoever asks again goes on where the last answer left off.

So an audit of a large store shows how far it is and holds up nobody, and one that nobody asks for any more has ended.
"""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from slm.consistency.claim_sheaf import ClaimSheaf
from slm.engine.live_sheaf import Part

if TYPE_CHECKING:
    from slm.engine.engine import Engine

MOST_BEGUN = 4
"""Audits that may take turns; each may be as large as the store's own sheaf."""

Mask = npt.NDArray[np.bool_]


class Unfinished(NamedTuple):
    """How far it is: ``done`` of ``total`` memories in the stage "reading", of claims in "comparing"."""

    stage: str
    done: int
    total: int


def read(engine: Engine, patience_s: float = math.inf) -> Unfinished | None:
    """Have the claims of the store read, at most that long but one step at least; None when all are in."""
    until = time.monotonic() + patience_s
    while engine.read_claims():
        engine.others_first()
        if time.monotonic() > until:
            return Unfinished("reading", engine.sheaf.n_read, engine.index.columns.count)
    return None


class Audited:
    """The sheaves of the memories that were asked about last, until they are made or something changes."""

    def __init__(self) -> None:
        self._begun: dict[bytes, Part] = {}

    def sheaf(self, engine: Engine, mask: Mask, patience_s: float) -> ClaimSheaf | Unfinished:
        """The sheaf of the memories in ``mask`` (n,), once it is made: after several calls, if need be."""
        until, wanted = time.monotonic() + patience_s, mask.tobytes()
        part = self._begun.pop(wanted, None) or engine.sheaf.part(mask)
        for _ in part.left:
            engine.others_first()
            if time.monotonic() > until:
                self._begun[wanted] = part
                if len(self._begun) > MOST_BEGUN:
                    del self._begun[next(iter(self._begun))]
                return Unfinished("comparing", len(part.sheaf.claims), part.n_claims)
        return part.sheaf

    def forget(self) -> None:
        """The store has changed: what was begun is of one that is no more."""
        self._begun.clear()
