"""backup: a file out, a file in."""

from __future__ import annotations

import json

import pytest

from slm.errors import InvalidInput
from slm.store.backup import write_backup
from slm.store.store import Store
from tests.cli.canned import refusal
from tests.store.samples import FINGERPRINT, fill

MADE = {
    "path": "/media/usb/b.slm", "created": "2026-11-24T10:00:00Z", "memories": 912,
    "journal": {"entries": 1240, "head": "a1" * 32}, "bytes": 5_300_000, "model": "bundled",
}  # fmt: skip


def test_a_backup_says_what_it_holds_and_where(either):
    ran = either("backup", "create", "/media/usb/b.slm", answers={"backup": MADE})

    assert ran.calls == [("backup", {"path": "/media/usb/b.slm"})]
    assert ran.stderr == "backed up 912 memories, 1240 journal entries (5.3 MB) to /media/usb/b.slm\n"


def test_a_name_is_read_in_the_folder_of_the_client(client, tmp_path, monkeypatch):
    """The daemon's folder is another."""
    monkeypatch.chdir(tmp_path)

    assert client("backup", "create", "b.slm", answers={"backup": MADE}).calls == [
        ("backup", {"path": str(tmp_path / "b.slm")})
    ]
    assert client("backup", "create", answers={"backup": MADE}).calls == [("backup", {})]


@pytest.mark.parametrize("verb", ["create", "verify", "restore"])
def test_a_name_in_a_deleted_folder_is_no_name_at_the_root(client, tmp_path, monkeypatch, verb):
    """It was read as /b.slm."""
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()

    ran = client("backup", verb, "b.slm")

    assert (ran.code, ran.calls) == (2, [])
    assert "deleted" in ran.stderr


def test_a_backup_in_json_is_the_result(either):
    ran = either("backup", "create", "--json", answers={"backup": MADE})

    assert json.loads(ran.stdout) == MADE


def test_restoring_names_the_profile(client):
    answers = {"restore": {**MADE, "name": "work", "live": 900}}

    ran = client("--profile", "work", "backup", "restore", "/b.slm", answers=answers)

    assert ran.calls == [("restore", {"path": "/b.slm", "name": "work"})]
    assert ran.stderr == "restored 912 memories, 1240 journal entries (5.3 MB) into the profile work\n"


def test_a_refusal_is_said(client):
    ran = client("backup", "restore", "/b.slm", answers={"restore": refusal(InvalidInput, "the profile isn't empty")})

    assert ran.code == 2
    assert "isn't empty" in ran.stderr


def test_a_backup_is_verified_without_a_daemon(client, tmp_path):
    with Store.open(tmp_path / "p", FINGERPRINT, map_bytes=64 << 20) as store:
        fill(store, 3)
        write_backup(store, tmp_path / "b.slm")

    ran = client("backup", "verify", str(tmp_path / "b.slm"))

    assert (ran.code, ran.calls) == (0, [])
    assert ran.stderr.startswith("sound: 3 memories, 3 journal entries")
    assert (
        len(json.loads(client("backup", "verify", "--json", str(tmp_path / "b.slm")).stdout)["journal"]["head"]) == 64
    )


@pytest.mark.parametrize(("content", "code"), [(None, 2), (b"hello", 6)])
def test_what_is_no_sound_backup_has_its_exit_code(content, code, client, tmp_path):
    if content is not None:
        (tmp_path / "b.slm").write_bytes(content)

    assert client("backup", "verify", str(tmp_path / "b.slm")).code == code


def test_backup_alone_is_wrong_usage(client):
    assert client("backup").code == 2
