"""The lifecycle of every memory of a store as rows in memory, and what they amount to on a day."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from slm.engine.days import DAY_NS
from slm.geometry.backend import Noise
from slm.lifecycle.kept import ROW, Rows, noise_ids_in, states_in
from slm.lifecycle.langevin import radii, week_of
from slm.lifecycle.need import Phase, anchors
from slm.lifecycle.phases import Phases, attention, phases
from slm.lifecycle.state import Floats, Origin
from slm.store.identity import StoreIdentity

Ordinals = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Attention = Callable[[Ordinals], Floats]
"""The feature ``attention`` (m,) of the memories at some ordinals (m,)."""


def origin_of(identity: StoreIdentity) -> Origin:
    """The first day of a store and the key of its noise."""
    return Origin(identity.created_ns // DAY_NS, identity.seed % 2**32)


class Lifecycles:
    """One row a memory, addressed by ordinal. Switched off, every memory is active and none has attention.

    Owned by the numeric worker. Rows are kept up either way, so that switching it on later finds a history.
    """

    def __init__(self, origin: Origin, heads: npt.NDArray[np.void], noise: Noise, *, enabled: bool) -> None:
        """Copies the lifecycle of the store's ``heads`` (n,)."""
        self.origin = origin
        self.noise = noise
        self.enabled = enabled
        self._count = len(heads)
        self._rows = np.zeros(max(1024, self._count + self._count // 2), ROW)
        self._rows[: self._count] = np.ascontiguousarray(heads["lifecycle"]).view(ROW)
        self._archive_weeks = np.ascontiguousarray(self._rows["archive_week"])  # every recall passes over all of them

    @property
    def rows(self) -> Rows:
        """The rows (n,), a view."""
        return self._rows[: self._count]

    def append(self, head: np.void) -> None:
        """Add the row of the next memory."""
        if self._count == len(self._rows):
            self._rows = np.concatenate([self._rows, np.zeros_like(self._rows)])
            self._archive_weeks = np.concatenate([self._archive_weeks, np.zeros_like(self._archive_weeks)])
        self._count += 1
        self.replace(self._count - 1, head)

    def replace(self, ordinal: int, head: np.void) -> None:
        """Overwrite one row."""
        self._rows[ordinal] = np.frombuffer(head["lifecycle"].tobytes(), ROW)[0]
        self._archive_weeks[ordinal] = self._rows[ordinal]["archive_week"]

    def archived(self, day: int) -> Mask:
        """Which memories (n,) are archived on ``day``: a comparison of whole numbers, without noise."""
        if not self.enabled:
            return np.zeros(self._count, np.bool_)
        past: Mask = self._archive_weeks[: self._count] <= week_of(day)
        return past

    def radii(self, day: int, at: Ordinals | slice = slice(None)) -> Floats:
        """The radii of the memories ``at`` some ordinals on ``day``, of all unless given."""
        rows = self.rows[at]
        return radii(self.origin, states_in(rows), noise_ids_in(rows), day, self.noise)

    def phases(self, day: int, at: Ordinals | slice = slice(None)) -> Phases:
        """The phases of the memories ``at`` some ordinals on ``day``, of all unless given."""
        if not self.enabled:
            return np.full(len(self.rows[at]), Phase.ACTIVE, np.uint8)
        return phases(self.radii(day, at), self.rows["archive_week"][at], day)

    def attention(self, day: int) -> Attention | None:
        """What ranking adds for attention on ``day``; None when the lifecycle is switched off."""
        if not self.enabled:
            return None

        def of(at: Ordinals) -> Floats:
            states = states_in(self.rows[at])
            return attention(anchors(self.origin, states, day), states["confirmations"] > 0)

        return of
