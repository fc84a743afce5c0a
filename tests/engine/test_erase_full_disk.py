"""Erasing where there is no room to write the store anew. Expectations: trust.md, experience.md."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from slm.engine import erasing
from slm.errors import StorageRefused
from tests.engine.desk import Desk
from tests.engine.erasable import OTHERS, lived_in, traces
from tests.engine.traces import left_in


def test_a_restored_backup_is_served_even_without_room_to_write_it_anew(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What was erased must not be shown, and the rest must: the bytes go as soon as there is room."""
    first, second = lived_in(desk)
    wanted = traces(desk, first, second)
    desk.call("backup", path=str(tmp_path / "old.slm"))
    desk.call("erase", id=[first])

    def full(*_: Any) -> None:
        raise StorageRefused("no space left")

    with monkeypatch.context() as patched:
        patched.setattr("slm.store.store.Store.rewrite", full)
        desk.call("restore", path=str(tmp_path / "old.slm"), name="second")
        assert sorted(desk.texts(profile="second")) == sorted(OTHERS)
        notes = desk.call("status", profile="second")["notes"]
    assert any("erased again" in note for note in notes)
    assert any("still in the files" in note for note in notes)

    desk.reopen()
    assert sorted(desk.texts(profile="second")) == sorted(OTHERS)
    assert left_in(desk.root, wanted) == []


def test_a_full_disk_is_met_before_anything_is_changed(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Compaction checks its space first: exit 8, nothing lost, and the profile goes on."""
    first, second = lived_in(desk)
    before = desk.exported()
    free = shutil.disk_usage(desk.root)._replace(free=1 << 20)
    with monkeypatch.context() as patched:
        patched.setattr(erasing.shutil, "disk_usage", lambda _: free)
        with pytest.raises(StorageRefused, match="1 MiB are free") as refusal:
            desk.call("erase", id=[first])

    assert (refusal.value.exit_code, "nothing was erased" in str(refusal.value.hint)) == (8, True)
    assert desk.exported() == before
    assert desk.call("erase", id=[first])["erased"] == [first, second]


@pytest.mark.parametrize("stage", ["rewrite", "rmtree"])
def test_what_a_full_disk_broke_off_is_finished_by_the_next_start(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    """The room went after the check: the memory is gone, its bytes go as soon as there is room; status says so."""
    first, second = lived_in(desk)
    wanted = traces(desk, first, second)

    def full(*_: Any, **__: Any) -> None:
        raise StorageRefused("no space left")

    def full_folder(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        if stage == "rewrite":
            patched.setattr("slm.store.store.Store.rewrite", full)
        else:
            patched.setattr(erasing.shutil, "rmtree", full_folder)
        with pytest.raises(StorageRefused):
            desk.call("erase", id=[first])
        assert sorted(desk.texts()) == sorted(OTHERS)
        assert any("still in the files" in note for note in desk.call("status")["notes"])
        desk.remember("written meanwhile")
        desk.reopen()
        assert sorted(desk.texts()) == sorted([*OTHERS, "written meanwhile"])

    desk.reopen()

    assert sorted(desk.texts()) == sorted([*OTHERS, "written meanwhile"])
    assert left_in(desk.root, wanted) == []
    assert not any("still in the files" in note for note in desk.call("status")["notes"])
