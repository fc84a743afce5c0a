"""Who comes before and after whom in a session, while memories arrive in any order."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slm.retrieval.session_order import NONE, SessionOrder

quick = settings(max_examples=150, deadline=None)
MEMORY = st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(-3, 3))
"""Scope, session (0 is none), observed."""


def by_sorting(memories) -> tuple[list[int], list[int]]:
    """Oracle: each session sorted by (observed, arrival); neighbours stand side by side."""
    before, after = [NONE] * len(memories), [NONE] * len(memories)
    for key in {memory[:2] for memory in memories if memory[1]}:
        members = sorted((memory[2], i) for i, memory in enumerate(memories) if memory[:2] == key)
        for (_, earlier), (_, later) in pairwise(members):
            after[earlier], before[later] = later, earlier
    return before, after


def order_of(memories, n_at_once=0) -> SessionOrder:
    """The first ``n_at_once`` from their columns, the others one by one."""
    columns = np.array(memories[:n_at_once], np.int64).reshape(-1, 3)
    order = SessionOrder(columns[:, 0].astype(np.uint32), columns[:, 1].astype(np.uint32), columns[:, 2])
    for memory in memories[n_at_once:]:
        order.append(*memory)
    return order


def neighbours(order) -> tuple[list[int], list[int]]:
    ordinals = np.arange(order.count)
    return order.before(ordinals).tolist(), order.after(ordinals).tolist()


@quick
@given(st.lists(MEMORY, max_size=30), st.integers(0, 30))
def test_neighbours_are_those_of_a_sort_however_the_memories_came(memories, n_at_once) -> None:
    """Oracle: sorting; loaded at once, one by one, or some first and the others later."""
    order = order_of(memories, min(n_at_once, len(memories)))

    assert order.count == len(memories)
    assert neighbours(order) == by_sorting(memories)


@quick
@given(st.lists(MEMORY, min_size=1, max_size=30))
def test_before_and_after_undo_each_other(memories) -> None:
    """A chain: the one after the one before me is me."""
    order = order_of(memories)
    ordinals = np.arange(len(memories))
    before = order.before(ordinals)

    assert order.after(before)[before != NONE].tolist() == ordinals[before != NONE].tolist()


def test_a_late_arrival_takes_its_place_by_the_time_it_was_observed() -> None:
    """Imports come in any order; the session is read in the order of observation."""
    order = order_of([(1, 1, 10), (1, 1, 30), (1, 1, 20)])

    assert neighbours(order) == ([NONE, 2, 0], [2, NONE, 1])


def test_turns_of_one_moment_stand_in_order_of_arrival() -> None:
    """design/experience.md: session order is (observed_at, ordinal)."""
    assert neighbours(order_of([(1, 1, 5)] * 3)) == ([NONE, 0, 1], [1, 2, NONE])


def test_the_same_session_number_in_another_scope_is_another_session() -> None:
    """design/experience.md: session key = (scope, session)."""
    assert neighbours(order_of([(1, 1, 1), (2, 1, 2), (1, 1, 3)], n_at_once=3)) == ([NONE, NONE, 0], [2, NONE, NONE])


def test_memories_without_a_session_are_alone() -> None:
    """Session 0 is none."""
    assert neighbours(order_of([(1, 0, 1), (1, 0, 2)], n_at_once=1)) == ([NONE, NONE], [NONE, NONE])


def test_nothing_is_beside_nothing() -> None:
    """Asked of −1 there is none, so that two steps may be taken without looking."""
    order = order_of([(1, 1, 1), (1, 1, 2)])

    assert order.before(np.array([1, NONE, 0])).tolist() == [0, NONE, NONE]
    assert order.before(order.before(np.array([1]))).tolist() == [NONE]
    assert order.after(np.array([NONE])).tolist() == [NONE]


@pytest.mark.parametrize("observed", [1, -1])
def test_nothing_is_beside_nothing_when_there_is_no_room_left_either(observed) -> None:
    """−1 as an index is the last place, which has a neighbour once all 1,024 are taken."""
    order = order_of([(1, 1, observed * i) for i in range(1024)])

    assert order.before(np.array([NONE])).tolist() == order.after(np.array([NONE])).tolist() == [NONE]


def test_no_memories_have_no_neighbours() -> None:
    """An empty store, and its first memory."""
    order = order_of([])
    assert neighbours(order) == ([], [])
    order.append(1, 1, 5)

    assert neighbours(order) == ([NONE], [NONE])


@pytest.mark.parametrize("n_at_once", [0, 600, 1500])
def test_the_order_grows_past_its_room(n_at_once) -> None:
    """Oracle: sorting; beyond the first 1,024 places, and beyond twice what was loaded."""
    rng = np.random.default_rng(n_at_once)
    memories = [tuple(row) for row in rng.integers(0, [3, 40, 90], (3300, 3)).tolist()]

    assert neighbours(order_of(memories, n_at_once)) == by_sorting(memories)


def test_times_of_the_far_past_and_future_are_ordered() -> None:
    """Nanoseconds of 1678 and 2261, at the edges of 64 bits."""
    order = order_of([(1, 1, 2**63 - 1), (1, 1, -(2**63)), (1, 1, 0)], n_at_once=2)

    assert neighbours(order) == ([2, NONE, 1], [NONE, 2, 0])
