"""What information geometry says of the distance, checked on random diagonal normals."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slm.geometry.fisher_rao import (
    chord_lower_bound,
    chord_sums,
    chord_upper_bound,
    distance,
    squared_distance,
    squared_distances,
)
from slm.geometry.normal import DiagonalNormal
from tests.geometry.strategies import MEANS, STDS, lines, normals, vectors

quick = settings(max_examples=50, deadline=None)


@quick
@given(normals(1))
def test_a_normal_is_at_distance_zero_from_itself(drawn) -> None:
    """Metric axiom: identity, exactly."""
    (p,) = drawn

    assert distance(p, p) == 0.0


@quick
@given(normals(2))
def test_normals_that_differ_are_apart(drawn) -> None:
    """Metric axiom: d = 0 only between equals."""
    p, q = drawn
    equal = np.array_equal(p.mean, q.mean) and np.array_equal(p.std, q.std)

    assert (distance(p, q) > 0) != equal


@quick
@given(normals(2))
def test_the_distance_is_the_same_both_ways(drawn) -> None:
    """Metric axiom: symmetry."""
    p, q = drawn

    assert distance(p, q) == pytest.approx(distance(q, p), rel=1e-14)


@quick
@given(normals(3))
def test_no_detour_is_shorter(drawn) -> None:
    """Metric axiom: triangle inequality."""
    p, q, r = drawn

    assert distance(p, r) <= (distance(p, q) + distance(q, r)) * (1 + 1e-12)


@quick
@given(normals(2), st.data())
def test_the_distance_ignores_the_units_and_the_origin_of_every_coordinate(drawn, data) -> None:
    """Invariance under x -> a x + b per coordinate (theorem: such maps are sufficient statistics)."""
    p, q = drawn
    width = len(p.mean)
    scale = data.draw(vectors(width, st.floats(0.01, 100)))
    sign = data.draw(vectors(width, st.sampled_from([-1.0, 1.0])))
    shift = data.draw(vectors(width, st.floats(-10, 10)))

    def moved(r) -> DiagonalNormal:
        return DiagonalNormal(sign * scale * r.mean + shift, scale * r.std)

    assert distance(moved(p), moved(q)) == pytest.approx(distance(p, q), rel=1e-6, abs=1e-5)


@quick
@given(normals(2))
def test_the_distance_survives_the_natural_parameters(drawn) -> None:
    """Invariance under reparametrisation: η = (m/s², −1/2s²) and back."""

    def there_and_back(r) -> DiagonalNormal:
        precision = 1.0 / r.std**2
        first, second = r.mean * precision, -0.5 * precision
        return DiagonalNormal(-0.5 * first / second, np.sqrt(-0.5 / second))

    p, q = drawn

    assert distance(there_and_back(p), there_and_back(q)) == pytest.approx(distance(p, q), rel=1e-9, abs=1e-9)


@quick
@given(normals(2))
def test_the_distance_survives_the_expectation_parameters(drawn) -> None:
    """Invariance under reparametrisation: (E x, E x²) and back; the second moment cancels where m² >> s²."""

    def there_and_back(r) -> DiagonalNormal:
        second_moment = r.mean**2 + r.std**2
        return DiagonalNormal(r.mean, np.sqrt(second_moment - r.mean**2))

    p, q = (DiagonalNormal(r.mean / 50, r.std + 0.5) for r in drawn)

    assert distance(there_and_back(p), there_and_back(q)) == pytest.approx(distance(p, q), rel=1e-9, abs=1e-9)


@quick
@given(normals(2))
def test_the_distance_survives_variances_and_logarithms(drawn) -> None:
    """Invariance under reparametrisation: (m, log s²) and back."""

    def there_and_back(r) -> DiagonalNormal:
        return DiagonalNormal(r.mean, np.exp(0.5 * np.log(r.std**2)))

    p, q = drawn

    assert distance(there_and_back(p), there_and_back(q)) == pytest.approx(distance(p, q), rel=1e-9, abs=1e-9)


@quick
@given(normals(2), st.data())
def test_the_distance_ignores_the_order_of_the_coordinates(drawn, data) -> None:
    """A permutation of the coordinates is a one-to-one map of the data."""
    p, q = drawn
    order = list(data.draw(st.permutations(range(len(p.mean)))))

    def permuted(r) -> DiagonalNormal:
        return DiagonalNormal(r.mean[order], r.std[order])

    assert squared_distance(permuted(p), permuted(q)) == pytest.approx(squared_distance(p, q), rel=1e-13)


@quick
@given(normals(2), normals(2))
def test_squared_distances_of_independent_parts_add_up(first, second) -> None:
    """The family of products is the Riemannian product of the families: d² is additive over coordinates."""

    def joined(a, b) -> DiagonalNormal:
        return DiagonalNormal(np.concatenate([a.mean, b.mean]), np.concatenate([a.std, b.std]))

    whole = squared_distance(joined(first[0], second[0]), joined(first[1], second[1]))

    assert whole == pytest.approx(squared_distance(*first) + squared_distance(*second), rel=1e-12, abs=1e-300)


@quick
@given(normals(2))
def test_forgetting_a_coordinate_never_moves_normals_apart(drawn) -> None:
    """A statistic loses information or keeps it: the distance of marginals is at most the distance."""
    p, q = drawn
    marginals = (DiagonalNormal(r.mean[1:], r.std[1:]) for r in drawn)

    assert squared_distance(*marginals) <= squared_distance(p, q) * (1 + 1e-12)


@quick
@given(lines(2), st.integers(1, 40))
def test_n_independent_observations_are_root_n_times_as_far_apart(drawn, n) -> None:
    """The Fisher information of n iid observations is n times that of one, so d² is n times as large."""

    def repeated(r) -> DiagonalNormal:
        return DiagonalNormal(np.repeat(r.mean, n), np.repeat(r.std, n))

    p, q = drawn

    assert squared_distance(repeated(p), repeated(q)) == pytest.approx(n * squared_distance(p, q), rel=1e-12)


@quick
@given(MEANS, MEANS, STDS, st.integers(1, 100))
def test_the_sample_mean_is_sufficient_for_the_mean(first, second, std, n) -> None:
    """With the std known, n observations and their mean, N(m, s²/n), tell two close means apart equally well.

    Along means alone the metric is dm²/s² for one observation, n dm²/s² for n, and dm²/(s²/n) for the sample mean;
    compared where the geodesic and the straight line agree, at a small difference.
    """
    step = 1e-4 * std * (1 + abs(first - second) / 100)

    def pair(std_of_statistic) -> tuple[DiagonalNormal, ...]:
        return tuple(
            DiagonalNormal(np.array([m]), np.array([std_of_statistic])) for m in (first / 1e3, first / 1e3 + step)
        )

    of_mean = squared_distance(*pair(std / math.sqrt(n)))

    assert of_mean == pytest.approx(n * squared_distance(*pair(std)), rel=1e-5)


@quick
@given(MEANS, STDS, st.integers(2, 100), st.floats(-1, 1), st.floats(-1, 1))
def test_sample_mean_and_sample_variance_keep_all_the_information(mean, std, n, along_mean, along_std) -> None:
    """The statistic (mean, S²) of n observations is sufficient: its Fisher metric is n times that of one.

    Metric of the mean N(m, s²/n): read off the distance at a small step. Metric of S² ~ s² χ²(n−1)/(n−1): its Fisher
    information about s, 2 (n−1)/s² (closed form of a gamma law's scale).
    """
    mean_step, std_step = 1e-4 * std * along_mean, 1e-4 * std * along_std
    origin, moved = (mean / 1e3, std), (mean / 1e3 + mean_step, std + std_step)

    def normal(point, n_observations) -> DiagonalNormal:
        return DiagonalNormal(np.array([point[0]]), np.array([point[1] / math.sqrt(n_observations)]))

    of_mean = squared_distance(normal(origin, n), normal(moved, n))
    of_variance = 2 * (n - 1) * (std_step / std) ** 2
    of_one = squared_distance(normal(origin, 1), normal(moved, 1))

    assert of_mean + of_variance == pytest.approx(n * of_one, rel=2e-3, abs=1e-15 * n)


@quick
@given(MEANS, STDS, st.floats(0.1, 1), st.floats(-1, 1))
def test_the_metric_is_the_fisher_information(mean, std, along_mean, along_std) -> None:
    """Close by, d² = dm²/s² + 2 ds²/s²: the Fisher information matrix of a normal is diag(1/s², 2/s²)."""
    mean_step, std_step = 1e-4 * std * along_mean, 1e-4 * std * along_std
    p = DiagonalNormal(np.array([mean / 1e3]), np.array([std]))
    q = DiagonalNormal(p.mean + mean_step, p.std + std_step)

    assert squared_distance(p, q) == pytest.approx((mean_step**2 + 2 * std_step**2) / std**2, rel=1e-3)


def jeffreys(p, q) -> np.ndarray:
    """KL(p, q) + KL(q, p), coordinate by coordinate."""
    shift = (p.mean - q.mean) ** 2
    ratio = (p.std**2 + shift) / q.std**2 + (q.std**2 + shift) / p.std**2
    return ratio / 2 - 1


@quick
@given(lines(2))
def test_on_the_line_the_jeffreys_divergence_lies_between_two_functions_of_the_distance(drawn) -> None:
    """8 sinh²(d/2√2) <= J <= 2 sinh²(d/√2).

    With C = cosh(d/√2) and u = s₁/s₂ + s₂/s₁ in [2, 2C] one finds J = 2Cu − u²/2 − 2, which grows with u.
    """
    p, q = drawn
    d = distance(p, q)
    divergence = float(jeffreys(p, q)[0])

    assert divergence >= 8 * math.sinh(d / (2 * math.sqrt(2))) ** 2 * (1 - 1e-9) - 1e-12
    assert divergence <= 2 * math.sinh(d / math.sqrt(2)) ** 2 * (1 + 1e-9) + 1e-12


@quick
@given(lines(2))
def test_the_jeffreys_bounds_are_reached(drawn) -> None:
    """Equal stds reach the lower bound, equal means the upper one."""
    p, q = drawn
    shifted, spread = DiagonalNormal(q.mean, p.std), DiagonalNormal(p.mean, q.std)
    lower = 8 * math.sinh(distance(p, shifted) / (2 * math.sqrt(2))) ** 2
    upper = 2 * math.sinh(distance(p, spread) / math.sqrt(2)) ** 2

    assert float(jeffreys(p, shifted)[0]) == pytest.approx(lower, rel=1e-9, abs=1e-12)
    assert float(jeffreys(p, spread)[0]) == pytest.approx(upper, rel=1e-7, abs=1e-9)


@quick
@given(normals(2))
def test_the_squared_distance_is_at_most_the_jeffreys_divergence(drawn) -> None:
    """J is the energy of the exponential geodesic, and no curve has less energy than the shortest."""
    p, q = drawn

    assert squared_distance(p, q) <= float(jeffreys(p, q).sum()) * (1 + 1e-9) + 1e-9


@quick
@given(normals(2))
def test_the_distance_is_at_least_that_of_the_square_roots_of_the_densities(drawn) -> None:
    """p -> 2√p maps the family isometrically into a sphere of radius 2, where the arc 2 arccos(BC) is shorter."""
    p, q = drawn
    variances = p.std**2 + q.std**2
    log_overlap = 0.5 * np.log(2 * p.std * q.std / variances) - (p.mean - q.mean) ** 2 / (4 * variances)
    overlap = min(1.0, math.exp(float(log_overlap.sum())))

    assert 2 * math.acos(overlap) <= distance(p, q) * (1 + 1e-9) + 1e-6


@quick
@given(normals(2))
def test_the_chord_bounds_the_distance_from_both_sides(drawn) -> None:
    """2 g(X) <= d² <= 2 n g(X/n), X = Σ x_i: g is concave with g(0) = 0."""
    p, q = drawn
    chord = chord_sums(q.mean[None], p.mean, p.std)
    squared = squared_distances(q.mean[None], p.mean, p.std)

    assert chord_lower_bound(chord) <= squared * (1 + 1e-12) + 1e-300
    assert squared <= chord_upper_bound(chord, len(p.mean)) * (1 + 1e-12) + 1e-300


@quick
@given(st.floats(0.001, 100), STDS, st.integers(1, 20))
def test_the_upper_chord_bound_is_reached_by_equal_differences(shift, std, n) -> None:
    """Jensen's inequality is an equality where all x_i are the same."""
    mean, stds = np.zeros(n), np.full(n, std)
    rows = np.full((1, n), shift)
    upper = chord_upper_bound(chord_sums(rows, mean, stds), n)

    assert squared_distances(rows, mean, stds) == pytest.approx(upper, rel=1e-12)


@quick
@given(st.floats(0.001, 100), STDS, st.integers(1, 20))
def test_the_lower_chord_bound_is_reached_by_one_difference(shift, std, n) -> None:
    """Subadditivity is an equality where all x_i but one are zero."""
    mean, stds = np.zeros(n), np.full(n, std)
    rows = np.zeros((1, n))
    rows[0, n // 2] = shift
    lower = chord_lower_bound(chord_sums(rows, mean, stds))

    assert squared_distances(rows, mean, stds) == pytest.approx(lower, rel=1e-12)


@quick
@given(normals(2), st.floats(1.01, 4))
def test_a_wider_common_std_brings_means_nearer(drawn, factor) -> None:
    """d² falls in the common std: x_i = Δm²/4s², g grows."""
    p, q = drawn
    near = squared_distances(q.mean[None], p.mean, p.std * factor)

    assert near <= squared_distances(q.mean[None], p.mean, p.std) * (1 + 1e-12)
