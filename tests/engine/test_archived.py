"""Archived memories: out of sight, never lost, and asked for where the others are no answer."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from slm.engine.archived import MARGIN, left_out
from tests.engine.ages import NOTES, TEN_YEARS
from tests.engine.calendar import Clock, at
from tests.engine.desk import Desk


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
    """lifecycle.md: left out by default, found with ``--archived``; the answer counts what it left out."""
    old = desk.remember("the port of the api is 5432")
    clock.go_to(1000)
    new = desk.remember("the port of the api is 5433")

    kept = desk.call("recall", query="port of the api", min_confidence=0)
    wider = desk.call("recall", query="port of the api", min_confidence=0, archived=True)

    assert [hit["memory"]["id"] for hit in kept["hits"]] == [new]
    assert (kept["left_out"], kept["with_archived"]) == (1, False)
    assert {hit["memory"]["id"] for hit in wider["hits"]} == {old, new}
    assert (wider["left_out"], wider["with_archived"]) == (0, True)
    assert kept["searched"] == wider["searched"] == 2


def test_an_archived_memory_that_fits_far_better_than_what_is_shown_is_not_left_out(desk: Desk, clock: Clock) -> None:
    """ARCHITECTURE.md: what one asks for outweighs that it was long not needed; the hit says that it is archived."""
    old = desk.remember("the port of the api is 5432")
    clock.go_to(1000)
    new = desk.remember("the port of the shed is green")

    answer = desk.call("recall", query="port of the api", min_confidence=0)

    assert [(hit["memory"]["id"], hit["flags"]) for hit in answer["hits"]] == [(old, ["archived"]), (new, [])]
    assert (answer["left_out"], answer["with_archived"]) == (0, False)


@given(st.lists(st.tuples(st.integers(-20, 20), st.booleans()), max_size=30), st.integers(1, 12))
def test_who_is_left_out_by_brute_force(drawn: list[tuple[int, bool]], limit: int) -> None:
    """The rule, one memory at a time: archived, and not half a point above the last hit of those in use."""
    ranked = sorted(((score / 10, archived) for score, archived in drawn), key=lambda pair: -pair[0])
    shown = [score for score, archived in ranked if not archived][:limit]
    expected = [archived and not (shown and score >= shown[-1] + MARGIN) for score, archived in ranked]

    scores, archived = (np.array([pair[i] for pair in ranked], dtype) for i, dtype in ((0, float), (1, bool)))
    assert left_out(scores, archived, limit).tolist() == expected


def test_where_recall_is_weak_archived_memories_are_searched_and_that_is_said(desk: Desk, clock: Clock) -> None:
    """lifecycle.md: retry with them and say so."""
    old = desk.remember("the port of the api is 5432")
    clock.go_to(1000)
    desk.remember("olives are green")

    answer = desk.call("recall", query="port of the api")

    assert [hit["memory"]["id"] for hit in answer["hits"]][:1] == [old]
    assert answer["hits"][0]["flags"] == ["archived"]
    assert answer["with_archived"] is True


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


def test_why_not_names_the_archive(desk: Desk, clock: Clock) -> None:
    """experience.md: what excluded it; archived is one of the reasons."""
    old = desk.remember("the port of the api is 5432")
    clock.go_to(1000)
    desk.remember("the port of the api is 5433")

    left_out = desk.call("why", id=old, for_="port of the api", min_confidence=0)
    asked = desk.call("why", id=old, for_="port of the api", min_confidence=0, archived=True)

    assert [(each["by"], each["hint"]) for each in left_out["excluded"]] == [("archived", "--archived")]
    assert (asked["shown"], asked["phase"]) == (True, "archived")
