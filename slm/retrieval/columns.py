"""What ranking needs of every memory, as growing contiguous columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from slm.model import HeadFlag

HIDDEN = np.uint16(HeadFlag.HIDDEN)
"""As wide as the column: beside a flag itself, numpy takes the whole column for integers of 64 bits."""

DTYPES: Mapping[str, str] = {
    "scope": "u4",
    "flags": "u2",
    "kind": "u1",
    "observed_ns": "i8",
    "first_chunk": "u4",
    "n_chunks": "u2",
    "n_words": "u4",
    "speaker": "u4",
    "session": "u4",
    "features": "u1",
    "tags": "u4",
}


class Columns:
    """One row a memory, addressed by ordinal; amortised O(1) append, views are taken afresh after each change."""

    def __init__(self, heads: npt.NDArray[np.void]) -> None:
        """Copies the named fields of the store's structured ``heads`` (n,)."""
        self.count = len(heads)
        capacity = max(1024, self.count + self.count // 2)
        self._arrays = {name: np.zeros(capacity, dtype) for name, dtype in DTYPES.items()}
        for name, array in self._arrays.items():
            array[: self.count] = heads[name]

    def __getitem__(self, name: str) -> npt.NDArray[Any]:
        """Column ``name`` (n,), a view."""
        return self._arrays[name][: self.count]

    def append(self, head: np.void) -> None:
        """Add the row of the next memory."""
        if self.count == len(self._arrays["flags"]):
            self._arrays = {name: np.concatenate([a, np.zeros_like(a)]) for name, a in self._arrays.items()}
        self.count += 1
        self.replace(self.count - 1, head)

    def replace(self, ordinal: int, head: np.void) -> None:
        """Overwrite one row."""
        for name, array in self._arrays.items():
            array[ordinal] = head[name]

    def live(self) -> npt.NDArray[np.bool_]:
        """Which memories recall may show (n,): neither forgotten nor never true."""
        live: npt.NDArray[np.bool_] = (self["flags"] & HIDDEN) == 0
        return live
