"""Standard files that are closed or full, in real processes; nothing here needs a daemon."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SLM = [sys.executable, "-P", "-m", "slm"]


@pytest.fixture
def run(tmp_path):
    """Runs a shell line in which $SLM is the full program."""

    def in_shell(line):
        environ = {"HOME": str(tmp_path), "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
        script = line.replace("$SLM", " ".join(SLM))
        done = subprocess.run(["/bin/sh", "-c", script], env=environ, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout, done.stderr

    return in_shell


def test_an_answer_that_finds_no_room_is_a_failure_of_the_disk(run):
    """STYLE.md: what, and its own exit code; no trace, and no word of the interpreter's."""
    code, _, said = run("$SLM config path > /dev/full")

    assert (code, said) == (8, "slm: error: the answer can't be written: No space left on device\n")


def test_a_long_answer_that_finds_no_room_fails_the_same(run):
    """Longer than a buffer, so that the failure comes in the middle of the command."""
    code, _, said = run("$SLM man recall > /dev/full")

    assert (code, said) == (8, "slm: error: the answer can't be written: No space left on device\n")


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_files_are_as_good_as_empty_ones(closed, run):
    """A cron job may have none; the command itself goes well."""
    assert run(f"$SLM config path {closed}")[0] == 0


@pytest.mark.parametrize("lost", ["2>&-", "2>/dev/full"])
def test_an_error_that_nobody_can_hear_keeps_its_exit_code(lost, run):
    assert run(f"$SLM recal {lost}") == (2, "", "")


def test_a_reader_that_has_enough_ends_it_quietly(run):
    """``| head -1``: the shell reports the end of the pipe, and nothing is said."""
    code, shown, said = run("{ $SLM man recall; echo $? >&2; } | head -1")

    assert code == 0
    assert len(shown.splitlines()) == 1
    assert said.split() in (["141"], ["0"])
