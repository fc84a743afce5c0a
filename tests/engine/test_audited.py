"""Audits in steps: asking again goes on, and what nobody asks for any more has ended."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from slm.engine.audited import MOST_BEGUN, Unfinished
from slm.engine.engine import Engine
from slm.engine.live_sheaf import LiveSheaf
from tests.engine.desk import Desk

HERE, THERE = "acme/api", "acme/web"
N_MEMORIES = 400


@pytest.fixture
def filled(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Two projects, with a contradiction in the first; read and compared in small steps."""
    monkeypatch.setattr("slm.consistency.claim_sheaf.A_STEP", 32)
    for scope in (HERE, THERE):
        desk.call("remember", batch=[
            {"text": f"Person{n} lives in Rome", "kind": "turn", "scope": scope, "observed_at": "2026-03-01"}
            for n in range(N_MEMORIES // 2 - 1)
        ])  # fmt: skip
    desk.remember("Person7 lives in Paris", in_scope=HERE, at="2026-03-01")
    desk.remember("Person8 lives in Paris", in_scope=THERE, at="2026-03-01")
    return desk


def reading(desk: Desk) -> None:
    """As after a start: none of the claims is in."""
    desk.service.inspect(lambda engine: setattr(engine, "sheaf", LiveSheaf(engine.store, engine.claims)))


def told(desk: Desk, **fields: Any) -> list[dict[str, Any]]:
    """Every answer until the last, asked for without any patience."""
    answers = [desk.call("audit", patience_s=0, **fields)]
    while "unfinished" in answers[-1]:
        answers.append(desk.call("audit", patience_s=0, **fields))
    return answers


def test_the_last_answer_is_the_one_that_patience_gets(filled: Desk) -> None:
    """Oracle: the same audit in one go."""
    for fields in ({"in_scope": HERE}, {"all_scopes": True}, {"in_scope": HERE, "kind": "note"}):
        reading(filled)
        steps = told(filled, **fields)

        assert len(steps) > 2
        assert steps[-1] == filled.call("audit", **fields)


def test_every_answer_says_how_far_it_is(filled: Desk) -> None:
    """First the claims of all memories are read, then those of the scope compared; neither ever goes back."""
    reading(filled)

    steps = [answer["unfinished"] for answer in told(filled, in_scope=HERE)[:-1]]

    assert [step["stage"] for step in steps] == sorted((step["stage"] for step in steps), reverse=True)
    for stage, total in (("reading", N_MEMORIES), ("comparing", N_MEMORIES // 2)):
        done = [step["done"] for step in steps if step["stage"] == stage]
        assert done == sorted(done)
        assert 0 < done[0] <= done[-1] <= total
        assert {step["total"] for step in steps if step["stage"] == stage} == {total}


def test_an_audit_that_was_left_keeps_nothing_once_something_changes(filled: Desk) -> None:
    """A part that is as large as the store itself must not stay for nobody."""
    assert "unfinished" in filled.call("audit", patience_s=0, in_scope=HERE)
    assert filled.engine().audited._begun

    filled.remember("and another", in_scope=HERE)

    assert not filled.engine().audited._begun


def test_an_audit_that_was_left_holds_nothing_of_what_was_erased_since(filled: Desk) -> None:
    """No byte of what was erased stays; the part that was begun held its claims. Oracle: the audit in one go."""
    gone = filled.remember("Emil lives in Lima", in_scope=HERE, at="2026-03-01")
    assert "unfinished" in filled.call("audit", patience_s=0, in_scope=HERE)

    filled.call("erase", id=[gone])

    assert not filled.engine().audited._begun
    assert told(filled, in_scope=HERE)[-1] == filled.call("audit", in_scope=HERE)


def test_what_changes_between_two_answers_is_in_the_last(filled: Desk) -> None:
    """The part that was begun is of a store that is no more."""
    assert "unfinished" in filled.call("audit", patience_s=0, in_scope=HERE)
    filled.remember("Person9 lives in Oslo", in_scope=HERE, at="2026-03-01")

    assert told(filled, in_scope=HERE)[-1]["total"] == 2


def test_clients_that_take_turns_all_come_to_their_end(filled: Desk) -> None:
    """None throws away what another has begun; each has the answer to what it asked."""
    names: dict[str, str] = {}
    for _ in range(N_MEMORIES):
        for scope in (HERE, THERE):
            answer = filled.call("audit", patience_s=0, in_scope=scope)
            names |= {scope: answer["conflicts"][0]["id"]} if "conflicts" in answer else {}
        if len(names) == 2:
            break

    assert names[HERE] != names[THERE]


def test_audits_that_were_left_are_few(filled: Desk) -> None:
    """Each of them holds memory; the oldest give way."""

    def begin(engine: Engine) -> int:
        for last in range(200, 200 + 2 * MOST_BEGUN):
            mask = np.arange(N_MEMORIES) < last
            assert isinstance(engine.audited.sheaf(engine, mask, patience_s=0), Unfinished)
        return len(engine.audited._begun)

    assert filled.service.inspect(begin) == MOST_BEGUN
