"""The data root as a check sees it: whose it is, who may read it, whether it can be written, and what copies it."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from slm.errors import StorageRefused
from slm.paths import OTHERS

SYNCED_NAMES = ("Dropbox", "OneDrive", "Google Drive", "GoogleDrive", "iCloudDrive", "Nextcloud", "ownCloud", "MEGA")
"""Folders that programs of these names keep in step with other machines."""
SYNC_MARKS = (".dropbox", ".stfolder", ".owncloudsync.log")
"""What such programs put into the folder that they keep in step, whatever its name."""


def folder(data: Path) -> str:
    """Whether the data root and all in it are there, the user's alone, and fit to be written.

    Raises :class:`StorageRefused` for the first trouble.
    """
    try:
        if not data.exists():
            return f"{data} will be made by the first memory"
        if data.stat().st_uid != os.getuid():
            raise StorageRefused(f"{data} belongs to another user", hint="set SLM_DATA_DIR to a folder of your own")
        open_ones = list(open_to_others(data))
    except OSError as error:
        raise StorageRefused(f"{data} can't be read: {error.strerror}", hint=f"ls -ld {data}") from error
    if open_ones:
        raise _too_open(data, open_ones)
    if not os.access(data, os.W_OK):
        raise StorageRefused(
            f"{data} can't be written: slm recalls, and remembers nothing",
            hint=f"chmod u+w {data}, or make its file system writable",
        )
    if synced := synced_by(data):
        raise StorageRefused(
            f"{data} is kept in step with other machines ({synced}): a copy in the middle of a write is damaged, and "
            "what is forgotten stays there",
            hint="slm daemon stop, move the folder to a local disk, and set SLM_DATA_DIR",
        )
    return f"{data}, private"


def open_to_others(data: Path) -> Iterator[Path]:
    """The data root and all files and folders of the user's in it that others may read or write; no links in it."""
    for path in (data, *data.rglob("*")):
        found = path.stat() if path == data else path.lstat()
        if not stat.S_ISLNK(found.st_mode) and found.st_uid == os.getuid() and found.st_mode & OTHERS:
            yield path


def synced_by(data: Path) -> str | None:
    """The sign that another program copies the folder to elsewhere: a name above it, or a mark left there."""
    for above in (data, *data.parents):
        if above.name in SYNCED_NAMES:
            return above.name
        for mark in SYNC_MARKS:
            if (above / mark).exists():
                return str(above / mark)
    return None


def _too_open(data: Path, open_ones: list[Path]) -> StorageRefused:
    first = open_ones[0]
    if first == data:
        return StorageRefused(f"{data} can be read or written by others", hint=f"chmod 700 {data}")
    more = f" and {len(open_ones) - 1} more" if len(open_ones) > 1 else ""
    return StorageRefused(
        f"{first}{more} can be read or written by others", hint=f"slm doctor --fix, or chmod -R go= {data}"
    )
