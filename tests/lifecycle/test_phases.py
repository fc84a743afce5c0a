"""Phases: their edges, the archive week, and that use never makes colder."""

from __future__ import annotations

import math

import numpy as np
import pytest

from slm.geometry.backend import compiled
from slm.lifecycle.events import contradicted, pinned, used
from slm.lifecycle.langevin import radii, week_of
from slm.lifecycle.need import EDGE_RADII, Phase
from slm.lifecycle.phases import NEVER, archive_weeks, attention, phases
from slm.lifecycle.state import array_of
from tests.lifecycle.histories import ORIGIN, history, random_states

DAY = ORIGIN.first_day


def ids(n) -> np.ndarray:
    """Ids of noise."""
    return np.arange(n, dtype=np.uint32)


def test_a_phase_begins_at_its_edge() -> None:
    """ℓ < 8 active, < 31 warm, < 181 cold: the edge belongs to the colder side; radii are in millionths."""
    radii_ = np.array([0.0, 1.342453, 1.342454, 1.882172, 1.882173, 9.0])

    found = phases(radii_, np.full(6, NEVER, np.uint16), DAY)

    assert found.tolist() == [0, 0, 1, 1, 2, 2]
    assert [round(edge, 6) for edge in EDGE_RADII[:2]] == [1.342454, 1.882173]


def test_a_memory_is_archived_from_its_week_on_whatever_its_radius() -> None:
    """The week decides, so that noise can't bring a memory back and forth."""
    weeks = np.array([week_of(DAY) + 1, week_of(DAY), 0], np.uint16)

    assert phases(np.array([9.0, 0.1, 0.1]), weeks, DAY).tolist() == [Phase.COLD, Phase.ARCHIVED, Phase.ARCHIVED]


def first_week_past(row, id_) -> int:
    """Oracle: look at every week after the last event, one after the other."""
    week = week_of(int(row["last"][0])) + 1
    while radii(ORIGIN, row, id_, 7 * week)[0] < round(EDGE_RADII[2], 6):
        week += 1
    return week


def test_the_archive_week_is_the_first_with_a_radius_past_the_edge() -> None:
    """Oracle: brute force over all weeks."""
    states, noise_ids = random_states(25, seed=8)

    weeks = archive_weeks(ORIGIN, states, noise_ids)

    for i in range(25):
        assert weeks[i] == first_week_past(states[i : i + 1], noise_ids[i : i + 1])


def test_archive_weeks_do_not_depend_on_company_or_backend() -> None:
    """Bitwise: alone, in a store of 3,000, compiled."""
    states, noise_ids = random_states(3000, seed=9)

    weeks = archive_weeks(ORIGIN, states, noise_ids)

    assert np.array_equal(weeks, archive_weeks(ORIGIN, states, noise_ids, compiled().noise))
    for i in range(0, 3000, 300):
        assert archive_weeks(ORIGIN, states[i : i + 1], noise_ids[i : i + 1])[0] == weeks[i]


def test_a_pinned_memory_is_never_archived() -> None:
    """And one that lets go has its week again."""
    state = history([0])
    held, free = archive_weeks(ORIGIN, array_of([pinned(state), state]), np.zeros(2, np.uint32))

    assert (held, free < NEVER) == (NEVER, True)


def test_no_memories_have_no_weeks() -> None:
    """Edge: an empty store."""
    assert archive_weeks(ORIGIN, array_of([]), ids(0)).shape == (0,)
    assert radii(ORIGIN, array_of([]), ids(0), DAY).shape == (0,)


def test_the_archive_week_moves_with_the_state() -> None:
    """A contradiction brings it nearer, resolving it gives the old one back, a use moves it away."""
    state = history([0, 10])
    rows = array_of(
        [state, contradicted(state, 1), contradicted(contradicted(state, 1), 0), used(ORIGIN, state, DAY + 60)]
    )

    as_it_was, contradicted_, resolved_, used_ = archive_weeks(ORIGIN, rows, np.full(4, 5, np.uint32)).tolist()

    assert contradicted_ < as_it_was == resolved_ < used_


def test_one_more_use_never_makes_a_memory_colder() -> None:
    """Theorem (the anchor's radius falls in n, and r rises with it outside the noise): 0 of 20,000 random histories.

    Each gets one more use at any time of its past; phase, archive week and, outside the noise, radius are compared.
    """
    generator = np.random.default_rng(0)
    without, with_use = [], []
    for _ in range(20_000):
        days = np.sort(generator.integers(0, 400, generator.integers(1, 9))).tolist()
        state = history(days, int(generator.integers(0, 2)), int(generator.integers(0, 3)), float(generator.random()))
        without.append(state)
        with_use.append(used(ORIGIN, state, DAY + int(generator.integers(days[0], 401))))
    noise, day = compiled().noise, DAY + 400 + int(generator.exponential(200))
    rows = [array_of(states) for states in (without, with_use)]
    before, after = (radii(ORIGIN, states, ids(20_000), day, noise) for states in rows)
    weeks = [archive_weeks(ORIGIN, states, ids(20_000), noise) for states in rows]
    phase_before, phase_after = (phases(r, w, day) for r, w in zip((before, after), weeks, strict=True))

    assert np.count_nonzero(phase_after > phase_before) == 0
    assert np.count_nonzero(weeks[1] < weeks[0]) == 0
    assert np.count_nonzero((after > before) & (before > 0.4)) == 0


def test_a_bulk_import_does_not_fade_on_one_day() -> None:
    """Ten thousand memories taken in on one day are archived over several weeks: 5 % to 95 % takes at least four."""
    rows = np.repeat(array_of([history([0])]), 10_000)

    weeks = np.sort(archive_weeks(ORIGIN, rows, ids(10_000), compiled().noise).astype(int))

    assert weeks[9500] - weeks[500] >= 4
    assert np.unique(weeks, return_counts=True)[1].max() < 4000


def test_phases_under_a_clock_that_went_back_are_no_colder() -> None:
    """Any earlier day, also before the first event: no colder than on the day itself, give or take the noise."""
    states, noise_ids = random_states(300, seed=3)
    weeks = archive_weeks(ORIGIN, states, noise_ids)
    for back in (1, 30, 700):
        earlier = phases(radii(ORIGIN, states, noise_ids, DAY + 900 - back), weeks, DAY + 900 - back)
        assert np.count_nonzero(earlier > phases(radii(ORIGIN, states, noise_ids, DAY + 900), weeks, DAY + 900)) == 0


def test_attention_lifts_what_is_near_and_lowers_what_is_far() -> None:
    """(1.882 − r) / 1.882 cut to [−1, 1]: ends and zero."""
    edge = EDGE_RADII[1]
    found = attention(np.array([0.0, edge / 2, edge, 2 * edge, 50.0]), np.zeros(5, bool))

    assert found == pytest.approx([1.0, 0.5, 0.0, -1.0, -1.0])


def test_attention_of_a_confirmed_memory_is_never_negative() -> None:
    """What somebody said is right is not held back for its age."""
    found = attention(np.array([0.0, 50.0]), np.ones(2, bool))

    assert found.tolist() == [1.0, 0.0]


@pytest.mark.parametrize("far", [10_000, 3_000_000])
def test_a_clock_far_in_the_future_gives_phases_and_no_trouble(far) -> None:
    """Year 2052, or 10000: warnings are errors here, every radius is a number."""
    states, noise_ids = random_states(50, seed=1)
    found = radii(ORIGIN, states, noise_ids, DAY + far)

    assert np.isfinite(found).all()
    assert (phases(found, archive_weeks(ORIGIN, states, noise_ids), DAY + far) == Phase.ARCHIVED).all()
    assert math.isfinite(float(radii(ORIGIN, array_of([used(ORIGIN, history([0]), DAY + far)]), ids(1), DAY)[0]))
