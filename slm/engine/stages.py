"""How long each stage of an answer took."""

from __future__ import annotations

import time
from dataclasses import dataclass, field


@dataclass(slots=True)
class Stages:
    """Wall time of each stage in milliseconds, from the moment the request came: together they are the whole of it."""

    started_ns: int
    passed: dict[str, float] = field(default_factory=dict)
    last_ns: int = 0

    def mark(self, stage: str) -> None:
        """End ``stage`` now: it began where the one before it ended."""
        now = time.perf_counter_ns()
        self.passed[stage] = round((now - (self.last_ns or self.started_ns)) / 1e6, 3)
        self.last_ns = now

    def document(self) -> dict[str, float]:
        """The stages and their total."""
        return {**self.passed, "total": round((self.last_ns - self.started_ns) / 1e6, 3)}
