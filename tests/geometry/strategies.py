"""Diagonal normals, and pairs and triples of one width, for property tests."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from slm.geometry.normal import DiagonalNormal

WIDTHS = st.integers(1, 6)
MEANS = st.floats(-50, 50, width=32)
STDS = st.floats(0.015625, 32, width=32)


def vectors(width: int, entries: st.SearchStrategy[float]) -> st.SearchStrategy[np.ndarray]:
    """float64 vectors of ``width`` entries."""
    return hnp.arrays(np.float64, width, elements=entries)


def normal_of(width: int) -> st.SearchStrategy[DiagonalNormal]:
    """Diagonal normals in ``width`` coordinates."""
    return st.builds(DiagonalNormal, vectors(width, MEANS), vectors(width, STDS))


def normals(count: int) -> st.SearchStrategy[tuple[DiagonalNormal, ...]]:
    """``count`` normals of one width."""
    return WIDTHS.flatmap(lambda width: st.tuples(*[normal_of(width)] * count))


def lines(count: int) -> st.SearchStrategy[tuple[DiagonalNormal, ...]]:
    """``count`` normals in one coordinate."""
    return st.tuples(*[normal_of(1)] * count)
