"""The clock of the machine jumps: back by years, ahead by years, and back again."""

from __future__ import annotations

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from slm.errors import NotFound
from tests.engine.calendar import Clock
from tests.engine.desk import Desk

YEAR_NS = 365 * 86_400 * 10**9
YEARS = st.lists(st.integers(-40, 60), min_size=2, max_size=5)


@given(years=YEARS)
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_clock_that_jumps_loses_nothing_and_orders_by_the_journal(years, new_desk, clock: Clock) -> None:
    """trust.md: clock jumping back. The order is that of the entries; undo takes back what was done last."""
    desk, really = new_desk(), time.time_ns
    with pytest.MonkeyPatch.context() as patch:
        for number, shift in enumerate(years):
            patch.setattr(time, "time_ns", lambda shift=shift: really() + shift * YEAR_NS)
            clock.go_to(365 * shift)
            memory = desk.remember(f"the port is {number}", claim=[f"api.port={number}"])
            desk.call("used", id=[memory])
        texts = [f"the port is {number}" for number in range(len(years))]

        assert desk.texts() == texts[::-1]
        assert desk.call("log", verify=True)["verified"] is True
        scores = desk.scores("port", archived=True)
        assert len(scores) == len(texts)
        assert sum(desk.call("phases")["phases"].values()) == len(texts)
        desk.call("audit", all_scopes=True)
        desk.reopen()
        assert desk.scores("port", archived=True) == scores
        desk.call("undo")
        assert desk.texts() == texts[-2::-1]


def test_time_that_runs_backwards_doesnt_take_uses_away(desk: Desk, clock: Clock) -> None:
    """lifecycle.md: last is the latest day; a use on an earlier one counts, for less."""
    memory = desk.remember("the port is 5433")
    desk.call("used", id=[memory])
    first = desk.exported()[0]
    clock.go_to(-30)

    desk.call("used", id=[memory])

    then = desk.exported()[0]
    assert then["uses"] == first["uses"] + 1
    assert then["lifecycle"]["weight"] > first["lifecycle"]["weight"]
    assert then["lifecycle"]["on"] == first["lifecycle"]["on"]


def test_there_is_nothing_to_undo_before_the_first_change_whatever_the_clock_says(desk: Desk, clock: Clock) -> None:
    clock.go_to(-365)

    with pytest.raises(NotFound):
        desk.call("undo")
