"""The reader's zone: what ``TZ`` says, else what the machine says."""

from __future__ import annotations

import pytest

from slm import times
from slm.times import local_zone, zone_of


@pytest.mark.parametrize(
    ("variable", "name"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        (":Europe/Berlin", "Europe/Berlin"),
        ("/usr/share/zoneinfo/Asia/Kolkata", "Asia/Kolkata"),
        ("UTC", "UTC"),
    ],
)
def test_the_variable_decides(variable, name):
    assert local_zone({"TZ": variable}) == name


@pytest.mark.parametrize("variable", ["", "No/Where", "CET-1CEST,M3.5.0", "/etc/passwd", "../../etc/passwd"])
def test_a_variable_that_names_no_zone_leaves_it_to_the_machine(variable, monkeypatch, tmp_path):
    target = tmp_path / "zoneinfo" / "Asia" / "Tokyo"
    target.parent.mkdir(parents=True)
    target.touch()
    link = tmp_path / "localtime"
    link.symlink_to(target)
    monkeypatch.setattr(times, "LOCALTIME", str(link))

    assert local_zone({"TZ": variable}) == "Asia/Tokyo"


def test_without_any_name_the_offset_of_now_is_used(monkeypatch):
    monkeypatch.setattr(times, "LOCALTIME", "/nosuch")

    found = local_zone({})

    assert found[0] in "+-"
    assert zone_of(found) is not None
