"""Files that appear whole or not at all."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterable
from pathlib import Path

from slm.errors import StorageRefused


def replaced_whole(name: str, lines: Iterable[str]) -> int:
    """Write lines into a file that only its owner can read, and return how many; on a failure the old file stays.

    A link is followed. A pipe or a device is written to and stays what it is. Raises :class:`StorageRefused` when it
    can't be written.
    """
    try:
        if read_once(Path(name)):
            with Path(name).open("w", encoding="utf-8") as stream:
                return sum(bool(stream.write(line + "\n")) for line in lines)
        target = Path(os.path.realpath(name))
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=".slm-")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                written = sum(bool(file.write(line + "\n")) for line in lines)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).replace(target)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise StorageRefused(f"the file can't be written: {error.strerror}", where={"file": name}) from error
    return written


def read_once(place: Path) -> bool:
    """Whether a pipe, a terminal or another device stands there: no file, no folder, and not nothing."""
    try:
        mode = place.stat().st_mode
    except OSError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))
