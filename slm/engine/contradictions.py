"""Contradictions lower the lifecycle's bias: how many of them a memory has, kept in step with the claims.

The number follows from the claims that count and from what a person accepted. It is written where it differs from what
the store has, in the transaction of the change that makes it differ: new claims, a correction, a resolution, an
``undo``. What differs at a start, because other rules have read the texts since, is put right when all claims are in.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from slm.engine.lifecycles import Lifecycles
from slm.engine.live_sheaf import LiveSheaf
from slm.engine.transaction import Transaction
from slm.lifecycle.events import contradicted
from slm.lifecycle.state import MAX_8


class Contradictions:
    """The numbers that the store has, beside those that the claims give.

    With the lifecycle switched off none is written; what happened meanwhile is put right at the next start with it.
    """

    def __init__(self, lifecycles: Lifecycles, sheaf: LiveSheaf) -> None:
        self._sheaf, self._enabled = sheaf, lifecycles.enabled
        kept = lifecycles.rows["contradictions"]
        self._written = {int(ordinal): int(kept[ordinal]) for ordinal in np.flatnonzero(kept)}

    def outdated(self) -> dict[int, int]:
        """The right numbers of the memories, by ordinal, of which the store has another; none while claims are read."""
        if not (self._enabled and self._sheaf.ready):
            return {}
        found, written = self._found(), self._written
        either = sorted(found.keys() | written.keys())
        return {o: found.get(o, 0) for o in either if found.get(o, 0) != written.get(o, 0)}

    def _found(self) -> dict[int, int]:
        return {ordinal: min(count, MAX_8) for ordinal, count in self._sheaf.contradicted.items()}

    def write(self, transaction: Transaction) -> None:
        """Bring the numbers up to date within a transaction; :meth:`committed` must follow its end."""
        counts, reader = self.outdated(), transaction.writer
        for ordinal, count in counts.items():
            transaction.lives.befall(ordinal, partial(contradicted, count=count))
        if counts:
            transaction.enter("contradicted", counts={reader.memory(o).id: count for o, count in counts.items()})

    def committed(self) -> None:
        """What was written last is durable."""
        if self._enabled and self._sheaf.ready:
            self._written = self._found()
