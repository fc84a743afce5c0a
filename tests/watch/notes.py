"""A folder of notes with a store that follows it, one round at a time."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from slm.engine.watches import Watch
from slm.watch.follow import Follow
from slm.watch.tree import Tree
from tests.engine.desk import Desk

PORTS = "# Ports\n\nThe billing api listens on 5433 since the move to the new database cluster.\n"
COFFEE = "# Coffee\n\nThe machine in the kitchen is broken until Thursday, says the facility desk.\n"


class Notes:
    """What is written into the folder is followed by :meth:`round`; nothing happens by itself."""

    def __init__(self, desk: Desk, folder: Path, *globs: str) -> None:
        self.desk = desk
        self.folder = folder
        added = desk.call("watch_add", path=str(folder), glob=list(globs) or None)
        self.watch = Watch(**{**added, "globs": tuple(added["globs"])})
        self.restart()

    def restart(self) -> None:
        """What a restart of the daemon does to the follower: it knows nothing but what is stored."""
        self._follow = Follow(self.desk.service, "default", self.watch)

    def write(self, path: str, text: str | bytes) -> Path:
        """Write a file with a time of its own, long past."""
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode() if isinstance(text, str) else text)
        self._ticks = getattr(self, "_ticks", 1_700_000_000) + 1
        os.utime(file, (self._ticks, self._ticks))
        return file

    def round(self, settle: Callable[[], bool] = lambda: True) -> Tree:
        return self._follow.round(settle, lambda done, total: None)

    def taken(self) -> dict[str, str]:
        """The live memories: id by text."""
        listed = self.desk.call("list", limit=1000, all_scopes=True)["memories"]
        return {memory["text"]: memory["id"] for memory in listed}

    def only(self) -> dict[str, Any]:
        """The one live memory."""
        (memory_id,) = self.taken().values()
        return self.records()[memory_id]

    def records(self) -> dict[str, dict[str, Any]]:
        """Every record of the store by id."""
        return {record["id"]: record for record in self.desk.exported()}

    def shown(self) -> dict[str, Any]:
        """The watch as ``watch_list`` shows it."""
        return dict(self.desk.call("watch_list")["watches"][0])
