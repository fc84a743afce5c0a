"""show and list: exact, and paged."""

from __future__ import annotations

import json

import pytest

from tests.cli.canned import memory


def page(count, following=None, start=0):
    return {"memories": [memory(f"k3m9q{start + i:07d}", f"text {start + i}") for i in range(count)], "next": following}


def test_show_prints_memories_apart(either):
    ran = either("show", "k3m9q", "p7d2x", answers={"show": {"memories": [memory(), memory("p7d2x0000000", "other")]}})

    lines = ran.stdout.splitlines()
    assert ran.calls == [("show", {"id": ["k3m9q", "p7d2x"]})]
    assert lines[0] == "k3m9q0000000"
    assert lines[lines.index("p7d2x0000000") - 1] == ""


def test_show_asks_for_the_history(either):
    result = {"memories": [memory(history=[memory("p7d2x0000000", "5432", never_true=True)])]}
    ran = either("show", "k3m9q", "--history", answers={"show": result})

    assert ran.calls == [("show", {"id": ["k3m9q"], "history": True})]
    assert "p7d2x0000000  never true" in ran.stdout


def test_show_in_json_is_one_document(either):
    result = {"memories": [memory()]}

    assert json.loads(either("show", "k3m9q", "--json", answers={"show": result}).stdout) == result


def test_list_prints_a_line_a_memory(either):
    ran = either("list", answers={"list": page(2)})

    assert ran.calls == [("list", {"limit": 50})]
    assert ran.stdout == "k3m9q0000000  3 Nov 2024  text 0\nk3m9q0000001  3 Nov 2024  text 1\n"
    assert ran.stderr == ""


def test_every_filter_is_a_field(either):
    ran = either(
        "list", "--unused", "--before", "2024", "--actor", "cli", "--source", "plan.md", "--tag", "a", "--tag", "b",
        "--kind", "fact", "--phase", "cold", "--now", "2027", "--all-scopes", "-n", "7", answers={"list": page(1)},
    )  # fmt: skip

    assert ran.calls == [
        ("list", {
            "limit": 7, "unused": True, "before": "2024", "by_actor": "cli", "source": "plan.md", "tag": ["a", "b"],
            "kind": "fact", "phase": "cold", "now": "2027", "all_scopes": True,
        })
    ]  # fmt: skip


def test_ids_are_whole_and_alone(either):
    assert either("list", "--ids", answers={"list": page(2)}).stdout == "k3m9q0000000\nk3m9q0000001\n"


def test_list_in_json_is_a_record_a_line(either):
    ran = either("list", "--json", answers={"list": page(2)})

    assert [json.loads(line) for line in ran.stdout.splitlines()] == page(2)["memories"]


def test_an_empty_list_ends_with_1(either):
    ran = either("list", answers={"list": page(0)})

    assert (ran.code, ran.stdout, ran.stderr) == (1, "", "nothing here yet: slm remember TEXT makes the first\n")
    assert either("list", "--tag", "x", answers={"list": page(0)}).stderr == "nothing to list\n"


def test_more_than_was_listed_is_said(either):
    ran = either("list", "-n", "2", answers={"list": page(2, "41")})

    assert ran.stderr == "the newest 2; --limit 0 lists all\n"


def test_all_memories_are_listed_page_by_page(client):
    ran = client(
        "list",
        "--limit",
        "0",
        "--ids",
        answers={"list": [page(500, "500"), page(500, "1000", 500), page(3, None, 1000)]},
    )

    assert ran.stdout.splitlines() == [f"k3m9q{i:07d}" for i in range(1003)]
    assert [fields.get("after") for _, fields in ran.calls] == [None, "500", "1000"]


def test_a_long_limit_is_reached_page_by_page_and_no_further(client):
    ran = client("list", "-n", "700", "--ids", answers={"list": [page(500, "500"), page(200, "700", 500)]})

    assert len(ran.stdout.splitlines()) == 700
    assert [fields["limit"] for _, fields in ran.calls] == [500, 200]


@pytest.mark.parametrize(("limit", "here"), [("1", True), ("200", True), ("201", False), ("0", False)])
def test_long_lists_are_laid_out_by_the_client(limit, here, daemon):
    """design/client.md: large outputs are rendered by the client, a long table stalls other clients' answers."""
    assert daemon("list", "-n", limit, answers={"list": page(1)}).reply is here


def test_a_negative_limit_is_wrong_usage(client):
    assert client("list", "-n", "-1").code == 2


ALIKE = {
    "groups": [
        {
            "memory": memory("k3m9q0000000", "port 5433"),
            "similar": [{"similarity": 0.934, "memory": memory("p7d2x0000000", "port 5432")}],
        },
        {
            "memory": memory("a1b2c0000000", "lunch at noon"),
            "similar": [{"similarity": 0.81, "memory": memory("d3e4f0000000", "lunch at twelve")}],
        },
    ],
    "total": 3,
    "compared": 40,
}


def test_similar_shows_groups_with_how_near_they_are(client):
    """client.md, list --similar: so that a person can tidy."""
    ran = client("list", "--similar", "--tag", "a", "-n", "2", answers={"similar": ALIKE})

    assert ran.calls == [("similar", {"limit": 2, "tag": ["a"]})]
    assert ran.stdout.splitlines() == [
        "k3m9q        3 Nov 2024  port 5433",
        "p7d2x  0.93  3 Nov 2024  port 5432",
        "",
        "a1b2c        3 Nov 2024  lunch at noon",
        "d3e4f  0.81  3 Nov 2024  lunch at twelve",
    ]
    assert ran.stderr.startswith("3 groups among 40 memories, the nearest 2 shown; --limit 0 lists all")


def test_a_large_group_is_cut_and_counted(client):
    """Ten thousand notes of one form are one group: a person sees its nearest, a script all of it."""
    many = [{"similarity": 0.9, "memory": memory(f"p7d2x{i:07d}", f"port {i}")} for i in range(30)]
    found = {"groups": [{"memory": memory(), "similar": many}], "total": 1, "compared": 31}

    shown = client("list", "--similar", answers={"similar": found}).stdout.splitlines()

    assert len(shown) == 11
    assert shown[-1].strip() == "… and 21 more  (--ids, --json: all)"
    assert len(client("list", "--similar", "--ids", answers={"similar": found}).stdout.split()) == 30


def test_similar_ids_are_the_older_ones_ready_to_forget(client):
    ran = client("list", "--similar", "--ids", "--limit", "0", answers={"similar": ALIKE})

    assert ran.calls == [("similar", {"limit": 1000})]
    assert ran.stdout.split() == ["p7d2x0000000", "d3e4f0000000"]


def test_similar_in_json_is_a_line_a_group(client):
    ran = client("list", "--similar", "--json", answers={"similar": ALIKE})

    assert [json.loads(line) for line in ran.stdout.splitlines()] == ALIKE["groups"]


def test_nothing_similar_is_an_answer_too(client):
    ran = client("list", "--similar", answers={"similar": {"groups": [], "total": 0, "compared": 12}})

    assert (ran.code, ran.stdout, ran.stderr) == (1, "", "no two of 12 memories say nearly the same\n")


def test_similar_is_left_to_the_client(daemon):
    """It takes long on a large store, and mustn't hold up other's answers or meet the fast lane's time-out."""
    assert not daemon("list", "--similar").reply
