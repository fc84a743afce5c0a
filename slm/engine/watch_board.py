"""Where the operations and the threads that watch folders meet: what there is to watch, and how each does."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any, Literal

State = Literal["starting", "taking in", "watching", "polling", "gone", "failing"]
TROUBLED = frozenset({"gone", "failing"})
MOST_PROBLEMS = 20
"""Files with a problem that are named; more are counted."""


@dataclass(frozen=True, slots=True)
class Report:
    """How one watch does.

    ``taking in``: ``done`` of ``total`` changed files are remembered. ``polling``: the folder is looked at every
    second, because the system tells no changes; ``detail`` says why. ``gone``: nothing of it was forgotten, and it is
    taken up when it is back. ``failing``: ``detail`` says what keeps it from going on; it is tried again.
    ``problems`` are files and folders that can't be taken in, by path. ``rounds`` counts the looks at the folder.
    """

    state: State = "starting"
    detail: str = ""
    done: int = 0
    total: int = 0
    problems: dict[str, str] = field(default_factory=dict)
    rounds: int = 0

    def document(self) -> dict[str, Any]:
        """The report as ``watch_list`` shows it."""
        named = sorted(self.problems.items())[:MOST_PROBLEMS]
        return {
            "state": self.state,
            "detail": self.detail,
            "done": self.done,
            "total": self.total,
            "problems": [{"path": path, "problem": problem} for path, problem in named],
            "n_problems": len(self.problems),
            "rounds": self.rounds,
        }


class WatchBoard:
    """Thread-safe: threads that watch put reports by profile and number, operations read them.

    ``changed`` is set when a watch was added or removed, or the daemon leaves.
    """

    def __init__(self) -> None:
        self.changed = threading.Event()
        self._reports: dict[tuple[str, int], Report] = {}

    def put(self, profile: str, number: int, report: Report) -> None:
        """The newest report of a watch."""
        self._reports[profile, number] = report

    def drop(self, profile: str, number: int) -> None:
        """Nothing is watched under this number any more."""
        self._reports.pop((profile, number), None)

    def report(self, profile: str, number: int) -> Report:
        """How a watch does; ``starting`` until its thread has looked for the first time."""
        return self._reports.get((profile, number), Report())
