"""Logarithm and circle: against the mathematical library, at the edges of their reductions, and by their identities."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slm.geometry.elementary import ln, on_circle, series

quick = settings(max_examples=200, deadline=None)


@quick
@given(st.floats(1e-300, 1e300))
def test_ln_is_the_natural_logarithm(x) -> None:
    """Oracle: the mathematical library, which errs by less than a unit in the last place."""
    assert float(ln(np.array([x]))[0]) == pytest.approx(math.log(x), rel=5e-16, abs=5e-16)


def test_ln_is_exact_where_its_reduction_is() -> None:
    """Definition: ln 1 = 0, and of a power of two a whole number of ln 2."""
    assert ln(np.array([1.0, 2.0, 0.5, 1024.0])).tolist() == [0.0, math.log(2), -math.log(2), 10 * math.log(2)]


def test_ln_keeps_its_order_across_the_reduction_at_the_square_root_of_a_half() -> None:
    """Property of a logarithm: it never falls, not even by a rounding, where the exponent changes."""
    start = math.sqrt(0.5)
    neighbours = start + np.arange(-200, 201) * np.spacing(start)

    assert (np.diff(ln(neighbours)) >= 0).all()


def test_ln_of_an_array_has_the_bits_of_its_elements() -> None:
    """No operation depends on its neighbours: the reason not to use a vector library."""
    x = np.random.default_rng(1).random((7, 33)) * 100 + 1e-3

    alone = np.array([[ln(x[i : i + 1, j : j + 1])[0, 0] for j in range(33)] for i in range(7)])

    assert ln(x).tobytes() == alone.tobytes()


@quick
@given(st.integers(0, 2**32 - 1))
def test_a_word_is_a_point_on_the_unit_circle(word) -> None:
    """Oracle: cosine and sine of the same part of a turn; identity cos² + sin² = 1."""
    cos, sin = (float(value[0]) for value in on_circle(np.array([word], np.uint64)))
    angle = 2 * math.pi * ((word + 0.5) / 2**32)

    assert cos == pytest.approx(math.cos(angle), abs=2e-15)
    assert sin == pytest.approx(math.sin(angle), abs=2e-15)
    assert cos * cos + sin * sin == pytest.approx(1.0, abs=5e-16)


def test_the_circle_is_whole_at_the_ends_of_its_eight_parts() -> None:
    """Edge: neighbours on both sides of every eighth of a turn lie 2π / 2^32 apart, no more."""
    words = (np.arange(8, dtype=np.int64)[:, None] * 2**29 + np.array([-1, 0])) % 2**32
    cos, sin = on_circle(words.astype(np.uint64))

    apart = np.hypot(np.diff(cos, axis=1), np.diff(sin, axis=1))

    np.testing.assert_allclose(apart, 2 * math.pi / 2**32, rtol=1e-6)


def test_a_quarter_of_a_turn_later_cosine_becomes_minus_sine() -> None:
    """Symmetry: exact, because the reduction leaves the same argument."""
    words = np.random.default_rng(2).integers(0, 2**30, 1000).astype(np.uint64)
    cos, sin = on_circle(words)

    later_cos, later_sin = on_circle(words + np.uint64(2**30))

    assert np.array_equal(later_cos, -sin)
    assert np.array_equal(later_sin, cos)


def test_a_series_is_its_polynomial() -> None:
    """Oracle: by hand, 2 x² + 3 x + 5 at 0 and 4."""
    assert series((2.0, 3.0, 5.0), np.array([0.0, 4.0])).tolist() == [5.0, 49.0]
