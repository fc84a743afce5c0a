"""kill -9 at each step of an erasing: afterwards all of it is there or no byte of it, and everything else."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


def rounds(folder: Path, stride: int, again: int = 0) -> list[dict[str, Any]]:
    """What each round found, by the step at which it was killed."""
    argv = [sys.executable, "-m", "tests.engine.erase_until_killed", str(folder), str(stride), str(again)]
    done = subprocess.run(argv, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [each for each in told if each["failed"]] == [], done.stderr
    return told


def require_one_moment(told: list[dict[str, Any]]) -> None:
    """It is whole up to a step, and gone from there on; the last round was left alone."""
    found = [each["found"] for each in told]
    assert found == sorted(found, reverse=True)
    assert set(found) == {"whole", "gone"}
    assert told[-1]["ended"] == 0
    assert {each["ended"] for each in told[:-1]} <= {signal.SIGKILL, 0}


def test_a_kill_at_any_step_leaves_it_whole_or_wholly_gone(tmp_path: Path) -> None:
    """trust.md: kill -9 during erase; some steps here, every one in the long suite."""
    require_one_moment(rounds(tmp_path, 7))


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_every_step_and_kills_of_the_start_that_follows(tmp_path: Path) -> None:
    """The start that finishes an erasing is killed as well, at random steps."""
    told = rounds(tmp_path, 1, 3)

    require_one_moment(told)
    assert sum(each["restarted"] == signal.SIGKILL for each in told) >= 20
