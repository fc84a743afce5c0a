"""The chance of need: its features, its monotony, the lifetimes."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slm.lifecycle.events import used
from slm.lifecycle.need import (
    EDGE_RADII,
    EDGES,
    Phase,
    anchor_radius,
    chance_of_need,
    idle_days,
    lifetimes,
    scaled_idle,
    scaled_idle_of,
)
from slm.lifecycle.state import array_of
from tests.lifecycle.histories import ORIGIN, history

DAY = ORIGIN.first_day


def bias(importance=0.5, trust=0.5, confirmations=0, contradictions=0) -> float:
    """The logarithm of the lifetime of such a memory."""
    rows = array_of([history([0], confirmations, contradictions, importance, trust)])
    return math.log(float(lifetimes(rows)[0]))


@given(st.integers(0, 200), st.integers(0, 200), st.integers(0, 30), st.integers(0, 5))
def test_the_bias_is_the_sum_of_its_features(importance, trust, confirmations, contradictions) -> None:
    """Oracle: the formula of the design in Python."""
    expected = 1.5 * (2 * importance / 200 - 1) + 0.75 * (2 * trust / 200 - 1)
    expected += 0.5 * math.log(1 + confirmations) - min(contradictions, 2)

    assert bias(importance / 200, trust / 200, confirmations, contradictions) == pytest.approx(
        min(max(expected, -1.6), 3.0), abs=1e-12
    )


def test_a_neutral_memory_lives_once() -> None:
    """Importance and trust in the middle, nobody has said anything: exactly 1."""
    assert lifetimes(array_of([history([0])])).tolist() == [1.0]


@given(st.floats(0, 1), st.floats(0, 1), st.integers(0, 5), st.integers(0, 3))
def test_confirming_lengthens_and_contradicting_shortens_a_life(
    importance, trust, confirmations, contradictions
) -> None:
    """Monotony of the bias, up to its bounds."""
    here = bias(importance, trust, confirmations, contradictions)

    assert bias(importance, trust, confirmations + 1, contradictions) >= here
    assert bias(importance, trust, confirmations, contradictions + 1) <= here


def test_idle_time_is_counted_in_whole_days_and_never_negative() -> None:
    """A clock that went back finds the memory just used."""
    rows = array_of([history([10])])

    assert idle_days(rows, DAY + 13).tolist() == [3]
    assert idle_days(rows, DAY).tolist() == [0]


def test_the_radius_is_minus_the_logarithm_of_the_chance() -> None:
    """Definition of the map: p = e^(−μ)."""
    scaled = np.geomspace(1e-6, 1e6, 100)

    np.testing.assert_allclose(np.exp(-anchor_radius(scaled)), chance_of_need(scaled), rtol=1e-14)


def test_known_chances() -> None:
    """Closed form: ℓ = 1 gives ½, ℓ = 9 a quarter, ℓ = 0 certainty."""
    assert chance_of_need(np.array([1.0, 9.0, 0.0])).tolist() == [0.5, 0.25, 1.0]


def test_the_edges_as_radii() -> None:
    """Literals of the design, to three digits."""
    assert [round(edge, 4) for edge in EDGE_RADII] == [1.3425, 1.8822, 2.6709]
    assert len(EDGES) == len(Phase) - 1
    assert Phase.ARCHIVED.label == "archived"


@given(st.integers(0, 3000), st.floats(1e-3, 1e3), st.floats(0.2, 20))
def test_scaled_idle_time_grows_with_idleness_and_falls_with_use_and_lifetime(idle, uses, lifetime) -> None:
    """Monotony in every feature."""

    def at(i, n, life) -> float:
        return float(scaled_idle(np.array([i]), np.array([n]), np.array([life]))[0])

    here = at(idle, uses, lifetime)
    assert at(idle + 1, uses, lifetime) > here > at(idle, uses * 1.1, lifetime)
    assert here > at(idle, uses, lifetime * 1.1)


@given(st.lists(st.integers(0, 500), min_size=1, max_size=6), st.integers(0, 500), st.integers(500, 1500))
def test_one_more_use_makes_need_more_likely(days, extra, now) -> None:
    """More use is never colder: at any time in the past, on any later day."""
    state = history(sorted(days))
    rows = array_of([state, used(ORIGIN, state, DAY + extra)])

    without, with_use = scaled_idle_of(ORIGIN, rows, DAY + now)

    assert with_use <= without


def test_one_use_makes_the_worst_of_memories_active_again() -> None:
    """Why the bias ends at −1.6: √(e^1.6) = 2.2, 3.4 standard deviations of the wobble below the edge of active."""
    worst = history([0], contradictions=2, importance=0, trust=0)
    after = used(ORIGIN, worst, DAY + 3000)

    radius = float(anchor_radius(scaled_idle_of(ORIGIN, array_of([after]), DAY + 3000))[0])

    assert (EDGE_RADII[0] - radius) / 0.05 > 3.4


@pytest.mark.parametrize("uses", [0.01, 1.0, 30.0])
@pytest.mark.parametrize("idle", [0, 3, 300])
def test_a_use_is_a_strict_contraction_of_radii(uses, idle) -> None:
    """Theorem: e^r' − 1 = γ (e^r − 1) with γ = √(n / ((n + 1) (1 + idle))) < 1 shrinks every distance on a geodesic."""
    radii = np.linspace(0.01, 12, 400)
    scaled = np.expm1(radii) ** 2
    after = anchor_radius(scaled * uses / ((uses + 1) * (1 + idle)))

    assert (after < radii).all()
    assert (np.diff(after) < np.diff(radii)).all()
