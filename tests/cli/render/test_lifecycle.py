"""What why and stats say of phases."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from slm.cli.render.lifecycle import fading, phases
from slm.cli.render.text import Layout

PIPE = Layout(None, False, datetime(2026, 11, 24, tzinfo=UTC))
EVIL = "\x1b[2J\x07\u202e"


def told(**more: Any) -> dict[str, Any]:
    """A memory used on nine days and confirmed once, as experience.md has it."""
    return {
        "phase": "active", "radius": 0.45, "chance": 0.6412, "spread": 0.0321, "wobble": 0.01, "idle_days": 3,
        "uses": 8.9, "lifetime": 2.58, "days_until": {"warm": 80.2, "cold": 218.0, "archived": 535.6},
        "archived_from": "2028-05-11", "after_use": {"chance": 0.79, "phase": "active"}, "confirmations": 1,
        "contradictions": 0, "importance": 0.5, "trust": 0.9, "pinned": False,
    } | more  # fmt: skip


def store(**more: Any) -> dict[str, Any]:
    week = {"from": "2026-11-18", "until": "2026-11-24", "remembered": 4, "used": 11}
    cooling = {"id": "k3m9q0000000", "text": "API listens on 5433", "phase": "active", "to": "warm", "days": 2}
    return {
        "day": "2026-11-24", "phases": {"active": 301, "warm": 188, "cold": 202, "archived": 221}, "pinned": 0,
        "weeks": [week | {"cooled_to": {"active": 0, "warm": 7, "cold": 2, "archived": 12}}],
        "next": [cooling, cooling | {"id": "p7d2x0000000", "days": 0, "phase": "cold", "to": "archived"}],
    } | more  # fmt: skip


def test_how_a_memory_fades_is_said_in_four_lines():
    """experience.md, the mock-up of ``slm why``."""
    assert fading(told(), 9, PIPE) == [
        "  active: 64 % (±3) likely needed within 30 days",
        "    now ● ──┊ warm 80 d ──┊ cold 218 d ──┊ archived 536 d",
        "    used 9 times, last touched 3 days ago; confirmed once; counts as 8.9 uses, fades 2.6 times as slowly "
        "as a neutral one",
        "    use it now: 79 %. Never deleted.",
    ]


@pytest.mark.parametrize("width", [40, 60])
def test_how_it_fades_is_wrapped_at_the_terminals_width(width):
    """A line that the terminal breaks within a word can't be read."""
    for more in ({}, {"pinned": True}, {"after_use": {"chance": 0.79, "phase": "active"}, "phase": "archived"}):
        shown = fading(told(**more), 9, PIPE._replace(width=width))

        assert max(map(len, shown)) <= width
        assert " ".join("".join(shown).split()).count("deleted.") == 1


def test_an_archived_memory_says_since_when_and_what_a_use_does():
    late = told(phase="archived", days_until={}, chance=0.05, spread=0.0025, archived_from="2026-01-08")

    shown = fading(late, 0, PIPE)

    assert shown[1] == "    archived since 2026-01-08"
    assert shown[2].startswith("    never used, last touched 3 days ago")
    assert shown[3] == "    use it now: 79 % and active again. Never deleted."


def test_a_pinned_memory_has_nothing_to_come():
    assert fading(told(pinned=True), 0, PIPE) == ["  pinned: active whatever happens. Never deleted."]


@pytest.mark.parametrize(("idle", "said"), [(0, "today"), (1, "yesterday"), (2, "2 days ago")])
def test_idle_days_are_said_as_people_say_them(idle, said):
    assert f"last touched {said};" in fading(told(idle_days=idle, confirmations=0), 1, PIPE)[2]


@pytest.mark.parametrize(("count", "said"), [(1, "1 unresolved contradiction;"), (2, "2 unresolved contradictions;")])
def test_contradictions_are_named(count, said):
    assert said in fading(told(contradictions=count), 1, PIPE)[2]


def test_contradictions_that_the_caller_sees_are_called_by_their_ids():
    """So that the next command can be typed: slm audit resolve c:4d1."""
    said = fading(told(contradictions=2), 1, PIPE, ["c:4d1", "c:77a"])[2]

    assert "2 unresolved contradictions (c:4d1 c:77a);" in said


@pytest.mark.parametrize(("lifetime", "said"), [(1.0, "1.0 times as slowly"), (0.37, "2.7 times as fast")])
def test_a_short_lifetime_is_a_fast_fading(lifetime, said):
    assert fading(told(lifetime=lifetime), 1, PIPE)[2].endswith(f"fades {said} as a neutral one")


def test_the_phases_of_a_store_with_the_last_weeks_and_the_next_to_cool():
    assert phases(store(), PIPE) == [
        "active 301, warm 188, cold 202, archived 221",
        "",
        "week        new  used  to warm  to cold  to archived",
        "2026-11-24    4    11        7        2           12",
        "",
        "next to cool",
        "  k3m9q  active → warm    in 2 d  API listens on 5433",
        "  p7d2x  cold → archived  any day  API listens on 5433",
    ]


def test_pinned_memories_are_counted_where_there_are_any():
    assert phases(store(pinned=2, next=[]), PIPE)[0] == "active 301, warm 188, cold 202, archived 221; 2 pinned"
    assert "next to cool" not in phases(store(next=[]), PIPE)


def test_a_hostile_text_cannot_act_on_the_terminal():
    cooling = {"id": "k3m9q0000000", "text": EVIL, "phase": EVIL, "to": EVIL, "days": 2}

    lines = [
        *phases(store(next=[cooling]), PIPE),
        *fading(told(phase=EVIL, archived_from=EVIL, days_until={}), 0, PIPE),
    ]

    assert not any(character in line for line in lines for character in EVIL if character not in "[2J")
