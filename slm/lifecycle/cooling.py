"""When an unused memory reaches a phase, in closed form."""

from __future__ import annotations

import math

import numpy as np

from slm.lifecycle.state import MEMORY_OF_A_USE_DAYS, Floats

NEWTON_STEPS = 5


def lambert_w(x: Floats) -> Floats:
    """The principal branch of W e^W = x for x >= 0, any shape, relative error 4e-16. No validation.

    Newton's method on W + ln W = ln x. Source: Iacono & Boyd, New approximations to the principal real-valued branch of
    the Lambert W-function (2017), with their starting value.
    """
    positive = np.maximum(x, np.finfo(np.float64).tiny)
    log = np.log1p(positive)
    w = log * (1.0 - np.log1p(log) / (2.0 + log))
    for _ in range(NEWTON_STEPS):
        w = w / (1.0 + w) * (1.0 + np.log(positive / w))
    return np.where(x > 0, w, 0.0)


def cooling_days(edge: float, uses: Floats, lifetime: Floats) -> Floats:
    """Days from the last use to the moment when ℓ reaches ``edge``, for discounted ``uses`` at that use; -1 at least.

    ℓ grows like (1 + D) e^(D/365), because uses fade while the memory lies idle. So
    D = 365 W(edge · uses · lifetime · e^(1/365) / 365) − 1.
    """
    span = MEMORY_OF_A_USE_DAYS
    return span * lambert_w(edge * uses * lifetime * (math.exp(1.0 / span) / span)) - 1.0
