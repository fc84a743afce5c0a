"""Clocks, attention, restarts and imports, asked in the words of ``slm-json/1``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from slm.engine.days import day_of
from slm.engine.engine import Engine
from slm.errors import InvalidInput
from slm.lifecycle.langevin import week_of
from tests.engine.ages import NOTES, TEN_YEARS, phase, state
from tests.engine.calendar import Clock, at
from tests.engine.desk import Desk


def test_a_clock_that_went_back_is_harmless(desk: Desk, clock: Clock) -> None:
    """lifecycle.md: UTC-day granularity; an event before the last one counts and turns nothing back."""
    memory_id = desk.remember("the port of the api is 5432")
    clock.go_to(100)
    desk.call("used", id=memory_id)
    last = state(desk, memory_id)
    clock.go_to(-400)
    desk.call("used", id=memory_id)
    again = state(desk, memory_id)

    assert (again.last, again.uses_today) == (last.last, last.uses_today)
    assert again.counter > last.counter
    assert phase(desk, memory_id, -400) == "active"
    assert desk.found("port of the api")


def test_a_day_is_a_utc_day(desk: Desk, clock: Clock) -> None:
    """The same moment in another zone is the same day."""
    memory_id = desk.remember("the port of the api is 5432")
    moment = "2028-01-01T00:30:00+02:00"

    here = desk.call("why", id=memory_id, now=moment)
    there = desk.call("why", id=memory_id, now=moment, zone="Asia/Tokyo")

    assert here["lifecycle"] == there["lifecycle"]
    assert here["lifecycle"]["idle_days"] == day_of("2027-12-31T00:00:00Z") - day_of(at(0))


def test_attention_is_a_term_of_the_score_with_a_weight_of_a_tenth(desk: Desk, clock: Clock) -> None:
    """lifecycle.md, Recall: λ = 0.1, bounded, so that relevance can still win."""
    for text in NOTES:
        desk.remember(text)
    clock.go_to(90)
    desk.call("used", id=desk.hits("door of the garden")[0]["memory"]["id"])
    hits = desk.hits("port of the api", why=True)

    assert all(-0.1 <= hit["why"]["attention"] <= 0.1 for hit in hits)
    assert hits[0]["memory"]["text"] == NOTES[0]
    used = next(hit for hit in hits if hit["memory"]["text"] == NOTES[-1])
    assert used["why"]["attention"] > max(hit["why"]["attention"] for hit in hits if hit is not used)
    for hit in hits:
        assert hit["score"] == pytest.approx(sum(hit["why"].values()), abs=1e-9)


def test_of_two_alike_the_one_in_use_comes_first(desk: Desk, clock: Clock) -> None:
    """What attention is for."""
    ids = [desk.remember("the port is open", kind="turn", session=f"s{i}") for i in range(2)]
    clock.go_to(60)
    for chosen in ids:
        desk.call("used", id=chosen)
        clock.go_to(120 if chosen == ids[0] else 180)
        assert desk.hits("port is open")[0]["memory"]["id"] == chosen


def test_switched_off_nothing_fades(new_desk: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch) -> None:
    """``lifecycle.enabled = false``: no term, no phase, nothing left out."""
    desk, clock = new_desk(lifecycle__enabled=False), Clock(monkeypatch)
    memory_id = desk.remember("the port of the api is 5432")
    clock.go_to(TEN_YEARS)

    (hit,) = desk.hits("port of the api", why=True)

    assert (hit["phase"], hit["flags"]) == ("active", [])
    assert "attention" not in hit["why"]
    assert desk.call("why", id=memory_id)["lifecycle"] is None
    for op, fields in (("phases", {}), ("list", {"phase": "warm"})):
        with pytest.raises(InvalidInput, match="switched off"):
            desk.call(op, **fields)


def test_switched_on_again_it_finds_the_uses_of_the_time_between(
    new_desk: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Events are kept either way."""
    desk, clock = new_desk(lifecycle__enabled=False), Clock(monkeypatch)
    memory_id = desk.remember("the port of the api is 5432")
    clock.go_to(500)
    desk.call("used", id=memory_id)

    assert state(desk, memory_id).last == day_of(at(500))


def test_a_restart_changes_nothing(desk: Desk, clock: Clock) -> None:
    """Bitwise equality under restart: rows, phases and scores."""
    for i, text in enumerate(NOTES):
        clock.go_to(i * 13)
        desk.remember(text)
    clock.go_to(200)
    before = desk.engine().index.lifecycles.rows.tobytes(), desk.call("phases"), desk.scores("number", archived=True)

    desk.reopen()

    after = desk.engine().index.lifecycles.rows.tobytes(), desk.call("phases"), desk.scores("number", archived=True)
    assert after == before


def test_memories_of_an_older_store_begin_by_what_their_records_say(desk: Desk, clock: Clock) -> None:
    """A head without state gets one at open from recorded_at, uses and last_used; once."""
    unused, used = desk.remember("the port of the api is 5432"), desk.remember("the key of the shed is green")
    for day in (100, 200, 300):
        clock.go_to(day)
        desk.call("used", id=used)
    kept = state(desk, unused)

    def forget_states(engine: Any) -> None:
        engine.store.transact(lambda writer: [writer.put_lifecycle(i, bytes(28)) for i in range(2)])

    desk.service.inspect(forget_states)
    desk.reopen()

    assert "2 memories were given a lifecycle" in desk.call("status")["notes"]
    assert state(desk, unused) == kept
    again = state(desk, used)
    assert (again.created, again.last, again.uses_today) == (day_of(at(0)), day_of(at(300)), 1)
    desk.reopen()
    assert not any("lifecycle" in note for note in desk.call("status")["notes"])


def test_records_imported_twice_are_as_once(desk: Desk, new_desk: Callable[..., Desk], clock: Clock) -> None:
    """client.md: merges, idempotent; what either store counted stands."""
    memory_id = desk.remember("the port of the api is 5432")
    clock.go_to(30)
    desk.call("used", id=memory_id)
    record = desk.exported()[0]
    other = new_desk()
    other.call("remember", batch=[record], as_actor="import:jsonl")
    clock.go_to(60)
    desk.call("used", id=memory_id)
    later = desk.exported()[0]
    other.call("remember", batch=[later], as_actor="import:jsonl")
    once = state(other, memory_id)
    other.call("remember", batch=[later], as_actor="import:jsonl")
    other.call("remember", batch=[record], as_actor="import:jsonl")

    assert state(other, memory_id) == once
    assert (once.last, once.created) == (day_of(at(60)), day_of(at(0)))


def test_a_failed_transaction_leaves_the_states_as_they_were(desk: Desk, clock: Clock) -> None:
    """State and journal entry are one commit."""
    memory_id = desk.remember("the port of the api is 5432")
    before = state(desk, memory_id)

    def fail(engine: Any) -> None:
        def change(transaction: Any) -> None:
            transaction.lives.use(0, day_of(at(9)))
            raise RuntimeError

        with pytest.raises(RuntimeError):
            engine.transact("cli", change)

    desk.service.inspect(fail)

    assert state(desk, memory_id) == before


def test_who_is_archived_follows_from_the_rows_alone(desk: Desk, clock: Clock) -> None:
    """Oracle: the rows themselves, after an event, and with more memories than there was room for at first."""
    for start in (0, 600):
        desk.call("remember", batch=[{"text": f"note {i} is kept in drawer {i}"} for i in range(start, start + 600)])
    clock.go_to(400)
    desk.call("used", id=desk.hits("note 7 drawer 7")[0]["memory"]["id"])

    def counts(engine: Engine) -> list[int]:
        lifecycles = engine.index.lifecycles
        found = []
        for day in (day_of(at(days)) for days in (0, 400, 4000)):
            archived = lifecycles.archived(day)
            assert (archived == (lifecycles.rows["archive_week"] <= week_of(day))).all()
            found.append(int(archived.sum()))
        return found

    assert desk.service.inspect(counts) == [0, 1199, 1200]
