"""A disk without room, at every stage, and room again: nothing is lost and the store goes on."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from slm.errors import StorageRefused
from slm.store.store import Store
from tests.store.samples import FINGERPRINT, fill, memory

ROOT = Path(__file__).parents[2]
MOUNT, UMOUNT = shutil.which("mount"), shutil.which("umount")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 4 MiB in memory, its root 0700."""
    place = tmp_path / "disk"
    place.mkdir()
    options = ["-t", "tmpfs", "-o", "size=4m,mode=700", "tmpfs", str(place)]
    if (
        MOUNT is None
        or UMOUNT is None
        or subprocess.run([MOUNT, *options], capture_output=True, check=False).returncode
    ):
        pytest.skip("mounting a small disk needs root")
    yield place
    subprocess.run([UMOUNT, "--lazy", str(place)], check=True)


def rounds(disk: Path, fullest: int, step: int) -> list[str]:
    """The stages at which the store was refused, by growing room."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.store.fill_disk", str(disk), str(fullest), str(step)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    lines = [line.split() for line in done.stdout.splitlines()]
    assert len(lines) == 2 * len(range(0, fullest, step))
    for _, _, held, kept in lines:
        assert int(kept) >= int(held) + 6  # the batch after there was room again, and all before
    return [stage for stage, *_ in lines]


def test_a_disk_without_room_at_any_stage_is_an_error_and_nothing_is_lost(disk):
    stages = rounds(disk, 120, 5)

    assert {"open", "none"} <= set(stages)
    assert stages[0] == "open"
    assert stages[-1] == "none"


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_every_single_block_of_missing_room_is_survived(disk):
    stages = rounds(disk, 140, 1)

    assert {"open", "heal", "commit", "none"} <= set(stages)


def take_all_room(filler: Path) -> None:
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            return


def test_an_open_store_goes_on_when_there_is_room_again(disk):
    with Store.open(disk / "store", FINGERPRINT) as store:
        fill(store, 10)
        take_all_room(disk / "filler")
        n_refused = 0
        for _ in range(3):
            with pytest.raises(StorageRefused, match="No space left") as caught:
                fill(store, 40, 10)
            n_refused += 1
            assert "free some disk space" in (caught.value.hint or "")
        with store.read() as reader:
            assert [reader.memory(n) for n in range(reader.n_memories)] == [memory(n) for n in range(10)]
        (disk / "filler").unlink()
        fill(store, 40, 10)
        assert (store.check().memories, n_refused) == (50, 3)


def test_a_store_that_cannot_be_written_anew_goes_on_with_the_file_it_has(disk):
    """Erasing: the room ran out after it was checked."""
    with Store.open(disk / "store", FINGERPRINT) as store:
        fill(store, 40)
        take_all_room(disk / "filler")
        with pytest.raises(StorageRefused, match="No space left"):
            store.rewrite()
        assert sorted(path.name for path in (disk / "store").iterdir()) == [
            "store.lock", "store.mdb", "store.mdb-lock",
        ]  # fmt: skip
        with store.read() as reader:
            assert [reader.memory(n) for n in range(reader.n_memories)] == [memory(n) for n in range(40)]
        (disk / "filler").unlink()
        store.rewrite()
        fill(store, 10, 40)
        assert store.check().memories == 50
