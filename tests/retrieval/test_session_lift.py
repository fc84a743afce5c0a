from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slm.retrieval.session_lift import PRIOR, SAMPLE, pairs, session_lift


def _turns(count: int, nearness: float, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Unit vectors whose neighbours share a direction to the extent of ``nearness``."""
    draw = np.random.default_rng(seed)
    one = draw.standard_normal((count, 32))
    other = nearness * one + (1 - nearness) * draw.standard_normal((count, 32))
    return one.astype(np.float16), other.astype(np.float16)


def test_sessions_whose_turns_belong_together_keep_their_context() -> None:
    """Neighbours far nearer to each other than strangers: the whole share."""
    assert session_lift(*_turns(200, 0.5)) == 1.0


def test_sessions_dealt_out_at_random_lose_their_context() -> None:
    """design/retrieval.md: random sessions are never worse than none by more than a point."""
    assert session_lift(*_turns(256, 0.0)) == pytest.approx(PRIOR / (256 + PRIOR), abs=0.1)


def test_without_turns_the_field_is_trusted() -> None:
    """No evidence against it."""
    assert session_lift(np.zeros((0, 8), np.float16), np.zeros((0, 8), np.float16)) == 1.0


@given(st.integers(1, 30), st.floats(0, 1), st.integers(0, 9))
def test_the_share_is_never_negative_nor_above_one(count: int, nearness: float, seed: int) -> None:
    """A share, whatever the vectors."""
    assert 0.0 <= session_lift(*_turns(count, nearness, seed)) <= 1.0


def test_a_vector_of_zeros_is_near_to_nothing() -> None:
    """Nothing is divided by zero."""
    zeros = np.zeros((3, 8), np.float16)

    assert 0.0 <= session_lift(zeros, zeros) <= 1.0


def test_pairs_are_neighbours_spread_over_the_store() -> None:
    """Oracle: each chosen memory has the next one of its session beside it, at most as many as are looked at."""
    after = np.where(np.arange(3000) % 3 == 2, -1, np.arange(3000) + 1)

    earlier, later = pairs(after)

    assert len(earlier) == len(set(earlier.tolist())) == SAMPLE
    assert (after[earlier] == later).all()
    assert (later >= 0).all()
    assert earlier[-1] > 2900


def test_a_store_without_sessions_has_no_pairs() -> None:
    """Notes alone."""
    earlier, later = pairs(np.full(10, -1))

    assert len(earlier) == len(later) == 0
