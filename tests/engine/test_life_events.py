"""What befalls a memory, asked in the words of ``slm-json/1``."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest

from slm.lifecycle.events import contradicted
from slm.lifecycle.state import State
from tests.engine.ages import TEN_YEARS, phase, state
from tests.engine.calendar import Clock, at
from tests.engine.desk import Desk


def test_a_repetition_confirms_and_undo_takes_it_back_to_the_bit(desk: Desk, clock: Clock) -> None:
    """A weight-2 event that raises the bias; ``undo`` restores what the journal kept, and its undo brings it again."""
    memory_id = desk.remember("the port of the api is 5432")
    before = state(desk, memory_id)
    clock.go_to(40)
    assert desk.call("remember", text="the port of the api is 5432")["status"] == "confirmed"
    confirmed = state(desk, memory_id)

    desk.call("undo")
    undone = state(desk, memory_id)
    desk.call("undo", entry=desk.entry_of("undo"))

    assert (confirmed.confirmations, confirmed.last) == (1, before.last + 40)
    assert undone == before
    assert state(desk, memory_id) == confirmed


def test_an_undone_confirmation_leaves_the_uses_that_came_after_it(desk: Desk, clock: Clock) -> None:
    """The counter is a sum: taking one summand away leaves the others, bit for bit."""
    one, other = desk.remember("the port of the api is 5432"), desk.remember("the port of the shed is green")
    clock.go_to(40)
    desk.call("remember", text="the port of the api is 5432")
    clock.go_to(50)
    desk.call("used", id=[one])
    desk.call("used", id=[other])
    desk.call("undo")

    assert state(desk, one) == state(desk, other)


def test_a_pin_holds_a_memory_at_the_centre(desk: Desk, clock: Clock) -> None:
    """lifecycle.md: pinned, r = 0. Unpinned, it is where it would have been."""
    memory_id = desk.remember("the port of the api is 5432")
    before = state(desk, memory_id)
    desk.call("pin", id=memory_id)
    held = desk.call("why", id=memory_id, now=at(TEN_YEARS))["lifecycle"]
    desk.call("unpin", id=memory_id)

    assert (held["phase"], held["radius"], held["archived_from"]) == ("active", 0.0, None)
    assert state(desk, memory_id) == before
    assert phase(desk, memory_id, TEN_YEARS) == "archived"


def test_an_undone_pin_holds_no_longer(desk: Desk, clock: Clock) -> None:
    """The state follows the record, whichever way that changes."""
    memory_id = desk.remember("the port of the api is 5432")
    desk.call("pin", id=memory_id)
    desk.call("undo")

    assert state(desk, memory_id).pinned is False


def test_contradictions_cool_and_their_resolution_undoes_that(desk: Desk, clock: Clock) -> None:
    """lifecycle.md: an unresolved contradiction lowers the bias by 1; callable inside any transaction."""
    memory_id = desk.remember("the port of the api is 5432")
    before = state(desk, memory_id)

    def befall(event: Callable[[State], State]) -> None:
        def write(engine: Any) -> None:
            engine.transact("audit", lambda transaction: transaction.lives.befall(0, event))

        desk.service.inspect(write)

    befall(partial(contradicted, count=1))
    doubted = desk.call("why", id=memory_id, now=at(0))["lifecycle"]
    befall(partial(contradicted, count=0))
    settled = desk.call("why", id=memory_id, now=at(0))["lifecycle"]

    assert doubted["lifetime"] == pytest.approx(settled["lifetime"] / np.e, rel=1e-3)
    assert (doubted["contradictions"], settled["contradictions"]) == (1, 0)
    assert state(desk, memory_id) == before


def test_a_correction_goes_on_from_the_uses_of_what_it_corrects(desk: Desk, clock: Clock) -> None:
    """experience.md: the successor inherits uses; what was said of the old text isn't said of the new one."""
    old = desk.remember("the port of the api is 5432")
    desk.call("remember", text="the port of the api is 5432")
    for day in range(1, 20):
        clock.go_to(day)
        desk.call("used", id=old)
    before = state(desk, old)
    new = desk.call("correct", id=old, text="the port of the api is 5433")["id"]

    after = state(desk, new)

    assert after.counter > before.counter
    assert (after.confirmations, after.contradictions, after.last) == (0, 0, before.last)
    assert state(desk, old) == before


@pytest.mark.parametrize(
    ("actor", "trust"), [("cli", 0.9), ("mcp:claude-code", 0.6), ("watch:notes", 0.7), ("import:markdown", 0.6)]
)
def test_trust_begins_by_who_remembers(desk: Desk, clock: Clock, actor: str, trust: float) -> None:
    """lifecycle.md, Trust defaults by actor."""
    memory_id = desk.remember("the port of the api is 5432", as_actor=actor)

    told = desk.call("why", id=memory_id, now=at(0))["lifecycle"]

    assert (told["trust"], told["importance"]) == (trust, 0.5)


def test_trust_can_be_set_for_a_source(new_desk: Callable[..., Desk]) -> None:
    """lifecycle.md: set per source in config."""
    desk = new_desk(trust__agent=0.2)
    memory_id = desk.remember("the port of the api is 5432", as_actor="mcp:x")

    assert desk.call("why", id=memory_id)["lifecycle"]["trust"] == 0.2


def test_importance_decides_how_long_a_memory_stays(
    new_desk: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    """lifecycle.md, the usage table at neutral trust: importance 0 is archived after 36 days, 1 is cold after 104."""
    desk, _ = new_desk(trust__cli=0.5), Clock(monkeypatch)
    light = desk.remember("the port of the api is 5432", importance=0.0)
    heavy = desk.remember("the key of the shed is green", importance=1.0)

    assert (phase(desk, light, 60), phase(desk, heavy, 150)) == ("archived", "cold")
