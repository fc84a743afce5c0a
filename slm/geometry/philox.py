"""Philox2x32-10: random words that are a function of a counter and a key, with no state between draws.

Source: Salmon, Moraes, Dror & Shaw, Parallel Random Numbers: As Easy as 1, 2, 3 (2011), section 3.3 and the known
answers of their Random123 library.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.uint64]

ROUNDS = 10
MULTIPLIER = np.uint64(0xD256D193)
WEYL = 0x9E3779B9
HALF_BITS = np.uint64(32)
WORD = np.uint64(0xFFFFFFFF)


def philox2x32(first: Integers, second: Integers, key: int) -> tuple[Integers, Integers]:
    """Two random 32-bit words for every counter (``first``, ``second``) under ``key``, all of them 32-bit words.

    Words lie in lanes of 64 bits, which hold the products. Nothing here is secret: it is no cipher. No validation.
    """
    for turn in range(ROUNDS):
        product = MULTIPLIER * first
        round_key = np.uint64((key + turn * WEYL) & 0xFFFFFFFF)
        first, second = (product >> HALF_BITS) ^ round_key ^ second, product & WORD
    return first, second
