"""What the lifecycle keeps of a memory: 24 bytes, which only events change.

A day is a UTC day counted from 1970. Uses are kept as a forward-decayed sum: a use on day t adds
e^((t − first day) / 365) to a whole number of steps, and dividing by e^((now − first day) / 365) gives the discounted
number of uses. Adding whole numbers is exact in any order. Source: Cormode, Shkapenyuk, Srivastava & Xu, Forward Decay
(2009).
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable
from dataclasses import astuple, dataclass, replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

MEMORY_OF_A_USE_DAYS = 365.0
"""After so many days a use counts for 1/e."""
STEPS_A_USE = 1 << 20
MAX_COUNTER = 2**63 - 1
"""Reached by a single use 29.8 years after the store's first day: the counter stays there from then on."""
MAX_EXPONENT = 44.0
"""Where a single step would not have room either: discounts don't go on beyond 44 years, whatever the clock says."""
MAX_16, MAX_8 = 2**16 - 1, 2**8 - 1

PARTS_OF_A_SHARE = 200
"""Importance and trust are kept as whole numbers of 1/200."""

LAYOUT = struct.Struct("<qiiHHBBBB")
DTYPE = np.dtype(
    [
        ("counter", "<i8"),
        ("created", "<i4"),
        ("last", "<i4"),
        ("uses_today", "<u2"),
        ("confirmations", "<u2"),
        ("contradictions", "u1"),
        ("importance", "u1"),
        ("trust", "u1"),
        ("pinned", "u1"),
    ]
)

States = npt.NDArray[np.void]
"""An array (n,) of :data:`DTYPE`."""
Floats = npt.NDArray[np.float64]


class Origin(NamedTuple):
    """What a store is born with: its first UTC day, from which uses are counted, and the 32-bit key of its noise."""

    first_day: int
    key: int


@dataclass(frozen=True, slots=True)
class State:
    """The lifecycle of one memory, in the order of :data:`LAYOUT`.

    ``counter`` is the forward-decayed sum, in steps; ``last`` the latest day with an event; ``uses_today`` the uses of
    that day. ``contradictions`` are those not resolved. ``importance`` and ``trust`` are in parts of 1/200.
    """

    counter: int
    created: int
    last: int
    uses_today: int
    confirmations: int
    contradictions: int
    importance: int
    trust: int
    pinned: bool

    def to_bytes(self) -> bytes:
        """Its 24 bytes, little-endian; rows of :data:`DTYPE` have the same."""
        return LAYOUT.pack(*astuple(self))

    @classmethod
    def from_bytes(cls, data: bytes) -> State:
        """The state that :meth:`to_bytes` wrote. ValueError: a wrong length."""
        if len(data) != LAYOUT.size:
            raise ValueError(f"{len(data)} bytes are not a lifecycle state")
        state = cls(*LAYOUT.unpack(data))
        return replace(state, pinned=bool(state.pinned))


def array_of(states: Iterable[State]) -> States:
    """The states as rows (n,) of :data:`DTYPE`."""
    return np.frombuffer(b"".join(state.to_bytes() for state in states), DTYPE)


def parts_of(share: float) -> int:
    """A share in [0, 1] in parts of 1/200. ValueError beyond."""
    if not 0 <= share <= 1:
        raise ValueError(f"{share} is not a share between 0 and 1")
    return round(share * PARTS_OF_A_SHARE)


def steps_of(weight: float, day: int, origin: Origin) -> int:
    """What ``weight`` uses on ``day`` add to the counter: at least one step, at most all there is room for."""
    exponent = min((day - origin.first_day) / MEMORY_OF_A_USE_DAYS, MAX_EXPONENT)
    return min(max(1, round(weight * math.exp(exponent) * STEPS_A_USE)), MAX_COUNTER)


def steps_of_uses(count: int, day: int, origin: Origin) -> int:
    """What ``count`` uses on one ``day`` have added to the counter: they weigh 1 + ln ``count``."""
    return steps_of(1.0 + math.log(count), day, origin) if count else 0


def uses_on(counters: npt.NDArray[np.int64], days: npt.NDArray[np.integer] | int, origin: Origin) -> Floats:
    """The discounted numbers of uses (n,) that ``counters`` (n,) amount to on a day each, or all on one; above 0."""
    exponents = np.clip((np.atleast_1d(days) - origin.first_day) / MEMORY_OF_A_USE_DAYS, -MAX_EXPONENT, MAX_EXPONENT)
    return np.asarray(np.maximum(counters, 1) * (np.exp(-exponents) / STEPS_A_USE))
