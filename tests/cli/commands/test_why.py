"""why: transcripts of its three forms, and how words become fields."""

from __future__ import annotations

import json

import pytest

from slm.errors import NotFound
from tests.cli.canned import why_not, why_of

WHY = {"why": why_of}


def test_a_memory_is_told_with_the_recall_that_showed_it_last(either):
    ran = either("why", "k3m9q", answers=WHY)

    assert ran.calls == [("why", {"id": "k3m9q"})]
    assert (ran.code, ran.stderr) == (0, "")
    assert ran.stdout.splitlines()[:2] == ["k3m9q0000000", "  API listens on 5433 since the PG16 move"]
    assert ran.stdout.splitlines()[-8:] == [
        "  p7d2x0000000",
        "    API listens on 5432",
        "",
        '  the 1st hit for "which port" · 3 Nov 2024 · acme/api + global',
        "  words    2.00  ████████████  best of 912",
        "  meaning  0.83  █████         3rd of 912",
        "  sum      2.83",
        "  source   you, 3 Nov 2024",
    ]


def test_the_last_recall_is_told_with_the_terms_of_its_hits(either):
    ran = either("why", "--last", answers=WHY)

    assert ran.calls == [("why", {"last": True})]
    assert ran.stdout.splitlines() == [
        '"which port" · 3 Nov 2024 · acme/api + global',
        "k3m9q  API listens on 5433 since the PG16 move",
        "  words    2.00  ████████████  best of 912",
        "  meaning  0.83  █████         3rd of 912",
        "  sum      2.83",
        "  source   you, 3 Nov 2024",
    ]


def test_a_question_shows_what_it_lacks_to_the_lowest_hit(either):
    """experience.md, Why, and why not: its rank and the term gap to the lowest hit shown."""
    ran = either("why", "p7d2x", "-n", "1", "--for", "which", "port", answers=WHY)

    assert ran.calls == [("why", {"id": "p7d2x", "for": "which port", "limit": 1})]
    assert (ran.code, ran.stderr) == (0, "")
    assert ran.stdout.splitlines() == [
        "p7d2x  API listens on 5432",
        '       not shown for "which port" in acme/api + global',
        "       limit: rank 5 of 912, at most 1 are shown  (--limit 5)",
        "           this  k3m9q    gap",
        "  words    0.40   2.00  -1.60  22nd of 912",
        "  meaning  0.81   0.83  -0.02  3rd of 912",
        "  sum      1.21   2.83  -1.62",
    ]


@pytest.mark.parametrize(
    "argv",
    [
        ["p7d2x", "--for", "which port is it"],
        ["p7d2x", "--for", "which", "port", "is", "it"],
        ["--for", "which port is it", "p7d2x"],
        ["p7d2x", "--for=which port", "is", "it"],
    ],
)
def test_a_question_needs_no_quotes_where_it_comes_last(argv, either):
    assert either("why", *argv, answers=WHY).calls == [("why", {"id": "p7d2x", "for": "which port is it"})]


def test_a_question_can_come_from_standard_input(either):
    assert either("why", "p7d2x", "--for", "-", stdin=b"which port\n", answers=WHY).calls == [
        ("why", {"id": "p7d2x", "for": "which port"})
    ]


def test_every_option_of_recall_is_a_field(either):
    ran = either(
        "why", "p7d2x", "--for", "x", "-n", "3", "--budget", "800", "--since", "last monday", "--until", "2024-12",
        "--as-of", "2024-06-01", "--now", "2025-01-01", "--tag", "net", "--all-scopes", "--archived",
        "--min-confidence", "0",
        answers=WHY,
    )  # fmt: skip

    assert ran.calls == [
        ("why", {
            "id": "p7d2x", "for": "x", "limit": 3, "budget": 800, "since": "last monday", "until": "2024-12",
            "as_of": "2024-06-01", "now": "2025-01-01", "tag": ["net"], "all_scopes": True, "archived": True,
            "min_confidence": 0.0,
        })
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        ([], "why which memory?"),
        (["--for", "x"], "why which memory?"),
        (["k3m9q", "p7d2x"], "why takes one id"),
        (["--last", "k3m9q"], "--last goes alone"),
        (["--last", "--for", "x"], "--last goes alone"),
    ],
)
def test_wrong_usage_says_how_it_is_used(argv, message, either):
    ran = either("why", *argv)

    assert (ran.code, ran.stdout) == (2, "")
    assert ran.stderr.startswith(f"slm: error: {message}")
    assert "slm why k3m9q --for which port" in ran.stderr


@pytest.mark.parametrize("argv", [["k3m9q"], ["--last"], ["k3m9q", "--for", "x"]])
def test_json_is_the_documented_document(argv, either):
    ran = either("why", *argv, "--json", answers=WHY)

    assert json.loads(ran.stdout) == why_of(ran.calls[0][1])
    assert (ran.stderr, ran.code) == ("", 0)


def test_no_recall_yet_is_not_found(either):
    assert either("why", "--last", answers={"why": NotFound("no recall of yours is remembered")}).code == 4


def test_a_memory_that_is_shown_says_so(either):
    ran = either("why", "p7d2x", "--for", "x", answers={"why": why_not(shown=True, excluded=[], query="x")})

    assert ran.stdout.splitlines()[1] == '       shown for "x" in acme/api + global: 5th of 912'
