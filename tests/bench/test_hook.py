"""What the measurement of hooks measures, on programs that are no hooks."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from slm.bench import hook
from slm.errors import SlmError
from slm.paths import Paths

NOTHING = [sys.executable, "-I", "-S", "-c", "import sys; sys.stdin.buffer.read()"]


def test_each_situation_has_a_median_and_a_longest(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Specification: figures with their baseline from the same run."""
    monkeypatch.setattr(hook, "_while_stopped", lambda paths, call: call())

    result = hook.measure(NOTHING, Paths({"HOME": str(tmp_path)}), 3, 7)

    assert set(result["situations"]) == {"python", "warm", "garbage", "down", "stopped"}
    assert all(0 < each["median_ms"] <= each["longest_ms"] for each in result["situations"].values())
    assert "daemon stopped (SIGSTOP)" in hook.table(result)


def test_a_hook_that_fails_is_not_measured(tmp_path: Path) -> None:
    """It would look fast."""
    with pytest.raises(SlmError, match="ended with 3"):
        hook._wall_ms([sys.executable, "-c", "raise SystemExit(3)"], b"")


def test_without_a_daemon_there_is_none_to_stop(tmp_path: Path) -> None:
    """The situation would be another one than it is called."""
    with pytest.raises(SlmError, match="left"):
        hook._while_stopped(Paths({"HOME": str(tmp_path)}), lambda: 0.0)
