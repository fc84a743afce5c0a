"""What ``slm doctor --fix`` mends by itself: what loses nothing and asks for no choice."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import slm
from slm.cli.data_folder import open_to_others
from slm.daemon import process, thin
from slm.daemon.client import JsonClient
from slm.daemon.versions import newer
from slm.errors import StorageRefused
from slm.paths import OTHERS, Paths

Mend = Callable[[], str | None]
"""Mends something and says what it did; None when there was nothing that it may do."""


def made_private(data: Path) -> Mend:
    """Takes the rights of others to the data root, and to what lies in it, away."""

    def mend() -> str | None:
        found = list(open_to_others(data)) if data.exists() else []
        for path in found:
            try:
                path.chmod(path.stat().st_mode & 0o7777 & ~OTHERS)
            except OSError as error:
                problem = f"{path} can't be made private: {error.strerror}"
                raise StorageRefused(problem, hint=f"chmod go= {path}, as its owner") from error
        what = "file or folder" if len(found) == 1 else "files and folders"
        return f"made {len(found)} {what} yours alone" if found else None

    return mend


def renewed_daemon(paths: Paths) -> Mend:
    """Restarts a daemon of an older version, or one that holds the data and listens nowhere."""

    def mend() -> str | None:
        connection = thin.find(paths, thin.TIMEOUT_S)
        if connection is None:
            holder = process.daemon_pid(paths)
            return f"restarted the daemon (pid {process.restart(paths)}) that listened nowhere" if holder else None
        connection.close()
        client = JsonClient(paths, thin.TIMEOUT_S, autostart=False)
        theirs = client.call("ping")["version"]
        client.close()
        if not newer(slm.__version__, than=theirs):
            return None
        return f"restarted the daemon of version {theirs} as pid {process.restart(paths)}"

    return mend
