"""When to look at a folder again: the system's word that something changed, or the clock where it gives none.

What has changed is never taken from events: they may be lost, doubled or late. They only say that it is time to look.
"""

from __future__ import annotations

import errno
import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from slm.store.folder import MOUNTS, NETWORK_FILE_SYSTEMS, file_system_of

if TYPE_CHECKING:
    from pathlib import Path

    from watchdog.events import FileSystemEvent
    from watchdog.observers.api import BaseObserver

QUIET_S = 0.3
"""A folder is looked at once nothing has changed in it for that long, …"""
MOST_S = 1.5
"""… or once changes have gone on for that long."""
CHECK_S = 60.0
"""It is also looked at that often without any event: some changes send none."""
POLL_S = 1.0
LIMITS = {
    errno.ENOSPC: "the limit of watched folders (fs.inotify.max_user_watches) is reached",
    errno.EMFILE: "the limit of watchers (fs.inotify.max_user_instances) is reached",
}


class Changes:
    """The changes below one folder. ``why_polled`` says why none are told, and is empty while they are."""

    def __init__(self, root: Path, *, quiet_s: float = QUIET_S, check_s: float = CHECK_S) -> None:
        self._root = root
        self._quiet_s = quiet_s
        self._check_s = check_s
        self._condition = threading.Condition()
        self._first_s = self._last_s = 0.0
        self._stopped = False
        self._observer: BaseObserver | None = None
        self._identity: tuple[int, int] | None = None
        self.why_polled = ""

    def listen(self) -> None:
        """Be told of changes from now on, anew when the folder is another one than before."""
        identity = _identity(self._root)
        if self._observer is not None and identity == self._identity and _hears(self._observer):
            return
        self.hang_up()
        self._identity = identity
        kind = file_system_of(self._root, MOUNTS.read_text("utf-8", "surrogateescape")) if MOUNTS.exists() else ""
        if kind in NETWORK_FILE_SYSTEMS:
            self.why_polled = f"a network file system ({kind}) doesn't tell what others change"
            return
        try:
            self._observer = _observer(str(self._root), self._heard)
            self.why_polled = ""
        except OSError as error:
            self.why_polled = LIMITS.get(error.errno or 0, f"the system refuses to tell changes: {error}")

    def probe(self) -> None:
        """Poll from now on if the system has no room for more watches: it would tell of some folders only."""
        if self._observer is None:
            return
        from watchdog.events import DirMovedEvent, FileSystemEventHandler

        try:
            one_more = self._observer.schedule(FileSystemEventHandler(), "/", event_filter=[DirMovedEvent])
            self._observer.unschedule(one_more)
        except OSError as error:
            self.hang_up()
            self.why_polled = LIMITS.get(error.errno or 0, str(error))

    def wait(self) -> bool:
        """Return True when it is time to look, False once stopped."""
        deadline = time.monotonic() + (POLL_S if self.why_polled else self._check_s)
        with self._condition:
            while not self._stopped:
                now = time.monotonic()
                due = min(self._last_s + self._quiet_s, self._first_s + MOST_S) if self._first_s else deadline
                if now >= due or (not self.why_polled and _identity(self._root) != self._identity):
                    self._first_s = 0.0
                    return True
                self._condition.wait(min(due - now, POLL_S))
        return False

    def pause(self, seconds: float) -> bool:
        """Wait whatever changes; False once stopped."""
        with self._condition:
            return not self._condition.wait_for(lambda: self._stopped, seconds)

    def stop(self) -> None:
        """End every waiting, now and later. Safe in any thread."""
        with self._condition:
            self._stopped = True
            self._condition.notify_all()

    def close(self) -> None:
        """Stop, and be told nothing any more."""
        self.stop()
        self.hang_up()

    @property
    def stopped(self) -> bool:
        """Whether :meth:`stop` was called."""
        return self._stopped

    def _heard(self) -> None:
        with self._condition:
            self._last_s = time.monotonic()
            self._first_s = self._first_s or self._last_s
            self._condition.notify_all()

    def hang_up(self) -> None:
        """Be told nothing until :meth:`listen`."""
        observer, self._observer = self._observer, None
        if observer is not None:
            observer.stop()
            observer.join()


def _hears(observer: BaseObserver) -> bool:
    """Whether the observer still runs: it ends by itself when its folder is removed."""
    return observer.is_alive() and all(emitter.is_alive() for emitter in observer.emitters)


def _observer(root: str, heard: Callable[[], None]) -> BaseObserver:
    """A running observer that calls ``heard`` for each change. Raises OSError when the system has no room for it."""
    from watchdog import events  # 15 MB and 80 ms that only who watches something pays
    from watchdog.observers import Observer

    class Handler(events.FileSystemEventHandler):
        def on_any_event(self, event: FileSystemEvent) -> None:
            del event
            heard()

    told = [  # neither opening nor closing: looking would call for the next look
        events.FileCreatedEvent, events.FileModifiedEvent, events.FileDeletedEvent, events.FileMovedEvent,
        events.DirCreatedEvent, events.DirDeletedEvent, events.DirMovedEvent,
    ]  # fmt: skip
    observer = Observer()
    try:
        observer.schedule(Handler(), root, recursive=True, event_filter=told)
        observer.start()
    except OSError:
        with suppress(RuntimeError):
            observer.stop()
        raise
    return observer


def _identity(root: Path) -> tuple[int, int] | None:
    try:
        found = os.stat(root)  # noqa: PTH116
    except OSError:
        return None
    return found.st_dev, found.st_ino
