"""UTC days counted from 1970: the grain of every lifecycle."""

from __future__ import annotations

from datetime import UTC, datetime

from slm.times import from_iso, from_ns, to_ns

DAY_NS = 86_400_000_000_000


def day_at(moment: datetime) -> int:
    """The day of a moment."""
    return to_ns(moment) // DAY_NS


def day_of(written: str) -> int:
    """The day of a time, or of a date, as records keep it."""
    return day_at(from_iso(written, UTC))


def date_of(day: int) -> str:
    """The date of a day, YYYY-MM-DD."""
    return from_ns(int(day) * DAY_NS).date().isoformat()
