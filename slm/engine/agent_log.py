"""What agents leave in the data root: who is connected (``slm connect``), how their hooks fared (``slm hook``)."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from slm.paths import CONNECTED, HOOK_LOG
from slm.times import iso

WEEK_S = 7 * 86_400


def connected_agents(root: Path) -> list[str]:
    """The names of the connected agents, sorted; none where that can't be read."""
    try:
        files = json.loads((root / CONNECTED).read_text("utf-8"))["files"]
        return sorted({str(record["agent"]) for record in files.values()})
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return []


def hook_counts(root: Path, now_s: float) -> dict[str, Any]:
    """Calls of the last seven days, how many gave up, and the last of those with its reason.

    A line that can't be read is passed over; a file that can't be read counts nothing.
    """
    calls = [call for name in (HOOK_LOG + ".1", HOOK_LOG) for call in _calls(root / name) if call[0] > now_s - WEEK_S]
    gave_up = [(second, outcome) for second, outcome in calls if outcome != "ok"]
    last = max(gave_up, default=None)
    return {
        "week": len(calls),
        "gave_up": len(gave_up),
        "last": {"time": iso(datetime.fromtimestamp(last[0], UTC)), "reason": last[1]} if last else None,
    }


def _calls(path: Path) -> list[tuple[int, str]]:
    try:
        lines = path.read_text("ascii", "replace").splitlines()
    except OSError:
        return []
    parts = (line.split(" ", 2) for line in lines)
    return [(int(each[0]), each[2]) for each in parts if len(each) == 3 and each[0].isascii() and each[0].isdigit()]
