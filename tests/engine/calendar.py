"""Days on which a desk is asked, and a clock that stands where it is put."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from slm.engine.request import Request

TODAY = datetime(2027, 3, 1, 12, tzinfo=UTC)


def at(days: float) -> str:
    """A time some days from :data:`TODAY`, for the field ``now``."""
    return (TODAY + timedelta(days=days)).isoformat()


class Clock:
    """What every request takes for the present unless it says another: begins at :data:`TODAY`."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.now = TODAY
        usual = Request.now.func

        def now(request: Request) -> datetime:
            return usual(request) if "now" in request.fields else self.now.astimezone(request.zone)

        patch.setattr(Request, "now", property(now))

    def go_to(self, days: float) -> None:
        """Some days from :data:`TODAY`, back too."""
        self.now = TODAY + timedelta(days=days)
