"""What an export says of a memory's lifecycle, and what another store makes of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slm.engine.days import date_of
from slm.engine.lived import lived, state_of
from slm.errors import InvalidInput
from slm.lifecycle.events import confirmed, pinned, used
from slm.lifecycle.state import Origin, State, array_of, uses_on
from slm.model import Memory
from tests.engine.ages import state
from tests.engine.calendar import Clock
from tests.engine.desk import Desk
from tests.lifecycle.histories import history

HERE, LATER = Origin(first_day=20_000, key=7), Origin(first_day=21_000, key=9)


def _memory(of: State) -> Memory:
    return Memory(
        "k3m9q0000000", "a note", recorded_at=date_of(of.created), confirmations=of.confirmations, pinned=of.pinned,
        importance=of.importance / 200, trust=of.trust / 200,
    )  # fmt: skip


@given(st.lists(st.integers(0, 3000), min_size=1, max_size=9), st.integers(0, 5), st.booleans())
def test_a_store_of_the_same_first_day_gets_the_same_state(days: list[int], confirmations: int, held: bool) -> None:
    """experience.md: lossless means an equal store, bit for bit."""
    state = pinned(history(sorted(days), confirmations), held)

    assert state_of(HERE, _memory(state), lived(HERE, state)) == state


@given(st.lists(st.integers(0, 3000), min_size=1, max_size=9))
def test_a_store_of_another_first_day_counts_the_same_uses(days: list[int]) -> None:
    """A forward-decayed sum has another scale there; what it amounts to is the same to half a step."""
    state = history(sorted(days))
    moved = state_of(LATER, _memory(state), lived(HERE, state))
    counts = [
        uses_on(array_of([one])["counter"], state.last, origin) for one, origin in ((state, HERE), (moved, LATER))
    ]

    assert replace(moved, counter=state.counter) == state
    step = uses_on(np.array([1]), state.last, LATER)[0]
    assert abs(counts[1] - counts[0]) <= 0.501 * step


def test_an_export_taken_in_elsewhere_is_an_equal_store(
    desk: Desk, new_desk: Callable[..., Desk], clock: Clock
) -> None:
    """Uses on many days, confirmations, a pin and a correction; once more changes nothing and is no journal entry."""
    ids = [desk.remember(text) for text in ("the port is 5432", "the key is green", "the door is open")]
    for day in (3, 3, 50, 200):
        clock.go_to(day)
        desk.call("used", id=ids[:2])
    desk.call("remember", text="the key is green")
    desk.call("pin", id=ids[2])
    ids.append(desk.call("correct", id=ids[0], text="the port is 5433")["id"])
    exported = desk.exported()

    other = new_desk()
    other.call("remember", batch=exported, as_actor="import:jsonl")

    assert [state(other, one) for one in ids] == [state(desk, one) for one in ids]
    assert other.exported() == exported
    before = other.ops()
    other.call("remember", batch=exported, as_actor="import:jsonl")
    assert (other.ops(), other.exported()) == (before, exported)


def test_uses_of_both_stores_meet(desk: Desk, new_desk: Callable[..., Desk], clock: Clock) -> None:
    """Of two histories of one memory the one with more uses stands, even where the records count alike."""
    memory_id = desk.remember("the port is 5432")
    other = new_desk()
    other.call("remember", batch=desk.exported(), as_actor="import:jsonl")
    clock.go_to(10)
    other.call("used", id=memory_id)
    clock.go_to(90)
    desk.call("used", id=memory_id)

    other.call("remember", batch=desk.exported(), as_actor="import:jsonl")

    assert state(other, memory_id) == state(desk, memory_id)


def test_only_an_import_says_what_a_memory_has_lived(desk: Desk, clock: Clock) -> None:
    """As with uses and trust: a person who remembers begins it anew."""
    told = lived(HERE, used(HERE, confirmed(HERE, history([0, 0, 0]), 20_005), 20_010))

    memory_id = desk.call("remember", batch=[{"text": "the port is 5432", "lifecycle": told}])["results"][0]["id"]

    assert state(desk, memory_id).uses_today == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {}, [], "x", {"weight": 1.0}, {"weight": 0.0, "on": "2027-01-01", "that_day": 1, "since": "2027-01-01"},
        {"weight": float("inf"), "on": "2027-01-01", "that_day": 1, "since": "2027-01-01"},
        {"weight": 1.0, "on": "yesterday", "that_day": 1, "since": "2027-01-01"},
        {"weight": 1.0, "on": "2027-01-01", "that_day": -1, "since": "2027-01-01"},
    ],
)  # fmt: skip
def test_what_no_export_writes_is_refused(desk: Desk, wrong: Any) -> None:
    """The one gate for records from outside."""
    with pytest.raises(InvalidInput, match=r"record 1: .*(lifecycle|on|that_day)"):
        desk.call("remember", batch=[{"text": "a note", "lifecycle": wrong}], as_actor="import:jsonl")
