from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slm.retrieval.author_circle import OUTSIDE, author_circle, author_feature

NOBODY, ANNA, BEN, CARL = 0, 1, 2, 3
NONE_NAMED = np.zeros(0, np.int64)


def test_all_turns_of_the_sessions_of_an_author_are_within() -> None:
    """Who talks with Anna talks of what she is asked about."""
    speaker, session = np.array([ANNA, BEN, CARL, CARL]), np.array([1, 1, 2, 3])

    assert author_circle(ANNA, NONE_NAMED, speaker, session).tolist() == [True, True, False, False]


def test_memories_without_a_session_are_no_session_of_anybody() -> None:
    """Session 0 is none: a note of Anna's doesn't take in everybody's."""
    speaker, session = np.array([ANNA, BEN, NOBODY]), np.array([0, 0, 0])

    assert author_circle(ANNA, NONE_NAMED, speaker, session).tolist() == [True, False, False]


def test_a_note_that_names_the_author_is_within() -> None:
    """A note without a speaker may be the answer to a question about who is named in it."""
    speaker, session = np.array([NOBODY, NOBODY, ANNA]), np.array([0, 0, 1])

    assert author_circle(ANNA, np.array([1]), speaker, session).tolist() == [False, True, True]


def test_an_empty_store_has_an_empty_circle() -> None:
    """No memories, no sessions."""
    assert author_circle(ANNA, NONE_NAMED, np.zeros(0, np.uint32), np.zeros(0, np.uint32)).tolist() == []


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4), st.booleans()), max_size=30))
def test_the_circle_is_its_definition_a_memory_at_a_time(memories: list[tuple[int, int, bool]]) -> None:
    """Oracle: loops over all pairs."""
    speaker, session = np.array([m[0] for m in memories], "u4"), np.array([m[1] for m in memories], "u4")
    naming = np.array([i for i, m in enumerate(memories) if m[2]], np.int64)

    expected = [
        by == ANNA or names or (where > 0 and any(a == ANNA and b == where for a, b, _ in memories))
        for by, where, names in memories
    ]

    assert author_circle(ANNA, naming, speaker, session).tolist() == expected


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_feature_is_one_nothing_or_less(dtype: type[np.floating]) -> None:
    """By hand: Anna's own turn, one beside it, one of others."""
    own, circle = np.array([True, False, False]), np.array([True, True, False])

    feature = author_feature(own, circle, dtype)

    assert feature.tolist() == [1.0, 0.0, -OUTSIDE]
    assert feature.dtype == dtype


def test_without_a_circle_nothing_is_outside() -> None:
    """A question made without the store's sessions has the plain feature."""
    assert author_feature(np.array([True, False]), None, np.float64).tolist() == [1.0, 0.0]
