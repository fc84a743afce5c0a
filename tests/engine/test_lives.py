"""How a lifecycle begins, and what a transaction does to it, against the events of the pure part."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slm.engine.lives import MOST_EVENTS, _joined, _reverted, first_state
from slm.lifecycle.events import confirmed, used
from slm.lifecycle.state import Origin, State
from slm.model import Memory
from tests.lifecycle.histories import history

ORIGIN = Origin(first_day=20_000, key=7)
HISTORIES = st.builds(
    lambda days, confirmations: history(sorted(days), confirmations),
    st.lists(st.integers(0, 400), min_size=1, max_size=4),
    st.integers(0, 3),
)


def on(day: int) -> str:
    return (datetime(1970, 1, 1, 9, tzinfo=UTC) + timedelta(days=day)).isoformat()


def record(**more: object) -> Memory:
    return Memory("k3m9q0000000", "a note", recorded_at=on(20_000), observed_at=on(10_000), **more)  # type: ignore[arg-type]


def test_a_new_memory_begins_when_it_was_recorded_not_when_it_was_observed() -> None:
    """lifecycle.md, Clock: imported old dialogue must not be archived on arrival."""
    state = first_state(ORIGIN, record(importance=0.7, trust=0.9))

    assert (state.created, state.last, state.uses_today, state.confirmations) == (20_000, 20_000, 1, 0)
    assert (state.importance, state.trust, state.pinned) == (140, 180, False)


def test_uses_of_which_the_number_is_known_are_spread_evenly() -> None:
    """By hand: three uses over ninety days are on the 30th, the 60th and the 90th."""
    expected = first_state(ORIGIN, record())
    for day in (20_030, 20_060, 20_090):
        expected = used(ORIGIN, expected, day)

    assert first_state(ORIGIN, record(uses=3, last_used=on(20_090))) == expected


def test_uses_without_a_day_were_when_it_was_recorded() -> None:
    """So are those of a last use that a clock put before."""
    expected = used(ORIGIN, first_state(ORIGIN, record()), 20_000)

    assert first_state(ORIGIN, record(uses=1)) == expected
    assert first_state(ORIGIN, record(uses=1, last_used=on(19_000))) == expected


def test_confirmations_of_which_the_number_is_known_came_at_first() -> None:
    expected = confirmed(ORIGIN, first_state(ORIGIN, record()), 20_000)

    assert first_state(ORIGIN, record(confirmations=1)) == expected


def test_a_pinned_record_is_held() -> None:
    assert first_state(ORIGIN, record(pinned=True)).pinned


@pytest.mark.parametrize("name", ["uses", "confirmations"])
def test_a_record_that_claims_a_million_events_is_taken_at_once(name: str) -> None:
    """An import may say anything; beyond a thousand it makes no difference."""
    assert first_state(ORIGIN, record(**{name: 10**6})) == first_state(ORIGIN, record(**{name: MOST_EVENTS}))


@settings(max_examples=80, deadline=None)
@given(HISTORIES, HISTORIES, HISTORIES)
def test_joining_is_a_semilattice(a: State, b: State, c: State) -> None:
    """Imports may come twice and in any order: idempotent, commutative and associative but for the rating."""
    assert _joined(a, a) == a
    assert _joined(a, b) == _joined(b, a)
    assert _joined(_joined(a, b), c) == _joined(a, _joined(b, c))
    assert _joined(_joined(a, b), b) == _joined(a, b)


@settings(max_examples=80, deadline=None)
@given(HISTORIES, st.integers(0, 500), st.lists(st.integers(1, 90), max_size=4))
def test_an_event_is_taken_out_of_the_middle_of_a_history(state: State, day: int, gaps: list[int]) -> None:
    """Counters are sums of whole numbers: without the event the same uses give the same counter."""
    first = max(state.last, ORIGIN.first_day + day)
    after = confirmed(ORIGIN, state, first)
    with_it, without = after, state
    for gap in gaps:
        first += gap
        with_it, without = used(ORIGIN, with_it, first), used(ORIGIN, without, first)

    assert _reverted(with_it, state, after) == without


@settings(max_examples=40, deadline=None)
@given(HISTORIES, st.integers(0, 500))
def test_reverting_twice_brings_the_event_again(state: State, day: int) -> None:
    """The undo of an undo."""
    after = confirmed(ORIGIN, state, ORIGIN.first_day + day)

    assert _reverted(_reverted(after, state, after), after, state) == after
