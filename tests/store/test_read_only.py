"""Folders that may be read and not written."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from slm.errors import StorageRefused
from slm.store.store import Store
from tests.store.samples import FINGERPRINT, fill

ROOT = Path(__file__).parents[2]
MOUNT, UMOUNT, SETPRIV = shutil.which("mount"), shutil.which("umount"), shutil.which("setpriv")


@pytest.fixture
def read_only(tmp_path: Path) -> Iterator[Path]:
    """A folder with a store, mounted read-only in another place."""
    with Store.open(tmp_path / "profile", FINGERPRINT) as store:
        fill(store, 5)
    place = tmp_path / "mounted"
    place.mkdir()
    bind = [["--bind", str(tmp_path / "profile"), str(place)], ["-o", "remount,ro,bind", str(place)]]
    if (
        MOUNT is None
        or UMOUNT is None
        or any(subprocess.run([MOUNT, *options], capture_output=True, check=False).returncode for options in bind)
    ):
        pytest.skip("mounting read-only needs root")
    yield place
    subprocess.run([UMOUNT, "--lazy", str(place)], check=True)


def test_a_read_only_file_system_is_refused_with_a_next_step(read_only):
    before = {path.name: path.read_bytes() for path in read_only.iterdir()}

    with pytest.raises(StorageRefused, match="Read-only file system") as caught:
        Store.open(read_only, FINGERPRINT)

    assert "make the folder writable" in (caught.value.hint or "")
    assert caught.value.exit_code == 8
    assert {path.name: path.read_bytes() for path in read_only.iterdir()} == before


def told_without_privilege(folder: Path) -> str:
    """What a process that permissions bind is told when it opens the store. Root gives up the right to pass them by."""
    program = (
        "import sys; from pathlib import Path; from slm.store.store import Store\n"
        "from slm.errors import SlmError; from tests.store.samples import FINGERPRINT\n"
        "try: Store.open(Path(sys.argv[1]), FINGERPRINT).close(); print('opened')\n"
        "except SlmError as error: print(type(error).__name__, *error.lines())"
    )
    command = [sys.executable, "-c", program, str(folder)]
    if os.geteuid() == 0:
        if SETPRIV is None:
            pytest.skip("root needs setpriv to be bound by permissions")
        command = [SETPRIV, "--bounding-set=-dac_override,-dac_read_search", *command]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True).stdout


def test_a_folder_without_write_permission_is_refused(folder):
    Store.open(folder, FINGERPRINT).close()
    (folder / "store.lock").unlink()
    folder.chmod(0o500)

    told = told_without_privilege(folder)

    assert "StorageRefused" in told
    assert "Permission denied" in told
    folder.chmod(0o700)
    assert told_without_privilege(folder) == "opened\n"


@pytest.mark.parametrize("name", ["store.mdb", "store.lock", "store.mdb-lock"])
def test_a_file_without_write_permission_is_refused(folder, name):
    Store.open(folder, FINGERPRINT).close()
    (folder / name).chmod(0o400)

    told = told_without_privilege(folder)

    assert "StorageRefused" in told
    assert "Permission denied" in told
    (folder / name).chmod(0o600)
    assert told_without_privilege(folder) == "opened\n"
