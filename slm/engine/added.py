"""A text made ready for the store, and a memory on its way into the index."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from slm.model import Memory
from slm.store.records import Chunk


@dataclass(frozen=True, slots=True)
class Prepared:
    """A text's chunks with their vectors, the terms of each chunk, and the bits that ranking reads off the text.

    ``claims`` is what it says, as the store keeps it.
    """

    chunks: Sequence[Chunk]
    terms: Sequence[Sequence[str]]
    features: int
    claims: bytes

    @property
    def rows(self) -> npt.NDArray[np.float16]:
        """The chunks' means (n_chunks, d) as they are stored."""
        return np.stack([chunk.mean for chunk in self.chunks])


@dataclass(frozen=True, slots=True)
class Added:
    """A memory that a transaction appends."""

    ordinal: int
    memory: Memory
    prepared: Prepared
