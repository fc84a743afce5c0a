"""Would a user's own history give better constants? Empirical Bayes, held out in time.

The chance of need 1 / (1 + √ℓ) is a logistic law: logit p = intercept + idle · ln(1 + idle days) + uses · ln n with
the weights (0, −½, ½). A fit starts from these as a normal prior and moves as far as the data push it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

PRIOR_STD = 0.25
MAX_STEPS = 50
CONVERGED = 1e-10


class Fit(NamedTuple):
    """The weights of the law."""

    intercept: float
    idle: float
    uses: float

    @classmethod
    def constants(cls) -> Fit:
        """What the product uses."""
        return cls(0.0, -0.5, 0.5)

    def chances(self, features: Floats) -> Floats:
        """p (m,) for features (m, 2): ln(1 + idle), ln n."""
        logits = self.intercept + features @ np.array([self.idle, self.uses])
        return np.asarray(1.0 / (1.0 + np.exp(-logits)))


def fitted(features: Floats, needed: Bools) -> Fit:
    """The weights of the greatest posterior density, by Newton's method.

    Rows of one memory on several days are not independent, so the data are trusted more than they deserve.
    """
    columns = np.column_stack([np.ones(len(features)), features])
    prior = np.array(Fit.constants())
    weights = prior
    for _ in range(MAX_STEPS):
        p = Fit(*weights).chances(features)
        slope = columns.T @ (needed - p) - (weights - prior) / PRIOR_STD**2
        curvature = (columns * (p * (1.0 - p))[:, None]).T @ columns + np.eye(3) / PRIOR_STD**2
        step = np.linalg.solve(curvature, slope)
        weights = weights + step
        if np.abs(step).max() < CONVERGED:
            break
    return Fit(*(float(weight) for weight in weights))


def log_loss(fit: Fit, features: Floats, needed: Bools) -> float:
    """Mean −ln of the probability given to what happened, in nats."""
    p = np.clip(fit.chances(features), 1e-12, 1.0 - 1e-12)
    return float(-np.log(np.where(needed, p, 1.0 - p)).mean())
