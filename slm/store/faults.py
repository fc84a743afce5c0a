"""What the operating system and LMDB refuse, said in the product's own errors."""

from __future__ import annotations

import os
from pathlib import Path

import lmdb

from slm.errors import SlmError, StorageRefused, StoreDamaged

WAY_BACK = "move the folder aside, then restore a backup of it or `slm import` your last export"

_NO_ROOM_BYTES = 1 << 18
_DAMAGED = (
    lmdb.CorruptedError,
    lmdb.PageNotFoundError,
    lmdb.InvalidError,
    lmdb.VersionMismatchError,
    lmdb.IncompatibleError,
    lmdb.NotFoundError,
    lmdb.BadTxnError,  # an earlier step of the transaction met such a page
    lmdb.InvalidParameterError,
    lmdb.CursorFullError,
)


class MapGrown(StorageRefused):
    """A write met the end of the map. Nothing was written; the map has been enlarged, so a second try finds room."""


def damaged(what: str, path: Path | str) -> StoreDamaged:
    """The error for a value, page or file that isn't what was written."""
    return StoreDamaged(what, where={"store": str(path)}, hint=WAY_BACK)


def refused(error: OSError, path: Path | str) -> StorageRefused:
    """The error for a call that the operating system refused."""
    reason = error.strerror or str(error)
    return StorageRefused(f"can't use the store's folder: {reason}", where={"path": str(path)}, hint=_mend(reason))


def translated(error: lmdb.Error, path: Path | str) -> SlmError:
    """The error that stands for what LMDB raised."""
    if isinstance(error, _DAMAGED):
        return damaged(f"the store's pages don't fit together: {error}", path)
    if isinstance(error, lmdb.PanicError):
        return StorageRefused(
            "an earlier write failed half-way, so the store takes no more until it is opened anew",
            where={"store": str(path)},
            hint="slm daemon restart",
        )
    reason = "No space left on device" if _is_full(path) else str(error)
    return StorageRefused(f"the store can't be used: {reason}", where={"store": str(path)}, hint=_mend(reason))


def _is_full(path: Path | str) -> bool:
    """Whether the disk has no room to speak of: LMDB calls a write that was cut short an input/output error."""
    try:
        status = os.statvfs(path)
    except OSError:
        return False
    return status.f_bavail * status.f_frsize < _NO_ROOM_BYTES


def _mend(reason: str) -> str:
    """The next step for an operating system's reason."""
    if "No space left" in reason or "Disk quota" in reason:
        return "free some disk space, then repeat the command; what was stored before is intact"
    if "Read-only" in reason or "Permission denied" in reason:
        return "make the folder writable for yourself, or choose another with SLM_DATA_DIR"
    if "Input/output error" in reason:
        return "check free space and the disk's health; what was stored before is intact"
    if "Cannot allocate memory" in reason:
        return "raise the address space limit (ulimit -v), then start slm again"
    return "check the folder and its file system"
