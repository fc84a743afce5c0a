"""The compiled twin of :func:`slm.geometry.bm25.accumulate`: the same double operations, hence the same bits."""

from __future__ import annotations

import numpy as np
from numba import njit, types

from slm.geometry.bm25 import DocumentIds, Floats, Frequencies

INTEGERS, OFTEN, RARELY = (types.Array(t, 1, "C", readonly=True) for t in (types.int32, types.uint16, types.uint8))
"""Read-only in the signatures: postings are views of mapped files, and a writable array is accepted as well."""
REAL = types.float64
SIGNATURES = [
    types.void(INTEGERS, frequencies, REAL, REAL, REAL, INTEGERS, REAL, out[::1])
    for frequencies in (OFTEN, RARELY)
    for out in (types.float64, types.float32)
]


@njit(SIGNATURES, cache=True, nogil=True, error_model="numpy")
def accumulate(
    ids: DocumentIds,
    frequencies: Frequencies,
    weight: float,
    k1: float,
    b: float,
    lengths: DocumentIds,
    average_length: float,
    out: Floats,
) -> None:
    """See :func:`slm.geometry.bm25.accumulate`. No fast-math: neither reassociated nor contracted."""
    gain, at_no_length, per_word = weight * (k1 + 1.0), k1 * (1.0 - b), k1 * b / average_length
    for i in range(ids.shape[0]):
        tf = np.float64(frequencies[i])
        length = np.float64(lengths[ids[i]])
        out[ids[i]] += gain * tf / (tf + (at_no_length + per_word * length))
