"""claims, remember --claim, and claims where memories are shown."""

from __future__ import annotations

import json

from slm.errors import InvalidInput
from tests.cli.canned import answer, hit, memory, refusal
from tests.cli.canned_audit import AUDIT, DEPLOY, VIM, conflict

LISTED = {"memories": [{"id": VIM["memory_id"], "text": VIM["text"], "claims": [VIM]}], "next": None}


def test_claims_are_listed_below_their_memory(either):
    """The id of a claim is what drop takes."""
    ran = either("claims", "list", answers={"claims_list": LISTED})

    assert ran.stdout == "zw0wh  My editor is Vim\n  zw0wh/zzzzz  owner.editor=vim  read\n"
    assert ran.calls == [("claims_list", {"limit": 50})]


def test_claims_of_some_memories_and_of_every_scope(either):
    """Filters are the op's fields."""
    ran = either("claims", "list", "zw0wh", "--all-scopes", answers={"claims_list": LISTED})

    assert ran.calls == [("claims_list", {"limit": 50, "id": ["zw0wh"], "all_scopes": True})]


def test_no_claims_is_nothing_found(either):
    """Exit code 1, as for every list."""
    ran = either("claims", "list", answers={"claims_list": {"memories": [], "next": None}})

    assert (ran.code, ran.stdout, ran.stderr) == (1, "", "no claims\n")


def test_a_list_in_json_is_a_memory_a_line(either):
    """JSON lines, as list and log."""
    ran = either("claims", "list", "--json", answers={"claims_list": LISTED})

    assert json.loads(ran.stdout)["claims"][0]["claim"] == "owner.editor=vim"


def test_a_long_list_is_laid_out_by_the_client(daemon):
    """Large outputs don't hold up others' answers."""
    assert not daemon("claims", "list", "--limit", "0").reply


def test_claims_are_added_to_a_memory(either):
    """What they contradict is said at once."""
    result = {"id": VIM["memory_id"], "claims": [VIM], "conflicts": [conflict()], "supersedes": []}
    ran = either("claims", "add", "zw0wh", "a.x=1", "b.x=2", answers={"claims_add": result})

    assert ran.calls == [("claims_add", {"id": "zw0wh", "claim": ["a.x=1", "b.x=2"]})]
    assert "contradicts c:4d1" in ran.stderr


def test_claims_are_dropped_and_their_memories_stay(either):
    """A claim that was misread."""
    ran = either("claims", "drop", "zw0wh/zz", answers={"claims_drop": {"dropped": [VIM], "conflicts": []}})

    assert ran.calls == [("claims_drop", {"id": ["zw0wh/zz"]})]
    assert ran.stderr == "dropped zw0wh/zzzzz  owner.editor=vim\n"


def test_remember_takes_claims(either):
    """Repeatable; nothing is guessed by the command line."""
    result = {"id": "k3m9q0000000", "status": "stored", "similar": [], "conflicts": [], "supersedes": []}
    ran = either("remember", "it", "is", "--claim", "a.x=1", "--claim", "b.x!=2", answers={"remember": result})

    assert ran.calls == [("remember", {"text": "it is", "claim": ["a.x=1", "b.x!=2"]})]


def test_a_claim_that_can_not_be_read_is_refused_with_its_place(either):
    """Parse or reject, never guess."""
    wrong = refusal(InvalidInput, "can't read the claim 'a.x' at character 4: a relation is expected")
    ran = either("remember", "x", "--claim", "a.x", answers={"remember": wrong})

    assert ran.code == 2
    assert "at character 4" in ran.stderr


def test_remember_says_what_it_contradicts_on_standard_error(either):
    """The id alone is data; nothing is blocked."""
    result = {"id": AUDIT["memory_id"], "status": "stored", "similar": [], "conflicts": [conflict()], "supersedes": []}
    ran = either("remember", "x", answers={"remember": result})

    assert (ran.code, ran.stdout) == (0, "b2v8n0000000\n")
    assert "misses by 2 days" in ran.stderr


def test_show_prints_claims(either):
    """With how each was found."""
    ran = either("show", "k3m9q", answers={"show": {"memories": [memory() | {"all_claims": [DEPLOY]}]}})

    assert ran.stdout.endswith("  claims:\n    k3m9q/kkkkk  deploy.date=audit.date-2d  read\n")


def test_recall_marks_what_is_contradicted_and_names_successors(either):
    """Design: a contradicted memory is marked, a superseded one says by what."""
    first = hit(flags=["contradicted"])
    second = hit(2, memory_id="p7d2x0000000", text="old", flags=["superseded"])
    second["successor"] = "k3m9q0000000"
    ran = either("recall", "port", answers={"recall": answer(first, second)})

    assert "· contradicted ·" in ran.stdout
    assert "replaced by k3m9q" in ran.stdout
