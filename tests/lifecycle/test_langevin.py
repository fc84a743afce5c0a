"""The exact law: its theorems, its samples, its bits; and what an integrator would have made of it."""

from __future__ import annotations

import math
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slm.geometry.backend import NUMPY, Noise, compiled
from slm.geometry.disk import exp_at_origin, point, radius, translated
from slm.geometry.ornstein_uhlenbeck import normals
from slm.lifecycle.langevin import FACTORS, LONGEST_PATH_WEEKS, RATE, STD, displaced_radii, noise_id, radii, radii_on
from slm.lifecycle.need import anchor_radius, scaled_idle_of
from slm.lifecycle.state import array_of
from tests.geometry.laws import kolmogorov_smirnov, limit_of_one
from tests.lifecycle.histories import ORIGIN, history, random_states

DAY = ORIGIN.first_day
TEMPERATURE = RATE * STD**2
ANCHORS = (0.1, 0.693, 1.34, 2.67)


@pytest.fixture(scope="module")
def fast() -> Noise:
    """The compiled kernel."""
    return compiled().noise


def potential_slope(rho, rate=RATE, temperature=TEMPERATURE) -> np.ndarray:
    """U' of U = κ ρ² / 2 + T ln(sinh ρ / ρ)."""
    return rate * rho + temperature * (1 / np.tanh(rho) - 1 / rho)


def cdf_of_radius(mu) -> object:
    """P(d(0, X) <= r) for an anchor at ``mu``: the law of cosines, integrated over ρ by 20,000 midpoints."""
    shares = (np.arange(20_000) + 0.5) / 20_000
    rho = STD * np.sqrt(-2 * np.log1p(-shares))

    def cdf(r) -> np.ndarray:
        grid = np.linspace(r.min(), r.max(), 400)
        cosine = (np.cosh(grid)[:, None] - math.cosh(mu) * np.cosh(rho)) / (math.sinh(mu) * np.sinh(rho))
        return np.interp(r, grid, (1 - np.arccos(np.clip(cosine, -1, 1)) / np.pi).mean(axis=1))

    return cdf


def check_radii(plane) -> None:
    """Kolmogorov-Smirnov of radii at four anchors."""
    n = plane.shape[1]
    for mu in ANCHORS:
        sample = displaced_radii(np.full(n, math.expm1(mu)), plane)
        assert kolmogorov_smirnov(sample, cdf_of_radius(mu)) < limit_of_one(n)


def test_the_radius_has_the_law_of_a_gaussian_around_the_anchor() -> None:
    """Theorem: the law of d(0, τ_p exp_0(s Y)) by the hyperbolic law of cosines; 40,000 draws."""
    check_radii(normals(np.full(40_000, 5), np.arange(40_000).astype(np.uint32), 3))


@pytest.mark.slow
def test_the_radius_has_that_law_in_a_million_draws(fast) -> None:
    """The same through the compiled process, limit 1.63e-3."""
    n, plane = 1_000_000, np.empty((2, 1_000_000))
    fast(np.arange(n, dtype=np.uint32), np.full(n, 33, np.int32), np.full(n, 77, np.int32), 3, FACTORS, plane)
    check_radii(plane)


@given(st.floats(0.001, 30), st.floats(-5, 5), st.floats(-5, 5))
def test_the_radius_is_that_of_the_translated_point(root, x, y) -> None:
    """Oracle: exponential map and Möbius translation in complex numbers."""
    anchor = point(anchor_radius(np.array([root**2])), np.array([0.0]))
    moved = translated(exp_at_origin(np.array([complex(STD * x, STD * y)])), anchor)

    displaced = displaced_radii(np.array([root]), np.array([[x], [y]]))

    assert displaced[0] == pytest.approx(radius(moved)[0], abs=1.1e-6)


def test_without_noise_a_memory_is_at_its_anchor() -> None:
    """Y = 0; and an anchor at the origin leaves the length of the noise."""
    roots = np.array([0.5, 2.0, 40.0])
    np.testing.assert_allclose(displaced_radii(roots, np.zeros((2, 3))), np.log1p(roots), atol=1e-6)
    assert displaced_radii(np.array([0.0]), np.array([[3.0], [4.0]])) == pytest.approx([5 * STD], abs=1e-6)


def test_the_radial_current_of_the_gibbs_law_vanishes() -> None:
    """Theorem (stationary Fokker-Planck): with volume sinh ρ, drift − U' + T coth ρ, density ρ e^(−ρ²/2s²), the current
    drift · density − T · density' is zero, so π ∝ e^(−U/T) dvol is stationary."""
    rho, step = np.linspace(0.005, 0.4, 200), 1e-6

    def density(x) -> np.ndarray:
        return x * np.exp(-(x**2) / (2 * STD**2))

    slope = (density(rho + step) - density(rho - step)) / (2 * step)
    current = (TEMPERATURE / np.tanh(rho) - potential_slope(rho)) * density(rho) - TEMPERATURE * slope

    assert np.abs(current).max() < 1e-7 * (TEMPERATURE * np.abs(slope)).max()


def test_the_gibbs_density_is_that_of_the_claim() -> None:
    """Closed form: e^(−U/T) sinh ρ ∝ ρ e^(−ρ²/2s²), integrating U' numerically."""
    rho = np.linspace(1e-4, 0.4, 4001)
    slopes = potential_slope(rho)
    energy = np.concatenate([[0], np.cumsum((slopes[1:] + slopes[:-1]) / 2 * np.diff(rho))])
    ratio = np.exp(-energy / TEMPERATURE) * np.sinh(rho) / (rho * np.exp(-(rho**2) / (2 * STD**2)))

    np.testing.assert_allclose(ratio, ratio[0], rtol=1e-3)


def test_the_potential_is_at_least_as_convex_as_its_rate() -> None:
    """Theorem (Bakry-Émery): Hess U >= κ g in both directions and Ric = −g give a gap of at least κ − T > 0."""
    rho, step = np.geomspace(1e-3, 20, 500), 1e-5
    radial = (potential_slope(rho + step * rho) - potential_slope(rho - step * rho)) / (2 * step * rho)
    tangential = potential_slope(rho) / np.tanh(rho)

    assert (radial >= RATE * (1 - 1e-6)).all()
    assert (tangential >= RATE * (1 - 1e-6)).all()
    assert RATE - TEMPERATURE > 0.99 * RATE


def geodesic_euler_maruyama(rho, step, std, generator, n_steps) -> np.ndarray:
    """Distances from the anchor after steps along geodesics: drift and noise in the frame, κ = 1, T = std²."""
    for _ in range(n_steps):
        outward = -potential_slope(np.maximum(rho, 1e-9), 1.0, std**2) * step
        outward = outward + math.sqrt(2 * step) * std * generator.normal(size=rho.size)
        across = math.sqrt(2 * step) * std * generator.normal(size=rho.size)
        length = np.minimum(np.hypot(outward, across), 300.0)
        cosine = outward / np.maximum(np.hypot(outward, across), 1e-300)
        half = np.sinh((rho - length) / 2) ** 2 + 0.5 * np.sinh(rho) * np.sinh(length) * (1 + cosine)
        rho = np.minimum(2 * np.arcsinh(np.sqrt(half)), 300.0)
    return rho


@pytest.mark.parametrize(("step", "least"), [(0.5, 0.03), (1.5, 0.3), (2.14, 0.9)])
def test_euler_maruyama_would_be_biased(step, least) -> None:
    """Comparison: 20,000 chains over 15 time constants, s = 0.5, miss the law by far more than the limit of .0115."""
    generator = np.random.default_rng(1)
    rho = geodesic_euler_maruyama(np.full(20_000, 3.0), step, 0.5, generator, max(8, int(15 / step)))

    assert kolmogorov_smirnov(rho, lambda x: -np.expm1(-(x**2) / 0.5)) > least > limit_of_one(20_000)


def test_the_exact_solution_has_no_bias_at_the_same_steps() -> None:
    """The counterpart of the comparison: e^(−dt) Y + √(1 − e^(−2dt)) ξ from the same start."""
    for step in (0.5, 1.5, 2.14):
        generator = np.random.default_rng(1)
        y = np.full((2, 20_000), [[3.0], [0.0]])
        for _ in range(max(8, int(15 / step))):
            noise = 0.5 * generator.normal(size=y.shape)
            y = math.exp(-step) * y + math.sqrt(1 - math.exp(-2 * step)) * noise
        assert kolmogorov_smirnov(np.hypot(*y), lambda x: -np.expm1(-(x**2) / 0.5)) < limit_of_one(20_000)


@pytest.mark.parametrize("backend", ["numpy", "compiled"])
def test_radii_do_not_depend_on_schedule_order_company_or_threads(fast, backend) -> None:
    """Bitwise: ticks, permutation, one by one, two threads."""
    noise = fast if backend == "compiled" else NUMPY.noise
    states, ids = random_states(1500, seed=4)
    whole = radii(ORIGIN, states, ids, DAY + 800, noise)
    for day in range(780, 800, 3):
        radii(ORIGIN, states, ids, DAY + day, noise)
    order = np.random.default_rng(1).permutation(1500)
    alone = [radii(ORIGIN, states[i : i + 1], ids[i : i + 1], DAY + 800, noise)[0] for i in range(0, 1500, 50)]
    with ThreadPoolExecutor(2) as pool:
        parts = slice(700), slice(700, None)
        halves = list(pool.map(lambda part: radii(ORIGIN, states[part], ids[part], DAY + 800, noise), parts))

    assert radii(ORIGIN, states, ids, DAY + 800, noise).tobytes() == whole.tobytes()
    assert radii(ORIGIN, states[order], ids[order], DAY + 800, noise).tobytes() == whole[order].tobytes()
    assert np.array(alone).tobytes() == whole[::50].tobytes()
    assert np.concatenate(halves).tobytes() == whole.tobytes()


def test_both_backends_give_the_same_radii(fast) -> None:
    """The engine changes backends while it runs."""
    states, ids = random_states(2000, seed=5)
    for day in (DAY + 500, DAY + 4000):
        assert radii(ORIGIN, states, ids, day).tobytes() == radii(ORIGIN, states, ids, day, fast).tobytes()


def test_radii_are_the_same_after_a_restart() -> None:
    """Another process, the same bits."""
    code = (
        "from tests.lifecycle.histories import *; from slm.lifecycle.langevin import radii; "
        "states, ids = random_states(200, 6); print(radii(ORIGIN, states, ids, 20700).tobytes().hex())"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()

    assert printed == radii(ORIGIN, *random_states(200, 6), 20_700).tobytes().hex()


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_a_day_of_its_own_gives_the_radius_of_that_day(seed) -> None:
    """Rows with days agree with whole stores on a day."""
    states, ids = random_states(5, seed)
    days = DAY + 500 + np.arange(5) * 13

    each = radii_on(ORIGIN, states, ids, days)

    for i, day in enumerate(days.tolist()):
        assert each[i] == radii(ORIGIN, states, ids, day)[i]


def test_a_pinned_memory_is_at_the_centre() -> None:
    """r = 0 on any day."""
    states = array_of([history([0])]).copy()
    states["pinned"] = 1
    assert radii(ORIGIN, states, np.array([1], np.uint32), DAY + 5000).tolist() == [0.0]


def test_the_wobble_is_as_large_as_its_law_says() -> None:
    """Mean of (r − μ)² over 20,000 memories far out: s² to 4 %, where curvature adds less than that."""
    rows = np.repeat(array_of([history([0])]), 20_000)
    day = DAY + 100

    wobble = radii(ORIGIN, rows, np.arange(20_000, dtype=np.uint32), day) - anchor_radius(
        scaled_idle_of(ORIGIN, rows, day)
    )

    assert float((wobble**2).mean()) == pytest.approx(STD**2, rel=0.04)


def test_noise_does_not_change_within_a_week() -> None:
    """The wobble is constant from one multiple of seven days to the next."""
    rows, ids = array_of([history([0])]), np.array([3], np.uint32)
    monday = (DAY // 7 + 40) * 7
    before, start, end = (
        float(radii(ORIGIN, rows, ids, day)[0] - anchor_radius(scaled_idle_of(ORIGIN, rows, day))[0])
        for day in (monday - 1, monday, monday + 6)
    )

    assert start == pytest.approx(end, abs=2e-3)
    assert abs(before - start) > 2e-3


def test_an_id_gives_the_last_32_bits_of_its_number() -> None:
    """Base 32 by hand: z is 31, and five bits a character."""
    assert noise_id("000000000000") == 0
    assert noise_id("00000000000z") == 31
    assert noise_id("000000000010") == 32
    assert noise_id("zzzzzzzzzzzz") == 2**32 - 1
    with pytest.raises(ValueError, match="substring"):
        noise_id("not an id!")


def test_a_path_begins_anew_no_sooner_than_nothing_is_left_of_it() -> None:
    """Sixteen edges back e^(−16 · 32 · 7/90) is below half a rounding of 1, so radii of old memories don't notice."""
    assert math.exp(-RATE * 7 * LONGEST_PATH_WEEKS) < 2.0**-54
    old = np.repeat(array_of([history([0])]), 500)
    day, ids = DAY + 7000, np.arange(500, dtype=np.uint32)
    plane = np.empty((2, 500))
    NUMPY.noise(ids, old["created"] // 7, np.full(500, day // 7, np.int32), ORIGIN.key, FACTORS, plane)

    whole_path = displaced_radii(np.sqrt(scaled_idle_of(ORIGIN, old, day)), plane)

    assert np.array_equal(radii(ORIGIN, old, ids, day), whole_path)
