"""The compiled twin of :func:`slm.geometry.late_interaction.best_matches`: the same whole sums, hence the same bits."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit, types

SIGNS = (2 * np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1).astype(np.int16) - 1).astype(np.int16)
"""±1 (256, 8) for the bits of every byte."""

LEVELS, CODES = (types.Array(t, 2, "C", readonly=True) for t in (types.int16, types.uint8))
PLACES = types.Array(types.int64, 1, "C", readonly=True)
OUT = types.int32[:, ::1]


@njit((LEVELS, CODES, PLACES, PLACES, OUT), cache=True, nogil=True, error_model="numpy")
def best_matches(
    levels: npt.NDArray[np.int16],
    codes: npt.NDArray[np.uint8],
    starts: npt.NDArray[np.int64],
    stops: npt.NDArray[np.int64],
    out: npt.NDArray[np.int32],
) -> None:
    """See :func:`slm.geometry.late_interaction.best_matches`.

    A token's bits become 16-bit signs once and stay in the first-level cache for every token of the question; casts
    keep products and sums at 32 bits, which is what the multiply-add instructions work on.
    """
    signs = np.empty(levels.shape[1], np.int16)
    for c in range(starts.shape[0]):
        for j in range(starts[c], stops[c]):
            for b in range(codes.shape[1]):
                byte = codes[j, b]
                for k in range(8):
                    signs[8 * b + k] = SIGNS[byte, k]
            for t in range(levels.shape[0]):
                total = np.int32(0)
                for i in range(levels.shape[1]):
                    total = np.int32(total + np.int32(np.int32(levels[t, i]) * np.int32(signs[i])))
                if j == starts[c] or total > out[c, t]:
                    out[c, t] = total
