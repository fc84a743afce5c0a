"""recall and used: transcripts of the design's examples."""

from __future__ import annotations

import json

import pytest

from tests.cli.canned import answer, hit

FOUND = answer(hit(), hit(2, 1.8, id="p7d2x0000000", text="API listens on 5432", superseded_by="k3m9q0000000"))
NOTHING = answer(abstained=True, reason="only near misses", probability=0.02, near_misses=[hit(text="Something else")])


def test_an_answer_stands_on_stdout_and_how_sure_it_is_on_stderr(either):
    ran = either("recall", "which", "port", "does", "the", "api", "use", answers={"recall": FOUND})

    assert ran.calls == [("recall", {"query": "which port does the api use"})]
    assert ran.code == 0
    assert ran.stdout.splitlines() == [
        "k3m9q  API listens on 5433 since the PG16 move",
        "       you, 3 Nov 2024 · nearer than 911 of 912 memories",
        "p7d2x  API listens on 5432",
        "       replaced by k3m9q",
    ]
    assert ran.stderr == "likely answered (81 %) · acme/api + global · 9 ms\n"


def test_no_answer_ends_with_1_and_leaves_stdout_empty(either):
    """As grep does: what is on stdout is an answer."""
    ran = either("recall", "x", answers={"recall": NOTHING})

    assert (ran.code, ran.stdout) == (1, "")
    assert ran.stderr.splitlines()[:3] == [
        "nothing in acme/api + global: only near misses",
        "nearest, not shown as an answer:",
        "  k3m9q  Something else",
    ]


def test_an_empty_store_ends_with_1(either):
    assert (
        either("recall", "x", answers={"recall": answer(reason="nothing is remembered here yet", abstained=True)}).code
        == 1
    )


def test_hits_left_out_by_the_engine_count_as_no_answer(either):
    assert either("recall", "x", answers={"recall": answer()}).code == 1


@pytest.mark.parametrize(("result", "code"), [(FOUND, 0), (NOTHING, 1)])
def test_json_is_the_documented_document_and_the_exit_code_the_same(result, code, either):
    ran = either("recall", "x", "--json", answers={"recall": result})

    assert json.loads(ran.stdout) == result
    assert (ran.stderr, ran.code) == ("", code)


def test_quiet_leaves_the_answer(either):
    ran = either("recall", "x", "--quiet", answers={"recall": FOUND})

    assert ran.stdout
    assert ran.stderr == ""


def test_every_option_is_a_field(either):
    ran = either(
        "recall", "x", "-n", "3", "--budget", "800", "--since", "last monday", "--until", "2024-12",
        "--as-of", "2024-06-01",
        "--now", "2025-01-01", "--tag", "net", "--tag", "db", "--all-scopes", "--archived",
        "--min-confidence", "0", "--why",
        answers={"recall": FOUND},
    )  # fmt: skip

    assert ran.calls == [
        ("recall", {
            "query": "x", "limit": 3, "budget": 800, "since": "last monday", "until": "2024-12", "as_of": "2024-06-01",
            "now": "2025-01-01", "tag": ["net", "db"], "all_scopes": True, "archived": True,
            "min_confidence": 0.0, "why": True,
        })
    ]  # fmt: skip


@pytest.mark.parametrize("spelling", [["-n", "3"], ["-n3"], ["--limit", "3"], ["--limit=3"]])
def test_the_limit_has_its_usual_spellings(spelling, either):
    assert either("recall", *spelling, "x", answers={"recall": FOUND}).calls[0][1]["limit"] == 3


def test_a_question_can_come_from_standard_input(either):
    assert either("recall", "-", stdin=b"which port\n", answers={"recall": FOUND}).calls == [
        ("recall", {"query": "which port"})
    ]


def test_no_question_is_wrong_usage(either):
    assert either("recall").code == 2


def test_why_shows_the_terms(either):
    ran = either("recall", "--why", "x", answers={"recall": answer(hit(why={"words": 2.0, "meaning": 0.83}))})

    assert ran.stdout.splitlines()[1:] == [
        "  words    2.00  ████████████",
        "  meaning  0.83  █████",
        "  sum      2.83",
        "  source   you, 3 Nov 2024",
    ]


def test_what_helped_is_said(either):
    ran = either("used", "k3m9q", "p7d2x", answers={"used": {"used": ["k3m9q0000000", "p7d2x0000000"]}})

    assert ran.calls == [("used", {"id": ["k3m9q", "p7d2x"]})]
    assert (ran.stdout, ran.stderr) == ("", "used k3m9q p7d2x\n")


def test_archived_memories_that_nobody_asked_for_are_announced(either):
    """lifecycle.md: where default recall is weak, retry with them and say so."""
    old = hit(flags=["archived"])
    ran = either("recall", "x", answers={"recall": answer(old, with_archived=True)})
    asked = either("recall", "x", "--archived", answers={"recall": answer(old, with_archived=True)})

    assert ran.stdout.splitlines()[1] == "       you, 3 Nov 2024 · archived · nearer than 911 of 912 memories"
    assert ran.stderr.splitlines()[1:] == ["memories in use were no likely answer: archived ones are shown as well"]
    assert len(asked.stderr.splitlines()) == 1


def test_no_answer_says_that_the_archive_was_searched_too(either):
    ran = either("recall", "x", answers={"recall": NOTHING | {"with_archived": True}})

    assert ran.stderr.splitlines()[0] == "nothing in acme/api + global, archived memories included: only near misses"


@pytest.mark.parametrize(("count", "said"), [(1, "1 archived memory"), (3, "3 archived memories")])
def test_how_many_archived_memories_were_left_out_is_said(either, count, said):
    """ARCHITECTURE.md: what is out of sight is counted, with the way to see it."""
    ran = either("recall", "x", answers={"recall": answer(hit(), left_out=count)})

    assert ran.stderr.splitlines()[1:] == [f"{said} left out: --archived"]
