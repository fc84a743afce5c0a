"""The explanation agrees with what it explains."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slm.lifecycle.events import confirmed, pinned
from slm.lifecycle.explain import explained
from slm.lifecycle.langevin import radii
from slm.lifecycle.need import Phase
from slm.lifecycle.phases import NEVER, archive_weeks, phases
from slm.lifecycle.state import array_of
from tests.lifecycle.histories import ORIGIN, history

DAY = ORIGIN.first_day


def test_a_memory_used_three_times_and_confirmed() -> None:
    """By hand: 5 discounted uses less their fading, lifetime √2, ten idle days."""
    state = confirmed(ORIGIN, history([0, 7, 14]), DAY + 14)

    told = explained(ORIGIN, state, 42, DAY + 24)

    assert told.phase is Phase.ACTIVE
    assert told.idle_days == 10
    assert told.uses == pytest.approx((np.exp(-24 / 365) + np.exp(-17 / 365) + 3 * np.exp(-10 / 365)), rel=1e-5)
    assert told.lifetime == pytest.approx(2**0.5)
    assert told.chance == pytest.approx(1 / (1 + (11 / (told.uses * told.lifetime)) ** 0.5))
    assert told.chance_spread == pytest.approx(0.05 * told.chance)
    assert told.chance_after_use > told.chance


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(0, 300), min_size=1, max_size=5),
    st.integers(0, 2**32 - 1),
    st.integers(0, 900),
    st.floats(0, 1),
)
def test_what_is_told_is_what_is_decided(days, id_, age, importance) -> None:
    """Oracle: the functions that recall uses, for the same memory."""
    state = history(sorted(days), importance=importance)
    day = state.last + age

    told = explained(ORIGIN, state, id_, day)

    rows, ids = array_of([state]), np.array([id_], np.uint32)
    radius, weeks = radii(ORIGIN, rows, ids, day), archive_weeks(ORIGIN, rows, ids)
    assert (told.radius, told.archive_week) == (radius[0], weeks[0])
    assert told.phase == phases(radius, weeks, day)[0]
    assert told.phase_after_use is Phase.ACTIVE
    assert np.exp(-(told.radius - told.wobble)) == pytest.approx(told.chance, abs=1e-9)
    assert list(told.days_until.values()) == sorted(told.days_until.values())


def test_a_pinned_memory_is_certain_and_waits_for_nothing() -> None:
    """Held at the centre: no wobble, no phase to come."""
    told = explained(ORIGIN, pinned(history([0])), 42, DAY + 1000)

    assert (told.phase, told.chance, told.chance_spread, told.wobble) == (Phase.ACTIVE, 1.0, 0.0, 0.0)
    assert (told.days_until, told.archive_week) == ({}, NEVER)
    assert told.chance_after_use == 1.0
