"""Events: each has its effect, and their order has none."""

from __future__ import annotations

from functools import reduce

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slm.lifecycle.events import confirmed, contradicted, merged, pinned, rated, remembered, used
from slm.lifecycle.need import scaled_idle_of
from slm.lifecycle.state import MAX_16, MAX_COUNTER, State, array_of, uses_on
from tests.lifecycle.histories import ORIGIN, history

DAY = ORIGIN.first_day
EVENTS = st.lists(
    st.tuples(st.sampled_from(["used", "confirmed"]), st.integers(DAY, DAY + 900), st.integers(1, 4)),
    max_size=12,
)


def happened(state, event) -> State:
    """The state after an event that brings its day and number along."""
    name, day, nth = event
    if name == "used":
        return used(ORIGIN, state, day, nth)
    return confirmed(ORIGIN, state, day)


def scaled(state, day) -> float:
    """ℓ on a day."""
    return float(scaled_idle_of(ORIGIN, array_of([state]), day)[0])


@given(EVENTS, st.randoms())
def test_events_in_any_order_leave_the_same_bytes(events, random) -> None:
    """Sums of whole numbers and maxima commute; with the clocks of several machines there is no true order."""
    shuffled = random.sample(events, len(events))
    start = remembered(ORIGIN, DAY + 400)

    assert reduce(happened, shuffled, start).to_bytes() == reduce(happened, events, start).to_bytes()


STATES = st.builds(
    lambda events, count: contradicted(reduce(happened, events, remembered(ORIGIN, DAY + 10)), count),
    EVENTS,
    st.integers(0, 3),
)


@given(STATES, STATES, STATES)
def test_merging_does_not_depend_on_the_order(a, b, c) -> None:
    """Commutative and associative, bit for bit."""
    assert merged(a, b) == merged(b, a)
    assert merged(merged(a, b), c) == merged(a, merged(b, c))


@given(STATES, STATES, st.integers(0, 2000))
def test_a_merged_memory_is_no_colder_than_either(a, b, age) -> None:
    """More use is never colder, unless more contradictions come with it."""
    a, b = (contradicted(State.from_bytes(s.to_bytes()), 0) for s in (a, b))

    assert scaled(merged(a, b), DAY + age) <= min(scaled(a, DAY + age), scaled(b, DAY + age))


def test_taking_in_is_the_first_use() -> None:
    """The clock starts at recorded_at; n = 1."""
    state = remembered(ORIGIN, DAY + 5, importance=0.7, trust=0.9)

    assert (state.created, state.last, state.uses_today) == (DAY + 5, DAY + 5, 1)
    assert (state.importance, state.trust, state.pinned) == (140, 180, False)
    assert float(uses_on(np.array([state.counter]), DAY + 5, ORIGIN)[0]) == pytest.approx(1, rel=1e-6)


def test_the_uses_of_a_day_are_counted_and_start_anew_the_next_day() -> None:
    """A day of c uses weighs 1 + ln c, so the number within the day has to be known."""
    state = history([0, 0, 0])
    assert state.uses_today == 3
    assert used(ORIGIN, state, DAY + 1).uses_today == 1


def test_a_thousand_uses_in_a_day_weigh_less_than_eight_days_of_one() -> None:
    """Closed form: 1 + ln 1000 = 7.9. A loop doesn't make a memory immortal."""
    loop, regular = history([0] * 1000), history(range(8))

    loops, regulars = (float(uses_on(np.array([state.counter]), state.last, ORIGIN)[0]) for state in (loop, regular))
    assert 7.9 < loops < regulars + 0.1


def test_a_confirmation_weighs_two_and_does_not_count_among_the_uses_of_the_day() -> None:
    """Definition; the first use of a day after a confirmation on it is its first."""
    state = remembered(ORIGIN, DAY)
    same_day, next_day = confirmed(ORIGIN, state, DAY), confirmed(ORIGIN, state, DAY + 1)

    assert same_day.counter == state.counter + 2 * 2**20
    assert (same_day.uses_today, same_day.confirmations) == (1, 1)
    assert (next_day.last, next_day.uses_today) == (DAY + 1, 0)
    assert used(ORIGIN, next_day, DAY + 1) == confirmed(ORIGIN, used(ORIGIN, state, DAY + 1), DAY + 1)


@given(st.integers(0, 100), st.integers(0, 100), st.integers(0, 800))
def test_a_clock_that_goes_back_does_no_harm(back, forth, later) -> None:
    """A use dated before the last one counts and leaves the last where it is: never colder than without it."""
    state = history([0, 100])

    after = used(ORIGIN, state, DAY + 100 - back)

    assert after.last == state.last
    assert scaled(after, DAY + 100 + later) < scaled(state, DAY + 100 + later)
    assert scaled(after, DAY + forth) <= scaled(state, DAY + 100)


def test_a_use_that_is_replayed_keeps_its_number() -> None:
    """Two uses of one day, replayed the other way round or after those of the next day."""
    state = remembered(ORIGIN, DAY)
    expected = history([0, 3, 3, 4])

    for order in ([(3, 1), (3, 2), (4, 1)], [(4, 1), (3, 2), (3, 1)]):
        assert reduce(lambda s, use: used(ORIGIN, s, DAY + use[0], use[1]), order, state) == expected


def test_numbers_stay_where_they_fit() -> None:
    """Saturation: the ends of every field, no overflow and nothing below zero."""
    state = remembered(ORIGIN, DAY)
    assert used(ORIGIN, state, DAY, MAX_16 + 5).uses_today == MAX_16
    full = confirmed(ORIGIN, confirmed(ORIGIN, state, DAY + 40 * 365), DAY + 40 * 365)
    assert full.counter == MAX_COUNTER
    assert contradicted(state, 300).contradictions == 255
    assert merged(full, full).counter == MAX_COUNTER


def test_contradictions_come_and_go() -> None:
    """The number of those unresolved is kept as it is told: twice is as once, and none gives the memory back."""
    state = remembered(ORIGIN, DAY)

    assert contradicted(contradicted(state, 2), 2).contradictions == 2
    assert contradicted(contradicted(state, 2), 0) == state
    with pytest.raises(ValueError, match="-1 is not a number of contradictions"):
        contradicted(state, -1)


def test_pins_and_ratings_change_only_themselves() -> None:
    """The uses stay as they are, so letting go of a pin gives the memory back as it was."""
    state = history([0, 4], trust=0.6)

    assert pinned(pinned(state), held=False) == state
    assert rated(rated(state, importance=1.0), importance=0.5) == state
    assert rated(state, trust=0.9).trust == 180


@settings(max_examples=10)
@given(st.sampled_from([0, -1]))
def test_a_use_has_a_number_from_one_on(nth) -> None:
    """The caller's mistake is named."""
    with pytest.raises(ValueError, match="number of a use"):
        used(ORIGIN, remembered(ORIGIN, DAY), DAY, nth)
