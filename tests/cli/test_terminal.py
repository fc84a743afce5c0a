"""On a real terminal: width, colour, questions, the progress bar."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAM = """
import fcntl, signal, sys, termios
signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever runs the tests may ignore it
fcntl.ioctl(0, termios.TIOCSCTTY, 0)  # so that the keys of an interrupt reach this process
sys.path[:0] = [sys.argv.pop(1)]
from slm.cli.hosts import in_client
memory = {"id": "k3m9q0000000", "text": "word " * 60, "observed_at": "2024-11-03", "actor": "cli", "scope": "global"}
answers = {
    "recall": {"hits": [{"memory": memory, "score": 1.0}], "abstained": False, "scope": ["global"], "searched": 1},
    "forget": {"forgotten": [memory], "dry_run": False},
}
erased = {"erased": [memory["id"]], "memories": [{**memory, "named": True}], "journal": {"entries": 1, "head": "ab"}}
answers["erase"] = {**erased, "chunks": 1, "entries": 2, "names": 0,
                    **dict.fromkeys(("pinned", "same_text", "backups", "sources", "out_of_reach"), [])}
far = [{"unfinished": {"stage": "reading", "done": 100 * n, "total": 900}} for n in range(9)]
coverage = dict.fromkeys(("memories", "uncheckable", "claims", "variables", "free", "dim_h1", "components"), 0)
nothing = {"conflicts": [], "total": 0, "accepted": 0, "supersessions": [], "supersessions_total": 0,
           "coverage": coverage, "consistency_radius": {}, "scope": ["global"]}
def call(op, fields, caller):
    if op == "audit":
        if fields.get("all_scopes"):
            print("[y/N] ", file=sys.stderr, flush=True)  # the cue for the keys
            while True:
                signal.pause()
        return far.pop(0) if far else nothing
    if op == "remember":
        if any(record["text"] == "interrupt me" for record in fields["batch"]):
            raise KeyboardInterrupt
        return {"results": [{"id": "k3m9q0000000", "status": "stored"} for _ in fields["batch"]]}
    return answers[op]
sys.exit(in_client(sys.argv[1:], call=call))
"""


def on_terminal(*argv, columns=60, typed=None):
    """The exit code and all that the terminal showed; ``typed`` is typed once a question is there."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    command = [sys.executable, "-c", PROGRAM, str(ROOT), *argv]
    with subprocess.Popen(command, stdin=follower, stdout=follower, stderr=follower, start_new_session=True) as process:
        os.close(follower)
        try:
            shown = _shown_until(leader, b"[y/N] ") if typed else b""
            os.write(leader, typed or b"")
            shown += _shown_until(leader, None)
        except BaseException:  # the time-out among them
            process.kill()
            raise
    os.close(leader)
    return process.returncode, shown.decode()


def _shown_until(leader, end):
    shown = b""
    while end is None or end not in shown:
        try:
            part = os.read(leader, 1 << 16)
        except OSError:  # the last writer has closed it
            break
        if not part:
            break
        shown += part
    return shown


def test_text_is_wrapped_at_the_terminals_width():
    code, shown = on_terminal("--no-color", "recall", "x", columns=50)
    lines = shown.replace("\r", "").splitlines()

    assert code == 0
    assert max(map(len, lines)) <= 50
    assert lines[0].startswith("k3m9q  word")
    assert lines[3].endswith("…")


def test_a_terminal_is_coloured():
    assert "\x1b[1mk3m9q\x1b[0m" in on_terminal("recall", "x")[1]


@pytest.mark.parametrize(
    ("typed", "code", "said"),
    [(b"y\n", 0, "forgot 1 memory; slm undo brings it back"), (b"n\n", 1, "nothing was forgotten")],
)
def test_a_question_is_answered_at_the_terminal(typed, code, said):
    ended, shown = on_terminal("--no-color", "forget", "--tag", "x", typed=typed)

    assert ended == code
    assert "forget 1 memory? [y/N]" in shown
    assert said in shown


def test_the_end_of_input_is_a_no():
    code, shown = on_terminal("--no-color", "forget", "--tag", "x", typed=b"\x04")

    assert code == 1
    assert "[y/N] \r\nnothing was forgotten\r\n" in shown


def test_ctrl_c_at_a_question_ends_with_130():
    code, shown = on_terminal("forget", "--tag", "x", typed=b"\x03")

    assert code == 130
    assert "Traceback" not in shown
    assert shown.endswith("\r\n"), "the shell's prompt begins on a line of its own"


def test_long_work_shows_a_bar(tmp_path):
    file = tmp_path / "notes.jsonl"
    file.write_text('{"text": "a"}\n' * 300)

    code, shown = on_terminal("import", str(file), "--from", "jsonl")

    assert code == 0
    assert "importing" in shown
    assert "300 records: 300 new" in shown


def test_an_erasing_shows_that_it_goes_on():
    """Specification: long work shows progress on a terminal; how far it is, nobody knows, so the seconds are shown."""
    code, shown = on_terminal("forget", "k3m9q", "--erase", "--yes")

    assert code == 0
    assert "erasing" in shown
    assert "0:00:0" in shown
    assert "erased 1 memory, 1 passage, 2 journal entries, 0 names" in shown
    assert "erasing" not in on_terminal("forget", "k3m9q", "--erase", "--yes", "--quiet")[1]


def test_a_long_audit_shows_a_bar():
    """Brief: over the wire, as import does; what it found comes after it."""
    code, shown = on_terminal("audit")

    assert code == 0
    assert "reading claims" in shown
    assert "no contradictions" in shown
    assert "reading" not in on_terminal("audit", "--quiet")[1]


def test_ctrl_c_at_an_audit_ends_with_130():
    code, shown = on_terminal("audit", "--all-scopes", typed=b"\x03")

    assert code == 130
    assert "Traceback" not in shown


def test_an_interrupted_import_speaks_once_the_bar_is_gone(tmp_path):
    """Seen in tmux at 80 columns: the words stood behind the bar, and were broken at its end."""
    file = tmp_path / "notes.jsonl"
    file.write_text('{"text": "a"}\n' * 300 + '{"text": "interrupt me"}\n')

    code, shown = on_terminal("--no-color", "import", str(file), "--from", "jsonl", columns=80)

    assert code == 130
    told = shown.rpartition("interrupted: 256 records")
    assert told[1], shown
    assert told[0].endswith(("\n", "\x1b[2K", "\r", "\x1b[?25h")), "nothing stands before it on its line"


def test_quiet_work_shows_no_bar(tmp_path):
    file = tmp_path / "notes.jsonl"
    file.write_text('{"text": "a"}\n')

    assert on_terminal("--quiet", "import", str(file), "--from", "jsonl") == (0, "")
