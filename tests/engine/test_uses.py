"""Uses, reported and seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from slm.engine.days import day_of
from slm.engine.engine import Engine
from slm.errors import StorageRefused
from tests.engine.ages import NOTES, TEN_YEARS, phase, state
from tests.engine.calendar import Clock, at
from tests.engine.desk import Desk


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


@pytest.mark.parametrize("more", [{}, {"history": True}])
def test_opening_a_hit_is_a_use_once_a_recall(desk: Desk, clock: Clock, more: dict[str, Any]) -> None:
    """lifecycle.md, Coupling: ``show`` and ``memory_get`` of a hit of one of the last recalls."""
    memory_id = desk.remember("the port of the api is 5432")
    clock.go_to(400)
    desk.hits("port of the api")
    for _ in range(2):
        assert [memory["id"] for memory in desk.call("show", id=[memory_id], **more)["memories"]] == [memory_id]
    desk.call("used", id=memory_id)

    assert (desk.memory(memory_id)["uses"], state(desk, memory_id).last) == (1, day_of(at(400)))
    assert phase(desk, memory_id, 400) == "active"

    desk.hits("port of the api")
    desk.call("show", id=[memory_id[:5]])
    desk.settle()
    assert desk.memory(memory_id)["uses"] == 2


def test_opening_what_no_recall_has_shown_is_no_use(desk: Desk, clock: Clock) -> None:
    """A person who looks at the store isn't helped by what is there; another peer's recall isn't theirs."""
    memory_id = desk.remember("the port of the api is 5432")
    desk.call("show", id=[memory_id])
    desk.call("recall", query="port of the api", as_actor="mcp:x")
    desk.call("show", id=[memory_id])
    desk.settle()

    assert desk.memory(memory_id)["uses"] == 0


def test_opening_teaches_as_a_reported_use_does(desk: Desk) -> None:
    """experience.md, Learning: a use stores the feature vectors."""
    ids = [desk.remember(text) for text in NOTES]
    desk.hits("door of the garden")
    desk.call("show", id=[ids[-1]])
    desk.settle()

    assert desk.call("weights")["uses"] == 1


def test_a_full_disk_doesn_t_keep_one_from_looking(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """experience.md: recall works on a full disk."""
    memory_id = desk.remember("the port of the api is 5432")
    desk.hits("port of the api")

    def refuse(*_: object) -> None:
        raise StorageRefused("the disk is full")

    with monkeypatch.context() as full:
        full.setattr(Engine, "transact", refuse)
        assert desk.call("show", id=[memory_id])["memories"][0]["id"] == memory_id
        desk.settle()

    assert desk.memory(memory_id)["uses"] == 0
