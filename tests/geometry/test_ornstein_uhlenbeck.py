"""The process at whole weeks: its law, its bits, and that neither depends on how it is asked for.

Seeds are fixed, limits are those of the statistic at one in a hundred for the number of draws. The slow half repeats
the laws with a million draws through the compiled kernel.
"""

from __future__ import annotations

import hashlib
import math
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slm.geometry.backend import NUMPY, Noise, compiled
from slm.geometry.ornstein_uhlenbeck import BLOCK, coefficients, normals
from tests.geometry.laws import kolmogorov_smirnov, kolmogorov_smirnov_of_two, limit_of_one, limit_of_two

RATE = 7 / 90
FACTORS = coefficients(RATE)
BIRTH = 33
WEEKS = (40, 41, 43, 50, 63, 64, 65, 79, 95, 128)
"""Inside of blocks, at their edges, and across them; the first edge is week 32."""
LITERAL_FACTORS = np.array([[0.083, 0.9965], [0.26, 0.92], [0.41, 0.7], [0.48, 0.5], [0.49, 0.4], [0.5, 0.28]])

quick = settings(max_examples=60, deadline=None)


@pytest.fixture(scope="module")
def fast() -> Noise:
    """The compiled kernel."""
    return compiled().noise


def drawn(noise, ids, weeks, births=BIRTH, key=9, factors=FACTORS) -> np.ndarray:
    """The process (2, n) of ids at weeks."""
    ids = np.ascontiguousarray(ids, np.uint32)
    births, weeks = (np.ascontiguousarray(np.broadcast_to(x, ids.shape), np.int32) for x in (births, weeks))
    out = np.full((2, len(ids)), np.nan)
    noise(ids, births, weeks, key, factors, out)
    return out


def paths(noise, n, weeks=WEEKS, key=9) -> np.ndarray:
    """First coordinates (weeks, n) of the paths of ids 0 … n."""
    return np.array([drawn(noise, np.arange(n), week, key=key)[0] for week in weeks])


def oracle(id_, birth, week, key=9) -> np.ndarray:
    """One value by recursion over halves, in Python floats, with the normals given."""

    def normal(w) -> np.ndarray:
        return normals(np.array([w]), np.array([id_], np.uint32), key)[:, 0]

    def edge(number) -> np.ndarray:
        if number <= birth // BLOCK:
            return normal(number * BLOCK)
        return FACTORS[0, 0] * edge(number - 1) + FACTORS[0, 1] * normal(number * BLOCK)

    def between(low, left, high, right) -> np.ndarray:
        if week == low:
            return left
        middle = (low + high) // 2
        pull, spread = FACTORS[5 - int(math.log2((high - low) // 2))]
        value = pull * (left + right) + spread * normal(middle)
        return between(middle, value, high, right) if week >= middle else between(low, left, middle, value)

    block = week // BLOCK
    left = edge(block)
    right = FACTORS[0, 0] * left + FACTORS[0, 1] * normal((block + 1) * BLOCK)
    return between(block * BLOCK, left, (block + 1) * BLOCK, right)


def check_laws(noise, n, n_pairs) -> None:
    """The whole table of laws with ``n`` draws, ``n_pairs`` for those of two or more weeks."""
    plane = drawn(noise, np.arange(n), 77, key=7)
    angle = np.arctan2(plane[1], plane[0]) / (2 * math.pi) + 0.5
    assert kolmogorov_smirnov(np.hypot(*plane), lambda x: -np.expm1(-x * x / 2)) < limit_of_one(n)
    assert kolmogorov_smirnov(angle, lambda x: x) < limit_of_one(n)
    values = paths(noise, n_pairs)
    check_autocovariance(values)
    check_two_steps(noise, n_pairs)
    check_detailed_balance(values[0], values[3])


def check_autocovariance(values) -> None:
    """Covariances of all pairs of weeks against e^(−rate · weeks apart): limit four standard errors, 4 √2 / √n."""
    apart = np.abs(np.subtract.outer(WEEKS, WEEKS))
    measured = values @ values.T / values.shape[1]
    assert np.abs(measured - np.exp(-RATE * apart)).max() < 4 * math.sqrt(2 / values.shape[1])


def check_two_steps(noise, n) -> None:
    """From the value 3, one step of two weeks and two steps of one week by the process's own increments."""
    at_once, halfway, later = (drawn(noise, np.arange(n), week)[0] for week in (62, 63, 64))
    other_start, other_end = (drawn(noise, np.arange(n, 2 * n), week)[0] for week in (62, 64))
    step = math.exp(-RATE)
    in_two = step * (3 * step + halfway - step * at_once) + later - step * halfway
    in_one = 3 * step**2 + other_end - step**2 * other_start
    assert kolmogorov_smirnov_of_two(in_one, in_two) < limit_of_two(n)


def check_detailed_balance(before, after) -> None:
    """Moves from bin to bin and back are equally frequent: χ² of the 66 pairs of 12 bins below its 99th percentile."""
    moves, _, _ = np.histogram2d(before, after, bins=np.linspace(-3, 3, 13))
    pairs = np.triu_indices(12, 1)
    assert ((moves - moves.T) ** 2 / np.maximum(moves + moves.T, 1))[pairs].sum() < 96


def test_the_law_is_that_of_the_stationary_process() -> None:
    """Theorem (Doob 1942): Gaussian, Markov, e^(−rate t); radius, angle, covariance, semigroup, reversibility."""
    check_laws(NUMPY.noise, 40_000, 40_000)


@pytest.mark.slow
def test_the_law_holds_with_a_million_draws(fast) -> None:
    """The same with the limits of the design: 1.63e-3, 8.9e-3, 5.2e-3."""
    check_laws(fast, 1_000_000, 400_000)


def test_a_coordinate_is_a_standard_normal() -> None:
    """Theorem (Box & Muller 1958), Kolmogorov-Smirnov against the normal law."""
    x, y = normals(np.arange(40_000), np.full(40_000, 3, np.uint32), 1)
    cdf = np.vectorize(NormalDist().cdf)

    for coordinate in (x, y, (x + y) / math.sqrt(2)):
        assert kolmogorov_smirnov(coordinate, cdf) < limit_of_one(40_000)


def test_two_memories_and_the_two_coordinates_are_independent() -> None:
    """Correlations of 40,000 weeks of normals stay within four standard errors of 0."""
    weeks = np.arange(40_000)
    a, b = (normals(weeks, np.full(40_000, id_, np.uint32), 1) for id_ in (17, 18))
    c = normals(weeks, np.full(40_000, 17, np.uint32), 2)

    for one, other in ((a[0], a[1]), (a[0], b[0]), (a[1], b[1]), (a[0], c[0])):
        assert abs(float((one * other).mean())) < 4 / math.sqrt(40_000)


@quick
@given(st.integers(0, 2**32 - 1), st.integers(-200, 400), st.integers(0, 300))
def test_any_week_has_the_value_of_the_recursive_construction(id_, birth, age) -> None:
    """Oracle: edges and halves by recursion."""
    value = drawn(NUMPY.noise, [id_], birth + age, birth)[:, 0]

    assert value.tobytes() == oracle(id_, birth, birth + age).tobytes()


@quick
@given(st.integers(1, 600), st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))
def test_numpy_and_compiled_give_the_same_bits(fast, n, key, seed) -> None:
    """The engine starts with one and goes on with the other: births, weeks and ids of all kinds, negative too."""
    generator = np.random.default_rng(seed)
    ids = generator.integers(0, 2**32, n, dtype=np.uint32)
    births, weeks = generator.integers(-300, 400, (2, n))

    plain, quickly = (drawn(noise, ids, weeks, births, key) for noise in (NUMPY.noise, fast))

    assert plain.tobytes() == quickly.tobytes()


@pytest.mark.parametrize("backend", ["numpy", "compiled"])
def test_bits_depend_on_nothing_but_memory_and_week(fast, backend) -> None:
    """Ticks in between, order, part or whole, one thread or two: equal bytes."""
    noise = fast if backend == "compiled" else NUMPY.noise
    ids = np.random.default_rng(5).permutation(3000)
    births = np.random.default_rng(6).integers(0, 90, 3000)
    whole = drawn(noise, ids, 123, births)
    for tick in (90, 101, 122):
        drawn(noise, ids, tick, births)
    again = drawn(noise, ids, 123, births)
    order = np.random.default_rng(7).permutation(3000)
    one_by_one = np.hstack([drawn(noise, ids[i : i + 1], 123, births[i : i + 1]) for i in range(0, 3000, 50)])
    with ThreadPoolExecutor(2) as pool:
        halves = list(
            pool.map(lambda part: drawn(noise, ids[part], 123, births[part]), (slice(1400), slice(1400, None)))
        )

    assert again.tobytes() == whole.tobytes()
    assert drawn(noise, ids[order], 123, births[order]).tobytes() == whole[:, order].tobytes()
    assert one_by_one.tobytes() == whole[:, ::50].tobytes()
    assert np.hstack(halves).tobytes() == whole.tobytes()


PINNED = "6338ff652a1fe84a"


def test_bits_are_the_same_in_another_process() -> None:
    """Restart: the digest of ten thousand values, made anew."""
    code = (
        "import hashlib, numpy as np; from slm.geometry.backend import NUMPY; from tests.geometry import "
        "test_ornstein_uhlenbeck as t; "
        "print(hashlib.sha256(t.drawn(NUMPY.noise, np.arange(9999), 101).tobytes()).hexdigest())"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()

    assert printed == hashlib.sha256(drawn(NUMPY.noise, np.arange(9999), 101).tobytes()).hexdigest()


def test_bits_are_the_same_on_every_machine() -> None:
    """Pinned behaviour: with given factors nothing but IEEE operations is left, so the digest is a literal."""
    values = drawn(NUMPY.noise, np.arange(4096) * 1_048_583, np.arange(4096) % 700, 5, 1234, LITERAL_FACTORS)

    assert hashlib.sha256(values.tobytes()).hexdigest().startswith(PINNED)


def test_a_week_before_the_birth_has_the_value_of_the_first_edge_at_the_earliest() -> None:
    """A clock that goes back: an answer, and no other one for the weeks there are."""
    early, edge = (drawn(NUMPY.noise, [7], week, 70) for week in (3, 64))

    assert early.tobytes() == edge.tobytes()


def test_no_week_at_all_is_no_work() -> None:
    """Edge: an empty store."""
    assert drawn(NUMPY.noise, [], 5).shape == (2, 0)


def test_shapes_that_do_not_fit_are_refused(fast) -> None:
    """The wrappers check, kernels never do."""
    ids, weeks = np.zeros(3, np.uint32), np.zeros(3, np.int32)
    for noise in (NUMPY.noise, fast):
        with pytest.raises(ValueError, match="don't fit"):
            noise(ids, weeks[:2], weeks, 0, FACTORS, np.empty((2, 3)))
        with pytest.raises(ValueError, match="don't fit"):
            noise(ids, weeks, weeks, 0, FACTORS, np.empty((3, 2)))


def test_factors_of_an_edge_and_a_middle_keep_the_variance_at_one() -> None:
    """Closed form: a² + c² = 1 for an edge; 2 m² (1 + q²) + s² = 1 for the middle, q² the correlation of its ends."""
    for rate in (0.001, RATE, 2.0):
        rows = coefficients(rate)
        assert rows[0] @ rows[0] == pytest.approx(1)
        for (pull, spread), half in zip(rows[1:], (16, 8, 4, 2, 1), strict=True):
            assert 2 * pull**2 * (1 + math.exp(-2 * half * rate)) + spread**2 == pytest.approx(1)
