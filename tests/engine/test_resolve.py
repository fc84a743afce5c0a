from __future__ import annotations

from typing import Any

import pytest

from slm.errors import InvalidInput, NeedsUser, NotFound
from tests.engine.desk import Desk
from tests.engine.test_audit import only, three


def total(desk: Desk, **fields: Any) -> int:
    return int(desk.call("audit", **fields)["total"])


def rows(desk: Desk) -> list[dict[str, Any]]:
    return [{k: v for k, v in record.items() if k not in ("claims_dropped", "claims_ended", "conflicts_accepted")}
            for record in desk.exported()]  # fmt: skip


def test_dropping_takes_the_claim_out_and_leaves_the_memory(desk: Desk) -> None:
    """experience.md, ``resolve --drop ID``: the least that settles it."""
    gap, _, _ = three(desk)
    before = rows(desk)

    answer = desk.call("audit_resolve", conflict=only(desk)["id"], drop=[gap[:6]])

    assert (answer["action"], answer["conflicts"], total(desk)) == ("drop", [], 0)
    assert [claim["dropped"] for claim in answer["claims"]] == [True]
    assert rows(desk) == before
    assert [hit["flags"] for hit in desk.hits("deploy audit")] == [[], [], []]


def test_only_the_claims_of_the_conflict_are_dropped(desk: Desk) -> None:
    """A memory may say more than what was wrong in it."""
    first = desk.remember("Alice lives in Paris. Bob lives in Oslo.", at="2026-03-01")
    desk.remember("Alice lives in Rome", at="2026-03-01")

    desk.call("audit_resolve", conflict=only(desk)["id"], drop=[first])

    assert [claim["dropped"] for claim in desk.memory(first)["all_claims"]] == [True, False]


def test_ending_a_memory_says_until_when_it_was_true(desk: Desk) -> None:
    """``--ends ID DATE``: the memory's own time, so that recall --as-of knows it as well."""
    old = desk.remember("Alice lives in Paris", at="2026-03-01", zone="UTC")
    desk.remember("Alice lives in Rome", at="2026-03-05")

    answer = desk.call("audit_resolve", conflict=only(desk)["id"], ends=old, at="2026-03-04", zone="UTC")

    assert (answer["until"], total(desk)) == ("2026-03-04T00:00:00Z", 0)
    assert desk.memory(old)["valid_until"] == "2026-03-04T00:00:00Z"
    assert desk.found("Alice", as_of="2026-03-02") == ["Alice lives in Paris"]


def test_ending_one_claim_leaves_the_memory_true(desk: Desk) -> None:
    """Named with its claim, that alone ends."""
    old = desk.remember("Alice lives in Paris. Bob lives in Oslo.", at="2026-03-01", zone="UTC")
    desk.remember("Alice lives in Rome", at="2026-03-05")
    conflict = only(desk)
    claim = next(claim["id"] for claim in conflict["claims"] if claim["memory_id"] == old)

    answer = desk.call("audit_resolve", conflict=conflict["id"], ends=claim, at="2026-03-04", zone="UTC")

    assert (answer["claims"][0]["valid_to"], total(desk)) == ("2026-03-04T00:00:00Z", 0)
    assert desk.memory(old)["valid_until"] is None


def test_what_is_accepted_stays_settled_until_there_is_new_evidence(desk: Desk) -> None:
    """experience.md: resolved stays resolved until new evidence, which is another set of claims."""
    three(desk)

    desk.call("audit_resolve", conflict=only(desk)["id"], accept=True)

    assert (total(desk), desk.call("audit")["accepted"]) == (0, 1)
    assert desk.hits("deploy")[0]["flags"] == []
    desk.reopen()
    assert total(desk) == 0
    assert only(desk, accepted=True)["accepted"] is True
    desk.remember("The deploy date is 9 March 2026", at="2026-03-03")
    assert total(desk) >= 1


@pytest.mark.parametrize("how", [{"accept": True}, {"drop": ["A"]}, {"ends": "A", "at": "2026-03-01"}])
def test_every_decision_is_taken_back_by_undo(desk: Desk, how: dict[str, Any]) -> None:
    """experience.md: ``undo`` takes back your last change, wholly."""
    first, _, _ = three(desk)
    given = {k: [first] if v == ["A"] else first if v == "A" else v for k, v in how.items()}
    before = desk.exported()

    desk.call("audit_resolve", conflict=only(desk)["id"], **given)
    assert total(desk) == 0
    undone = desk.call("undo")

    assert (undone["op"], undone["undone"]) == ("resolve", True)
    assert (desk.exported(), total(desk)) == (before, 1)


@pytest.mark.parametrize("how", [{"accept": True}, {"drop": ["A"]}, {"ends": "A", "at": "2026-03-01"}])
def test_a_decision_moves_with_an_export(new_desk: Any, how: dict[str, Any]) -> None:
    """experience.md, Moving: lossless means an equal store, resolutions included."""
    desk, other = new_desk(), new_desk()
    first, _, _ = three(desk, claim=["a.size=5"])
    given = {k: [first] if v == ["A"] else first if v == "A" else v for k, v in how.items()}
    desk.call("audit_resolve", conflict=only(desk)["id"], **given)
    exported = desk.exported()

    for _ in range(2):
        other.call("remember", batch=exported, as_actor="import:jsonl")

    assert other.exported() == exported
    assert (total(other), other.call("audit")["accepted"]) == (total(desk), desk.call("audit")["accepted"])


def test_an_import_adds_decisions_to_a_memory_that_is_there(new_desk: Any) -> None:
    """experience.md: merges; what was dropped on one machine is dropped on both."""
    desk, other = new_desk(), new_desk()
    first, _, _ = three(desk)
    other.call("remember", batch=desk.exported(), as_actor="import:jsonl")
    desk.call("audit_resolve", conflict=only(desk)["id"], drop=[first])

    other.call("remember", batch=desk.exported(), as_actor="import:jsonl")

    assert total(other) == 0


def test_a_dry_run_tells_and_changes_nothing(desk: Desk) -> None:
    """Destructive verbs take --dry-run."""
    first, _, _ = three(desk)
    before = desk.exported()

    answer = desk.call("audit_resolve", conflict=only(desk)["id"], drop=[first], dry_run=True)

    assert (len(answer["claims"]), len(answer["conflicts"]), answer["dry_run"]) == (1, 1, True)
    assert desk.exported() == before


@pytest.mark.parametrize("written", ["c:{}", "{}", "C:{}", " {} "])
def test_a_conflict_is_named_by_any_unique_prefix(desk: Desk, written: str) -> None:
    """As memories are; c: is how they are shown."""
    three(desk)

    answer = desk.call("audit_resolve", conflict=written.format(only(desk)["id"][:4]), accept=True)

    assert answer["action"] == "accept"


def test_agents_never_resolve_conflicts(desk: Desk) -> None:
    """experience.md, Agents: an injected agent must not be able to destroy."""
    three(desk)

    with pytest.raises(NeedsUser, match="agents can't"):
        desk.call("audit_resolve", conflict=only(desk)["id"], accept=True, as_actor="mcp:claude-code")


@pytest.mark.parametrize(
    "how",
    [
        {},
        {"accept": True, "drop": ["x"]},
        {"accept": True, "at": "2026-01-01"},
        {"ends": "x"},
        {"drop": ["x"], "at": "now"},
    ],
)
def test_a_decision_is_one_thing(desk: Desk, how: dict[str, Any]) -> None:
    """Drop, end or accept; an end has a date and nothing else has."""
    three(desk)

    with pytest.raises(InvalidInput):
        desk.call("audit_resolve", conflict=only(desk)["id"], **how)


def test_a_memory_can_not_end_before_it_begins(desk: Desk) -> None:
    """Its time would be empty: that is what dropping says."""
    old = desk.remember("Alice lives in Paris", at="2026-03-01", valid_from="2026-03-01")
    desk.remember("Alice lives in Rome", at="2026-03-01")

    with pytest.raises(InvalidInput, match="can't end before"):
        desk.call("audit_resolve", conflict=only(desk)["id"], ends=old, at="2026-02-01")


def test_what_is_not_there_can_not_be_resolved(desk: Desk) -> None:
    """An unknown conflict, and a memory that has nothing to do with it."""
    three(desk)
    other = desk.remember("Bob lives in Oslo")

    with pytest.raises(NotFound, match="no conflict"):
        desk.call("audit_resolve", conflict="zzzz", accept=True)
    with pytest.raises(NotFound, match="names no claim here"):
        desk.call("audit_resolve", conflict=only(desk)["id"], drop=[other])


def test_a_prefix_that_fits_several_conflicts_says_which(desk: Desk) -> None:
    """As for memories: give more characters."""
    for n in range(40):
        for city in ("Paris", "Rome"):
            desk.remember(f"Person{n} lives in {city}", at="2026-03-01")

    first = [conflict["id"][0] for conflict in desk.call("audit")["conflicts"]]
    twice = next(sign for sign in first if first.count(sign) > 1)
    with pytest.raises(NotFound, match="fits several conflicts"):
        desk.call("audit_resolve", conflict=twice, accept=True)
