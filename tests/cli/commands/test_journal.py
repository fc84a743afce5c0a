"""log: what changed, and whether the chain is whole."""

from __future__ import annotations

import json

import pytest

from slm.errors import StoreDamaged
from tests.cli.canned import refusal


def entries(*numbers, following=None):
    shown = [
        {
            "seq": n,
            "time": f"2024-11-03T10:00:0{n % 10}Z",
            "actor": "cli",
            "op": "pin",
            "summary": f"entry {n}",
            "hash": "ab",
        }
        for n in numbers
    ]
    return {"entries": shown, "next": following}


def test_the_journal_is_a_line_an_entry(either):
    ran = either("log", answers={"log": entries(12, 9)})

    assert ran.calls == [("log", {"limit": 50})]
    assert ran.stdout.splitlines() == [
        "12  2024-11-03T10:00:02Z  cli  pin  entry 12",
        " 9  2024-11-03T10:00:09Z  cli  pin  entry 9",
    ]


@pytest.mark.parametrize("width", [40, 60, 80, 200])
def test_no_line_of_the_journal_is_wider_than_the_terminal(daemon, width):
    """A line that the terminal breaks in the middle of a word can't be read."""
    page = entries(12, 9)
    page["entries"][0] |= {"time": "2024-11-03T10:00:02.123456Z", "actor": "mcp:claude-code", "summary": "k3m9q " * 40}

    lines = daemon("log", width=width, answers={"log": page}).stdout.splitlines()

    assert max(len(line) for line in lines) <= width
    assert "k3m9q k3m9q" in lines[0] + lines[1]


def test_the_journal_in_json_is_an_entry_a_line(either):
    ran = either("log", "--json", answers={"log": entries(12, 9)})

    assert [json.loads(line) for line in ran.stdout.splitlines()] == entries(12, 9)["entries"]


def test_the_whole_journal_is_read_page_by_page(client):
    ran = client("log", "-n", "0", answers={"log": [entries(*range(500), following="7"), entries(7)]})

    assert len(ran.stdout.splitlines()) == 501
    assert ran.calls == [("log", {"limit": 500}), ("log", {"limit": 500, "after": "7"})]


def test_an_empty_journal_ends_with_1(either):
    assert either("log", answers={"log": entries()}).code == 1


def test_a_summary_cannot_act_on_the_terminal(either):
    evil = entries(1)
    evil["entries"][0]["summary"] = "k3m9q \x1b[2J\nsecond line"

    assert either("log", answers={"log": evil}).stdout.endswith("k3m9q \\x1b[2J second line\n")


def test_verify_prints_the_head_to_keep(client):
    ran = client("log", "--verify", answers={"log": {"verified": True, "entries": 1240, "head": "a1b2"}})

    assert ran.calls == [("log", {"verify": True})]
    assert ran.stdout == "a1b2\n"
    assert "1240 entries" in ran.stderr


def test_verify_compares_with_a_head_kept_elsewhere(client):
    ran = client(
        "log", "--verify", "--head", "a1b2", "--json", answers={"log": {"verified": True, "entries": 3, "head": "ff"}}
    )

    assert ran.calls == [("log", {"verify": True, "head": "a1b2"})]
    assert json.loads(ran.stdout) == {"verified": True, "entries": 3, "head": "ff"}


def test_a_broken_chain_ends_with_6(client):
    assert client("log", "--verify", answers={"log": refusal(StoreDamaged)}).code == 6


@pytest.mark.parametrize("host", ["client", "daemon"])
def test_a_head_without_verify_is_wrong_usage(host, request):
    ran = request.getfixturevalue(host)("log", "--head", "a1b2")

    assert (ran.code, ran.calls) == (2, [])
