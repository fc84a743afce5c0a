"""Unresolved contradictions in the lifecycle, asked in the words of ``slm-json/1``."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import numpy as np
import pytest

from slm.engine.engine import Engine
from slm.errors import InvalidInput, StorageRefused
from tests.engine.ages import state
from tests.engine.calendar import Clock, at
from tests.engine.desk import Desk

PARIS, ROME, OSLO = (f"Alice lives in {city}" for city in ("Paris", "Rome", "Oslo"))
SAID = "2027-02-01"


def contradiction(desk: Desk) -> tuple[str, str]:
    """Two memories that can't both be true."""
    return desk.remember(PARIS, at=SAID), desk.remember(ROME, at=SAID)


def counts(desk: Desk, *ids: str) -> tuple[int, ...]:
    return tuple(state(desk, memory_id).contradictions for memory_id in ids)


def conflict(desk: Desk) -> str:
    return str(desk.call("audit")["conflicts"][0]["id"])


def kinds(desk: Desk) -> list[str]:
    """The operations in the journal, housekeeping included."""
    with desk.engine().store.read() as reader:
        return [entry.op for entry in reader.entries()]


def test_a_contradiction_shortens_the_lives_of_both(desk: Desk, clock: Clock) -> None:
    """lifecycle.md: an unresolved contradiction lowers the bias by 1, so the lifetime falls by the factor e."""
    first = desk.remember(PARIS, at=SAID)
    alone = desk.call("why", id=first, now=at(0))["lifecycle"]
    second = desk.remember(ROME, at=SAID)

    doubted = desk.call("why", id=first, now=at(0))["lifecycle"]

    assert doubted["lifetime"] == pytest.approx(alone["lifetime"] / np.e, rel=1e-3)
    assert doubted["archived_from"] < alone["archived_from"]
    assert counts(desk, first, second) == (1, 1)


@pytest.mark.parametrize("how", ["accept", "drop", "end", "forget", "correct", "drop the claim"])
def test_what_settles_a_contradiction_gives_the_other_back_and_undo_takes_that_back(
    desk: Desk, clock: Clock, how: str
) -> None:
    """Resolved, accepted and dropped ones don't count; ``undo`` is exact, so the number follows it."""
    first = desk.remember(PARIS, at=SAID)
    before = state(desk, first)
    second = desk.remember(ROME, at=SAID)
    doubted = state(desk, first)
    named = conflict(desk)
    op, fields = {
        "accept": ("audit_resolve", {"conflict": named, "accept": True}),
        "drop": ("audit_resolve", {"conflict": named, "drop": [second]}),
        "end": ("audit_resolve", {"conflict": named, "ends": second, "at": "2027-01-01"}),
        "forget": ("forget", {"id": [second]}),
        "correct": ("correct", {"id": second, "text": "Bob lives in Rome"}),
        "drop the claim": ("claims_drop", {"id": [second]}),
    }[how]

    desk.call(op, **fields)
    settled = state(desk, first)
    desk.call("undo")

    assert (settled, settled == doubted) == (before, False)
    assert state(desk, first) == doubted
    assert counts(desk, second) == (1,)


def test_erasing_a_memory_gives_the_other_back(desk: Desk, clock: Clock) -> None:
    """What is gone contradicts nothing, at once and after a start."""
    first = desk.remember(PARIS, at=SAID)
    before = state(desk, first)
    second = desk.remember(ROME, at=SAID)

    desk.call("erase", id=[second])

    assert state(desk, first) == before
    desk.reopen()
    assert state(desk, first) == before


def test_many_contradictions_are_counted_and_two_of_them_weigh(desk: Desk, clock: Clock) -> None:
    """lifecycle.md: − min(unresolved contradictions, 2)."""
    ids = [desk.remember(f"Alice lives in {city}", at=SAID) for city in ("Paris", "Rome", "Oslo", "Bern")]
    lifetimes = {memory_id: desk.call("why", id=memory_id, now=at(0))["lifecycle"]["lifetime"] for memory_id in ids}

    assert counts(desk, *ids) == (3, 1, 1, 1)
    assert lifetimes[ids[0]] == pytest.approx(lifetimes[ids[1]] / np.e, rel=1e-2)


@pytest.mark.parametrize("order", list(permutations([PARIS, ROME, OSLO])))
def test_the_order_in_which_memories_come_in_leaves_no_trace(desk: Desk, clock: Clock, order: tuple[str, ...]) -> None:
    """The number follows from the claims: equal ones give it whatever came first, here by the time they were said."""
    told = {text: f"2027-02-01T0{hour}:00" for hour, text in enumerate((PARIS, ROME, OSLO))}
    ids = {text: desk.remember(text, at=told[text]) for text in order}

    assert counts(desk, *(ids[text] for text in (PARIS, ROME, OSLO))) == (2, 1, 1)


def test_an_export_read_elsewhere_finds_the_same_numbers(new_desk: Any, clock: Clock) -> None:
    """An export doesn't carry them: they follow from its claims and resolutions, in any order of records."""
    here, there = new_desk(), new_desk()
    ids = [here.remember(text, at=f"{SAID}T0{hour}:00") for hour, text in enumerate((PARIS, ROME, OSLO))]
    here.call("audit_resolve", conflict=conflict(here), accept=True)

    there.call("remember", as_actor="import:jsonl", batch=list(reversed(here.exported())))

    assert sorted(counts(here, *ids)) == [0, 1, 1]
    assert counts(there, *ids) == counts(here, *ids)


def test_a_number_that_is_wrong_at_the_start_is_put_right(desk: Desk, clock: Clock) -> None:
    """Rules may have changed meanwhile: what the claims say holds. A second start has nothing left to do."""
    first, second = contradiction(desk)
    third = desk.remember("The api listens on 5432", at=SAID)

    def spoil(engine: Engine) -> None:
        rows = engine.index.lifecycles.rows
        for ordinal, count in ((0, 0), (1, 2), (2, 1)):
            row = rows[ordinal : ordinal + 1].copy()
            row["contradictions"] = count
            engine.store.transact(lambda writer, at=ordinal, row=row: writer.put_lifecycle(at, row.tobytes()))

    desk.service.inspect(spoil)
    desk.reopen()

    assert counts(desk, first, second, third) == (1, 1, 0)
    n_entries = len(kinds(desk))
    desk.reopen()
    assert len(kinds(desk)) == n_entries


def test_numbers_are_journalled_with_the_change_and_stay_out_of_log_and_undo(desk: Desk) -> None:
    """experience.md: what stands beside a change is no change of yours; the entry names memories and no text."""
    first, second = contradiction(desk)

    with desk.engine().store.read() as reader:
        entry = next(entry for entry in reader.entries(reverse=True) if entry.op == "contradicted")

    assert entry.payload == {"counts": {first: 1, second: 1}}
    assert [op for op in kinds(desk) if op != "epoch"] == ["remember", "remember", "contradicted"]
    assert "contradicted" not in desk.ops()
    assert desk.call("undo", dry_run=True)["op"] == "remember"
    with pytest.raises(InvalidInput, match="can't be undone"):
        desk.call("undo", entry=entry.seq)


def test_a_write_that_the_disk_refuses_leaves_claims_and_numbers_as_they_were(
    desk: Desk, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All or nothing: the sheaf follows a transaction while it is open, and goes back with it."""
    first = desk.remember(PARIS, at=SAID)
    before = state(desk, first)

    def full(*_: object, **__: object) -> None:
        raise StorageRefused("no space left")

    with monkeypatch.context() as patch:
        patch.setattr(desk.engine().index, "stage", full)
        with pytest.raises(StorageRefused):
            desk.remember(ROME, at=SAID)

    assert state(desk, first) == before
    assert desk.call("audit")["conflicts"] == []
    assert desk.engine().sheaf.contradicted == {}
    second = desk.remember(ROME, at=SAID)
    assert counts(desk, first, second) == (1, 1)


def test_without_the_lifecycle_nothing_is_written_until_it_is_switched_on(new_desk: Any, clock: Clock) -> None:
    """Switched on later, the first start finds what has happened."""
    desk = new_desk(lifecycle__enabled=False)
    first, second = contradiction(desk)
    assert counts(desk, first, second) == (0, 0)
    assert "contradicted" not in kinds(desk)

    desk.service.close()
    on = Desk(desk.root)
    try:
        assert counts(on, first, second) == (1, 1)
    finally:
        on.service.close()
    desk.open()


def test_texts_that_are_not_read_contradict_nothing_and_explicit_claims_still_do(new_desk: Any) -> None:
    """``claims.extract`` is about texts alone."""
    desk = new_desk(claims__extract=False)
    first, second = contradiction(desk)
    third = desk.remember("one", claim=["alice.city=Oslo"], at=SAID)
    fourth = desk.remember("two", claim=["alice.city=Bern"], at=SAID)

    assert counts(desk, first, second, third, fourth) == (0, 0, 1, 1)


def test_why_names_the_contradictions_of_a_memory(desk: Desk) -> None:
    """The brief of the terminal: the number, and the ids to go on with."""
    first, _ = contradiction(desk)

    answer = desk.call("why", id=first)

    assert [found["id"] for found in answer["conflicts"]] == [conflict(desk)]
    assert answer["lifecycle"]["contradictions"] == 1


def test_a_private_contradiction_is_not_named_to_an_agent(desk: Desk) -> None:
    """experience.md: private memories never go through MCP, nor can they be guessed from what they contradict."""
    first = desk.remember(PARIS, at=SAID)
    desk.remember(ROME, at=SAID, private=True)

    assert len(desk.call("why", id=first)["conflicts"]) == 1
    assert desk.call("why", id=first, as_actor="mcp:agent")["conflicts"] == []
