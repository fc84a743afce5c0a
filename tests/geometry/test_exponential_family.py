from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from slm.geometry.exponential_family import (
    covariance,
    exp_of_negative,
    expectation,
    linear,
    log_likelihood,
    softmax,
)

ENTRIES = st.floats(-8, 8, width=32)
SHAPES = st.tuples(st.integers(1, 7), st.integers(1, 4))

PINNED = [
    "0x1.0000000000000p+0",
    "0x1.cf46d99d52b3ap-1",
    "0x1.78b56362cef38p-2",
    "0x1.f42ed3f68e690p-19",
    "0x1.300ff6c7c2e28p-938",
]


@st.composite
def families(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Features (n, k) and parameters (k,)."""
    n, k = draw(SHAPES)
    return draw(hnp.arrays(np.float64, (n, k), elements=ENTRIES)), draw(hnp.arrays(np.float64, k, elements=ENTRIES))


def _naive(features: np.ndarray, parameters: np.ndarray) -> np.ndarray:
    powers = [math.exp(sum(a * b for a, b in zip(row, parameters, strict=True)) - 300.0) for row in features]
    return np.array(powers) / math.fsum(powers)


def _log_p(features: np.ndarray, parameters: np.ndarray, chosen: int) -> float:
    return log_likelihood(linear(features, parameters), chosen)


@given(families())
def test_probabilities_are_those_of_the_definition(family: tuple[np.ndarray, np.ndarray]) -> None:
    """Oracle: exp of the products, one by one, over their sum."""
    features, parameters = family

    p = softmax(linear(features, parameters))

    assert p == pytest.approx(_naive(features, parameters), rel=1e-9, abs=1e-300)
    assert math.fsum(p) == pytest.approx(1.0)


@given(families())
def test_expectation_and_covariance_are_the_plain_moments(family: tuple[np.ndarray, np.ndarray]) -> None:
    """Oracle: numpy's weighted moments."""
    features, parameters = family
    p = softmax(linear(features, parameters))

    assert expectation(p, features) == pytest.approx(p @ features, rel=1e-9, abs=1e-9)
    expected = np.cov(features.T, aweights=p, ddof=0).reshape(covariance(p, features).shape)
    assert covariance(p, features) == pytest.approx(expected, rel=1e-9, abs=1e-9)


@given(families(), st.integers(0, 6))
def test_the_slope_of_the_log_likelihood_is_what_was_seen_less_what_was_expected(
    family: tuple[np.ndarray, np.ndarray], chosen: int
) -> None:
    """Theorem: d log p(i) / dθ = x_i − E x. Oracle: central differences."""
    features, parameters = family
    chosen %= len(features)
    step = 1e-5

    slope = [
        (_log_p(features, parameters + step * unit, chosen) - _log_p(features, parameters - step * unit, chosen))
        / (2 * step)
        for unit in np.eye(len(parameters))
    ]

    p = softmax(linear(features, parameters))
    assert features[chosen] - expectation(p, features) == pytest.approx(np.array(slope), abs=1e-5)


@given(families())
def test_the_covariance_is_the_fisher_information(family: tuple[np.ndarray, np.ndarray]) -> None:
    """Theorem: Cov x = E[∇ log p ∇ log pᵀ]."""
    features, parameters = family
    p = softmax(linear(features, parameters))

    scores = features - expectation(p, features)
    information = sum(weight * np.outer(score, score) for weight, score in zip(p, scores, strict=True))

    assert covariance(p, features) == pytest.approx(information, rel=1e-9, abs=1e-9)


@given(families())
def test_the_covariance_is_symmetric_to_the_bit_and_never_negative(family: tuple[np.ndarray, np.ndarray]) -> None:
    """Theorem: a covariance is symmetric and positive semidefinite."""
    features, parameters = family

    found = covariance(softmax(linear(features, parameters)), features)

    assert np.array_equal(found, found.T)
    assert np.linalg.eigvalsh(found).min() >= -1e-9


@given(hnp.arrays(np.float64, 50, elements=st.floats(-700, 0)))
def test_exp_is_within_two_units_in_the_last_place(x: np.ndarray) -> None:
    """Oracle: the exponential of the mathematical library."""
    expected = np.array([math.exp(value) for value in x])

    assert (np.abs(exp_of_negative(x) - expected) <= 2 * np.spacing(expected)).all()


def test_exp_has_the_same_bits_on_every_machine() -> None:
    """Pinned: the digits of one machine; only plain float64 operations are used."""
    found = [value.hex() for value in exp_of_negative(np.array([0.0, -0.1, -1.0, -12.5, -650.0])).tolist()]

    assert found == PINNED


@pytest.mark.parametrize("x", [-700.0, -1e4, -math.inf])
def test_exp_stops_falling_where_float64_ends(x: float) -> None:
    """Documented: below −700 the value of −700."""
    assert exp_of_negative(np.array([x])).tolist() == exp_of_negative(np.array([-700.0])).tolist()


def test_scores_that_differ_hugely_leave_no_nan() -> None:
    """The best has all the probability."""
    assert softmax(np.array([-1e300, 0.0, 1e300])) == pytest.approx([0.0, 0.0, 1.0])


def test_equal_rows_have_no_information() -> None:
    """Nothing can be learnt of parameters that move nothing: the covariance is exactly 0."""
    features = np.full((5, 3), 0.1)

    assert not covariance(softmax(np.zeros(5)), features).any()


def test_no_scores_have_no_probabilities() -> None:
    """Documented ValueError."""
    with pytest.raises(ValueError, match="no scores"):
        softmax(np.zeros(0))
