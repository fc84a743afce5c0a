"""kill -9 at any moment of a change: memories, claims, lifecycles, conflicts and journal are of before or of after."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.engine.killed_changing import CHANGES

ROOT = Path(__file__).parents[2]


def killed(change: str, place: Path, step: int) -> int:
    """Kill the change at every ``step``-th call; how often it was, each time leaving a store of before or after."""
    argv = [sys.executable, "-m", "tests.engine.killed_changing", change, str(place), str(step)]
    done = subprocess.run(argv, capture_output=True, text=True, cwd=ROOT, check=False)
    lines = done.stdout.splitlines()
    assert [line for line in lines if not line.endswith(" sound")] == [], done.stderr
    assert lines, done.stderr
    assert (lines[-1].split()[0], done.returncode) == ("ended", 0), done.stderr
    return len(lines) - 1


@pytest.mark.parametrize("change", ["remember", "used", "correct", "resolve"])
def test_a_kill_leaves_the_state_before_a_change_or_after_it(change, tmp_path):
    """trust.md: kill -9 during single writes; claims, uses and decisions among them."""
    assert killed(change, tmp_path, 1009) > 0


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("change", CHANGES)
def test_hundreds_of_kills_leave_the_state_before_a_change_or_after_it(change, tmp_path):
    """trust.md: the same in hundreds of loops, for every change."""
    assert killed(change, tmp_path, 41) > 3
