from __future__ import annotations

from pathlib import Path

from slm.engine.agent_log import WEEK_S, hook_counts

NOW_S = 1_800_000_000


def test_calls_of_a_week_are_counted_with_the_last_that_gave_up(tmp_path: Path) -> None:
    """experience.md: "hooks 212 this week, 3 gave up (today 14:02)"; the older file counts, too."""
    (tmp_path / "hooks.1").write_text(f"{NOW_S - WEEK_S - 1} stop ok\n{NOW_S - 60} user-prompt too late\n")
    (tmp_path / "hooks").write_text(f"{NOW_S - 30} session-start no daemon\n{NOW_S - 10} user-prompt ok\n")

    counts = hook_counts(tmp_path, NOW_S)

    assert (counts["week"], counts["gave_up"], counts["last"]["reason"]) == (3, 2, "no daemon")
    assert counts["last"]["time"] == "2027-01-15T07:59:30Z"


def test_what_cant_be_read_counts_nothing(tmp_path: Path) -> None:
    """Lines of processes that were cut off, bytes of a broken disk, no file at all."""
    (tmp_path / "hooks").write_bytes(b"\xff\n5\nx stop ok\n\n-3 stop ok\n" + "²³ stop ok\n".encode())

    assert hook_counts(tmp_path, NOW_S) == {"week": 0, "gave_up": 0, "last": None}
    assert hook_counts(tmp_path / "none", NOW_S)["week"] == 0
