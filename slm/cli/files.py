"""Files that appear whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from slm.errors import StorageRefused


def replaced_whole(name: str, lines: Iterable[str]) -> int:
    """Write lines into a file that only its owner can read, and return how many; on a failure the old file stays.

    Raises :class:`StorageRefused` when it can't be written.
    """
    target = Path(name)
    try:
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
