"""The float64 reference: known values, agreement with the textbook formula, bits, errors, cost."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from slm.geometry import fisher_rao
from slm.geometry.fisher_rao import (
    ENTRIES_A_BLOCK,
    SERIES_END,
    chord_sums,
    chord_weights,
    distance,
    halved,
    series,
    squared_arccosh,
    squared_distance,
    squared_distances,
)
from slm.geometry.normal import DiagonalNormal
from tests.geometry.strategies import normals

quick = settings(max_examples=50, deadline=None)


def line(mean, std) -> DiagonalNormal:
    """A normal on the line."""
    return DiagonalNormal(np.array([float(mean)]), np.array([float(std)]))


def textbook(p, q) -> float:
    """√(Σ 2 arccosh²(1 + x_i)), term by term with the library's arccosh (Atkinson & Mitchell 1981)."""
    total = 0.0
    for m1, s1, m2, s2 in zip(p.mean, p.std, q.mean, q.std, strict=True):
        total += 2 * math.acosh(1 + ((m1 - m2) ** 2 + 2 * (s1 - s2) ** 2) / (4 * s1 * s2)) ** 2
    return math.sqrt(total)


@pytest.mark.parametrize(
    ("p", "q", "expected"),
    [
        (line(0, 1), line(1, 1), 0.9802581434685472),  # √2 arccosh 5/4 = √2 ln 2
        (line(0, 1), line(0, math.e), 1.4142135623730951),  # √2 |ln s₂/s₁| = √2
        (line(0, 1), line(0, 4), 1.9605162869370945),  # √2 ln 4
        (line(0, 1), line(4, 1), 3.241987957907015),  # √2 arccosh 5 = √2 ln (5 + √24)
        (line(0, 1), line(2, 2), 1.6388053279384853),  # √2 arccosh 7/4
    ],
)
def test_known_values_on_the_line(p, q, expected) -> None:
    """Closed form of the half-plane: d = √2 arccosh(1 + (Δm² + 2Δs²) / 4 s₁s₂); literals worked out from it."""
    assert distance(p, q) == pytest.approx(expected, rel=1e-14)


def test_known_value_in_three_coordinates() -> None:
    """d² adds up: 2 ln² 2 + 2 ln² 4 + 2 = 2 · 5 ln² 2 + 2, by the values above."""
    p = DiagonalNormal(np.zeros(3), np.ones(3))
    q = DiagonalNormal(np.array([1.0, 0.0, 0.0]), np.array([1.0, 4.0, math.e]))

    assert squared_distance(p, q) == pytest.approx(6.804530139182014, rel=1e-14)


@quick
@given(normals(2))
def test_the_distance_is_the_textbook_formula(drawn) -> None:
    """Oracle: the library's arccosh, whose digits are lost near zero; hence the absolute term."""
    p, q = drawn

    assert distance(p, q) == pytest.approx(textbook(p, q), rel=1e-9, abs=1e-7)


@pytest.mark.parametrize("shift", [1e-8, 1e-12, 1e-150])
def test_tiny_distances_keep_their_digits(shift) -> None:
    """d = Δm/s to first order (theorem); arccosh(1 + x) would return 0 here."""
    assert distance(line(0, 1), line(shift, 1)) == pytest.approx(shift, rel=1e-14)


@pytest.mark.parametrize("shift", [1e20, 1e100])
def test_huge_distances_are_finite(shift) -> None:
    """d = 2√2 ln(Δm/√2 s) for far means, from arccosh(x) ≈ ln 2x."""
    expected = math.sqrt(2) * 2 * math.log(shift / math.sqrt(2))

    assert distance(line(0, 1), line(shift, 1)) == pytest.approx(expected, rel=1e-12)


def test_the_squared_arccosh_is_right_over_six_hundred_orders_of_magnitude() -> None:
    """Oracle: arccosh(1 + x) = 2 asinh √(x/2) with numpy's asinh."""
    excess = np.concatenate([np.logspace(-300, 300, 6001), np.linspace(0.001, 40, 6001)])
    expected = 4 * np.arcsinh(np.sqrt(excess / 2)) ** 2

    np.testing.assert_allclose(squared_arccosh(excess), expected, rtol=2e-15)


def test_the_squared_arccosh_of_zero_is_zero() -> None:
    """arccosh 1 = 0."""
    assert squared_arccosh(0.0) == 0.0


def test_the_series_is_the_squared_arccosh_up_to_its_end() -> None:
    """Oracle: the power series arccosh²(1 + x) = 2 Σ (−1)^(k+1) (2x)^k / (k² C(2k, k)), radius 2."""
    x = np.linspace(1e-6, SERIES_END, 400)
    terms = [(-1) ** (k + 1) * (2 * x) ** k / (k * k * math.comb(2 * k, k)) for k in range(1, 40)]
    expected = 2 * np.sum(terms[::-1], axis=0)

    np.testing.assert_allclose(series(x), expected, rtol=1e-15)


@quick
@given(st.floats(0, 30))
def test_halving_an_angle_halves_it(angle) -> None:
    """cosh(a/2) − 1 = 2 sinh²(a/4), cosh a − 1 = 2 sinh²(a/2)."""
    excess = np.array([2 * math.sinh(angle / 2) ** 2])

    assert halved(excess)[0] == pytest.approx(2 * math.sinh(angle / 4) ** 2, rel=1e-13, abs=1e-300)


@quick
@given(hnp.arrays(np.float64, st.integers(1, 30), elements=st.floats(0, 1e6)), st.data())
def test_a_value_does_not_depend_on_its_neighbours(excess, data) -> None:
    """Determinism: the same bits alone and in any company, near or far."""
    i = data.draw(st.integers(0, len(excess) - 1))

    assert squared_arccosh(excess)[i] == squared_arccosh(excess[i : i + 1])[0]


def test_the_squared_arccosh_is_pinned_to_the_bit() -> None:
    """Pinned behaviour: only correctly rounded operations, so these are the bits on every IEEE machine."""
    values = [float(v).hex() for v in squared_arccosh(np.array([1e-3, 0.5, 3.0, 100.0, 1e9]))]

    assert values == [
        "0x1.0619aea2c2114p-9",
        "0x1.da3ea81a43e83p-1",
        "0x1.107f58625e8d6p+2",
        "0x1.c2d6d15c0e3b8p+4",
        "0x1.caa9a9c283687p+8",
    ]


def rows_of(generator, n, d) -> tuple[np.ndarray, ...]:
    """Rows, mean and std of a plausible channel."""
    std = np.exp(generator.normal(size=d) / 4) / 20
    return generator.normal(size=(n, d)) * std, generator.normal(size=d) * std, std


@pytest.mark.parametrize(("n", "d"), [(0, 3), (1, 1), (5, 7), (40, 384), (3, 20000)])
def test_a_batch_is_its_rows_one_by_one(n, d) -> None:
    """Oracle: squared_distance of each row, both normals with the common std."""
    rows, mean, std = rows_of(np.random.default_rng(n + d), n, d)
    expected = [squared_distance(DiagonalNormal(row, std), DiagonalNormal(mean, std)) for row in rows]

    np.testing.assert_allclose(squared_distances(rows, mean, std), np.array(expected).reshape(n), rtol=1e-13)


def test_a_rows_distance_has_the_same_bits_in_any_company() -> None:
    """Determinism: blocks don't show; more rows than two blocks hold."""
    rows, mean, std = rows_of(np.random.default_rng(5), 2 * ENTRIES_A_BLOCK // 384 + 7, 384)
    together = squared_distances(rows, mean, std)

    assert all(squared_distances(rows[i : i + 1], mean, std)[0] == together[i] for i in range(len(rows)))
    assert np.array_equal(squared_distances(rows[::-1].copy(), mean, std), together[::-1])


def test_float16_rows_are_taken_as_they_are() -> None:
    """A float16 is a float64: no rounding on the way."""
    rows, mean, std = rows_of(np.random.default_rng(6), 9, 50)
    halves = rows.astype(np.float16)

    assert np.array_equal(squared_distances(halves, mean, std), squared_distances(halves.astype(np.float64), mean, std))


def test_an_infinite_std_masks_its_coordinate() -> None:
    """Oracle: the same normals without that coordinate."""
    rows, mean, std = rows_of(np.random.default_rng(7), 6, 5)
    masked = np.array([std[0], np.inf, std[2], std[3], np.inf])
    kept = [0, 2, 3]

    expected = squared_distances(rows[:, kept], mean[kept], std[kept])
    np.testing.assert_allclose(squared_distances(rows, mean, masked), expected, rtol=1e-14)
    np.testing.assert_allclose(chord_sums(rows, mean, masked), chord_sums(rows[:, kept], mean[kept], std[kept]))


def test_the_chord_is_the_weighted_sum_of_squares() -> None:
    """Oracle: two loops."""
    rows, mean, std = rows_of(np.random.default_rng(8), 4, 6)
    expected = [sum((row[i] - mean[i]) ** 2 / (4 * std[i] ** 2) for i in range(6)) for row in rows]

    np.testing.assert_allclose(chord_sums(rows, mean, std), expected, rtol=1e-13)
    np.testing.assert_allclose(chord_weights(std), 1 / (4 * std**2))


@pytest.mark.parametrize("d", [64, 128, 256])
def test_every_coordinate_is_worked_on_once(monkeypatch, d) -> None:
    """O(d), by counting: the one function that costs anything sees each coordinate of each row once."""
    seen = []

    def counted(excess) -> np.ndarray:
        seen.append(excess.size)
        return squared_arccosh(excess)

    monkeypatch.setattr(fisher_rao, "squared_arccosh", counted)
    rows, mean, std = rows_of(np.random.default_rng(9), 100, d)
    squared_distances(rows, mean, std)
    squared_distance(DiagonalNormal(rows[0], std), DiagonalNormal(mean, std))

    assert sum(seen) == 100 * d + d


@pytest.mark.parametrize(
    ("p", "q", "says"),
    [
        (line(0, 0), line(0, 1), "not positive"),
        (line(0, 1), line(0, -1), "not positive"),
        (line(0, 1), line(0, math.nan), "not positive"),
        (line(0, 1), DiagonalNormal(np.zeros(2), np.ones(2)), "coordinates"),
        (DiagonalNormal(np.zeros(2), np.ones(3)), line(0, 1), "shape"),
        (DiagonalNormal(np.zeros((1, 1)), np.ones((1, 1))), line(0, 1), "shape"),
    ],
)
def test_what_is_not_a_normal_is_refused(p, q, says) -> None:
    """Specification: ValueError that names the trouble."""
    with pytest.raises(ValueError, match=says):
        squared_distance(p, q)


@pytest.mark.parametrize("rows", [np.zeros((2, 4)), np.zeros(3)])
def test_rows_of_another_width_are_refused(rows) -> None:
    """Specification: ValueError, for the distance and for the chord."""
    with pytest.raises(ValueError, match="coordinates"):
        squared_distances(rows, np.zeros(3), np.ones(3))
    with pytest.raises(ValueError, match="coordinates"):
        chord_sums(rows, np.zeros(3), np.ones(3))
