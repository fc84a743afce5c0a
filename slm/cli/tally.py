"""What an import would bring, counted without a store."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from slm.counted import counted
from slm.times import from_iso
from slm.visible import one_line

LARGEST_SHOWN = 10


@dataclass
class Tally:
    """Counts of records by kind and source, their sessions, and the days they reach over."""

    records: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    sources: Counter[str] = field(default_factory=Counter)
    sessions: set[str] = field(default_factory=set)
    first: datetime | None = None
    last: datetime | None = None

    def add(self, record: dict[str, Any]) -> None:
        """Count one record."""
        self.records += 1
        self.kinds[record.get("kind", "note")] += 1
        if source := record.get("source"):
            self.sources[source] += 1
        if session := record.get("session"):
            self.sessions.add(session)
        if when := record.get("observed_at"):
            moment = from_iso(when, UTC)
            self.first = min(self.first or moment, moment)
            self.last = max(self.last or moment, moment)

    def document(self) -> dict[str, Any]:
        """The counts as ``--json`` shows them."""
        days = {name: each and each.date().isoformat() for name, each in (("first", self.first), ("last", self.last))}
        return {
            "records": self.records,
            "dry_run": True,
            "kinds": dict(self.kinds.most_common()),
            "sources": dict(self.sources.most_common()),
            "sessions": len(self.sessions),
            **days,
        }

    def lines(self) -> list[str]:
        """The counts for a reader, the largest sources by name."""
        parts = [counted(self.records, "record")]
        parts += [f"in {counted(len(self.sessions), 'session')}"] if self.sessions else []
        if self.first and self.last:
            parts.append(f"from {self.first.date()} to {self.last.date()}")
        named = [f"  {count:>7}  {one_line(name)}" for name, count in self.sources.most_common(LARGEST_SHOWN)]
        more = len(self.sources) - LARGEST_SHOWN
        return [
            f"would import {' '.join(parts)}",
            *named,
            *([f"  and {counted(more, 'more source')}"] if more > 0 else []),
        ]
