"""The 24 bytes, and the counter that adds up in any order."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slm.lifecycle.state import (
    DTYPE,
    LAYOUT,
    MAX_COUNTER,
    Origin,
    State,
    array_of,
    parts_of,
    steps_of,
    steps_of_uses,
    uses_on,
)

ORIGIN = Origin(20_000, 1)
DAYS = st.integers(20_000, 27_000)


def unsigned(bits) -> st.SearchStrategy[int]:
    """Whole numbers of so many bits."""
    return st.integers(0, 2**bits - 1)


STATES = st.builds(
    State,
    counter=unsigned(63),
    created=unsigned(31),
    last=unsigned(31),
    uses_today=unsigned(16),
    confirmations=unsigned(16),
    contradictions=unsigned(8),
    importance=st.integers(0, 200),
    trust=st.integers(0, 200),
    pinned=st.booleans(),
)


@given(STATES)
def test_a_state_comes_back_from_its_24_bytes(state) -> None:
    """Round trip."""
    data = state.to_bytes()

    assert len(data) == 24
    assert State.from_bytes(data) == state


@given(st.lists(STATES, min_size=1, max_size=5))
def test_rows_hold_what_the_states_hold(states) -> None:
    """Both forms share their bytes, so a store's column can be read at once."""
    rows = array_of(states)

    assert rows.tobytes() == b"".join(state.to_bytes() for state in states)
    for name in DTYPE.names:
        assert rows[name].tolist() == [int(getattr(state, name)) for state in states]


def test_the_layout_is_the_dtype() -> None:
    """One is for a single state, the other for columns."""
    assert LAYOUT.size == DTYPE.itemsize == 24


def test_bytes_of_another_length_are_refused() -> None:
    """A truncated value is an error, not a state."""
    with pytest.raises(ValueError, match="23 bytes"):
        State.from_bytes(bytes(23))


@given(DAYS, DAYS, st.floats(0.1, 10))
def test_a_use_fades_by_the_365th_root_of_e_a_day(day, later, weight) -> None:
    """Definition: n = Σ w e^(−(t − t_j) / 365), to the rounding of half a step."""
    day, later = sorted((day, later))
    counter = np.array([steps_of(weight, day, ORIGIN)])

    uses = float(uses_on(counter, later, ORIGIN)[0])

    assert uses == pytest.approx(weight * math.exp(-(later - day) / 365), rel=1e-4)


def test_a_day_of_c_uses_weighs_one_and_the_logarithm_of_c() -> None:
    """Definition."""
    for count in (1, 2, 10, 1000):
        uses = uses_on(np.array([steps_of_uses(count, 20_100, ORIGIN)]), 20_100, ORIGIN)
        assert float(uses[0]) == pytest.approx(1 + math.log(count), rel=1e-6)
    assert steps_of_uses(0, 20_100, ORIGIN) == 0


def test_the_counter_has_room_for_29_years() -> None:
    """Closed form: ln(2^63 / 2^20) = 29.8 times 365 days; then it stays where it is."""
    assert steps_of(1.0, 20_000 + 29 * 365, ORIGIN) < MAX_COUNTER
    assert steps_of(1.0, 20_000 + 30 * 365, ORIGIN) == MAX_COUNTER
    assert steps_of(1.0, 4_000_000, ORIGIN) == MAX_COUNTER


def test_a_use_long_before_the_store_still_counts_a_step() -> None:
    """A memory that moved in from an older store has some use, so its need is a number."""
    assert steps_of(1.0, 0, ORIGIN) == 1
    assert uses_on(np.array([0, 1]), 4_000_000, ORIGIN).min() > 0


def test_a_day_each_gives_what_one_day_gives() -> None:
    """Rows with days of their own agree with the whole store on one day, bit for bit."""
    counters = np.arange(1, 400, dtype=np.int64) * 10**6

    each = uses_on(counters, np.full(399, 20_222), ORIGIN)

    assert each.tobytes() == uses_on(counters, 20_222, ORIGIN).tobytes()


@pytest.mark.parametrize(("share", "parts"), [(0, 0), (0.5, 100), (0.9, 180), (0.333, 67), (1, 200)])
def test_shares_are_kept_in_parts_of_200(share, parts) -> None:
    """Two-digit percentages are kept exactly."""
    assert parts_of(share) == parts


@pytest.mark.parametrize("share", [-0.01, 1.01, math.nan])
def test_what_is_no_share_is_refused(share) -> None:
    """Importance and trust lie in [0, 1]."""
    with pytest.raises(ValueError, match="not a share"):
        parts_of(share)
