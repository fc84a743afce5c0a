"""Phases as answers tell them."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from slm.errors import InvalidInput, NeedsUser
from slm.lifecycle.phases import EDGES_ROUNDED
from tests.engine.calendar import Clock, at
from tests.engine.desk import Desk

PHASES = ["active", "warm", "cold", "archived"]
AGENT = "mcp:claude-code"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.fixture
def aged(desk: Desk, clock: Clock) -> Desk:
    """A memory every ten days for 400 days, the last one today."""
    for day in range(-400, 1, 10):
        clock.go_to(day)
        desk.remember(f"note of day {day}")
    return desk


def test_every_memory_is_in_one_phase_and_lists_agree_with_counts(aged: Desk) -> None:
    """``list --phase`` and ``stats phases`` are two looks at one thing."""
    told = aged.call("phases")
    listed = {name: aged.texts(phase=name) for name in PHASES}

    assert {name: len(texts) for name, texts in listed.items()} == told["phases"]
    assert sorted(text for texts in listed.values() for text in texts) == sorted(aged.texts())
    assert all(told["phases"].values())


def test_older_unused_memories_have_faded_further(aged: Desk) -> None:
    """Same trust and importance, no use: phases follow age, but for the wobble at the edges."""
    phases = [aged.call("why", id=memory["id"])["phase"] for memory in aged.call("list", limit=100)["memories"]]

    assert phases[0] == "active"
    assert phases[-1] == "archived"
    places = [PHASES.index(name) for name in phases]
    assert sum(b < a for a, b in pairwise(places)) <= 4


def test_the_last_weeks_say_what_came_and_what_cooled(desk: Desk, clock: Clock) -> None:
    """Counts of one week each, the newest first; by hand."""
    clock.go_to(-40)
    old = [desk.remember(f"old note {i}") for i in range(3)]
    clock.go_to(-10)
    desk.remember("new note")
    clock.go_to(-3)
    desk.call("used", id=old[0])
    clock.go_to(0)

    told = desk.call("phases")

    assert [(week["remembered"], week["used"]) for week in told["weeks"]] == [(0, 1), (1, 0), (0, 0), (0, 0)]
    assert (told["weeks"][0]["from"], told["weeks"][0]["until"]) == ("2027-02-23", "2027-03-01")


def test_cooling_is_counted_in_the_week_in_which_it_happens(aged: Desk) -> None:
    """Oracle: the phases on the two ends of the week, of the memories that nobody touched since."""

    def phase_of(memory: dict[str, str], day: int) -> int:
        return PHASES.index(aged.call("why", id=memory["id"], now=at(day))["phase"])

    untouched = [m for m in aged.call("list", limit=100)["memories"] if m["recorded_at"][:10] <= at(-7)[:10]]
    moved = [phase_of(m, 0) for m in untouched if phase_of(m, 0) > phase_of(m, -7)]

    (week, *_) = aged.call("phases")["weeks"]

    assert week["cooled_to"] == {name: moved.count(place) for place, name in enumerate(PHASES)}


def test_what_cools_next_comes_in_order_and_cools_then(aged: Desk) -> None:
    """Each is in its phase today; on its day the anchor is past the edge or the archive week has begun."""
    following = aged.call("phases")["next"]

    assert [each["days"] for each in following] == sorted(each["days"] for each in following)
    assert len(following) == 5
    for each in following:
        then = aged.call("why", id=each["id"], now=at(each["days"]))["lifecycle"]
        place = PHASES.index(each["phase"])
        assert each["to"] == PHASES[place + 1]
        assert then["phase"] == each["to"] or then["radius"] - then["wobble"] >= EDGES_ROUNDED[place] - 1e-6


def test_pinned_memories_and_archived_ones_cool_no_further(desk: Desk, clock: Clock) -> None:
    """Nothing comes after archived; a pin holds."""
    desk.remember("pinned note", pin=True)
    clock.go_to(4000)
    told = desk.call("phases")

    assert (told["next"], told["pinned"]) == ([], 1)
    assert told["phases"] == {"active": 1, "warm": 0, "cold": 0, "archived": 0}


def test_an_empty_store_has_no_phases_to_tell(desk: Desk) -> None:
    assert desk.call("phases")["phases"] == dict.fromkeys(PHASES, 0)


def test_agents_are_told_nothing_of_private_memories(desk: Desk, clock: Clock) -> None:
    """experience.md: ``--private`` memories never go through MCP."""
    desk.remember("a secret", private=True)

    with pytest.raises(NeedsUser):
        desk.call("phases", as_actor=AGENT)
    assert sum(desk.call("phases")["phases"].values()) == 1


def test_forgotten_memories_are_in_no_phase(desk: Desk) -> None:
    memory_id = desk.remember("a note")
    desk.call("forget", id=memory_id)

    assert sum(desk.call("phases")["phases"].values()) == 0


def test_what_is_no_phase_is_refused(desk: Desk) -> None:
    """The words are the four of the design."""
    with pytest.raises(InvalidInput, match="'frozen' is none of active, warm, cold, archived"):
        desk.call("list", phase="frozen")


def test_pages_of_a_phase_have_no_gaps(aged: Desk) -> None:
    """A page is full of memories of that phase, and the next one goes on behind it."""
    whole = [memory["id"] for memory in aged.call("list", phase="archived")["memories"]]
    paged, after = [], None
    while True:
        page = aged.call("list", phase="archived", limit=3, after=after)
        paged += [memory["id"] for memory in page["memories"]]
        if (after := page["next"]) is None:
            break

    assert paged == whole


def test_the_explanation_is_what_ranking_uses(aged: Desk) -> None:
    """``why ID``: its radius without this week's wobble gives the attention that ``recall --why`` shows."""
    for hit in aged.hits("note of day", why=True, archived=True)[:10]:
        told = aged.call("why", id=hit["memory"]["id"])["lifecycle"]
        centre = told["radius"] - told["wobble"]
        expected = 0.1 * max((EDGES_ROUNDED[1] - centre) / EDGES_ROUNDED[1], -1.0)
        assert hit["why"]["attention"] == pytest.approx(expected, abs=2e-6)
        assert hit["phase"] == told["phase"]


def test_the_days_to_come_are_days_from_the_day_explained(desk: Desk, clock: Clock) -> None:
    """A day later each is a day nearer; a phase that was reached is no longer to come."""
    memory_id = desk.remember("a note")
    today = desk.call("why", id=memory_id)["lifecycle"]
    tomorrow = desk.call("why", id=memory_id, now=at(1))["lifecycle"]

    assert list(today["days_until"]) == ["warm", "cold", "archived"]
    assert np.allclose([d - 1 for d in today["days_until"].values()], list(tomorrow["days_until"].values()), atol=0.11)
    late = desk.call("why", id=memory_id, now=at(5000))["lifecycle"]
    assert (late["days_until"], late["after_use"]["phase"]) == ({}, "active")
    assert late["archived_from"] == today["archived_from"]
