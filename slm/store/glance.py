"""A store looked at from outside: whether it can be opened, without opening, locking or changing it."""

from __future__ import annotations

import fcntl
from pathlib import Path

from slm.store.faults import refused
from slm.store.page_file import require_sound
from slm.store.store import DATA_FILE, known_schema


def glance(folder: Path) -> str:
    """What can be said of a profile's store that nobody holds open.

    Raises :class:`StoreDamaged` and :class:`StoreTooNew` as opening it would, and :class:`StorageRefused` when its
    files can't be read. After a crash every page is read.
    """
    path = folder / DATA_FILE
    try:
        if not path.exists():
            return "none yet: the first memory makes it"
        with (folder / "store.lock").open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            words = lock.read(64).decode("ascii", "replace").split()
    except BlockingIOError:
        return f"{path} is open in another process"
    except FileNotFoundError:
        words = []
    except OSError as error:
        raise refused(error, folder) from error
    state, *sealed = words or ["unknown"]
    require_sound(path, crashed=state == "open", closed_with=sealed[0] if state == "closed" and sealed else None)
    how = {"open": "not closed properly, but every page reads well", "closed": "closed properly"}.get(state, "unlocked")
    return f"{path}, schema {known_schema(path)}, {how}"
