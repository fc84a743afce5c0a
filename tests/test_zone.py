"""The reader's zone: a name that the daemon knows, or an offset."""

from __future__ import annotations

import re

import pytest

from slm import zone
from slm.times import zone_of
from slm.zone import zone_name


@pytest.mark.parametrize(
    ("variable", "name"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        (":Europe/Berlin", "Europe/Berlin"),
        ("/usr/share/zoneinfo/Asia/Kolkata", "Asia/Kolkata"),
        ("UTC", "UTC"),
    ],
)
def test_the_variable_decides(variable: str, name: str) -> None:
    """POSIX: TZ comes first; glibc: with or without a colon, by name or by file."""
    assert zone_name({"TZ": variable}) == name


@pytest.mark.parametrize(
    "variable", ["", "No/Where", "CET-1CEST,M3.5.0", "/etc/passwd", "../../etc/passwd", "Europe", "zone.tab", "a\0b"]
)
def test_a_variable_that_names_no_zone_leaves_it_to_the_machine(variable: str, monkeypatch, tmp_path) -> None:
    """What ``TZ`` can't say the machine says."""
    link = tmp_path / "localtime"
    link.symlink_to("../usr/share/zoneinfo/Asia/Tokyo")
    monkeypatch.setattr(zone, "LOCALTIME", str(link))

    assert zone_name({"TZ": variable}) == "Asia/Tokyo"


def test_without_any_name_the_offset_of_now_is_used(monkeypatch, tmp_path) -> None:
    """Some systems copy the zone's file instead of linking it."""
    copy = tmp_path / "localtime"
    copy.write_bytes(b"TZif")
    monkeypatch.setattr(zone, "LOCALTIME", str(copy))

    found = zone_name({})

    assert re.fullmatch(r"[+-]\d{4}", found)
    assert zone_of(found) is not None
