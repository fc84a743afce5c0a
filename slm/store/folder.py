"""The folder a store lives in: private, local, and used by one process at a time."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import stat
from pathlib import Path

from slm.errors import StorageRefused
from slm.store.faults import refused

NETWORK_FILE_SYSTEMS = frozenset({"nfs", "nfs4", "cifs", "smb", "smb3", "smbfs", "fuse.sshfs", "9p", "afs", "ceph"})
MOUNTS = Path("/proc/self/mounts")
DERIVED = ("scan", "postings")
"""Folders in a store's own of what is made from it, and made anew where they are missing."""
_OCTAL = re.compile(r"\\([0-7]{3})")
"""How the mount table writes blanks."""
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def prepare_folder(folder: Path) -> None:
    """Create the folder with mode 0700 when absent; StorageRefused unless it is ours, private and local."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = folder.stat()
    except OSError as error:
        raise refused(error, folder) from error
    if status.st_uid != os.geteuid():
        raise StorageRefused(
            f"the store's folder belongs to another user (uid {status.st_uid})",
            where={"folder": str(folder)},
            hint="use a folder of your own",
        )
    if status.st_mode & _OTHERS:
        raise _too_open("folder", folder, status.st_mode, "700")
    _require_local(folder)


def require_private(file: Path) -> None:
    """StorageRefused when others may read or write ``file``; an absent file is fine."""
    try:
        mode = file.stat().st_mode
    except FileNotFoundError:
        return
    except OSError as error:
        raise refused(error, file) from error
    if mode & _OTHERS:
        raise _too_open("file", file, mode, "600")


def file_system_of(folder: Path, mounts: str) -> str:
    """The type of the file system that holds ``folder``, by the mount table's text; empty when not listed."""
    best, kind = "", ""
    real = str(folder.resolve())
    for line in mounts.splitlines():
        _, point, fs_type, *_ = line.split(" ")
        point = _OCTAL.sub(lambda escaped: chr(int(escaped[1], 8)), point)
        if (real + "/").startswith(point.rstrip("/") + "/") and len(point) >= len(best):
            best, kind = point, fs_type
    return kind


def drop_derived(folder: Path) -> None:
    """Remove what is made from the store in ``folder``. StorageRefused if it can't be: it would be taken for right."""
    for name in DERIVED:
        try:
            shutil.rmtree(folder / name)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise refused(error, folder / name) from error


def disk_files(folder: Path) -> dict[str, int]:
    """Bytes on disk of every file below ``folder``, by its relative path; holes of sparse files don't count."""
    return {
        str(path.relative_to(folder)): path.stat().st_blocks * 512
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def sync_folder(folder: Path) -> None:
    """Make names that were just given in ``folder`` durable. Raises OSError."""
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


class FolderLock:
    """A lock file that one process holds, and in which it says whether it has closed the store.

    The state is written over bytes that are already there, so that marking needs no space on a full disk.
    """

    _WIDTH = 32

    def __init__(self, folder: Path) -> None:
        self.path = folder / "store.lock"
        require_private(self.path)
        try:
            self._fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            raise refused(error, self.path) from error
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = self._state()
            os.close(self._fd)
            raise StorageRefused(
                f"the store is {holder or 'in use'} in another process",
                where={"store": str(folder)},
                hint="slm daemon stop, or wait until it has finished",
            ) from error
        self._before = os.pread(self._fd, self._WIDTH, 0)
        self.left_open = self._before.startswith(b"open")
        words = self._before.decode("ascii", "replace").split()
        self.closed_with = words[1] if words[:1] == ["closed"] and len(words) > 1 else None
        """The seal that :meth:`close` was given the last time; None after a crash or for a new folder."""

    def mark_open(self) -> None:
        """Say that the store is open: what the next start finds if this process dies."""
        self._write(f"open (pid {os.getpid()})".encode())

    def close(self, seal: str) -> None:
        """Say that the store was closed properly and with which seal, and release it."""
        self._write(f"closed {seal}".encode())
        self._release()

    def close_untouched(self) -> None:
        """Put back what stood there, and release it."""
        os.ftruncate(self._fd, len(self._before))
        os.pwrite(self._fd, self._before, 0)
        self._release()

    def _release(self) -> None:
        os.close(self._fd)

    def _state(self) -> str:
        return os.pread(self._fd, self._WIDTH, 0).decode("ascii", "replace").strip()

    def _write(self, state: bytes) -> None:
        try:
            os.pwrite(self._fd, state.ljust(self._WIDTH - 1) + b"\n", 0)
        except OSError as error:
            raise refused(error, self.path) from error


def _require_local(folder: Path) -> None:
    if not MOUNTS.exists():
        return
    kind = file_system_of(folder, MOUNTS.read_text("utf-8", "surrogateescape"))
    if kind in NETWORK_FILE_SYSTEMS:
        raise StorageRefused(
            f"the store's folder is on a network file system ({kind}), where locks and maps can't be trusted",
            where={"folder": str(folder)},
            hint="use a folder on a local disk",
        )


def _too_open(what: str, path: Path, mode: int, wanted: str) -> StorageRefused:
    return StorageRefused(
        f"others may read or write the store's {what} (mode {stat.S_IMODE(mode):04o})",
        where={what: str(path)},
        hint=f"chmod {wanted} {path}",
    )
