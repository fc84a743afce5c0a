"""What the measurement of watching measures, on a store that needs no daemon."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from slm.bench import watch
from slm.errors import TimedOut
from slm.paths import Paths
from slm.watch.watcher import Watcher
from tests.engine.desk import Desk


class _Client:
    """The client's calls, answered in this process."""

    def __init__(self, desk: Desk) -> None:
        self.call = desk.call

    def __enter__(self) -> _Client:
        return self

    def __exit__(self, *_: object) -> None:
        return None


def test_edits_and_a_burst_are_timed_until_they_are_stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Specification: from the last write to the memory."""
    root, folder = tmp_path / "data", tmp_path / "notes"
    root.mkdir(mode=0o700)
    folder.mkdir()
    desk = Desk(root)
    watcher = Watcher(desk.service)
    monkeypatch.setattr(watch, "JsonClient", lambda *_: _Client(desk))
    try:
        result: dict[str, Any] = watch.measure(
            Paths({"HOME": str(tmp_path)}), folder, ["one", "two"], ["three", "four"]
        )
    finally:
        watcher.close()
        desk.service.close()

    assert (result["notes"], result["edits"]) == (2, 2)
    assert 0 < result["median_s"] <= result["longest_s"]
    assert "2 notes at once" in watch.table(result)
    assert any(text.endswith("four") for text in [record["text"] for record in _stored(root)])


def _stored(root: Path) -> list[dict[str, Any]]:
    desk = Desk(root)
    try:
        return desk.exported()
    finally:
        desk.service.close()


def test_notes_that_are_never_taken_in_end_the_measurement(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rather than hang for ever."""
    monkeypatch.setattr(watch, "PATIENCE_S", 0.0)

    with pytest.raises(TimedOut, match="never taken in"):
        watch._until(lambda: False)
