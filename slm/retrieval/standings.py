"""Where a memory stands in each channel by itself, among all memories that were searched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating]
Ordinals = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

CHANNELS = ("meaning", "words", "phrases")
SCREENING = "first pass"
"""The screening score that chooses the candidates."""


@dataclass(frozen=True, slots=True, eq=False)
class Standings:
    """``values`` (n,) of every memory by the name of a channel, and which memories (n,) were ``eligible``."""

    values: Mapping[str, Floats]
    eligible: Mask

    def of(self, ordinals: Sequence[int] | Ordinals, names: Sequence[str] = CHANNELS) -> dict[str, Ordinals]:
        """The ranks (m,) of the memories ``ordinals`` (m,) by channel: 1 for the best, equal values share the better.

        Values are exact where ranking computed them and estimates from codes elsewhere, so a rank may be off by a few.
        """
        at = np.asarray(ordinals, np.int64)
        return {name: ranks(self.values[name], self.eligible, at) for name in names if name in self.values}


def ranks(values: Floats, eligible: Mask, at: Ordinals) -> Ordinals:
    """1 + how many ``eligible`` entries of ``values`` (n,) exceed each of those ``at`` (m,).

    Only those that exceed the lowest can exceed another, and these are few where the best are asked for.
    """
    asked = values[at]
    better = values[np.flatnonzero((values > asked.min(initial=np.inf)) & eligible)]
    return np.array([1 + np.count_nonzero(better > value) for value in asked], np.int64)
