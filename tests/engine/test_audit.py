from __future__ import annotations

from typing import Any

import pytest

from slm.engine.audit import run
from slm.errors import InvalidInput
from tests.engine.desk import Desk

GAP = "Deploy is 2 days before the audit"
AUDIT = "Audit is on 14 March 2026"
DEPLOY = "Deploy is on 10 March 2026"


def three(desk: Desk, **fields: Any) -> list[str]:
    """The three of the mock-up, of which any two can be true."""
    return [
        desk.remember(GAP, at="2026-03-01", **fields),
        desk.remember(AUDIT, at="2026-03-02", as_actor="mcp:claude-code", **fields),
        desk.remember(DEPLOY, at="2026-03-03", source="plan.md", **fields),
    ]


def only(desk: Desk, **fields: Any) -> dict[str, Any]:
    (conflict,) = desk.call("audit", **fields)["conflicts"]
    return dict(conflict)


def test_three_memories_that_can_not_all_be_true_are_one_conflict(desk: Desk) -> None:
    """experience.md, the mock-up: 14 March − 2 days = 12, not 10: misses by 2 days."""
    ids = three(desk)

    conflict = only(desk)

    assert sorted(claim["memory_id"] for claim in conflict["claims"]) == sorted(ids)
    assert (conflict["kind"], conflict["residual"], conflict["unit"], conflict["length"]) == ("number", 2, "day", 3)
    assert conflict["radius"] == pytest.approx(2 / 3)


def test_the_document_has_the_fields_that_are_promised(desk: Desk) -> None:
    """client.md, Records and results, and what the command shows beyond it."""
    three(desk)

    answer = desk.call("audit")

    assert set(answer) == {
        "conflicts", "total", "accepted", "supersessions", "supersessions_total", "coverage", "consistency_radius",
        "scope",
    }  # fmt: skip
    assert set(answer["conflicts"][0]) == {
        "id", "kind", "severity", "scope", "claims", "cycle", "residual", "unit", "length", "tolerance", "radius",
        "suspects", "advice", "accepted",
    }  # fmt: skip
    assert set(answer["conflicts"][0]["claims"][0]) == {
        "id", "memory_id", "claim", "tier", "text", "span", "source", "actor", "speaker", "session", "scope",
        "recorded_at", "observed_at", "trust", "confirmations", "valid_from", "valid_to", "update", "dropped",
    }  # fmt: skip


def test_the_cycle_is_walked_from_ground_to_ground(desk: Desk) -> None:
    """Each edge begins where the one before it ended, so that the sum can be told along it."""
    three(desk)

    here = ""
    for edge in only(desk)["cycle"]:
        start, stop = (edge["from"], edge["to"]) if edge["forward"] else (edge["to"], edge["from"])
        assert start == here
        here = stop
    assert here == ""


def test_a_story_goes_the_way_in_which_it_was_told(desk: Desk) -> None:
    """Pinned behaviour: of the two ways round a cycle the one that begins with the claim recorded first."""
    told = [desk.remember(text, at=f"2026-03-0{day}") for day, text in enumerate((DEPLOY, GAP, AUDIT), start=1)]

    assert [edge["claim"].partition("/")[0] for edge in only(desk)["cycle"]] == told


def test_the_whole_series_is_suspect_and_the_least_trusted_first(desk: Desk) -> None:
    """Design page: claims in series on a cycle can't be told apart; an agent is trusted less than the user."""
    gap, audit, deploy = three(desk)

    conflict = only(desk)

    assert [name.split("/")[0] for name in conflict["suspects"]] == [audit, gap, deploy]
    assert conflict["advice"] == {"claims": [conflict["suspects"][0]], "exact": True}
    assert conflict["severity"] == pytest.approx(0.6)


def test_a_conflict_says_across_which_contexts_it_lies(desk: Desk) -> None:
    """Design page, Contexts: each source is consistent alone."""
    three(desk)

    assert only(desk)["scope"] == {"within": False, "across": {"source": ["", "plan.md"]}}


def test_an_audit_counts_the_claims_that_status_counts(desk: Desk) -> None:
    """One number for one thing: a claim said twice is two, and adds nothing to what could have been found wrong."""
    desk.remember("the port of the api is 5432", claim=["api.port=5432"])
    desk.remember("as I said, 5432", claim=["api.port=5432"])
    desk.remember("the shop is below the api", claim=["shop.port<api.port"])
    desk.call("forget", id=[desk.remember("the door is green", claim=["door.colour=green"])])

    coverage, truth = desk.call("audit")["coverage"], desk.call("status")["truth"]

    assert coverage["claims"] == truth["claims"] > coverage["distinct"]
    assert coverage["dim_h1"] == coverage["distinct"] - coverage["variables"] + coverage["free"]


def test_coverage_counts_the_independent_checks(desk: Desk) -> None:
    """dim H¹ = |E| − |V| + dim H⁰: three claims about two dates check each other once."""
    three(desk)
    desk.remember("Nothing that could be checked.")

    assert desk.call("audit")["coverage"] == {
        "memories": 4, "uncheckable": 1, "claims": 3, "distinct": 3, "variables": 2, "free": 0, "dim_h1": 1,
        "components": 1,
    }  # fmt: skip


def test_an_empty_store_has_nothing_to_report(desk: Desk) -> None:
    """The first audit of a new user."""
    answer = desk.call("audit")

    assert (answer["conflicts"], answer["supersessions"], answer["consistency_radius"]) == ([], [], {})
    assert answer["coverage"]["dim_h1"] == 0


def test_a_change_is_a_supersession_and_no_contradiction(desk: Desk) -> None:
    """Design page, Valid time: words of change cut the persistence of the older value."""
    old = desk.remember("Alice lives in Paris", at="2026-03-01")
    new = desk.remember("Alice moved to Berlin", at="2026-03-02", zone="UTC")

    answer = desk.call("audit")

    (found,) = answer["supersessions"]
    assert (answer["conflicts"], found["older"]["memory_id"], found["newer"]["memory_id"]) == ([], old, new)
    assert found["at"].startswith("2026-03-02")


def test_the_explanation_is_a_cochain_that_no_assignment_meets(desk: Desk) -> None:
    """Theorem: c − δx can't be zero; its harmonic part spreads the holonomy evenly over a cycle of unit gains."""
    three(desk)

    explained = only(desk, explain=True)["explain"]

    assert sorted(explained["vertices"]) == ["audit.date", "deploy.date"]
    assert (explained["class"], explained["holonomy"], explained["length"]) == ("nonzero", 2, 3)
    assert sorted(abs(part) for part in explained["tension"].values()) == pytest.approx([2 / 3] * 3)
    for row, (low, high) in zip(explained["coboundary"], explained["cochain"], strict=True):
        assert set(row) <= {-1, 0, 1}
        assert low == high
    # exact days: no x solves the three equations, by the determinant of the augmented matrix
    (a, b, c), (x, y, z) = explained["coboundary"], (low for low, _ in explained["cochain"])
    assert a[0] * (b[1] * z - y * c[1]) - a[1] * (b[0] * z - y * c[0]) + x * (b[0] * c[1] - b[1] * c[0]) != 0


def test_names_have_no_radius_and_their_severity_is_the_least_trust(desk: Desk) -> None:
    """Design page, Severity: 1 for nominal, times the least trust in the set."""
    desk.remember("Alice lives in Paris", at="2026-03-01")
    desk.remember("Alice lives in Rome", at="2026-03-01", as_actor="mcp:claude-code")

    answer = desk.call("audit", explain=True)

    (conflict,) = answer["conflicts"]
    assert (conflict["kind"], conflict["residual"], conflict["severity"]) == ("name", 0, 0.6)
    assert (answer["consistency_radius"], conflict["explain"]["tension"]) == ({}, {})


def test_two_names_of_one_entity_lie_on_an_edge_of_identity(desk: Desk) -> None:
    """Design page: an identity lifts to every attribute."""
    desk.remember("x", claim=["bob==robert", "bob.city=Paris", "robert.city=Rome"])

    edges = only(desk)["cycle"]

    assert {(edge["from"], edge["relation"]) for edge in edges} == {("", "="), ("robert", "==")}


class TestFilters:
    """Exact filters: what lies outside is neither counted nor shown."""

    def test_as_of_tells_what_contradicted_itself_then(self, desk: Desk) -> None:
        """experience.md: what was true on that day, by today's knowledge."""
        desk.remember("Alice lives in Paris", at="2026-03-01", valid_from="2026-03-01", valid_until="2026-03-20")
        desk.remember("Alice lives in Rome", at="2026-03-10", valid_from="2026-03-10")

        totals = {day: desk.call("audit", as_of=day)["total"] for day in ("2026-03-05", "2026-03-15", "2026-03-25")}

        assert totals == {"2026-03-05": 0, "2026-03-15": 1, "2026-03-25": 0}

    def test_a_supersession_is_told_from_its_day_on(self, desk: Desk) -> None:
        """Before it there was nothing newer."""
        desk.remember("Alice lives in Paris", at="2026-03-01")
        desk.remember("Alice moved to Berlin", at="2026-03-10")

        found = [desk.call("audit", as_of=day)["supersessions_total"] for day in ("2026-03-05", "2026-03-15")]

        assert found == [0, 1]

    @pytest.mark.parametrize(
        "inside", [{"tag": ["plan"]}, {"source": "plan.md"}, {"kind": "decision"}, {"by_actor": "watch:plan"}]
    )
    def test_only_memories_that_fit_are_compared(self, desk: Desk, inside: dict[str, Any]) -> None:
        """A contradiction with a memory outside the filter isn't one within it."""
        three(desk)
        for text in ("Alice lives in Paris", "Alice lives in Rome"):
            desk.remember(text, tag=["plan"], source="plan.md", kind="decision", as_actor="watch:plan", at="2026-03-01")

        answer = desk.call("audit", **inside)

        assert [conflict["kind"] for conflict in answer["conflicts"]] == ["name"]
        assert answer["coverage"]["memories"] in (2, 3)
        assert desk.call("audit")["total"] == 2

    def test_the_most_severe_come_first_and_the_rest_is_counted(self, desk: Desk) -> None:
        """A limit shortens what is told, not what is known."""
        for n in range(4):
            for city in ("Paris", "Rome"):
                desk.remember(f"Person{n} lives in {city}", at="2026-03-01", as_actor="mcp:x" if n < 2 else "cli")

        answer = desk.call("audit", limit=3)

        assert answer["total"] == 4
        assert [conflict["severity"] for conflict in answer["conflicts"]] == [0.9, 0.9, 0.6]

    @pytest.mark.parametrize("wrong", [{"limit": 0}, {"kind": "idea"}, {"as_of": "soonish"}])
    def test_what_can_not_be_asked_is_refused(self, desk: Desk, wrong: dict[str, Any]) -> None:
        """Errors say what is wrong; an audit never answers another question."""
        with pytest.raises(InvalidInput):
            desk.call("audit", **wrong)


def test_an_audit_changes_nothing(desk: Desk) -> None:
    """Design page: conflicts never delete or hide a memory."""
    three(desk)
    before = (desk.exported(), desk.call("status")["journal"])

    desk.call("audit", explain=True)

    assert (desk.exported(), desk.call("status")["journal"]) == before
    assert run.__doc__


def test_a_part_of_a_large_store_is_audited_while_questions_go_ahead(desk: Desk) -> None:
    """No question waits for an audit: it gives way between steps."""
    batch = [{"text": f"Person{n} lives in Rome", "kind": "turn", "scope": "acme/api"} for n in range(600)]
    desk.call("remember", batch=batch)
    three(desk, in_scope="acme/web")
    served: list[int] = []
    engine = desk.engine()
    engine._worker.serve_queries = lambda: served.append(1)  # type: ignore[method-assign]

    assert desk.call("audit", in_scope="acme/api")["coverage"]["memories"] == 600
    assert len(served) >= 2
