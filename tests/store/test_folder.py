from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from slm.errors import StorageRefused
from slm.store import folder as folder_module
from slm.store.folder import FolderLock, disk_files, file_system_of, prepare_folder, require_private
from slm.store.store import Store
from tests.store.samples import FINGERPRINT

MOUNTS = """\
/dev/vda / ext4 rw,relatime 0 0
tmpfs /run tmpfs rw 0 0
server:/homes /home nfs4 rw,vers=4.2 0 0
/dev/vdb /home/anna/local xfs rw 0 0
anna@host:/ /mnt/my\\040box fuse.sshfs rw 0 0
//box/x /mnt/Müll cifs rw 0 0
"""

needs_other_user = pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files to another user")


def test_a_folder_is_made_private(folder) -> None:
    prepare_folder(folder / "deep" / "er")

    assert (folder / "deep" / "er").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("mode", [0o755, 0o750, 0o701, 0o770])
def test_a_folder_that_others_may_enter_is_refused_with_the_command_that_mends_it(folder, mode) -> None:
    folder.mkdir()
    folder.chmod(mode)

    with pytest.raises(StorageRefused) as caught:
        Store.open(folder, FINGERPRINT)

    assert f"mode {mode:04o}" in caught.value.message
    assert caught.value.hint == f"chmod 700 {folder}"
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("name", ["store.mdb", "store.mdb-lock", "store.lock"])
def test_a_file_that_others_may_read_is_refused(folder, name) -> None:
    Store.open(folder, FINGERPRINT).close()
    (folder / name).chmod(0o640)

    with pytest.raises(StorageRefused) as caught:
        Store.open(folder, FINGERPRINT)

    assert caught.value.hint == f"chmod 600 {folder / name}"
    (folder / name).chmod(0o600)
    Store.open(folder, FINGERPRINT).close()


def test_a_file_that_is_not_there_is_private_enough(folder) -> None:
    require_private(folder / "none")


@needs_other_user
def test_a_folder_of_another_user_is_refused(folder) -> None:
    folder.mkdir(mode=0o700)
    os.chown(folder, 12345, -1)

    with pytest.raises(StorageRefused, match="another user \\(uid 12345\\)"):
        Store.open(folder, FINGERPRINT)


def test_a_file_in_the_place_of_the_folder_is_refused(folder) -> None:
    folder.write_text("not a folder")

    with pytest.raises(StorageRefused) as caught:
        Store.open(folder, FINGERPRINT)
    assert caught.value.exit_code == 8


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/var/lib/slm", "ext4"),
        ("/home/anna/slm", "nfs4"),
        ("/home/anna/local/slm", "xfs"),
        ("/home/anna/locals", "nfs4"),
        ("/mnt/my box/slm", "fuse.sshfs"),
        ("/mnt/Müll/slm", "cifs"),
        ("/runs", "ext4"),
        ("/run/slm", "tmpfs"),
    ],
)
def test_a_folder_lies_on_the_mount_with_the_longest_path(path, kind) -> None:
    assert file_system_of(Path(path), MOUNTS) == kind


def test_a_later_mount_on_the_same_place_covers_the_earlier() -> None:
    assert file_system_of(Path("/home"), MOUNTS + "tmpfs /home tmpfs rw 0 0\n") == "tmpfs"


def test_a_folder_on_no_known_mount_is_taken_as_local() -> None:
    assert file_system_of(Path("/home"), "") == ""


@pytest.mark.parametrize("kind", sorted(folder_module.NETWORK_FILE_SYSTEMS))
def test_a_network_file_system_is_refused(folder, monkeypatch, tmp_path, kind) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"/dev/vda / ext4 rw 0 0\nserver:/x {tmp_path} {kind} rw 0 0\n")
    monkeypatch.setattr(folder_module, "MOUNTS", mounts)

    with pytest.raises(StorageRefused, match="network file system") as caught:
        Store.open(folder, FINGERPRINT)
    assert caught.value.hint == "use a folder on a local disk"


def test_a_system_without_a_mount_table_is_taken_as_local(folder, monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(folder_module, "MOUNTS", tmp_path / "none")

    prepare_folder(folder)


def test_holes_of_a_sparse_file_take_no_disk(folder) -> None:
    folder.mkdir()
    with (folder / "sparse").open("wb") as file:
        file.truncate(1 << 30)
    (folder / "deep").mkdir()
    (folder / "deep" / "full").write_bytes(b"x" * 5000)

    assert disk_files(folder)["sparse"] < 1 << 20
    assert disk_files(folder)["deep/full"] >= 5000


def test_a_lock_says_whether_the_store_was_closed(folder) -> None:
    folder.mkdir()
    first = FolderLock(folder)
    assert (first.left_open, first.closed_with) == (False, None)
    first.mark_open()
    os.close(first._fd)  # what the end of a process does

    second = FolderLock(folder)
    assert second.left_open
    second.close("0badcafe")

    third = FolderLock(folder)
    assert (third.left_open, third.closed_with) == (False, "0badcafe")
    third.close_untouched()


def test_a_start_that_failed_leaves_the_lock_as_it_was(folder) -> None:
    folder.mkdir()
    for before in (b"", b"closed 0badcafe".ljust(31) + b"\n", b"open (pid 1)".ljust(31) + b"\n"):
        (folder / "store.lock").write_bytes(before)
        (folder / "store.lock").chmod(0o600)
        lock = FolderLock(folder)
        lock.mark_open()
        lock.close_untouched()
        assert (folder / "store.lock").read_bytes() == before


def test_another_process_cannot_open_a_store_that_is_in_use(store) -> None:
    asked = (
        "import sys; from pathlib import Path; from slm.store.store import Store\n"
        "from slm.errors import StorageRefused; from tests.store.samples import FINGERPRINT\n"
        "try: Store.open(Path(sys.argv[1]), FINGERPRINT)\n"
        "except StorageRefused as error: print(error.message, error.hint)"
    )
    done = subprocess.run(
        [sys.executable, "-c", asked, str(store.folder)], capture_output=True, text=True, check=True, cwd=ROOT
    )

    assert f"the store is open (pid {os.getpid()}) in another process" in done.stdout
    assert "slm daemon stop" in done.stdout


def test_a_lock_file_that_is_a_link_is_not_followed(folder, tmp_path) -> None:
    folder.mkdir(mode=0o700)
    victim = tmp_path / "victim"
    victim.write_text("precious")
    victim.chmod(0o600)
    (folder / "store.lock").symlink_to(victim)

    with pytest.raises(StorageRefused):
        Store.open(folder, FINGERPRINT)
    assert victim.read_text() == "precious"


ROOT = Path(__file__).parents[2]
