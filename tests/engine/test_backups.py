"""A profile in one file, made while it is in use, and what status says of it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from slm.engine.engine import Engine
from slm.errors import InvalidInput, ModelUnavailable, StoreDamaged
from slm.store.migrations import write_schema
from slm.store.records import LIFECYCLE_BYTES, with_lifecycle
from slm.store.tables import ordinal_key
from tests.engine.desk import Desk
from tests.engine.stub_embedder import StubEmbedder


def lived_in(desk: Desk) -> None:
    first = desk.remember("the api is on 5432", tag="work", pin=True, source="a.md")
    desk.call("correct", id=first, text="the api is on 5433")
    desk.call("forget", id=[desk.remember("gone soon")])
    desk.call("used", id=[desk.remember("anna lives in berlin")])


def test_a_restored_profile_is_the_same_store(desk: Desk, new_desk: Callable[..., Desk], tmp_path: Path) -> None:
    """Oracle: the export, and the scores of a recall."""
    lived_in(desk)
    made = desk.call("backup", path=str(tmp_path / "b.slm"))
    other = new_desk()

    answer = other.call("restore", path=str(tmp_path / "b.slm"))

    assert answer["name"] == "default"
    assert (answer["live"], answer["memories"]) == (2, made["memories"])
    assert other.exported() == desk.exported()
    assert other.scores("where is the api") == desk.scores("where is the api")
    assert other.call("log", verify=True)["head"] == made["journal"]["head"]
    other.call("undo")
    other.reopen()
    assert other.remember("and goes on")


def test_a_backup_of_a_store_that_knew_no_claims_and_no_lifecycle_is_restored_with_both(
    desk: Desk, new_desk: Callable[..., Desk], tmp_path: Path
) -> None:
    """The first schema: texts are read and lives begun when the profile is opened, contradictions among them."""
    desk.remember("Alice lives in Paris", at="2026-03-01")
    desk.remember("Alice lives in Rome", at="2026-03-01")

    def age(engine: Engine) -> None:
        environment = engine.store._environment
        with environment.write() as txn:
            for ordinal in range(2):
                key = ordinal_key(ordinal)
                head = engine.store._tables.heads.get(txn, key)
                engine.store._tables.heads.put(txn, key, with_lifecycle(head, bytes(LIFECYCLE_BYTES)))
            txn.drop(environment.lmdb.open_db(b"claims", txn=txn), delete=True)
            write_schema(environment.lmdb, txn, 1)
        path = tmp_path / "b.slm"
        engine.store.copy_to(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), path)

    desk.service.inspect(age)
    other = new_desk()

    assert other.call("restore", path=str(tmp_path / "b.slm"))["live"] == 2
    assert len(other.call("audit")["conflicts"]) == 1
    ids = [memory["id"] for memory in other.call("list")["memories"]]
    assert [other.call("why", id=name)["lifecycle"]["contradictions"] for name in ids] == [1, 1]


def test_restoring_refuses_a_profile_that_was_used(desk: Desk, tmp_path: Path) -> None:
    """experience.md: restore refuses a non-empty profile, even when all of it is forgotten."""
    desk.call("forget", id=[desk.remember("one")])
    path = str(tmp_path / "b.slm")
    desk.call("backup", path=path)
    before = desk.exported()

    with pytest.raises(InvalidInput, match="'default' isn't empty") as refusal:
        desk.call("restore", path=path)

    assert "--profile NAME" in str(refusal.value.hint)
    assert desk.exported() == before
    assert desk.call("restore", path=path, name="second")["name"] == "second"
    assert desk.exported() == before


def test_an_empty_profile_gives_way(desk: Desk, new_desk: Callable[..., Desk], tmp_path: Path) -> None:
    """It was only looked at, which made it."""
    desk.remember("one")
    desk.call("backup", path=str(tmp_path / "b.slm"))
    other = new_desk()
    assert other.texts() == []

    other.call("restore", path=str(tmp_path / "b.slm"))

    assert other.texts() == ["one"]


def test_a_damaged_backup_restores_nothing(desk: Desk, new_desk: Callable[..., Desk], tmp_path: Path) -> None:
    """It is verified before anything is touched."""
    desk.remember("one")
    path = tmp_path / "b.slm"
    desk.call("backup", path=str(path))
    path.write_bytes(path.read_bytes()[:9000])
    other = new_desk()

    with pytest.raises(StoreDamaged):
        other.call("restore", path=str(path))

    assert other.call("profiles")["profiles"] == []


def test_a_backup_of_another_model_restores_nothing(desk: Desk, new_desk: Callable[..., Desk], tmp_path: Path) -> None:
    """The way back names the model that it needs."""
    desk.remember("one")
    desk.call("backup", path=str(tmp_path / "b.slm"))
    embedder = StubEmbedder()
    embedder.sha256 = "11" * 32
    other = new_desk(embedder=embedder)

    with pytest.raises(ModelUnavailable):
        other.call("restore", path=str(tmp_path / "b.slm"))
    assert other.call("profiles")["profiles"] == []


def test_status_tells_the_age_of_the_last_backup_and_what_it_lacks(desk: Desk, tmp_path: Path) -> None:
    """trust.md and the mock-up of experience.md."""
    desk.remember("one")
    assert desk.call("status")["backup"] is None
    made = desk.call("backup")
    entries = desk.call("status")["journal"]["entries"]

    assert desk.call("status")["backup"] == {"path": made["path"], "created": made["created"], "entries_since": 0}
    desk.remember("two")
    since = desk.call("status")["journal"]["entries"] - entries
    assert desk.call("status")["backup"]["entries_since"] == since > 0


def test_a_backup_whose_file_is_gone_does_not_count(desk: Desk, tmp_path: Path) -> None:
    """A disk that was taken out holds no backup that helps today."""
    desk.remember("one")
    first = desk.call("backup", path=str(tmp_path / "1.slm"))
    second = desk.call("backup", path=str(tmp_path / "2.slm"))

    Path(second["path"]).unlink()
    assert desk.call("status")["backup"]["path"] == first["path"]
    Path(first["path"]).unlink()
    assert desk.call("status")["backup"] is None


def test_backups_without_a_name_lie_below_the_data_root(desk: Desk) -> None:
    """They are no profile; what a kill left of an earlier one is cleared away."""
    desk.remember("one")
    folder = desk.root / ".backups"
    folder.mkdir(mode=0o700)
    (folder / "default-1.slm.part").write_text("half")

    made = desk.call("backup", now="2026-11-24T10:00:00Z")

    assert Path(made["path"]) == folder / "default-2026-11-24T100000.slm"
    assert [path.name for path in folder.iterdir()] == [Path(made["path"]).name]
    assert [profile["name"] for profile in desk.call("profiles")["profiles"]] == ["default"]


@pytest.mark.parametrize("name", ["", "..", "a/b", "-x"])
def test_a_profile_is_restored_below_the_data_root_only(desk: Desk, name: str, tmp_path: Path) -> None:
    """A profile is a folder of that name below the data root."""
    desk.remember("one")
    desk.call("backup", path=str(tmp_path / "b.slm"))

    with pytest.raises(InvalidInput, match="can't name a profile"):
        desk.call("restore", path=str(tmp_path / "b.slm"), name=name)


def test_a_relative_path_is_refused(desk: Desk) -> None:
    """The daemon's folder isn't the client's."""
    with pytest.raises(InvalidInput, match="no absolute path"):
        desk.call("backup", path="b.slm")
