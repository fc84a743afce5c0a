"""The sheaf in memory against one that is replayed from the store, whatever happened between."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from slm.engine.claim_codec import encode
from slm.engine.engine import Engine
from slm.engine.live_sheaf import MEMORIES_A_STEP, LiveSheaf
from slm.errors import InvalidInput, NotFound, StoreDamaged
from tests.engine.desk import Desk

TEXTS = st.sampled_from(
    [f"{name} lives in {city}" for name in ("Alice", "Bob") for city in ("Paris", "Rome")]
    + ["Alice moved to Oslo", "Bob is the same person as Robert", "Robert lives in Oslo", "The api listens on 5432",
       "The api listens on 5433 now", "Deploy is 2 days before the audit", "Audit is on 14 March 2026",
       "Deploy is on 10 March 2026", "Nothing of note."]
)  # fmt: skip
CLAIMS = st.sampled_from(
    ["alice.city=Oslo", "bob==alice", "api.port!=5432", "deploy.date<2026-03-09", "a.size=2*b.size"]
)
DAYS = st.sampled_from(["2026-01-01", "2026-02-01", "2026-03-01"])
SCOPES = st.sampled_from(["global", "acme/api", "acme/web"])


def rebuilt(engine: Engine) -> LiveSheaf:
    replayed = LiveSheaf(engine.store, engine.claims)
    replayed.finish()
    return replayed


def state(live: LiveSheaf) -> dict[str, Any]:
    sheaf = live.sheaf
    return {
        "held": live.held,
        "claims": sheaf.claims,
        "conflicts": sheaf.conflicts(),
        "supersessions": sheaf.supersessions(),
        "open": [conflict.id for conflict in live.open(sheaf.conflicts())],
        "contradictions": {ordinal: live.contradicted.get(ordinal, 0) for ordinal in live.held},
    }


class Changes(RuleBasedStateMachine):
    """Every way in which a memory changes; after each the sheaf is the one that the store would give."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp())
        self.desk = Desk(self.root)
        self.ids: list[str] = []

    def teardown(self) -> None:
        self.desk.service.close()
        shutil.rmtree(self.root)

    def _try(self, op: str, **fields: Any) -> None:
        with suppress(InvalidInput, NotFound):  # refused, as a person would see it
            self.desk.call(op, **fields)

    @rule(text=TEXTS, day=DAYS, scope=SCOPES, claims=st.lists(CLAIMS, max_size=2, unique=True), force=st.booleans())
    def remember(self, text: str, day: str, scope: str, claims: list[str], force: bool) -> None:
        answer = self.desk.call("remember", text=text, at=day, in_scope=scope, claim=claims, force=force)
        self.ids = list(dict.fromkeys([*self.ids, answer["id"]]))

    @rule(texts=st.lists(TEXTS, min_size=2, max_size=4), day=DAYS)
    def remember_turns(self, texts: list[str], day: str) -> None:
        batch = [{"text": text, "kind": "turn", "observed_at": day, "speaker": "Ana"} for text in texts]
        self.ids += [result["id"] for result in self.desk.call("remember", batch=batch)["results"]]

    @precondition(lambda self: self.ids)
    @rule(data=st.data(), text=TEXTS, day=st.none() | DAYS)
    def correct(self, data: st.DataObject, text: str, day: str | None) -> None:
        self._try("correct", id=data.draw(st.sampled_from(self.ids)), text=f"{text}.", from_=day)

    @precondition(lambda self: self.ids)
    @rule(data=st.data(), text=TEXTS)
    def supersede(self, data: st.DataObject, text: str) -> None:
        old = data.draw(st.sampled_from(self.ids))
        self._try("remember", text=f"{text} by now", supersedes=[old])

    @precondition(lambda self: self.ids)
    @rule(data=st.data())
    def forget(self, data: st.DataObject) -> None:
        self._try("forget", id=[data.draw(st.sampled_from(self.ids))])

    @rule(old=SCOPES, new=SCOPES)
    def rename_scope(self, old: str, new: str) -> None:
        self._try("scope_rename", from_=old, to=new)

    @precondition(lambda self: self.ids)
    @rule(data=st.data(), claim=CLAIMS)
    def add_claim(self, data: st.DataObject, claim: str) -> None:
        self._try("claims_add", id=data.draw(st.sampled_from(self.ids)), claim=[claim])

    @precondition(lambda self: self.ids)
    @rule(data=st.data())
    def drop_claims(self, data: st.DataObject) -> None:
        self._try("claims_drop", id=[data.draw(st.sampled_from(self.ids))])

    @rule(data=st.data(), day=DAYS)
    def resolve(self, data: st.DataObject, day: str) -> None:
        conflicts = self.desk.call("audit", all_scopes=True)["conflicts"]
        if conflicts:
            conflict = data.draw(st.sampled_from(conflicts))
            claim = data.draw(st.sampled_from([claim["id"] for claim in conflict["claims"]]))
            how = data.draw(
                st.sampled_from(
                    [{"accept": True}, {"drop": [claim]}, {"ends": claim, "at": day}, {"ends": claim[:12], "at": day}]
                )
            )
            self._try("audit_resolve", conflict=conflict["id"], **how)

    @rule()
    def undo(self) -> None:
        self._try("undo")

    @rule()
    def reopen(self) -> None:
        self.desk.reopen()

    @invariant()
    def the_sheaf_is_the_one_that_the_store_gives(self) -> None:
        engine = self.desk.engine()
        assert state(engine.sheaf) == self.desk.service.inspect(lambda engine: state(rebuilt(engine)))

    @invariant()
    def the_lifecycle_has_the_number_of_contradictions_that_the_claims_give(self) -> None:
        engine = self.desk.engine()
        kept = engine.index.lifecycles.rows["contradictions"].tolist()
        assert {ordinal: count for ordinal, count in enumerate(kept) if count} == engine.sheaf.contradicted


TestIncrementalAgainstRebuilt = Changes.TestCase
TestIncrementalAgainstRebuilt.settings = settings(
    max_examples=15, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck)
)


def _filled(desk: Desk, n_memories: int) -> None:
    desk.call("remember", batch=[
        {"text": f"Person{n % 40} lives in {'Paris' if n % 3 else 'Rome'}", "kind": "turn", "observed_at": "2026-01-01"}
        for n in range(n_memories)
    ])  # fmt: skip


def test_texts_that_other_rules_read_are_read_anew_and_decisions_stay(desk: Desk) -> None:
    """Newer rules hold for old memories too; what a person gave or dropped is kept."""
    first = desk.remember("Alice lives in Paris", claim=["bob.city=Rome"])
    second = desk.remember("The api listens on 5432")
    desk.call("claims_drop", id=[second])

    def age(engine: Engine) -> None:
        engine.store.transact(lambda writer: [writer.put_claims(n, encode("0:older", [])) for n in (0, 1)])

    desk.service.inspect(age)
    desk.reopen()

    assert [claim["claim"] for claim in desk.memory(first)["all_claims"]] == ["bob.city=Rome", "alice.home=paris"]
    assert [claim["dropped"] for claim in desk.memory(second)["all_claims"]] == [True]
    assert desk.engine().sheaf.reread == 2
    desk.reopen()
    assert desk.engine().sheaf.reread == 0


def test_a_store_whose_texts_were_never_read_is_read_at_its_opening(desk: Desk) -> None:
    """Stores of schema 1 have an empty table of claims."""
    _filled(desk, 5)
    before = state(desk.engine().sheaf)

    def empty(engine: Engine) -> None:
        handle = engine.store._environment.lmdb.open_db(b"claims")
        engine.store.transact(lambda writer: writer._txn.drop(handle, delete=False))

    desk.service.inspect(empty)
    desk.reopen()

    assert state(desk.engine().sheaf) == before


def test_a_replay_goes_on_in_steps_and_takes_up_what_changes_meanwhile(desk: Desk) -> None:
    """A large store answers before its claims are in; what is written between two steps isn't lost."""
    n_memories = 3 * MEMORIES_A_STEP
    _filled(desk, n_memories)

    def stepwise(engine: Engine) -> tuple[bool, int]:
        engine.sheaf = LiveSheaf(engine.store, engine.claims)
        more = engine.sheaf.step()
        return more, len(engine.sheaf.contradicted)

    assert desk.service.inspect(stepwise) == (True, 0)
    first = desk.texts(limit=1000)[-1]
    desk.call("forget", id=[desk.call("list", limit=1000)["memories"][-1]["id"]])
    assert first == "Person0 lives in Rome"
    desk.service.inspect(lambda engine: engine.sheaf.finish())

    engine = desk.engine()
    assert engine.sheaf.ready
    assert 0 not in engine.sheaf.held
    assert state(engine.sheaf) == desk.service.inspect(lambda engine: state(rebuilt(engine)))


def test_a_remembered_contradiction_is_told_even_while_the_claims_are_still_read(desk: Desk) -> None:
    """client.md: ``remember`` answers with conflicts; it waits for the replay, and questions go ahead."""
    desk.remember("The port of the api is 5432", at="2026-01-01")
    desk.service.inspect(lambda engine: setattr(engine, "sheaf", LiveSheaf(engine.store, engine.claims)))
    assert desk.call("status")["truth"]["contradictions"] is None

    answer = desk.call("remember", text="The port of the api is 5433", at="2026-01-02")

    assert len(answer["conflicts"]) == 1
    assert desk.call("status")["truth"] == {"contradictions": 1, "claims": 2}


def test_a_write_into_a_large_store_waits_for_no_claims_and_says_what_it_does_not_know(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pinned: reading 75,000 claims takes seconds. ``conflicts`` null is unknown, as in ``status``; audit tells it."""
    desk.remember("The port of the api is 5432", at="2026-01-01")
    monkeypatch.setattr("slm.engine.engine.WAITED_FOR", 0)
    desk.service.inspect(lambda engine: setattr(engine, "sheaf", LiveSheaf(engine.store, engine.claims)))

    answer = desk.call("remember", text="The port of the api is 5433", at="2026-01-02")
    added = desk.call("claims_add", id=answer["id"], claim=["api.host=a"])

    assert (answer["status"], answer["conflicts"], answer["supersedes"]) == ("stored", None, [])
    assert added["conflicts"] is None
    assert not desk.engine().sheaf.ready
    assert len(desk.call("audit")["conflicts"]) == 1
    assert len(desk.call("claims_add", id=answer["id"], claim=["api.host=a"])["conflicts"]) == 1


def test_an_import_waits_for_no_claims(desk: Desk) -> None:
    """Imports tell no conflicts, so that they need none to be known."""
    desk.service.inspect(lambda engine: setattr(engine, "sheaf", LiveSheaf(engine.store, engine.claims)))

    desk.call("remember", batch=[{"text": "The port of the api is 5432"}], as_actor="import:notes")

    assert not desk.engine().sheaf.ready


def test_what_changes_while_claims_are_read_is_taken_up_in_steps(desk: Desk) -> None:
    """A long import behind a start must not hold up an answer at its end."""
    _filled(desk, 2)
    desk.service.inspect(lambda engine: setattr(engine, "sheaf", LiveSheaf(engine.store, engine.claims)))
    desk.service.inspect(lambda engine: engine.sheaf.step())
    batch = [{"text": f"Person{n} lives in Oslo", "kind": "turn"} for n in range(3 * MEMORIES_A_STEP)]
    desk.call("remember", batch=batch, as_actor="import:notes")

    def steps(engine: Engine) -> int:
        return sum(1 for _ in iter(engine.sheaf.step, False))

    assert desk.service.inspect(steps) >= 3
    assert state(desk.engine().sheaf) == desk.service.inspect(lambda engine: state(rebuilt(engine)))


def test_nobody_is_served_within_a_transaction(desk: Desk) -> None:
    """A query may need a transaction of its own (an audit that reads texts anew), and there is one at a time."""

    def waiting(engine: Engine) -> tuple[bool, bool]:
        query = engine._worker._put(engine._worker._queries, lambda: None)

        def change(_: object) -> bool:
            engine.others_first()
            return query.done()

        within = engine.transact("cli", change)
        engine.others_first()
        return within, query.done()

    assert desk.service.inspect(waiting) == (False, True)


def test_a_large_store_is_replayed_behind_the_first_answers(new_desk: Any) -> None:
    """The start of a large store waits for no claim: they come in between what is asked."""
    desk = new_desk()
    _filled(desk, 300)
    before = state(desk.engine().sheaf)
    desk.reopen()

    assert desk.texts(limit=1) == ["Person19 lives in Paris"]
    desk.service.inspect(lambda engine: engine.sheaf.finish())
    assert state(desk.engine().sheaf) == before


def test_damage_in_the_claims_is_told_and_never_taken_for_an_empty_table(desk: Desk) -> None:
    """A replay that failed begins again: a part of the claims is no audit."""
    _filled(desk, 3)

    def damage(engine: Engine) -> None:
        handle = engine.store._environment.lmdb.open_db(b"claims")
        engine.store.transact(lambda writer: writer._txn.put(b"\0\0\0\1", b"12345678", db=handle))
        engine.sheaf = LiveSheaf(engine.store, engine.claims)

    desk.service.inspect(damage)

    for _ in range(2):
        with pytest.raises(StoreDamaged):
            desk.call("audit")


def test_a_stopped_replay_does_nothing_more(desk: Desk) -> None:
    """Closing a profile ends the replay, whoever goes on asking for steps."""
    _filled(desk, 3)

    def stopped(engine: Engine) -> bool:
        live = LiveSheaf(engine.store, engine.claims)
        live.stop()
        return live.step()

    assert desk.service.inspect(stopped) is False
