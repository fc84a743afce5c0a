"""correct, tag, pin and unpin."""

from __future__ import annotations

import json
import stat
import sys

import pytest

from slm.errors import NotFound
from tests.cli.canned import memory, refusal

CORRECTED = {"id": "k3m9q0000000", "replaced": "p7d2x0000000", "from": None}


def test_a_correction_says_what_is_right(either):
    ran = either("correct", "p7d2x", "API", "listens", "on", "5433", answers={"correct": CORRECTED})

    assert ran.calls == [("correct", {"id": "p7d2x", "text": "API listens on 5433"})]
    assert (ran.stdout, ran.stderr) == ("", "k3m9q replaces p7d2x\n")


def test_a_correction_can_say_since_when_and_why(either):
    result = CORRECTED | {"from": "2026-11-01T00:00:00+01:00"}
    ran = either("correct", "p7d2x", "5433", "--from", "1 nov 2026", "--reason", "PG16", answers={"correct": result})

    assert ran.calls == [("correct", {"id": "p7d2x", "text": "5433", "from": "1 nov 2026", "reason": "PG16"})]
    assert ran.stderr == "k3m9q replaces p7d2x; p7d2x was true until 2026-11-01T00:00:00+01:00\n"


def test_a_correction_can_come_from_standard_input(either):
    assert (
        either("correct", "p7d2x", "-", stdin=b"5433\n", answers={"correct": CORRECTED}).calls[0][1]["text"] == "5433"
    )


def test_a_correction_in_json_is_the_result(either):
    assert json.loads(either("correct", "p7d2x", "x", "--json", answers={"correct": CORRECTED}).stdout) == CORRECTED


@pytest.fixture
def editor(monkeypatch, tmp_path):
    """An editor that runs Python on the file it is given, and notes the file's mode."""

    def install(code):
        script = tmp_path / "editor.py"
        note = f"open({str(tmp_path / 'mode')!r}, 'w').write(str(os.stat(path).st_mode))"
        script.write_text(f"import os, sys\npath = sys.argv[-1]\n{note}\n{code}\n")
        monkeypatch.setenv("EDITOR", f"{sys.executable} {script} --wait")
        return tmp_path

    return install


SHOWN = {"memories": [memory(text="API listens on 5432\nsince May")]}


def test_without_words_the_editor_opens_with_the_old_text(editor, client):
    folder = editor("text = open(path).read(); open(path, 'w').write(text.replace('5432', '5433'))")

    ran = client("correct", "k3m9q", terminal=True, answers={"show": SHOWN, "correct": CORRECTED})

    assert ran.calls[1] == ("correct", {"id": "k3m9q", "text": "API listens on 5433\nsince May"})
    assert stat.S_IMODE(int((folder / "mode").read_text())) == 0o600


@pytest.mark.parametrize("code", ["pass", "open(path, 'w').write('')", "open(path, 'w').write(' \\n\\n')"])
def test_an_unchanged_or_emptied_text_changes_nothing(code, editor, client):
    editor(code)

    ran = client("correct", "k3m9q", terminal=True, answers={"show": SHOWN})

    assert [op for op, _ in ran.calls] == ["show"]
    assert (ran.code, ran.stderr) == (0, "unchanged\n")


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("sys.exit(3)", "status 3"),
        ("open(path, 'wb').write(b'\\xff')", "no UTF-8"),
        ("os.remove(path)", "no UTF-8"),
        ("os.remove(path); os.mkdir(path)", "no UTF-8"),
    ],
)
def test_a_failing_editor_changes_nothing(code, problem, editor, client):
    editor(code)

    ran = client("correct", "k3m9q", terminal=True, answers={"show": SHOWN})

    assert ran.code == 2
    assert problem in ran.stderr
    assert [op for op, _ in ran.calls] == ["show"]


def test_line_ends_of_another_system_are_no_change(editor, client):
    """A text that was stored with them must not be corrected by being looked at."""
    editor("pass")
    shown = {"memories": [memory(text="one\r\ntwo\rthree")]}

    ran = client("correct", "k3m9q", terminal=True, answers={"show": shown})

    assert (ran.stderr, [op for op, _ in ran.calls]) == ("unchanged\n", ["show"])


@pytest.mark.parametrize("command", ['vi "x', " ", "''"])
def test_an_editor_that_cant_be_read_as_a_command_is_said(command, client, monkeypatch):
    monkeypatch.setenv("VISUAL", command)

    ran = client("correct", "k3m9q", terminal=True, answers={"show": SHOWN})

    assert ran.code == 2
    assert "set EDITOR" in ran.stderr


def test_without_a_terminal_there_is_no_editor(editor, client):
    editor("pass")

    ran = client("correct", "k3m9q", answers={"show": SHOWN})

    assert ran.code == 2
    assert "slm correct ID the right text" in ran.stderr


def test_an_editor_that_is_not_there_is_said(client, monkeypatch):
    monkeypatch.setenv("VISUAL", "/nosuch/editor")

    assert client("correct", "k3m9q", terminal=True, answers={"show": SHOWN}).code == 2


def test_an_unknown_id_opens_no_editor(editor, client):
    editor("sys.exit(3)")

    assert client("correct", "zzzzz", terminal=True, answers={"show": refusal(NotFound)}).code == 4


def test_tags_are_added_and_removed_by_their_signs(either):
    ran = either(
        "tag",
        "k3m9q",
        "+work",
        "-draft",
        "+a-b",
        "-x",
        answers={"tag": {"id": "k3m9q0000000", "tags": ["work", "a-b"]}},
    )

    assert ran.calls == [("tag", {"id": "k3m9q", "add": ["work", "a-b"], "remove": ["draft", "x"]})]
    assert ran.stderr == "k3m9q  #work #a-b\n"


def test_no_tags_left_is_said(either):
    assert (
        either("tag", "k3m9q", "-a", answers={"tag": {"id": "k3m9q0000000", "tags": []}}).stderr == "k3m9q  no tags\n"
    )


@pytest.mark.parametrize("word", ["work", "--draft", "+", "-"])
def test_a_tag_without_a_sign_is_wrong_usage(word, client):
    ran = client("tag", "k3m9q", word)

    assert (ran.code, ran.calls) == (2, [])


def test_global_options_stand_among_tags(either):
    ran = either("tag", "k3m9q", "-a", "--json", "+b", answers={"tag": {"id": "k3m9q0000000", "tags": ["b"]}})

    assert ran.calls == [("tag", {"id": "k3m9q", "add": ["b"], "remove": ["a"]})]
    assert json.loads(ran.stdout) == {"id": "k3m9q0000000", "tags": ["b"]}


@pytest.mark.parametrize("op", ["pin", "unpin"])
def test_pins_are_set_and_taken_away(op, either):
    ran = either(op, "k3m9q", "p7d2x", answers={op: {f"{op}ned": ["k3m9q0000000", "p7d2x0000000"]}})

    assert ran.calls == [(op, {"id": ["k3m9q", "p7d2x"]})]
    assert ran.stderr == f"{op}ned k3m9q p7d2x\n"
