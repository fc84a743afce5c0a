"""The daemon as a process: its lock, its signals, its log, and how others find, stop and read it."""

from __future__ import annotations

import faulthandler
import fcntl
import json
import os
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from slm.daemon import activation, spawn, thin
from slm.daemon.dialects import Handlers
from slm.daemon.server import Server
from slm.errors import DaemonUnavailable, SlmError, TimedOut
from slm.paths import Paths, make_private

Stop = Callable[[], None]
"""Asks the daemon to drain and leave."""

SWITCH_S = 0.0005
"""A reader waits at most that long for another thread that renders (measured: p99 21 ms with the usual 5 ms, now 6)."""
STOP_S = 15.0
KILL_S = 10.0
POLL_S = 0.02


class Stopper:
    """A :data:`Stop` that remembers being called before there is a server."""

    def __init__(self) -> None:
        self._asked = False
        self._server: Server | None = None

    def __call__(self) -> None:
        """Let the server leave, or the one to come."""
        self._asked = True
        if self._server is not None:
            self._server.stop()

    def attach(self, server: Server) -> None:
        """Name the server that is meant."""
        self._server = server
        if self._asked:
            server.stop()


class Starter:
    """Whoever started this process and waits at the other end of a pipe; nobody, for a daemon in a terminal."""

    def __init__(self) -> None:
        text = os.environ.pop(spawn.READY_VARIABLE, "")
        self._descriptor = int(text) if text.isdecimal() else None
        self.waits = self._descriptor is not None
        if self._descriptor is not None:  # it must not reach anything that the daemon starts
            os.set_inheritable(self._descriptor, False)

    def tell(self, word: bytes) -> None:
        """Say one thing; what is said later has no listener."""
        if self._descriptor is not None:
            with suppress(OSError):
                os.write(self._descriptor, word)
            os.close(self._descriptor)
            self._descriptor = None


def run_daemon(make_handlers: Callable[[Stop], Handlers], paths: Paths) -> int:
    """Serve until told to stop, and return the exit code. Install :mod:`slm.daemon.guard` before.

    ``make_handlers`` is called with the data root locked and before the first request; what it raises reaches the
    client that started the daemon. It must return soon: handlers themselves wait for what takes long to open.
    """
    starter = Starter()
    try:
        lock = _lock(paths)
        if lock is None:
            return _held(paths, starter)
        return _serve(make_handlers, paths, starter)
    except SlmError as error:
        _report(error, starter)
        return error.exit_code


def _serve(make_handlers: Callable[[Stop], Handlers], paths: Paths, starter: Starter) -> int:
    stop = Stopper()
    _settle(paths, stop)
    listener = activation.passed()
    handlers = make_handlers(stop)
    try:
        server = Server(paths, handlers, passed=listener)
    except SlmError:
        handlers.close()
        raise
    stop.attach(server)
    _say(f"slm: daemon {os.getpid()} listens on {paths.published_socket()}")
    starter.tell(spawn.READY)
    drained = server.serve(each_check=lambda: _rotate_own_log(paths.log))
    _say(f"slm: daemon {os.getpid()} leaves{'' if drained else ' with requests unanswered'}")
    if not drained:  # what still runs would find its store closed; what was acknowledged is on the disk
        os._exit(0)
    handlers.close()
    return 0


def _settle(paths: Paths, stop: Stop) -> None:
    """Make this process a daemon: its signals, its permissions, its threads, its cache."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop())
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    os.umask(0o077)
    faulthandler.enable()
    sys.setswitchinterval(SWITCH_S)
    os.environ.setdefault("NUMBA_CACHE_DIR", paths.kernels)


def start(paths: Paths, program: Sequence[str] | None = None) -> int:
    """Start the daemon if none runs, and return its process id."""
    connection = spawn.start(paths, program or spawn.full_program())
    try:
        return _begun(paths) if paths.dormant() else thin.peer(connection)[0]
    finally:
        connection.close()


def _begun(paths: Paths) -> int:
    """The daemon that systemd starts for a connection, once it is there."""
    deadline = time.monotonic() + spawn.PATIENCE_S
    while (pid := _holder(paths)) is None or paths.dormant():
        if time.monotonic() > deadline:
            raise TimedOut("systemd doesn't get the daemon to start", hint="systemctl --user status slm.service")
        time.sleep(POLL_S)
    return pid


def daemon_pid(paths: Paths) -> int | None:
    """The daemon's process: who listens on its socket, else who holds the data root; None when nobody does.

    0 stands for a process that can't be seen from here: one in another container. A socket at which nobody serves yet
    is left alone, for connecting would start a daemon.
    """
    if paths.dormant():
        return _holder(paths)
    try:
        connection = thin.find(paths, 1.0)
    except TimedOut:
        connection = None
    if connection is None:
        return _holder(paths)
    try:
        return thin.peer(connection)[0]
    finally:
        connection.close()


def stop(paths: Paths, timeout_s: float = STOP_S) -> int | None:
    """Stop the daemon and return its process id, or None when there was none.

    It is asked to drain; a daemon that doesn't leave within ``timeout_s`` is killed. Memories that it has
    acknowledged are on the disk either way.
    """
    pid = daemon_pid(paths)
    if pid is None:
        return None
    if pid == 0:  # which to the system would be everybody here
        raise DaemonUnavailable("the daemon runs in another container", hint="stop it there: slm daemon stop")
    if pid != _holder(paths):
        raise DaemonUnavailable(
            f"the daemon on this socket (pid {pid}) keeps another data root; nothing was stopped",
            where={"socket": str(paths.published_socket()), "data": paths.data},
            hint="set SLM_DATA_DIR to the data root that it keeps",
        )
    os.kill(pid, signal.SIGTERM)
    if not _left(paths, timeout_s):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        if not _left(paths, KILL_S):
            raise DaemonUnavailable(f"the daemon (pid {pid}) can't be ended", where={"lock": paths.daemon_lock})
    return pid


def restart(paths: Paths, program: Sequence[str] | None = None) -> int:
    """Stop the daemon if one runs, start a new one, and return its process id."""
    stop(paths)
    return start(paths, program)


def last_log_lines(paths: Paths, count: int) -> list[str]:
    """The last ``count`` lines of the daemon's log, none when there is no log."""
    try:
        with Path(paths.log).open(encoding="utf-8", errors="replace") as log:
            return [line.rstrip("\n") for line in deque(log, maxlen=count)]
    except FileNotFoundError:
        return []


def _lock(paths: Paths) -> int | None:
    """The lock of the data root, held until this process ends; None when another daemon holds it."""
    make_private(paths.data)
    descriptor = os.open(paths.daemon_lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    os.ftruncate(descriptor, 0)
    os.write(descriptor, b"%d\n" % os.getpid())
    return descriptor


def _holder(paths: Paths) -> int | None:
    """The process that holds the lock of the data root, or None."""
    try:
        with Path(paths.daemon_lock).open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            return None
    except FileNotFoundError:
        return None
    except BlockingIOError:
        text = Path(paths.daemon_lock).read_text().strip()
        return int(text) if text.isdecimal() else None


def _left(paths: Paths, timeout_s: float) -> bool:
    """Whether the daemon's lock becomes free in time."""
    deadline = time.monotonic() + timeout_s
    descriptor = os.open(paths.daemon_lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        while time.monotonic() < deadline:
            with suppress(BlockingIOError):
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return True
            time.sleep(POLL_S)
        return False
    finally:
        os.close(descriptor)


def _held(paths: Paths, starter: Starter) -> int:
    if starter.waits:
        starter.tell(spawn.HELD)
    else:
        error = DaemonUnavailable(
            f"a daemon (pid {_holder(paths) or 'unknown'}) serves this data already",
            where={"data": paths.data},
            hint="slm daemon stop",
        )
        _report(error, starter)
    return DaemonUnavailable.exit_code


def _report(error: SlmError, starter: Starter) -> None:
    _say("slm: error: " + "\n".join(error.lines()))
    document = {"type": error.kind, "message": error.message, "where": error.where, "hint": error.hint}
    starter.tell(json.dumps(document).encode() + b"\n")


def _say(line: str) -> None:
    print(f"{time.strftime('%Y-%m-%dT%H:%M:%S%z')} {line}", file=sys.stderr, flush=True)


def _rotate_own_log(log: str) -> None:
    """Begin a new log when the one that this process writes has grown long."""
    with suppress(OSError):
        own, named = os.fstat(2), os.stat(log)  # noqa: PTH116
        if (own.st_dev, own.st_ino) == (named.st_dev, named.st_ino) and named.st_size > spawn.MAX_LOG_BYTES:
            spawn.rotate(log)
            fresh = spawn.open_log(log)
            os.dup2(fresh, 1)
            os.dup2(fresh, 2)
            os.close(fresh)
