"""Late interaction on sign bits: exact whole sums, and cosines up to what signs keep."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from slm.geometry.late_interaction import MAX_DIMS, SHRINKAGE, best_matches, level_limit, query_levels
from slm.geometry.late_interaction_kernels import best_matches as compiled_best_matches

quick = settings(max_examples=80, deadline=None)
LEVEL_LIMIT = level_limit(8)
LEVELS = st.integers(-LEVEL_LIMIT, LEVEL_LIMIT)
STATES = hnp.arrays(
    np.float32, st.tuples(st.integers(0, 5), st.sampled_from([8, 24, 64])), elements=st.floats(-100, 100, width=32)
)


def by_whole_numbers(levels, codes, stops) -> list[list[int]]:
    """Oracle: Python's integers, token by token over vectors of ±1."""
    signs = [[1 if byte >> (7 - bit) & 1 else -1 for byte in token for bit in range(8)] for token in codes.tolist()]
    chunks = [signs[start:stop] for start, stop in zip([0, *stops], stops, strict=False)]
    return [
        [max(sum(x * s for x, s in zip(level, token, strict=True)) for token in chunk) for level in levels.tolist()]
        for chunk in chunks
    ]


def matched(levels, codes, stops) -> list[list[int]]:
    """What both twins give, which is the same."""
    out = np.full((len(stops), len(levels)), -1, np.int32)
    places = np.array([0, *stops], np.int64)
    best_matches(levels, codes, places[:-1], places[1:], out)
    quickly = np.full_like(out, -1)
    compiled_best_matches(levels, codes, places[:-1], places[1:], quickly)
    assert quickly.tolist() == out.tolist()
    return out.tolist()


@st.composite
def interactions(draw):
    n_bytes = draw(st.sampled_from([1, 3, 8]))
    sizes = draw(st.lists(st.integers(1, 4), min_size=1, max_size=5))
    codes = draw(hnp.arrays(np.uint8, (sum(sizes), n_bytes)))
    levels = draw(hnp.arrays(np.int16, (draw(st.integers(1, 4)), 8 * n_bytes), elements=LEVELS))
    return levels, codes, np.cumsum(sizes).tolist()


@quick
@given(interactions())
def test_the_best_match_of_each_chunk_is_that_of_whole_numbers(interaction) -> None:
    """Oracle: naive loops over Python integers; equal, not close."""
    assert matched(*interaction) == by_whole_numbers(*interaction)


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("dims", [384, 512, 520, 768, 1024, MAX_DIMS])
def test_the_largest_sums_that_can_occur_are_exact(dims, sign) -> None:
    """The bound of the docstring: all levels at their limit stay below 2^24, which float32 holds; odd sums too."""
    limit = level_limit(dims)
    levels = np.full((2, dims), sign * limit, np.int16)
    levels[1, 0] -= sign
    codes = np.full((1, dims // 8), 255, np.uint8)

    assert matched(levels, codes, [1]) == [[sign * dims * limit, sign * (dims * limit - 1)]]
    assert matched(levels, ~codes, [1]) == [[-sign * dims * limit, -sign * (dims * limit - 1)]]


def test_a_full_width_store_is_matched_exactly() -> None:
    """Oracle: naive loops at the bundled model's 384 dimensions, random levels of the whole range."""
    rng = np.random.default_rng(5)
    levels = rng.integers(-LEVEL_LIMIT, LEVEL_LIMIT, (5, 384), np.int16, endpoint=True)
    codes = rng.integers(0, 256, (60, 48), np.uint8)
    stops = np.cumsum([1, 32, 7, 20]).tolist()

    assert matched(levels, codes, stops) == by_whole_numbers(levels, codes, stops)


def test_the_order_of_dimensions_does_not_change_a_bit() -> None:
    """Exact sums have no order: whole bytes permuted alike on both sides."""
    rng = np.random.default_rng(6)
    levels = rng.integers(-LEVEL_LIMIT, LEVEL_LIMIT, (3, 384), np.int16)
    codes = rng.integers(0, 256, (9, 48), np.uint8)
    order = rng.permutation(48)
    columns = (order[:, None] * 8 + np.arange(8)).ravel()
    permuted = np.ascontiguousarray(codes[:, order])

    assert matched(np.ascontiguousarray(levels[:, columns]), permuted, [4, 9]) == matched(levels, codes, [4, 9])


@quick
@given(STATES)
def test_levels_follow_the_states_within_half_a_step(states) -> None:
    """Rounding: |level − state/step| <= 1/2 with step = max|state| / 32767."""
    levels, _ = query_levels(states)

    assert levels.dtype == np.int16
    for level, state in zip(levels, states.astype(np.float64), strict=True):
        step = np.abs(state).max() / LEVEL_LIMIT or 1.0
        assert np.abs(level - state / step).max() <= 0.5 + 1e-9


@quick
@given(STATES, st.floats(0.0009765625, 1024, width=32))
def test_the_length_of_a_state_does_not_matter(states, scale) -> None:
    """A cosine has no length: levels and their sums as cosines stay, up to rounding."""
    scaled = (states * np.float32(scale)).astype(np.float32)
    bits = np.random.default_rng(1).integers(0, 256, (1, states.shape[1] // 8), np.uint8)

    def cosines(of):
        levels, to_cosine = query_levels(of)
        return [to_cosine[t] * best for t, best in enumerate(matched(levels, bits, [1])[0])]

    large = np.abs(states).max(axis=1, initial=0) > 1e-3
    assert np.array(cosines(scaled))[large] == pytest.approx(np.array(cosines(states))[large], abs=1e-3)


def test_a_state_of_zeros_matches_nothing() -> None:
    """Zero has no direction: cosine 0 with everything, no division by zero."""
    levels, to_cosine = query_levels(np.zeros((2, 16), np.float32))

    assert levels.tolist() == [[0] * 16] * 2
    assert np.isfinite(to_cosine).all()
    assert matched(levels, np.full((1, 2), 170, np.uint8), [1]) == [[0, 0]]


def test_the_smallest_float32_is_a_direction_too() -> None:
    """Denormals: the step must not vanish."""
    states = np.zeros((1, 8), np.float32)
    states[0, 0] = np.finfo(np.float32).smallest_subnormal
    levels, to_cosine = query_levels(states)

    assert levels[0].tolist() == [LEVEL_LIMIT, 0, 0, 0, 0, 0, 0, 0]
    assert LEVEL_LIMIT * to_cosine[0] == pytest.approx(1 / (math.sqrt(8) * SHRINKAGE))


def test_a_vector_and_its_own_signs_have_the_greatest_cosine() -> None:
    """Closed form: q = ±c gives 1/√(2/π) = 1.2533, the bound that the channel promises."""
    signs = np.where(np.arange(64) % 3 == 0, 1.0, -1.0).astype(np.float32)
    levels, to_cosine = query_levels(signs[None] * 0.37)
    codes = np.packbits(signs > 0)[None]

    assert to_cosine[0] * matched(levels, codes, [1])[0][0] == pytest.approx(math.sqrt(math.pi / 2), rel=1e-12)


def test_signs_estimate_the_cosine_of_normal_vectors() -> None:
    """Theorem: E sign(z) x = √(2/π) cov(z, x) for normal z, x; the mean of 4,000 pairs is within their error."""
    rng = np.random.default_rng(8)
    query, noise = rng.normal(size=(2, 4000, 384))
    token = 0.6 * query + 0.8 * noise
    levels, to_cosine = query_levels(query.astype(np.float32))
    codes = np.packbits(token > 0, axis=1)
    signs = np.where(np.unpackbits(codes, axis=1), 1, -1)
    estimate = to_cosine * (levels.astype(np.int64) * signs).sum(axis=1)

    assert estimate.mean() == pytest.approx(0.6, abs=0.004)


@pytest.mark.parametrize("dims", [0, 1, 7, 12, MAX_DIMS + 8])
def test_dimensions_that_cannot_be_exact_are_refused(dims) -> None:
    """Specification: whole bytes, at most 4,096 dimensions."""
    with pytest.raises(ValueError, match=f"{dims} dimensions"):
        query_levels(np.zeros((1, dims), np.float32))


def test_a_question_without_tokens_has_no_levels() -> None:
    """Nothing in, nothing out."""
    levels, to_cosine = query_levels(np.zeros((0, 384), np.float32))

    assert levels.shape == (0, 384)
    assert to_cosine.shape == (0,)
