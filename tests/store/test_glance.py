from __future__ import annotations

from pathlib import Path

import pytest

from slm.errors import StoreDamaged
from slm.store.glance import glance
from slm.store.store import DATA_FILE, Store
from tests.store.conftest import MAP_BYTES
from tests.store.samples import FINGERPRINT


def _closed(folder: Path) -> None:
    Store.open(folder, FINGERPRINT, map_bytes=MAP_BYTES).close()


def test_a_folder_without_a_store_is_no_trouble(folder: Path) -> None:
    """experience.md: the first memory makes it."""
    assert glance(folder).startswith("none yet")


def test_a_closed_store_is_told_with_its_schema(folder: Path) -> None:
    """Looking changes no byte."""
    _closed(folder)
    before = {path: path.read_bytes() for path in folder.iterdir()}

    assert glance(folder).endswith("schema 2, closed properly")
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


def test_an_open_store_is_left_alone(store: Store) -> None:
    """Its pages may change under the eye of who looks."""
    assert glance(store.folder).endswith("is open in another process")


def test_a_store_that_was_left_open_is_read_whole(folder: Path) -> None:
    """trust.md: after a crash every page is read before it is trusted."""
    _closed(folder)
    (folder / "store.lock").write_text("open (pid 41)")

    assert glance(folder).endswith("not closed properly, but every page reads well")


def test_a_lost_lock_file_is_no_damage(folder: Path) -> None:
    _closed(folder)
    (folder / "store.lock").unlink()

    assert "schema 2" in glance(folder)


@pytest.mark.parametrize("kept", [0, 100, 5000])
def test_a_truncated_store_is_damaged(folder: Path, kept: int) -> None:
    """trust.md, faults to survive: a truncated data file."""
    _closed(folder)
    path = folder / DATA_FILE
    path.write_bytes(path.read_bytes()[:kept])

    with pytest.raises(StoreDamaged):
        glance(folder)


def test_a_store_of_a_newer_schema_is_told_as_such(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """trust.md: a store newer than the program is refused with a clear error and untouched."""
    from slm.errors import StoreTooNew
    from slm.store import migrations

    _closed(folder)
    monkeypatch.setattr(migrations, "SCHEMA", 1)

    with pytest.raises(StoreTooNew, match="has schema 2"):
        glance(folder)
