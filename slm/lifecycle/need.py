"""The centre of a memory's law: how likely it is needed within the next 30 days.

ℓ = (1 + idle days) / (discounted uses × lifetime) is the scaled idle time, p = 1 / (1 + √ℓ) the chance of need, and
μ = −ln p = ln(1 + √ℓ) the hyperbolic radius of the anchor. The form 1 / (1 + √ℓ) and the 365 days are calibrated on
histories of files in repositories (``slm bench lifecycle``); the weights of the lifetime are set by judgement, no data
has validated them.
"""

from __future__ import annotations

import math
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from slm.geometry.elementary import ln
from slm.lifecycle.state import PARTS_OF_A_SHARE, Floats, Origin, States, uses_on

Days = npt.NDArray[np.int64]

HORIZON_DAYS = 30

WEIGHT_OF_IMPORTANCE = 1.5
WEIGHT_OF_TRUST = 0.75
WEIGHT_OF_A_CONTRADICTION = 1.0
MAX_CONTRADICTIONS = 2
BIAS_RANGE = (-1.6, 3.0)
"""The lower bound is chosen so that one use makes any memory active again, with 3.4 standard deviations to spare."""


class Phase(IntEnum):
    """How far a memory has faded."""

    ACTIVE = 0
    WARM = 1
    COLD = 2
    ARCHIVED = 3

    @property
    def label(self) -> str:
        """As people read it."""
        return self.name.lower()


EDGES = (8.0, 31.0, 181.0)
"""ℓ at which a memory becomes warm, cold, archived."""
EDGE_RADII = tuple(math.log1p(math.sqrt(edge)) for edge in EDGES)
"""1.342, 1.882, 2.671."""

LEAST_LIFETIME, GREATEST_LIFETIME = (math.exp(bias) for bias in BIAS_RANGE)
_SHARES = [2.0 * part / PARTS_OF_A_SHARE - 1.0 for part in range(PARTS_OF_A_SHARE + 1)]
OF_IMPORTANCE = np.array([math.exp(WEIGHT_OF_IMPORTANCE * share) for share in _SHARES])
OF_TRUST = np.array([math.exp(WEIGHT_OF_TRUST * share) for share in _SHARES])
OF_CONTRADICTIONS = np.array([math.exp(-WEIGHT_OF_A_CONTRADICTION * count) for count in range(MAX_CONTRADICTIONS + 1)])
"""Factors of the lifetime by the whole number that the state keeps: no exponential is left to be evaluated twice."""


def lifetimes(states: States) -> Floats:
    """Lifetime multipliers e^bias (n,) of ``states`` (n,); 1 is neutral.

    bias = 1.5 (2 importance − 1) + 0.75 (2 trust − 1) + ½ ln(1 + confirmations) − min(contradictions, 2), cut to
    [−1.6, 3].
    """
    product = (
        OF_IMPORTANCE[states["importance"]]
        * OF_TRUST[states["trust"]]
        * np.sqrt(1.0 + states["confirmations"].astype(np.float64))
        * OF_CONTRADICTIONS[np.minimum(states["contradictions"], MAX_CONTRADICTIONS)]
    )
    return np.asarray(np.clip(product, LEAST_LIFETIME, GREATEST_LIFETIME))


def idle_days(states: States, days: Days | int) -> Days:
    """Whole days (n,) since the last event; none when the clock went back behind it."""
    return np.maximum(days - states["last"].astype(np.int64), 0)


def scaled_idle(idle: npt.NDArray[np.floating | np.int64], uses: Floats, lifetime: Floats) -> Floats:
    """ℓ (n,) from idle days, discounted uses and lifetime multipliers."""
    return np.asarray((1.0 + idle) / (uses * lifetime))


def scaled_idle_of(origin: Origin, states: States, days: Days | int) -> Floats:
    """ℓ (n,) of ``states`` (n,) on one day, or each on its own of ``days`` (n,)."""
    return scaled_idle(idle_days(states, days), uses_on(states["counter"], days, origin), lifetimes(states))


def uses_at_last(origin: Origin, states: States) -> Floats:
    """The discounted uses (n,) at the last event."""
    return uses_on(states["counter"], states["last"], origin)


def chance_of_need(scaled: Floats) -> Floats:
    """p (n,): how likely a memory of scaled idle time ℓ is needed within 30 days."""
    return np.asarray(1.0 / (1.0 + np.sqrt(scaled)))


def anchor_radius(scaled: Floats) -> Floats:
    """μ = −ln p (n,) of scaled idle times ℓ (n,)."""
    return ln(1.0 + np.sqrt(scaled))


def anchors(origin: Origin, states: States, days: Days | int) -> Floats:
    """μ (n,) of ``states`` (n,) on a day: where their laws are centred, 0 for pinned ones."""
    return np.where(states["pinned"] != 0, 0.0, anchor_radius(scaled_idle_of(origin, states, days)))
