"""Watches as ``slm watch list`` shows them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from slm.cli.render.text import Layout
from slm.counted import MEMORIES, counted
from slm.visible import one_line

SAID = {
    "starting": "the daemon is about to look at it",
    "watching": "up to date",
    "gone": "the folder can't be found; nothing was forgotten, and it is taken up when it is back",
    "failing": "can't go on, and is tried again",
}
PAINTED = {"gone": "bad", "failing": "bad", "polling": "warn"}


def rows(watches: Sequence[dict[str, Any]], layout: Layout) -> list[str]:
    """A watch in two lines, and one for each file that can't be taken in."""
    return [line for watch in watches for line in _rows(watch, layout)]


def _rows(watch: dict[str, Any], layout: Layout) -> list[str]:
    head = f"{layout.paint('bold', one_line(watch['name']))}  {one_line(watch['path'])}"
    lines = [f"{head}  {one_line(' '.join(watch['globs']))} → {one_line(watch['scope'])}"]
    lines.append("  " + layout.paint(PAINTED.get(watch["state"], "dim"), state(watch)) + "; " + _counts(watch))
    lines += [f"  {one_line(each['path'])}: {one_line(each['problem'])}" for each in watch["problems"]]
    unnamed = watch["n_problems"] - len(watch["problems"])
    return lines + ([f"  … and {unnamed} more"] if unnamed > 0 else [])


def state(watch: dict[str, Any]) -> str:
    """How a watch does, in a sentence."""
    if watch["state"] == "taking in":
        return f"taking in {watch['done']} of {counted(watch['total'], 'file')}"
    said = SAID.get(watch["state"], "looked at every second")
    return f"{said}: {one_line(watch['detail'])}" if watch["detail"] else said


def _counts(watch: dict[str, Any]) -> str:
    left_out = f", {watch['left_out']} left out because you forgot them" if watch["left_out"] else ""
    return f"{counted(watch['files'], 'file')}, {counted(watch['memories'], *MEMORIES)}{left_out}"
