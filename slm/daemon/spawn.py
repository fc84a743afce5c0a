"""Starting the daemon: one starter at a time, told through a pipe when it is ready or why it is not."""

from __future__ import annotations

import fcntl
import os
import select
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from time import monotonic, sleep
from typing import Any, NoReturn

from slm.daemon.thin import ATTEMPTS, find, open_standard_files
from slm.errors import BY_KIND, DaemonUnavailable, SlmError, TimedOut
from slm.paths import Paths, make_private, parent

PATIENCE_S = 30.0
"""For other starters, for a leaving daemon, and for the new one."""
POLL_S = 0.02
READY, HELD = b"ready\n", b"held\n"
READY_VARIABLE = "SLM_READY_FD"
KEPT_VARIABLES = frozenset({"HOME", "PATH", "USER", "LOGNAME", "LANG", "TZ", "TMPDIR"})
MAX_LOG_BYTES = 1 << 20


def full_program() -> list[str]:
    """The command that runs slm in full with this interpreter; user site packages count, the cwd does not."""
    return [sys.executable, "-E", "-P", "-m", "slm"]


def start(paths: Paths, program: Sequence[str]) -> Any:
    """A connection to the daemon of ``paths``, started if there is none.

    Raises what kept the daemon from starting, with its own message and exit code.
    """
    deadline = monotonic() + PATIENCE_S
    open_standard_files()
    make_private(paths.data)
    make_private(parent(paths.log))
    died = 0
    with _start_lock(paths, deadline):
        while monotonic() < deadline:
            connection = find(paths, PATIENCE_S)
            if connection is not None:
                return connection
            told = _launch(paths, program)
            if told == HELD:
                sleep(POLL_S)  # a daemon that leaves, or one that is about to listen
            elif told != READY:
                died += 1
                _explain(paths, told, died)
    raise _occupied(paths)


def rotate(log: str) -> None:
    """Keep one older log beside the current one once that is long."""
    try:
        if os.stat(log).st_size > MAX_LOG_BYTES:  # noqa: PTH116 - pathlib costs a client 10 ms
            os.replace(log, log + ".1")  # noqa: PTH105
    except FileNotFoundError:
        return


def open_log(log: str) -> int:
    """A descriptor that appends to the log, which only its owner can read."""
    return os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)


@contextmanager
def _start_lock(paths: Paths, deadline: float) -> Iterator[None]:
    descriptor = os.open(paths.start_lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError as error:
                if monotonic() > deadline:
                    raise TimedOut(
                        "another process is starting the daemon and doesn't get on",
                        where={"lock": paths.start_lock},
                        hint="slm daemon logs",
                    ) from error
                sleep(POLL_S)
        yield
    finally:
        os.close(descriptor)


def _launch(paths: Paths, program: Sequence[str]) -> bytes:
    """Start a daemon and return what it says; nothing when it died without a word."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        _become_daemon(paths, program, writing)
    os.close(writing)
    os.waitpid(child, 0)
    try:
        return _hear(reading, monotonic() + PATIENCE_S)
    except TimeoutError as error:
        raise TimedOut("the daemon is still starting", where={"log": paths.log}, hint="slm daemon logs") from error
    finally:
        os.close(reading)


def _hear(reading: int, deadline: float) -> bytes:
    told = b""
    while not told.endswith(b"\n"):
        if not select.select([reading], [], [], max(0.0, deadline - monotonic()))[0]:
            raise TimeoutError
        part = os.read(reading, 4096)
        if not part:
            break
        told += part
    return told


def _become_daemon(paths: Paths, program: Sequence[str], ready: int) -> NoReturn:
    """In the child: leave the caller's session, files, folder and environment behind, then become the daemon."""
    try:
        os.setsid()
        if os.fork():
            os._exit(0)
        os.umask(0o077)
        rotate(paths.log)
        log = open_log(paths.log)
        null = os.open(os.devnull, os.O_RDWR)
        for descriptor, source in ((0, null), (1, log), (2, log)):
            os.dup2(source, descriptor)
        os.chdir("/")
        highest = os.sysconf("SC_OPEN_MAX")
        os.closerange(3, ready)
        os.closerange(ready + 1, highest if 0 < highest < 1 << 16 else 1 << 16)
        os.set_inheritable(ready, True)
        os.execve(program[0], [*program, "daemon", "run"], _clean_environ(paths, ready))
    except OSError as error:
        os.write(ready, f"the daemon can't be run: {error}\n".encode("utf-8", "replace"))
    finally:
        os._exit(70)


def _clean_environ(paths: Paths, ready: int) -> dict[str, str]:
    kept = {
        name: value
        for name, value in paths.environ.items()
        if name in KEPT_VARIABLES or name.startswith(("LC_", "XDG_"))
    }
    kept |= {"SLM_DATA_DIR": paths.data, "SLM_CONFIG": paths.config, READY_VARIABLE: str(ready)}
    return kept | ({"SLM_SOCKET": paths.chosen_socket} if paths.chosen_socket else {})


def _explain(paths: Paths, told: bytes, died: int) -> None:
    """Raise why the daemon didn't start; return when another attempt may help."""
    if told:
        raise _told_error(told)
    if died >= ATTEMPTS:
        raise DaemonUnavailable(
            f"the daemon died while starting, {died} times", where={"log": paths.log}, hint="slm daemon logs"
        )


def _told_error(told: bytes) -> SlmError:
    import json

    try:
        document = json.loads(told)
        error = BY_KIND.get(document["type"], SlmError)(
            document["message"], where=document["where"], hint=document["hint"]
        )
    except (ValueError, TypeError, KeyError):
        error = DaemonUnavailable(told.decode("utf-8", "replace").strip())
    return error


def _occupied(paths: Paths) -> DaemonUnavailable:
    return DaemonUnavailable(
        "another process holds this data but doesn't listen where it should",
        where={"lock": paths.daemon_lock, "socket": paths.published_socket() or "none"},
        hint="slm daemon restart",
    )
