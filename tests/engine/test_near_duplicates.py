"""Memories that say nearly the same; with the stub embedder nearness is which words are shared."""

from __future__ import annotations

from typing import Any

import pytest

from slm.errors import InvalidInput, NeedsUser
from tests.engine.desk import Desk

PORT = "the api of the shop listens on port"


def _groups(desk: Desk, **fields: Any) -> list[list[str]]:
    found = desk.call("similar", **fields)["groups"]
    return [[group["memory"]["text"], *(each["memory"]["text"] for each in group["similar"])] for group in found]


def test_near_duplicates_are_grouped_and_the_newest_comes_first(desk: Desk) -> None:
    """experience.md: near duplicates are stored and listed as similar."""
    desk.remember(f"{PORT} 5432")
    desk.remember("lunch is at noon")
    desk.remember(f"{PORT} 5433")

    found = desk.call("similar")

    assert _groups(desk) == [[f"{PORT} 5433", f"{PORT} 5432"]]
    assert (found["total"], found["compared"]) == (1, 3)
    assert 0.8 <= found["groups"][0]["similar"][0]["similarity"] <= 1


def test_it_agrees_with_what_remember_said_at_the_time(desk: Desk) -> None:
    """The same threshold: what was listed as similar when it came is in one group with it."""
    first = desk.remember(f"{PORT} 5432")
    answer = desk.call("remember", text=f"{PORT} 5433")

    [group] = desk.call("similar")["groups"]

    assert [each["id"] for each in answer["similar"]] == [first] == [e["memory"]["id"] for e in group["similar"]]
    assert group["similar"][0]["similarity"] == pytest.approx(answer["similar"][0]["similarity"], abs=2e-3)


def test_corrected_forgotten_and_superseded_memories_are_no_duplicates(desk: Desk) -> None:
    """They resemble their successors by right, and there is nothing to tidy."""
    desk.call("correct", id=desk.remember(f"{PORT} 1"), text=f"{PORT} 2")
    desk.call("correct", id=desk.remember(f"{PORT} 3 in Oslo by night"), text=f"{PORT} 3 in Oslo", from_="2024-01-01")
    desk.call("forget", id=[desk.remember(f"{PORT} 4")])

    assert all(f"{PORT} 1" not in group and f"{PORT} 4" not in group for group in _groups(desk))
    assert all("by night" not in text for group in _groups(desk) for text in group)


def test_filters_are_those_of_list(desk: Desk) -> None:
    """client.md: the filters are exact, and the same as without --similar."""
    for number in range(4):
        desk.remember(f"{PORT} {number}", tag="even" if number % 2 == 0 else "odd", in_scope="a" if number else "b")

    assert _groups(desk, tag="even", all_scopes=True) == [[f"{PORT} 2", f"{PORT} 0"]]
    [group] = _groups(desk, in_scope="a")
    assert group[0] == f"{PORT} 3"
    assert sorted(group[1:]) == [f"{PORT} 1", f"{PORT} 2"]
    assert _groups(desk, in_scope="b") == []
    with pytest.raises(InvalidInput, match="kind"):
        desk.call("similar", kind="nothing")


def test_long_memories_are_compared_as_wholes(desk: Desk) -> None:
    """A common first chunk doesn't make two documents the same."""
    heading = "weekly report of the northern harbour office " * 18
    desk.remember(heading + " ".join(f"cod{i}" for i in range(400)))
    desk.remember(heading + " ".join(f"pine{i}" for i in range(400)))

    assert _groups(desk) == []


def test_limit_tells_the_nearest_and_counts_all(desk: Desk) -> None:
    desk.remember("olives are green and round and small")
    desk.remember("olives are green and round and tiny")
    desk.remember(f"{PORT} 1 2 3 4 5 6")
    desk.remember(f"{PORT} 1 2 3 4 5 6 7")

    found = desk.call("similar", limit=1)

    assert (len(found["groups"]), found["total"]) == (1, 2)
    assert found["groups"][0]["memory"]["text"].startswith(PORT)
    with pytest.raises(InvalidInput, match="limit"):
        desk.call("similar", limit=0)


def test_an_empty_store_has_none(desk: Desk) -> None:
    assert desk.call("similar") == {"groups": [], "total": 0, "compared": 0}


def test_agents_do_not_tidy(desk: Desk) -> None:
    """client.md: six small tools."""
    with pytest.raises(NeedsUser):
        desk.call("similar", as_actor="mcp:x")
