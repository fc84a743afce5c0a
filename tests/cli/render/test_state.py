"""status, stats and doctor as tables."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slm.cli.render.state import checks, duration, size, stats, status, table, weights
from slm.cli.render.text import Layout

PIPE = Layout(None, False, datetime(2026, 11, 24, tzinfo=UTC))
STATUS = {
    "version": "0.1.0", "pid": 4121, "socket": "/run/user/1000/slm/slm.sock", "root": "/home/anna/.local/share/slm",
    "profile": "default",
    "memories": {
        "total": 930, "live": 912, "forgotten": 5, "corrected": 13, "superseded": 20, "private": 12, "pinned": 0,
    },
    "uptime_s": 7300.0, "memory_bytes": {"private": 268_000_000, "rss": 300_000_000},
    "model": {"name": "all-MiniLM-L6-v2", "sha256": "8199be6f", "dims": 384}, "kernels": "compiled",
    "journal": {"entries": 1240, "head": "a1" * 32}, "disk_bytes": 5_300_000, "epoch": 3, "notes": [],
}  # fmt: skip


def test_status_says_how_slm_does():
    assert status(STATUS, PIPE) == [
        "memories  912: 20 superseded, 13 corrected, 5 forgotten, 12 private",
        "profile   default",
        "disk      5.3 MB in /home/anna/.local/share/slm",
        "model     all-MiniLM-L6-v2, 384 dimensions",
        "journal   1240 entries, head a1a1a1a1a1a1",
        "daemon    version 0.1.0, pid 4121, up 2 h, 268 MB of memory, compiled kernels",
        "socket    /run/user/1000/slm/slm.sock",
    ]


def test_status_counts_phases_before_what_else_there_is():
    """experience.md, the mock-up of ``slm status``."""
    faded = STATUS | {"phases": {"active": 301, "warm": 188, "cold": 0, "archived": 221}}

    line = "memories  912: active 301, warm 188, archived 221; 20 superseded, 13 corrected, 5 forgotten, 12 private"
    assert status(faded, PIPE)[0] == line


LAST = {"path": "/media/usb/b.slm", "created": "2026-11-22T00:00:00Z", "entries_since": 0}


@pytest.mark.parametrize(
    ("backup", "line"),
    [
        (LAST, "2 days ago, /media/usb/b.slm"),
        (LAST | {"entries_since": 7}, "2 days ago, 7 changes since, /media/usb/b.slm"),
        (None, "none: slm backup create"),
    ],
)
def test_status_tells_the_age_of_the_last_backup(backup, line):
    assert f"backup    {line}" in status(STATUS | {"backup": backup}, PIPE)


@pytest.mark.parametrize(
    ("truth", "line"),
    [
        ({"contradictions": 1, "claims": 3}, "1 contradiction, 3 claims: slm audit"),
        ({"contradictions": 0, "claims": 3}, "0 contradictions, 3 claims"),
        ({"contradictions": None, "claims": 3}, "claims are being read, 3 claims"),
    ],
)
def test_status_counts_open_contradictions(truth, line):
    assert f"truth     {line}" in status(STATUS | {"truth": truth}, PIPE)


def test_a_store_without_claims_has_no_line_about_truth():
    assert not any("truth" in line for line in status(STATUS | {"truth": {"contradictions": 0, "claims": 0}}, PIPE))


def test_a_store_without_a_journal_needs_no_backup():
    journal = {"entries": 0, "head": ""}

    assert not any("backup" in line for line in status(STATUS | {"backup": None, "journal": journal}, PIPE))


def test_status_passes_on_what_the_daemon_noticed():
    assert (
        status(STATUS | {"notes": ["rebuilt postings", "model is slow"]}, PIPE)[-1]
        == "notes     rebuilt postings; model is slow"
    )


def test_status_of_an_empty_store_says_zero():
    assert status({"memories": {"live": 0}}, PIPE) == ["memories  0"]


def test_stats_count_the_most_frequent_names():
    result = {
        "by_kind": {"note": 900, "fact": 12},
        "by_scope": {"github.com/acme/api": 500, "global": 412},
        "by_source": {f"s{i}": 10 - i for i in range(8)},
        "memories": 912, "words": 12000, "chunks": 950, "first": "2024-01-01", "last": None,
        "disk": {"bytes": 5_300_000},
        "timings_ms": {"recall": {"count": 40, "median": 4.21}, "remember": {"count": 2, "median": 12.0}},
    }  # fmt: skip

    assert stats(result, PIPE) == [
        "kind      note 900, fact 12",
        "scope     acme/api 500, global 412",
        "source    s0 10, s1 9, s2 8, s3 7, s4 6, 3 others 12",
        "memories  912",
        "words     12000",
        "chunks    950",
        "first     2024-01-01",
        "disk      bytes 5.3 MB",
        "recall    40 calls, median 4.2 ms",
        "remember  2 calls, median 12.0 ms",
    ]


def test_weights_show_what_use_has_changed():
    """design/retrieval.md: learnt weights are explained: weight, drift and standard error."""
    result = {
        "learns": True, "epoch": 2, "uses": 17,
        "weights": [
            {"term": "words", "weight": 1.43, "default": 1.5, "drift": -0.07, "std_error": 0.04},
            {"term": "length", "weight": -0.1, "default": -0.1, "drift": 0.0, "std_error": None},
        ],
    }  # fmt: skip

    assert weights(result, PIPE) == [
        "term    weight  default   drift           ±",
        "words    1.430     1.50  -0.070       0.040",
        "length  -0.100    -0.10          not learnt",
        "learnt from 17 uses, epoch 2",
    ]
    assert weights({**result, "uses": 1, "learns": False}, PIPE)[-1] == (
        "learnt from 1 use, epoch 2; learning is off (recall.learn)"
    )


def test_a_failed_check_shows_its_fix():
    found = [
        {"name": "model", "ok": True, "detail": "verified", "fix": None},
        {"name": "folder", "ok": False, "detail": "open to others", "fix": "chmod 700 /data"},
        {"name": "odd", "ok": False, "detail": "no idea", "fix": None},
    ]

    assert checks(found, PIPE) == [
        "ok   model   verified",
        "BAD  folder  open to others",
        "     fix: chmod 700 /data",
        "BAD  odd     no idea",
    ]


def test_no_checks_make_no_lines():
    assert checks([], PIPE) == []


def test_a_table_leaves_out_what_has_no_value():
    assert table([("a", "1"), ("long", ""), ("bb", "\x1b")], PIPE) == ["a   1", "bb  \\x1b"]


@pytest.mark.parametrize(
    ("n_bytes", "shown"),
    [(0, "0 B"), (999, "999 B"), (1000, "1 kB"), (999_499, "999 kB"), (999_500, "1.0 MB"), (5_300_000, "5.3 MB"),
     (268_000_000, "268 MB"), (1_500_000_000, "1.5 GB"), (10**16, "10000 TB")],
)  # fmt: skip
def test_sizes_are_told_in_the_unit_a_person_would_choose(n_bytes, shown):
    assert size(n_bytes) == shown


@given(st.integers(0, 10**15))
def test_a_size_is_right_within_its_last_digit(n_bytes):
    """Oracle: the number read back."""
    number, unit = size(n_bytes).split()
    factor = 1000 ** ("B", "kB", "MB", "GB", "TB").index(unit)

    assert abs(float(number) * factor - n_bytes) <= factor * (0.051 if "." in number else 0.51)


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0.2, "0 s"), (59, "59 s"), (60, "1 min"), (3600, "1 h"), (200_000, "2 d")]
)
def test_durations_are_told_in_the_largest_unit(seconds, shown):
    assert duration(seconds) == shown


def test_status_tells_of_watches_agents_and_hooks_where_there_are_any():
    """experience.md's mock-up of status: "agents claude-code", "hooks 212 this week, 3 gave up (today 14:02)"."""
    last = {"time": "2026-11-23T14:02:00Z", "reason": "too late"}
    more = {
        "watches": {"total": 2, "troubled": 1},
        "agents": ["claude-code", "codex"],
        "hooks": {"week": 212, "gave_up": 3, "last": last},
    }

    lines = status(STATUS | more, PIPE)

    assert "watched   2 folders, 1 in trouble: slm watch list" in lines
    assert "agents    claude-code, codex" in lines
    assert "hooks     212 this week, 3 gave up (last 9 hours ago: too late)" in lines
    quiet = {"watches": {"total": 0, "troubled": 0}, "agents": [], "hooks": {"week": 0, "gave_up": 0, "last": None}}
    assert status(STATUS | quiet, PIPE) == status(STATUS, PIPE)
