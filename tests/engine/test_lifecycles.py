"""Fading and coming back, asked in the words of ``slm-json/1``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from slm.engine.lives import day_of
from slm.errors import InvalidInput
from slm.lifecycle.events import contradicted, resolved
from slm.lifecycle.kept import ROW, state_in
from slm.lifecycle.langevin import noise_id
from slm.lifecycle.state import State
from tests.engine.calendar import Clock, at
from tests.engine.desk import Desk

NOTES = [f"the {thing} of the {place} is number {i}" for i, (thing, place) in enumerate(
    (thing, place) for thing in ("port", "key", "door") for place in ("api", "shed", "garden")
)]  # fmt: skip
TEN_YEARS = 3653


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def state(desk: Desk, memory_id: str) -> State:
    """The state as it stands in the store; the index holds the same."""
    engine = desk.engine()

    def look(reader: Any) -> State:
        ordinal = reader.ordinal_of(memory_id)
        row = np.frombuffer(reader.head(ordinal)["lifecycle"].tobytes(), ROW)[0]
        assert engine.index.lifecycles.rows[ordinal].tobytes() == row.tobytes()
        assert int(row["noise_id"]) == noise_id(memory_id)
        return state_in(row)

    def read(engine: Any) -> State:
        with engine.store.read() as reader:
            return look(reader)

    return desk.service.inspect(read)


def phase(desk: Desk, memory_id: str, days: float) -> str:
    return str(desk.call("why", id=memory_id, now=at(days))["phase"])


# Nothing is ever lost


def test_after_ten_years_every_memory_is_found_with_archived(desk: Desk, clock: Clock) -> None:
    """lifecycle.md: nothing is deleted or moved by the dynamics."""
    ids = {desk.remember(text) for text in NOTES}

    faded = desk.call("list", phase="archived", now=at(TEN_YEARS))["memories"]
    found = desk.hits("number", archived=True, now=at(TEN_YEARS))

    assert {memory["id"] for memory in faded} == ids
    assert {hit["memory"]["id"] for hit in found} == ids
    assert {(hit["phase"], *hit["flags"]) for hit in found} == {("archived", "archived")}
    assert set(desk.texts()) == set(NOTES)
    assert [record["text"] for record in desk.exported()] == NOTES


def test_archived_memories_are_left_out_of_recall_by_default(desk: Desk, clock: Clock) -> None:
    """lifecycle.md: left out by default, found with ``--archived``."""
    old = desk.remember("the port of the api is 5432")
    clock.go_to(1000)
    new = desk.remember("the port of the shed is green")

    kept = desk.call("recall", query="port of the api", min_confidence=0)
    wider = desk.call("recall", query="port of the api", min_confidence=0, archived=True)

    assert [hit["memory"]["id"] for hit in kept["hits"]] == [new]
    assert (kept["searched"], kept["with_archived"]) == (1, False)
    assert [hit["memory"]["id"] for hit in wider["hits"]] == [old, new]
    assert (wider["searched"], wider["with_archived"]) == (2, True)


def test_where_recall_is_weak_archived_memories_are_searched_and_that_is_said(desk: Desk, clock: Clock) -> None:
    """lifecycle.md: retry with them and say so."""
    old = desk.remember("the port of the api is 5432")
    clock.go_to(1000)
    desk.remember("olives are green")

    answer = desk.call("recall", query="port of the api")

    assert [hit["memory"]["id"] for hit in answer["hits"]][:1] == [old]
    assert answer["hits"][0]["flags"] == ["archived"]
    assert answer["with_archived"] is True
    assert "archived" in answer["timings_ms"]


def test_a_store_whose_memories_are_all_archived_still_answers(desk: Desk, clock: Clock) -> None:
    """The worst case of leaving them out: a year away from home."""
    old = desk.remember("the port of the api is 5432")
    clock.go_to(TEN_YEARS)

    assert desk.call("recall", query="port of the api")["hits"][0]["memory"]["id"] == old


def test_archived_memories_of_other_scopes_are_counted_as_all_scopes_would_show_them(desk: Desk, clock: Clock) -> None:
    """experience.md: "3 in other scopes (--all-scopes)"; that command searches archived ones where it is weak too."""
    desk.call("remember", text="the port of the api is 5432", in_scope="acme/api")
    clock.go_to(TEN_YEARS)
    desk.call("remember", text="olives are green", in_scope="acme/web")

    answer = desk.call("recall", query="port of the api", in_scope="acme/web")
    wider = desk.call("recall", query="port of the api", in_scope="acme/web", all_scopes=True)

    assert (answer["abstained"], answer["elsewhere"]["acme/api"]) == (True, 1)
    assert [hit["flags"] for hit in wider["hits"]][:1] == [["archived"]]


def test_nothing_is_searched_twice_where_nothing_is_archived(desk: Desk, clock: Clock) -> None:
    """An abstention in a young store costs one look."""
    desk.remember("olives are green")

    answer = desk.call("recall", query="quern zyxomma", min_confidence=1)

    assert answer["with_archived"] is False
    assert "archived" not in answer["timings_ms"]


def test_why_not_names_the_archive(desk: Desk, clock: Clock) -> None:
    """experience.md: what excluded it; archived is one of the reasons."""
    old = desk.remember("the port of the api is 5432")
    clock.go_to(1000)
    desk.remember("the port of the api is 5433")

    left_out = desk.call("why", id=old, for_="port of the api", min_confidence=0)
    asked = desk.call("why", id=old, for_="port of the api", min_confidence=0, archived=True)

    assert [(each["by"], each["hint"]) for each in left_out["excluded"]] == [("archived", "--archived")]
    assert (asked["shown"], asked["phase"]) == (True, "archived")


# Events


def test_a_use_makes_an_archived_memory_active_again(desk: Desk, clock: Clock) -> None:
    """lifecycle.md: one access makes any memory active again."""
    memory_id = desk.remember("the port of the api is 5432")
    clock.go_to(TEN_YEARS)
    assert phase(desk, memory_id, TEN_YEARS) == "archived"

    desk.call("used", id=memory_id)

    assert phase(desk, memory_id, TEN_YEARS) == "active"
    assert desk.call("recall", query="port of the api")["with_archived"] is False


def test_one_use_a_pair_of_recall_and_memory(desk: Desk, clock: Clock) -> None:
    """lifecycle.md, Coupling: reported twice of one recall is one use; of two recalls, two."""
    memory_id = desk.remember("the port of the api is 5432")
    clock.go_to(30)
    desk.hits("port of the api")
    desk.call("used", id=memory_id)
    once = state(desk, memory_id)

    assert desk.call("used", id=memory_id) == {"used": [memory_id]}
    assert state(desk, memory_id) == once
    assert desk.memory(memory_id)["uses"] == 1

    desk.hits("port of the api")
    desk.call("used", id=memory_id)
    assert (state(desk, memory_id).uses_today, desk.memory(memory_id)["uses"]) == (2, 2)


def test_pairs_count_once_even_where_nothing_is_learnt(new_desk: Callable[..., Desk]) -> None:
    """``recall.learn`` is about weights."""
    desk = new_desk(recall__learn=False)
    memory_id = desk.remember("the port of the api is 5432")
    desk.hits("port of the api")

    desk.call("used", id=memory_id)
    desk.call("used", id=memory_id)

    assert desk.memory(memory_id)["uses"] == 1


def test_being_shown_is_not_a_use(desk: Desk, clock: Clock) -> None:
    """lifecycle.md: not mere appearance in a list."""
    memory_id = desk.remember("the port of the api is 5432")
    before = state(desk, memory_id)
    clock.go_to(50)
    desk.hits("port of the api")
    desk.call("list")

    assert state(desk, memory_id) == before


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

    befall(contradicted)
    doubted = desk.call("why", id=memory_id, now=at(0))["lifecycle"]
    befall(resolved)
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


# Clocks


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


# Ranking


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


# Stores


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
