"""The data file looked at without mapping it: what LMDB takes on trust and a damaged file breaks.

A map of a truncated file kills the process at the first page beyond its end, so sizes are compared before mapping.
Source: the file layout of LMDB 0.9 (two meta pages, written in turns, in native byte order).
"""

from __future__ import annotations

import struct
import subprocess
import sys
import zlib
from pathlib import Path
from typing import NamedTuple

from slm.errors import StoreDamaged
from slm.store.faults import WAY_BACK, damaged, refused

_META = struct.Struct("=16x I I Q Q 48s 48s Q Q")
_PAGE_SIZE = struct.Struct("=I")
_MAGIC, _FORMAT = 0xBEEFC0DE, 1
_SURVEY = Path(__file__).with_name("survey.py")


class Meta(NamedTuple):
    """One meta page."""

    page_bytes: int
    n_pages: int
    transaction: int


def seal(path: Path) -> str:
    """A checksum of the meta pages as they stand. A flipped bit there can bring back an older state unseen."""
    try:
        with path.open("rb") as file:
            first = file.read(_META.size)
            meta = _meta(first)
            file.seek(meta.page_bytes if meta else 0)
            return f"{zlib.crc32(first + file.read(_META.size)):08x}"
    except OSError as error:
        raise refused(error, path) from error


def require_sound(path: Path, *, crashed: bool, closed_with: str | None) -> None:
    """StoreDamaged when the file can't be mapped safely, or doesn't carry the seal it was closed with.

    After a crash, and when the file is shorter than its pages (free pages at its end may never have been written),
    another process reads every page first: damage kills that one.
    """
    newest = _newest_meta(path)
    if closed_with is not None and closed_with != seal(path):
        raise StoreDamaged(
            "the store's first pages aren't those it was closed with",
            where={"store": str(path)},
            hint=f"{WAY_BACK}; if you put this file here yourself, delete store.lock beside it",
        )
    if crashed or path.stat().st_size < newest.page_bytes * newest.n_pages:
        _survey(path)


def _newest_meta(path: Path) -> Meta:
    try:
        with path.open("rb") as file:
            first = _meta(file.read(_META.size))
            file.seek(first.page_bytes if first else 0)
            second = _meta(file.read(_META.size))
    except OSError as error:
        raise refused(error, path) from error
    if first is None or second is None:
        raise damaged("the store's first pages aren't those of a store", path)
    if abs(first.transaction - second.transaction) != 1 or first.transaction % 2:
        raise damaged("the store's first pages contradict each other", path)
    return max(first, second, key=lambda meta: meta.transaction)


def _meta(page: bytes) -> Meta | None:
    if len(page) < _META.size:
        return None
    magic, version, _, _, free, _, last_page, transaction = _META.unpack(page)
    (page_bytes,) = _PAGE_SIZE.unpack_from(free)
    known = magic == _MAGIC and version == _FORMAT and page_bytes in (4096, 8192, 16384, 32768, 65536)
    return Meta(page_bytes, last_page + 1, transaction) if known else None


def _survey(path: Path) -> None:
    try:
        done = subprocess.run(
            [sys.executable, "-P", str(_SURVEY), str(path)], capture_output=True, text=True, check=False
        )
    except OSError as error:
        raise refused(error, path) from error
    if done.returncode:
        reason = done.stderr.strip().splitlines()[-1:] or [f"reading its pages ended with signal {-done.returncode}"]
        raise damaged(f"the store was damaged: {reason[0]}", path)
