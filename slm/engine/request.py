"""One call of an operation: the engine of its profile, who asks, and the asking time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from functools import cached_property
from typing import TYPE_CHECKING, Any

from slm.engine.days import day_at
from slm.engine.engine import Engine
from slm.errors import InvalidInput
from slm.model import Caller
from slm.scope import scope_of
from slm.times import iso, parse_when, zone_of

FIRST_YEAR, LAST_YEAR = 1678, 2261
"""Of the asking time: those that the store's nanoseconds reach, as for the times of records."""

if TYPE_CHECKING:
    from slm.engine.service import Service


@dataclass(frozen=True)
class Request:
    """Who asks what of which engine; ``fields`` are checked already."""

    service: Service
    engine: Engine
    caller: Caller
    fields: dict[str, Any]
    started_ns: int

    @cached_property
    def now(self) -> datetime:
        """The asking time in the caller's zone; ``now`` among the fields sets it (for tests and for the past)."""
        actual = datetime.now(UTC).astimezone(self.zone)
        if "now" not in self.fields:
            return actual
        given = parse_when(self.fields["now"], actual, self.zone)
        if not FIRST_YEAR <= given.year <= LAST_YEAR:
            raise InvalidInput(f"now: {self.fields['now']!r} isn't between the years {FIRST_YEAR} and {LAST_YEAR}")
        return given

    @property
    def day(self) -> int:
        """The UTC day of the asking time, counted from 1970."""
        return day_at(self.now)

    @cached_property
    def zone(self) -> tzinfo:
        """The time zone in which naive times are read."""
        return zone_of(self.caller.zone)

    @cached_property
    def scope(self) -> str:
        """The scope that a new memory gets: the caller's choice, else the project of its folder, else global."""
        return self.caller.scope or scope_of(self.caller.cwd)

    @property
    def scopes(self) -> list[str]:
        """The scopes that are looked at: the current one and, unless one was chosen, global."""
        chosen = self.caller.scope is not None
        return [self.scope] if chosen or self.scope == "global" else [self.scope, "global"]

    def when(self, name: str, *, end: bool = False) -> datetime | None:
        """The time in field ``name``, or None."""
        text = self.fields.get(name)
        return parse_when(text, self.now, self.zone, end=end) if text is not None else None

    def when_iso(self, name: str) -> str | None:
        """The time in field ``name`` as a record keeps it, or None."""
        moment = self.when(name)
        return iso(moment) if moment else None
