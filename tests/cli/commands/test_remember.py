"""remember: what is sent, what is said."""

from __future__ import annotations

import json

import pytest

from slm.errors import InvalidInput
from tests.cli.canned import refusal

STORED = {"id": "k3m9q0000000", "status": "stored", "similar": [], "conflicts": [], "supersedes": [], "redacted": []}
NEAR = STORED | {"similar": [{"id": "p7d2x0000000", "text": "API listens on 5432", "similarity": 0.93}]}


def test_words_need_no_quotes(either):
    ran = either("remember", "the", "API", "listens", "on", "5433", answers={"remember": STORED})

    assert ran.calls == [("remember", {"text": "the API listens on 5433"})]
    assert ran.code == 0


def test_a_quoted_text_is_taken_as_it_is(either):
    ran = either("remember", "two  spaces\nand a line", answers={"remember": STORED})

    assert ran.calls == [("remember", {"text": "two  spaces\nand a line"})]


def test_a_script_gets_the_whole_id_on_stdout_and_the_rest_on_stderr(either):
    ran = either("remember", "x", answers={"remember": NEAR})

    assert ran.stdout == "k3m9q0000000\n"
    assert ran.stderr.splitlines() == [
        "remembered",
        "similar, slm correct ID if it is the same fact:",
        "  p7d2x  API listens on 5432",
    ]


def test_a_person_gets_a_short_id_and_what_became_of_it(daemon):
    ran = daemon("remember", "x", answers={"remember": STORED}, width=80)

    assert (ran.stdout, ran.stderr) == ("k3m9q  remembered\n", "")


def test_quiet_leaves_the_id(either):
    ran = either("--quiet", "remember", "x", answers={"remember": NEAR})

    assert (ran.stdout, ran.stderr) == ("k3m9q0000000\n", "")


def test_json_is_the_documented_result(either):
    ran = either("remember", "x", "--json", answers={"remember": NEAR})

    assert json.loads(ran.stdout) == NEAR
    assert ran.stderr == ""


def test_every_option_is_a_field(either):
    ran = either(
        "remember", "x", "--tag", "net", "--tag", "db", "--kind", "fact", "--speaker", "Anna", "--session", "standup",
        "--at", "yesterday", "--valid-from", "2024-01-01", "--valid-until", "2025-01-01", "--source", "plan.md",
        "--importance", "0.8", "--pin", "--private", "--supersedes", "p7d2x", "--no-redact", "--force",
        answers={"remember": STORED},
    )  # fmt: skip

    assert ran.calls == [
        ("remember", {
            "text": "x", "tag": ["net", "db"], "kind": "fact", "speaker": "Anna", "session": "standup",
            "at": "yesterday", "valid_from": "2024-01-01", "valid_until": "2025-01-01", "source": "plan.md",
            "importance": 0.8, "pin": True, "private": True, "supersedes": ["p7d2x"], "no_redact": True, "force": True,
        })
    ]  # fmt: skip


def test_an_importance_of_zero_is_sent(either):
    assert either("remember", "x", "--importance", "0", answers={"remember": STORED}).calls[0][1]["importance"] == 0.0


def test_a_lone_dash_reads_standard_input_in_both_hosts(either):
    ran = either("remember", "-", answers={"remember": STORED}, stdin="two\nlinés\n".encode())

    assert ran.calls == [("remember", {"text": "two\nlinés"})]


def test_a_dash_among_words_is_a_word(either):
    assert either("remember", "a", "-", "b", answers={"remember": STORED}).calls == [("remember", {"text": "a - b"})]


def test_the_daemon_leaves_an_input_that_it_was_not_sent(daemon):
    assert not daemon("remember", "-", answers={"remember": STORED}).reply


def test_an_input_that_is_not_text_is_refused(either):
    ran = either("remember", "-", answers={"remember": STORED}, stdin=b"ab\xff")

    assert (ran.code, ran.calls) == (2, [])
    assert "not UTF-8 (byte 2)" in ran.stderr


def test_nothing_to_remember_shows_how(either):
    ran = either("remember", answers={})

    assert ran.code == 2
    assert ran.stderr == "slm: error: nothing to remember\n  fix: slm remember the API listens on 5433\n"


@pytest.mark.parametrize("status", ["confirmed", "known_wrong"])
def test_what_was_known_is_said(status, either):
    result = STORED | {"status": status, "message": "you corrected this 3 Nov; --force remembers it all the same"}
    ran = either("remember", "x", answers={"remember": result})

    assert ran.code == 0
    assert ran.stdout == "k3m9q0000000\n"
    assert ran.stderr.startswith("known already" if status == "confirmed" else "not remembered: you corrected this")


def test_a_batch_prints_an_id_and_a_status_a_record(client, tmp_path):
    file = tmp_path / "notes.jsonl"
    file.write_text('{"text": "one"}\n\n{"text": "two", "tags": ["a"]}\n')
    results = [STORED, STORED | {"id": "p7d2x0000000", "status": "confirmed"}]

    ran = client("remember", "--batch", str(file), answers={"remember": {"results": results}})

    assert ran.stdout == "k3m9q0000000  stored\np7d2x0000000  confirmed\n"
    assert ran.stderr == "2 records: 1 new, 1 known already\n"
    (op, fields), = ran.calls  # fmt: skip
    assert op == "remember"
    assert fields["batch"] == [{"text": "one"}, {"text": "two", "tags": ["a"]}]


def test_a_batch_in_json_is_a_result_a_line(client):
    ran = client(
        "remember", "--batch", "-", "--json", stdin=b'{"text": "one"}\n', answers={"remember": {"results": [STORED]}}
    )

    assert [json.loads(line) for line in ran.stdout.splitlines()] == [STORED]
    assert ran.stderr == ""


def test_force_and_no_redact_hold_for_a_batch(client):
    ran = client(
        "remember",
        "--batch",
        "-",
        "--force",
        "--no-redact",
        stdin=b'{"text": "one"}\n',
        answers={"remember": {"results": [STORED]}},
    )

    fields = ran.calls[0][1]
    assert fields["force"]
    assert fields["no_redact"]


def test_a_wrong_line_of_a_batch_is_named_and_nothing_is_stored(client, tmp_path):
    """experience.md: ``record 3: unknown field 'txt'; did you mean 'text'?``, here with file and line."""
    file = tmp_path / "notes.jsonl"
    file.write_text('{"text": "one"}\n{"text": "two"}\n{"txt": "three"}\n')

    ran = client("remember", "--batch", str(file), answers={"remember": {"results": []}})

    assert (ran.code, ran.calls) == (2, [])
    assert f"{file}:3: unknown field 'txt'; did you mean 'text'?" in ran.stderr


def test_a_batch_takes_no_text_beside_it(client):
    assert client("remember", "text", "--batch", "-").code == 2
    assert client("remember", "--tag", "x", "--batch", "-").code == 2


def test_a_batch_that_is_not_there_is_named(client, tmp_path):
    ran = client("remember", "--batch", str(tmp_path / "nosuch.jsonl"))

    assert ran.code == 2
    assert "nosuch.jsonl" in ran.stderr


def test_an_empty_batch_is_no_error(client):
    ran = client("remember", "--batch", "-", stdin=b"\n")

    assert (ran.code, ran.stdout, ran.stderr, ran.calls) == (0, "", "0 records\n", [])


def test_the_engines_refusal_is_shown(either):
    ran = either("remember", "x", answers={"remember": refusal(InvalidInput, "the text is empty")})

    assert (ran.code, ran.stdout) == (2, "")
