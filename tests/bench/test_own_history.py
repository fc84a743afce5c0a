"""The fit to a user's own history: the prior's pull, the data's, and the figure of merit."""

from __future__ import annotations

import math

import numpy as np
import pytest

from slm.bench.own_history import Fit, fitted, log_loss
from slm.lifecycle.need import chance_of_need, scaled_idle


def drawn(truth: Fit, n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Features (n, 2) of plausible memories, and needs drawn by ``truth``."""
    generator = np.random.default_rng(seed)
    features = np.stack([np.log1p(generator.integers(0, 400, n)), generator.normal(0, 1, n)], axis=1)
    return features, generator.random(n) < truth.chances(features)


def test_the_constants_are_the_chance_of_need() -> None:
    """Identity: 1 / (1 + √((1 + idle) / n)) is logistic in ln(1 + idle) and ln n."""
    idle, uses = np.array([0, 3, 200]), np.array([1.0, 0.2, 7.0])
    features = np.stack([np.log1p(idle), np.log(uses)], axis=1)

    expected = chance_of_need(scaled_idle(idle, uses, np.ones(1)))

    np.testing.assert_allclose(Fit.constants().chances(features), expected, rtol=1e-12)


def test_without_data_the_constants_stay() -> None:
    """The greatest density of the prior is its mean."""
    assert fitted(np.zeros((0, 2)), np.zeros(0, bool)) == Fit.constants()


def test_much_data_gives_the_truth() -> None:
    """20,000 needs drawn by other weights: within 0.15 of them, some four standard errors of the intercept."""
    truth = Fit(1.0, -0.9, 0.2)

    assert fitted(*drawn(truth, 20_000)) == pytest.approx(truth, abs=0.15)


def test_little_data_moves_little() -> None:
    """Shrinkage: thirty needs move no weight by more than two standard deviations of the prior."""
    moved = np.array(fitted(*drawn(Fit(2.0, -2.0, 2.0), 30))) - Fit.constants()

    assert np.abs(moved).max() < 0.5


def test_the_fit_has_no_slope_left() -> None:
    """Condition of a maximum: the slope of the log posterior, by differences, vanishes."""
    features, needed = drawn(Fit(0.5, -0.7, 0.9), 500)
    best = fitted(features, needed)

    def log_posterior(weights) -> float:
        off = np.array(weights) - Fit.constants()
        return -len(needed) * log_loss(Fit(*weights), features, needed) - float(off @ off) / (2 * 0.25**2)

    for i in range(3):
        step = np.eye(3)[i] * 1e-4
        slope = (log_posterior(np.array(best) + step) - log_posterior(np.array(best) - step)) / 2e-4
        assert abs(slope) < 1e-3


def test_the_log_loss_of_a_coin_is_the_logarithm_of_two() -> None:
    """Closed form; certainty about what then happens costs nothing."""
    features = np.zeros((4, 2))
    needed = np.array([True, False, True, False])

    assert log_loss(Fit(0.0, 0.0, 0.0), features, needed) == pytest.approx(math.log(2))
    assert log_loss(Fit(50.0, 0.0, 0.0), features, np.ones(4, bool)) == pytest.approx(0.0, abs=1e-11)
