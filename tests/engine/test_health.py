from __future__ import annotations

import os
from collections import namedtuple

import pytest

from slm.engine import health
from slm.geometry.backend import compiled
from tests.engine.desk import Desk


def _lived_in(desk: Desk) -> None:
    first = desk.remember("the api is on 5432", tag="work", pin=True, source="a.md")
    desk.call("correct", id=first, text="the api is on 5433")
    desk.call("forget", id=[desk.remember("gone soon", speaker="Ana")])
    desk.remember("a secret", private=True, in_scope="family", kind="fact", at="1999-05-05", zone="UTC")
    old = desk.remember("in Oslo", at="2020-01-01", zone="UTC")
    desk.remember("in Porto", supersedes=old)


def test_status_counts_every_sort_of_memory(desk: Desk) -> None:
    """Oracle: the story of the store, counted by hand."""
    _lived_in(desk)

    status = desk.call("status")

    assert status["memories"] == {
        "total": 6, "live": 4, "forgotten": 1, "corrected": 1, "superseded": 2, "private": 1, "pinned": 2,
        "erased": 0,
    }  # fmt: skip
    assert status["phases"] == {"active": 4, "warm": 0, "cold": 0, "archived": 0}
    assert status["journal"]["entries"] >= len(desk.ops())
    assert (status["pid"], status["profile"], status["root"]) == (os.getpid(), "default", str(desk.root))
    assert (status["model"]["name"], status["model"]["dims"], status["kernels"]) == ("stub", 64, "numpy")
    assert 0 < status["memory_bytes"]["private"] <= status["memory_bytes"]["rss"]
    assert status["disk_bytes"] == desk.call("stats")["disk"]["bytes"] > 0
    assert status["notes"] == []


def test_stats_count_live_memories_by_every_exact_property(desk: Desk) -> None:
    """Oracle: the story of the store, counted by hand."""
    _lived_in(desk)

    stats = desk.call("stats")

    assert stats["by_kind"] == {"note": 3, "fact": 1}
    assert stats["by_scope"] == {"global": 3, "family": 1}
    assert stats["by_source"] == {"none": 3, "a.md": 1}
    assert (stats["memories"], stats["words"], stats["chunks"]) == (4, 5 + 2 + 2 + 2, 6)
    assert stats["first"] == "1999-05-05T00:00:00Z"
    assert stats["timings_ms"]["remember"]["count"] == 5


def test_an_empty_store_has_a_status_too(desk: Desk) -> None:
    """experience.md, first five minutes."""
    assert desk.call("status")["memories"]["total"] == 0
    assert (desk.call("stats")["first"], desk.call("stats")["last"]) == (None, None)


def test_a_healthy_store_passes_every_check(desk: Desk) -> None:
    """client.md, ``doctor``: each check with its detail."""
    _lived_in(desk)

    checks = desk.call("doctor")["checks"]

    names = ["model", "store", "journal", "disk", "index", "claims", "weights", "watches"]
    assert sorted(check["name"] for check in checks) == sorted(names)
    assert all(check["ok"] and check["detail"] and check["fix"] is None for check in checks)
    assert checks[1]["detail"] == "6 memories, every checksum right"


def test_a_check_that_fails_says_how_to_mend_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """STYLE.md, an error: the next step."""
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(health.shutil, "disk_usage", lambda _: usage(100, 99, 1 << 20))

    disk = desk.call("doctor")["checks"][3]

    assert disk == {
        "name": "disk", "ok": False, "detail": "only 1 MiB are free",
        "fix": "make room before slm has to refuse writes",
    }  # fmt: skip


def test_status_names_the_kernels_that_run(desk: Desk) -> None:
    """ "compiled" or "numpy"."""
    kernels = compiled()
    desk.service.kernels = kernels
    desk.service.inspect(lambda engine: engine.use_kernels(kernels))

    assert desk.call("status")["kernels"] == "compiled"
