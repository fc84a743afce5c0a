"""The daemon's side of ``slm watch``: a thread for each watched folder, and one that sees to these threads."""

from __future__ import annotations

import sys
import threading
import traceback
from dataclasses import replace
from pathlib import Path

from slm.engine.request import Request
from slm.engine.service import Service
from slm.engine.watch_board import Report
from slm.engine.watches import Watch, is_marked, watches
from slm.errors import DaemonUnavailable, SlmError
from slm.model import Caller
from slm.watch.changes import Changes
from slm.watch.follow import Follow, Stopped, WatchRemoved
from slm.watch.tree import FolderGone, Tree

GRACE_S = 0.5
"""How long a missing file is given before it counts as gone."""
GONE_S = 2.0
"""How often a folder that is gone is looked for."""
RETRY_S = 15.0
REST = 4.0
"""After a look a thread rests that many times as long as it took, …"""
MOST_REST_S = 1.0
"""… but not longer than that."""

Key = tuple[str, int]
"""A profile and the number of a watch."""


class Watcher:
    """Follows every watch of every profile of ``service`` until :meth:`close`."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._followers: dict[Key, Follower] = {}
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="slm-watches", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End all threads; a batch that is being taken in is finished first."""
        self._closing = True
        self._service.board.changed.set()
        self._thread.join()

    def _run(self) -> None:
        board = self._service.board
        board.changed.set()
        while not self._closing:
            board.changed.wait()
            board.changed.clear()
            if not self._closing:
                self._match(self._wanted())
        for follower in self._followers.values():
            follower.changes.stop()
        for follower in self._followers.values():
            follower.join()

    def _match(self, wanted: dict[Key, Watch]) -> None:
        """Start followers for new watches and end those whose watch is gone."""
        for key in [key for key in self._followers if key not in wanted]:
            follower = self._followers.pop(key)
            follower.changes.stop()
            follower.join()
            self._service.board.drop(*key)
        for key, watch in wanted.items():
            if key not in self._followers:
                self._followers[key] = Follower(self._service, key[0], watch)
                self._followers[key].start()

    def _wanted(self) -> dict[Key, Watch]:
        """The watches of all profiles that are marked; a profile that can't be opened is told by its own commands."""
        found: dict[Key, Watch] = {}
        root = self._service.root
        names = [path.name for path in sorted(root.iterdir()) if is_marked(path)] if root.exists() else []
        for name in names:
            try:
                there = self._service.change(Caller("watch", name), _read)
            except DaemonUnavailable:
                return {}  # closing
            except SlmError as error:
                print(f"slm: the watches of profile {name} can't be read: {error.message}", file=sys.stderr, flush=True)
                continue
            found.update({(name, watch.number): watch for watch in there})
        return found


def _read(request: Request) -> list[Watch]:
    with request.engine.store.read() as reader:
        return watches(reader)


class Follower(threading.Thread):
    """Follows one watch: looks, rests, waits for the next change."""

    def __init__(self, service: Service, profile: str, watch: Watch) -> None:
        super().__init__(name=f"slm-watch-{watch.name}", daemon=True)
        self.changes = Changes(Path(watch.path))
        self._follow = Follow(service, profile, watch, lambda: self.changes.stopped)
        self._board = service.board
        self._key = (profile, watch.number)
        self._report = Report()
        self._n_folders = 0

    def run(self) -> None:
        """Until stopped, or the watch is removed."""
        try:
            while not self.changes.stopped:
                if not self._round():
                    continue
                if not self.changes.wait():
                    return
        except (WatchRemoved, Stopped, DaemonUnavailable):
            return  # removed, or the daemon leaves
        finally:
            self.changes.close()

    def _round(self) -> bool:
        """Look once; False, after a pause, when that failed and is to be repeated."""
        try:
            self.changes.listen()
            tree = self._follow.round(lambda: self.changes.pause(GRACE_S), self._progress)
            self._tell_done(tree)
        except FolderGone as error:
            self.changes.hang_up()
            self._tell(state="gone", detail=str(error))
            return not self.changes.pause(GONE_S)
        except (WatchRemoved, Stopped, DaemonUnavailable):
            raise
        except SlmError as error:
            self._tell(state="failing", detail=error.message)
            return not self.changes.pause(RETRY_S)
        except Exception as error:  # noqa: BLE001 - a bug with one folder must not end the daemon
            traceback.print_exception(error, file=sys.stderr)
            self._tell(state="failing", detail=f"internal error: {type(error).__name__}: {error}")
            return not self.changes.pause(RETRY_S)
        self.changes.pause(min(MOST_REST_S, REST * self._follow.look_s))
        return True

    def _progress(self, done: int, total: int) -> None:
        self._tell(state="taking in", detail="", done=done, total=total)

    def _tell_done(self, tree: Tree) -> None:
        if tree.n_folders > self._n_folders:
            self.changes.probe()
        self._n_folders, why = tree.n_folders, self.changes.why_polled
        rounds = self._report.rounds + 1
        self._tell(state="polling" if why else "watching", detail=why, problems=tree.problems, rounds=rounds)

    def _tell(self, **values: object) -> None:
        self._report = replace(self._report, **values)  # type: ignore[arg-type]
        self._board.put(*self._key, self._report)
