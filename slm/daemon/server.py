"""The daemon's socket: one loop that accepts, one thread a connection, and a way to leave without losing an answer."""

from __future__ import annotations

import os
import select
import socket
import stat
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from slm import __version__
from slm.daemon import thin
from slm.daemon.dialects import Handlers, serve
from slm.daemon.wire import Connection, Hangup
from slm.errors import DaemonUnavailable, SlmError, StorageRefused
from slm.paths import Paths, check_private, make_folder, parent

MAX_CONNECTIONS = 64
MAX_TURNED_AWAY = 16
"""Connections above the limit that are told so; beyond these the daemon hangs up."""
QUEUE = 128
PATIENCE_S = 1.0
"""How long a client above the limit waits for a place before it is told that the daemon is busy."""
CHECK_S = 2.0
DRAIN_S = 10.0
NOBODY = 0
"""The process that the endpoint file names while a socket waits for the first client."""
SHORTAGE_S = 0.05
"""Pause when the system has no file descriptor or thread to give."""


class Server:
    """Serves ``handlers`` on the socket of ``paths``, or on one that was ``passed`` and outlives it.

    The caller holds the daemon lock of the data root.
    """

    def __init__(
        self, paths: Paths, handlers: Handlers, *, check_s: float = CHECK_S, passed: socket.socket | None = None
    ) -> None:
        self._paths = paths
        self.handlers = handlers
        self._check_s = check_s
        self._outlived = passed is not None
        self._listener = self._listen() if passed is None else self._take_over(passed)
        self._active: set[Connection] = set()
        self._changed = threading.Condition()
        self._patience_s = PATIENCE_S
        self._last_used = time.monotonic()
        self._stopping = False
        self._unreachable = threading.Event()
        self._wake_reading, self._wake_writing = socket.socketpair()
        self._wake_writing.setblocking(False)

    def stop(self) -> None:
        """Drain and leave. Safe in any thread and in a signal handler; again is harmless."""
        self._stopping = True
        with suppress(OSError):
            self._wake_writing.send(b"\0")

    def wait_until_unreachable(self) -> None:
        """Return when no new client can find this daemon."""
        self._unreachable.wait(DRAIN_S)

    def serve(self, each_check: Callable[[], None] = lambda: None) -> bool:
        """Serve until :meth:`stop`, then drain; return whether every request was answered.

        ``each_check`` is called every few seconds.
        """
        next_check = time.monotonic() + self._check_s
        while not self._stopping:
            self._wait_and_admit(max(0.0, next_check - time.monotonic()))
            if time.monotonic() >= next_check:
                self._heal()
                each_check()
                self._leave_when_idle()
                next_check = time.monotonic() + self._check_s
        return self._drain()

    def _listen(self) -> socket.socket:
        path = self._path = free_path(self._paths)
        if self._paths.chosen_socket is None:
            make_folder(parent(path))
            check_private(parent(path))
        _remove_stale(path)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        before = os.umask(0o177)
        try:
            listener.bind(path)
        except OSError as error:
            listener.close()
            raise DaemonUnavailable(f"the socket can't be made: {error.strerror}", where={"socket": path}) from error
        finally:
            os.umask(before)
        listener.listen(QUEUE)
        listener.setblocking(False)
        self._bound = _identity(path)
        _publish(self._paths, path)
        return listener

    def _take_over(self, listener: socket.socket) -> socket.socket:
        """Serve on a socket that is there. Listening again makes it this process's in the eyes of who connects."""
        path = self._path = str(listener.getsockname())
        if self._paths.chosen_socket is None:
            check_private(parent(path))
        listener.listen(QUEUE)
        listener.setblocking(False)
        self._bound = _identity(path)
        _publish(self._paths, path)
        return listener

    def _wait_and_admit(self, timeout_s: float) -> None:
        waiting = select.poll()
        waiting.register(self._listener, select.POLLIN)
        waiting.register(self._wake_reading, select.POLLIN)
        if self._listener.fileno() in dict(waiting.poll(timeout_s * 1000)):
            try:
                self._admit(self._listener.accept()[0])
            except BlockingIOError:
                return  # it has gone again
            except OSError:  # no descriptor is free
                time.sleep(SHORTAGE_S)

    def _admit(self, peer: socket.socket) -> None:
        """Give the connection a thread, after a while one that says no, or none."""
        if thin.peer(peer)[1] != os.getuid():
            peer.close()
            return
        connection = Connection(peer)
        with self._changed:
            room = self._changed.wait_for(lambda: len(self._active) < MAX_CONNECTIONS, self._patience_s)
            self._patience_s = PATIENCE_S if room else 0.0
            if len(self._active) >= MAX_CONNECTIONS + MAX_TURNED_AWAY:
                connection.close()
                return
            self._active.add(connection)
        self._start(connection, busy=not room)

    def _start(self, connection: Connection, *, busy: bool) -> None:
        try:
            threading.Thread(target=self._converse, args=(connection, busy), daemon=True).start()
        except RuntimeError:  # no more threads
            self._forget(connection)
            time.sleep(SHORTAGE_S)

    def _converse(self, connection: Connection, busy: bool) -> None:
        try:
            serve(connection, self.handlers, self, busy=busy)
        except Hangup:
            return
        finally:
            self._forget(connection)

    def _forget(self, connection: Connection) -> None:
        connection.close()
        with self._changed:
            self._active.discard(connection)
            self._last_used = time.monotonic()
            self._changed.notify_all()

    def _heal(self) -> None:
        """Listen anew when somebody has removed or replaced the socket, publish anew when the endpoint is gone."""
        if _identity(self._path) != self._bound:
            with suppress(OSError, SlmError):  # the next check tries again
                replaced, self._listener = self._listener, self._listen()
                self._outlived = False
                print("slm: the socket was gone; listening anew", file=sys.stderr, flush=True)
                self._retire(replaced)
        elif self._paths.published_socket() != self._path:
            with suppress(StorageRefused):
                _publish(self._paths, self._path)

    def _retire(self, listener: socket.socket) -> None:
        """Close a listener after admitting who has connected to it."""
        with suppress(OSError):
            while True:
                self._admit(listener.accept()[0])
        listener.close()

    def _leave_when_idle(self) -> None:
        limit = self.handlers.idle_exit_s
        with self._changed:
            if limit is not None and not self._active and time.monotonic() - self._last_used > limit:
                self._stopping = True

    def _drain(self) -> bool:
        """Become unreachable, serve whoever had connected by then, and wait for the requests that run.

        A socket that outlives this daemon stays, and clients are still told of it: whoever connects starts the next.
        """
        if self._outlived:
            with suppress(StorageRefused):
                publish_dormant(self._paths, self._path)
        else:
            if _identity(self._path) == self._bound:
                with suppress(OSError):
                    Path(self._path).unlink()
            with suppress(OSError):
                Path(self._paths.endpoint).unlink()
        self._retire(self._listener)
        self._unreachable.set()
        deadline = time.monotonic() + DRAIN_S
        with self._changed:
            while self._active and time.monotonic() < deadline:
                for connection in self._active:
                    if connection.many_requests:
                        connection.finish_reading()
                self._changed.wait(0.1)
        self._wake_reading.close()
        self._wake_writing.close()
        return not self._active


def _identity(path: str) -> tuple[int, int] | None:
    try:
        found = os.lstat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def free_path(paths: Paths) -> str:
    """The usual socket, or this data root's own while the daemon of another one listens there.

    Two homes of one user may share a runtime folder. Raises :class:`DaemonUnavailable` when the socket that the user
    chose is taken.
    """
    if not _somebody_listens(paths.socket):
        return paths.socket
    if paths.chosen_socket is None:
        return paths.own_socket
    raise DaemonUnavailable(
        "another daemon listens on this socket", where={"socket": paths.socket}, hint="set SLM_SOCKET to another path"
    )


def _somebody_listens(path: str) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.setblocking(False)
        try:
            probe.connect(path)
        except BlockingIOError:  # its queue is full
            return True
        except OSError:
            return False
        return True


def _remove_stale(path: str) -> None:
    """Remove the socket that a daemon which died has left; never anything that is not a socket."""
    try:
        if stat.S_ISSOCK(os.lstat(path).st_mode):
            Path(path).unlink()
    except FileNotFoundError:
        return


def publish_dormant(paths: Paths, socket_path: str) -> None:
    """Tell clients of a socket at which a daemon begins when they connect. Raises :class:`StorageRefused`."""
    _publish(paths, socket_path, pid=NOBODY)


def _publish(paths: Paths, socket_path: str, pid: int | None = None) -> None:
    """Tell clients where the daemon listens. Raises :class:`StorageRefused` when there is no room to say it.

    On a full disk the bytes of the file that is there are written over, which takes no room.
    """
    told = os.fsencode(f"{socket_path}\n{os.getpid() if pid is None else pid}\n{__version__}\n")
    written = Path(paths.endpoint + ".new")
    try:
        written.write_bytes(told)
        written.chmod(0o600)
        written.replace(paths.endpoint)
    except OSError as error:
        with suppress(OSError):
            written.unlink()
        _write_over(Path(paths.endpoint), told, error)


def _write_over(endpoint: Path, told: bytes, refusal: OSError) -> None:
    """Write ``told`` over the start of the file; its end may hold more lines, which nobody reads."""
    try:
        with endpoint.open("r+b", buffering=0) as file:
            file.write(told)
    except OSError:
        raise StorageRefused(
            f"the daemon can't say where it listens: {refusal.strerror}",
            where={"file": str(endpoint)},
            hint="free some disk space, then repeat the command; what was stored before is intact",
        ) from refusal
