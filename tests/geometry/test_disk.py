"""The Poincaré disk: its isometries, geodesics and curvature."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slm.geometry.disk import distance, exp_at_origin, log_at_origin, point, radius, translated

ANGLES = st.floats(0, 2 * math.pi)


@st.composite
def points(draw, largest=6.0):
    """A point up to ``largest`` from the origin."""
    return point(np.array(draw(st.floats(0, largest))), np.array(draw(ANGLES)))


@given(points(), points(), points())
def test_distance_is_a_metric(a, b, c) -> None:
    """Metric axioms: identity, symmetry, triangle inequality."""
    assert distance(a, a) == 0
    assert distance(a, b) == pytest.approx(distance(b, a))
    assert distance(a, c) <= distance(a, b) + distance(b, c) + 1e-9


@given(points(), points(), points())
def test_a_translation_moves_nothing_closer_and_nothing_apart(a, b, by) -> None:
    """Theorem: Möbius translations are isometries of the disk."""
    assert distance(translated(a, by), translated(b, by)) == pytest.approx(distance(a, b), rel=1e-6, abs=1e-6)


@given(points(), points())
def test_a_translation_takes_the_origin_to_its_point_and_is_undone_by_the_opposite_one(a, by) -> None:
    """Definition, and (z ⊕ p) ⊕ (−p) = z."""
    assert translated(np.array(0j), by) == by
    assert abs(translated(translated(a, by), -by) - a) < 1e-9


@given(st.floats(0, 12), ANGLES)
def test_exp_goes_as_far_as_its_tangent_is_long(length, angle) -> None:
    """Definition: geodesics from the origin are rays, their speed is hyperbolic."""
    tangent = np.array(length * np.exp(1j * angle))
    reached = exp_at_origin(tangent)

    assert radius(reached) == pytest.approx(length, rel=1e-6)
    assert distance(reached, np.array(0j)) == pytest.approx(length, rel=1e-6)
    assert log_at_origin(reached) == pytest.approx(tangent, rel=1e-6, abs=1e-9)


@given(st.floats(0, 12), ANGLES)
def test_a_point_is_at_its_radius(r, angle) -> None:
    """Inverse functions: radius and point."""
    assert radius(point(np.array(r), np.array(angle))) == pytest.approx(r, rel=1e-6)


@given(st.floats(0.01, 5), st.floats(0.01, 5), ANGLES)
def test_sides_and_angle_obey_the_hyperbolic_law_of_cosines(a, b, angle) -> None:
    """Theorem: cosh c = cosh a cosh b − sinh a sinh b cos γ in curvature −1."""
    side = distance(point(np.array(a), np.array(0.0)), point(np.array(b), np.array(angle)))
    expected = math.cosh(a) * math.cosh(b) - math.sinh(a) * math.sinh(b) * math.cos(angle)

    assert math.cosh(side) == pytest.approx(expected, rel=1e-6)


def test_a_circle_is_longer_than_a_flat_one_by_the_curvature() -> None:
    """Theorem: a circle of radius r is 2π sinh r long; here a polygon of 100,000 sides around it."""
    for r in (0.5, 2.0):
        corners = point(np.full(100_001, r), np.linspace(0, 2 * math.pi, 100_001))
        assert distance(corners[1:], corners[:-1]).sum() == pytest.approx(2 * math.pi * math.sinh(r), rel=1e-6)


def test_points_close_together_keep_the_digits_of_their_distance() -> None:
    """At z the metric is 2 / (1 − |z|²): a distance of 1e-12 is no rounding error."""
    z = 0.3 + 0.4j

    assert float(distance(np.array(z), np.array(z + 1e-12))) == pytest.approx(2e-12 / 0.75, rel=1e-3)


def test_the_origin_is_a_point_like_any_other() -> None:
    """Edge: no division by the length of nothing."""
    assert exp_at_origin(np.array([0j]))[0] == 0
    assert log_at_origin(np.array([0j]))[0] == 0
