"""audit and audit resolve."""

from __future__ import annotations

import json

import pytest

from slm.cli.commands.audit import PATIENCE_S
from slm.errors import NotFound
from tests.cli.canned import refusal
from tests.cli.canned_audit import EXPLAIN, MARCH, audited, conflict

ASKED = {"patience_s": PATIENCE_S}
RESOLVED = {"conflict": "4d1xxxxxxxxx", "action": "drop", "claims": [MARCH], "until": None, "conflicts": []}


def test_contradictions_have_an_exit_code_of_their_own(either):
    """Design: 5 contradictions found."""
    ran = either("audit", answers={"audit": audited(conflict())})

    assert (ran.code, ran.calls) == (5, [("audit", ASKED)])
    assert ran.stdout.startswith("c:4d1  These three can't all be true\n")
    assert ran.stderr == "214 claims, 34 independent checks; 781 of 912 memories uncheckable; acme + global\n"


def test_without_contradictions_it_says_so_and_succeeds(either):
    """What could be checked at all stands beside it."""
    ran = either("audit", answers={"audit": audited()})

    assert (ran.code, ran.stdout) == (0, "")
    assert ran.stderr.startswith("no contradictions\n214 claims")


def test_the_filters_go_to_the_engine(either):
    """Exact names of the op's fields."""
    ran = either(
        "audit", "--as-of", "2024-05-01", "--tag", "work", "--kind", "fact", "--source", "plan.md", "--actor", "cli",
        "--all-scopes", "--accepted", "-n", "3", answers={"audit": audited()},
    )  # fmt: skip

    assert ran.calls[0][1] == ASKED | {
        "as_of": "2024-05-01", "tag": ["work"], "kind": "fact", "source": "plan.md", "by_actor": "cli",
        "all_scopes": True, "accepted": True, "limit": 3,
    }  # fmt: skip


def test_accepted_contradictions_alone_are_no_failure(either):
    """--accepted shows them, the exit code counts the open ones."""
    shown = audited(conflict(accepted=True), total=0, accepted=1)
    ran = either("audit", "--accepted", answers={"audit": shown})

    assert ran.code == 0
    assert "across 2 sources · accepted" in ran.stdout


def test_explain_shows_the_mathematics_below_the_stories(either):
    """Vertices, edges, coboundary, class, holonomy."""
    ran = either("audit", "--explain", answers={"audit": audited(conflict(explain=EXPLAIN))})

    assert ran.calls == [("audit", {"explain": True} | ASKED)]
    assert "class [c] in C¹ / im δ: nonzero" in ran.stdout


def test_json_is_the_document_with_the_same_exit_code(either):
    """--json everywhere."""
    ran = either("audit", "--json", answers={"audit": audited(conflict())})

    assert (ran.code, json.loads(ran.stdout)["total"], ran.stderr) == (5, 1, "")


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        (["--drop", "w8c4t"], {"drop": ["w8c4t"]}),
        (["--drop", "w8c4t", "--drop", "k3m9q/kk"], {"drop": ["w8c4t", "k3m9q/kk"]}),
        (["--ends", "w8c4t", "2024-05-01"], {"ends": "w8c4t", "at": "2024-05-01"}),
        (["--accept"], {"accept": True}),
        (["--accept", "--dry-run"], {"accept": True, "dry_run": True}),
    ],
)
def test_resolve_says_what_to_do_with_which(either, given, fields):
    """One of three, on the fast lane too: nothing is deleted, and undo takes it back."""
    ran = either("audit", "resolve", "c:4d1", *given, answers={"audit_resolve": RESOLVED})

    assert ran.calls == [("audit_resolve", {"conflict": "c:4d1", **fields})]
    assert ran.code == 0


@pytest.mark.parametrize("given", [[], ["--accept", "--drop", "w8c4t"], ["--drop", "a", "--ends", "a", "2024"]])
def test_resolve_wants_exactly_one_decision(either, given):
    """Wrong usage is told before anything is asked of the engine."""
    ran = either("audit", "resolve", "c:4d1", *given)

    assert (ran.code, ran.calls) == (2, [])
    assert "--drop ID, --ends ID DATE or --accept" in ran.stderr


def test_an_unknown_conflict_is_the_engines_error(either):
    """Exit code 4, as for every id."""
    ran = either("audit", "resolve", "c:zzz", "--accept", answers={"audit_resolve": refusal(NotFound, "no c:zzz")})

    assert (ran.code, ran.stdout) == (4, "")


def test_audit_alone_is_answered_by_the_daemon(daemon):
    """Fast lane: a group with options of its own is a command too; other groups go to the client."""
    assert daemon("audit", answers={"audit": audited()}).reply
    assert not daemon("claims").reply
    assert not daemon("audit", "--help").reply


def far(stage: str, done: int) -> dict[str, object]:
    return {"unfinished": {"stage": stage, "done": done, "total": 900}}


def test_a_long_audit_is_asked_for_until_it_is_finished(client):
    """However long it takes, no answer is waited for longer than the time-out; a pipe is told nothing of it."""
    steps = [far("reading", 100), far("reading", 800), far("comparing", 64), audited(conflict())]

    ran = client("audit", answers={"audit": steps})

    assert (ran.code, ran.calls) == (5, [("audit", ASKED)] * 4)
    assert ran.stdout.startswith("c:4d1")
    assert ran.stderr.count("\n") == 1


def test_a_long_audit_goes_to_the_client_where_a_bar_can_move(daemon):
    """The daemon prints when all is known; progress needs the client's own terminal."""
    ran = daemon("audit", answers={"audit": far("reading", 100)})

    assert (ran.reply, ran.calls) == (False, [("audit", ASKED)])
