from __future__ import annotations

import os
import shutil
import signal
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from slm.errors import StoreDamaged
from slm.store import survey
from slm.store.page_file import require_sound, seal
from slm.store.store import Store
from tests.store.conftest import MAP_BYTES
from tests.store.samples import FINGERPRINT, fill, memory

COUNT = 60
PAGE = 4096
LAST_PAGE_AT, TRANSACTION_AT = 136, 144
"""Offsets in a meta page, by LMDB's layout."""


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a closed store: copied, never opened."""
    folder = tmp_path_factory.mktemp("sound") / "profile"
    with Store.open(folder, FINGERPRINT, map_bytes=MAP_BYTES) as store:
        fill(store, COUNT)
    return folder


@pytest.fixture
def copy(sound: Path, folder: Path) -> Path:
    shutil.copytree(sound, folder)
    return folder


def test_a_sound_file_is_taken(copy) -> None:
    require_sound(copy / "store.mdb", crashed=False, closed_with=seal(copy / "store.mdb"))
    require_sound(copy / "store.mdb", crashed=True, closed_with=None)


def newest_n_pages(raw: bytes) -> int:
    metas = [struct.unpack_from("=QQ", raw, page + LAST_PAGE_AT) for page in (0, PAGE)]
    return max(metas, key=lambda meta: meta[1])[0] + 1


@pytest.mark.parametrize("share", [0.0, 0.01, 0.1, 0.3, 0.5, 0.8, 0.95])
def test_a_file_cut_short_is_an_error_and_no_signal(copy, share) -> None:
    """Mapped, it would kill the process at the first page beyond its end."""
    path = copy / "store.mdb"
    os.truncate(path, int(share * newest_n_pages(path.read_bytes())) * PAGE)

    with pytest.raises(StoreDamaged) as caught:
        Store.open(copy, FINGERPRINT, map_bytes=MAP_BYTES)

    assert caught.value.exit_code == 6
    assert "restore a backup" in (caught.value.hint or "")


@pytest.mark.parametrize("lost", [1, PAGE // 2, PAGE + 1])
def test_a_file_that_lost_its_last_bytes_is_found_or_whole(copy, lost) -> None:
    """The last pages may be free: then nothing is lost, and the store says what it always said."""
    path = copy / "store.mdb"
    os.truncate(path, newest_n_pages(path.read_bytes()) * PAGE - lost)

    try:
        with Store.open(copy, FINGERPRINT, map_bytes=MAP_BYTES) as store, store.read() as reader:
            assert [reader.memory(n) for n in range(COUNT)] == [memory(n) for n in range(COUNT)]
    except StoreDamaged:
        pass


@pytest.mark.parametrize("size", [0, 1, 15, PAGE - 1, PAGE, PAGE + 100])
def test_a_file_shorter_than_its_first_pages_is_never_taken_for_a_new_store(copy, size) -> None:
    os.truncate(copy / "store.mdb", size)

    with pytest.raises(StoreDamaged, match="first pages"):
        Store.open(copy, FINGERPRINT, map_bytes=MAP_BYTES)
    assert (copy / "store.mdb").stat().st_size == size


def test_a_file_of_something_else_is_refused(copy) -> None:
    (copy / "store.mdb").write_bytes(b"SQLite format 3\0" * 1000)

    with pytest.raises(StoreDamaged, match="aren't those of a store"):
        Store.open(copy, FINGERPRINT, map_bytes=MAP_BYTES)


@pytest.mark.parametrize("page", [0, PAGE])
@pytest.mark.parametrize("bit", [0, 1, 7, 12])
def test_a_flipped_bit_in_a_transaction_number_is_found(copy, page, bit) -> None:
    """It would bring back an older state, whole and wrong."""
    path = copy / "store.mdb"
    raw = bytearray(path.read_bytes())
    raw[page + TRANSACTION_AT + bit // 8] ^= 1 << bit % 8
    path.write_bytes(raw)

    with pytest.raises(StoreDamaged, match="first pages"):
        Store.open(copy, FINGERPRINT, map_bytes=MAP_BYTES)


def test_after_a_crash_too_the_first_pages_must_be_one_transaction_apart(copy) -> None:
    path = copy / "store.mdb"
    raw = bytearray(path.read_bytes())
    raw[TRANSACTION_AT + 1] ^= 1
    path.write_bytes(raw)
    (copy / "store.lock").write_bytes(b"open (pid 1)".ljust(31) + b"\n")

    with pytest.raises(StoreDamaged, match="contradict each other"):
        Store.open(copy, FINGERPRINT, map_bytes=MAP_BYTES)


def test_an_older_copy_put_in_place_is_asked_about(copy, sound) -> None:
    """Whoever restores one file by hand is told which file to delete with it."""
    with Store.open(copy, FINGERPRINT, map_bytes=MAP_BYTES) as store:
        fill(store, 1, COUNT)
    shutil.copy(sound / "store.mdb", copy / "store.mdb")

    with pytest.raises(StoreDamaged, match="closed with") as caught:
        Store.open(copy, FINGERPRINT, map_bytes=MAP_BYTES)
    assert "delete store.lock" in (caught.value.hint or "")

    (copy / "store.lock").unlink()
    with Store.open(copy, FINGERPRINT, map_bytes=MAP_BYTES) as store:
        assert store.check().memories == COUNT


def test_after_a_crash_a_damaged_page_is_found_before_anything_is_served(copy) -> None:
    """A reader that dies of a page leaves the lock file open: the next start reads all pages in another process."""
    path = copy / "store.mdb"
    raw = bytearray(path.read_bytes())
    for page in range(2 * PAGE, len(raw), PAGE):
        raw[page + 10 : page + 16] = b"\xff" * 6  # flags and bounds of every page
    path.write_bytes(raw)
    (copy / "store.lock").write_bytes(b"open (pid 1)".ljust(31) + b"\n")

    with pytest.raises(StoreDamaged) as caught:
        Store.open(copy, FINGERPRINT, map_bytes=MAP_BYTES)

    assert "the store was damaged" in caught.value.message
    assert "restore a backup" in (caught.value.hint or "")
    with pytest.raises(StoreDamaged):
        Store.open(copy, FINGERPRINT, map_bytes=MAP_BYTES)


def test_the_survey_counts_every_value(copy) -> None:
    done = subprocess.run(
        [sys.executable, "-P", survey.__file__, str(copy / "store.mdb")], capture_output=True, text=True, check=True
    )

    assert int(done.stdout) == survey.survey(str(copy / "store.mdb"))
    assert int(done.stdout) > 5 * COUNT


def test_the_survey_changes_no_byte(copy) -> None:
    before = {path.name: path.read_bytes() for path in copy.iterdir()}

    survey.survey(str(copy / "store.mdb"))

    assert {path.name: path.read_bytes() for path in copy.iterdir()} == before


def test_a_survey_that_dies_of_a_signal_is_named(copy, monkeypatch) -> None:
    """Pinned: the number tells a damaged page (11) from a file that was cut (7)."""
    dying = copy / "dying.py"
    dying.write_text("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")
    monkeypatch.setattr("slm.store.page_file._SURVEY", dying)

    with pytest.raises(StoreDamaged, match=f"signal {int(signal.SIGSEGV)}"):
        require_sound(copy / "store.mdb", crashed=True, closed_with=None)
