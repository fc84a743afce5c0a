"""The socket that systemd has opened beforehand and passes on: the first client starts the daemon, none runs till then.

What is passed is trusted with nothing but being there: it is served only if it is a Unix socket that listens at a path.
Source: sd_listen_fds(3); no library is needed for it.
"""

from __future__ import annotations

import os
import socket
import stat

from slm.errors import DaemonUnavailable

FIRST_DESCRIPTOR = 3
VARIABLES = ("LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES")


def passed() -> socket.socket | None:
    """The socket that was passed to this very process; None where none was. What it starts inherits nothing of it.

    Raises :class:`DaemonUnavailable` for more than one, and for what isn't a Unix socket listening at a path.
    """
    for_whom, count, _ = (os.environ.pop(name, "") for name in VARIABLES)
    if for_whom != str(os.getpid()) or not count.isdecimal() or count == "0":
        return None
    if count != "1":
        raise _refused(f"{count} sockets were passed to the daemon, which listens on one")
    try:
        os.set_inheritable(FIRST_DESCRIPTOR, False)
        found = os.fstat(FIRST_DESCRIPTOR)
    except OSError as error:
        raise _refused(f"the socket that was passed to the daemon can't be used: {error.strerror}") from error
    if not stat.S_ISSOCK(found.st_mode):
        raise _refused("what was passed to the daemon is no socket")
    listener = socket.socket(fileno=FIRST_DESCRIPTOR)
    if not _fits(listener):
        listener.close()
        raise _refused("what was passed to the daemon is no Unix socket that listens at a path")
    return listener


def _fits(listener: socket.socket) -> bool:
    if (listener.family, listener.type) != (socket.AF_UNIX, socket.SOCK_STREAM):
        return False
    name = listener.getsockname()
    listens = listener.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
    return isinstance(name, str) and name.startswith("/") and bool(listens)


def _refused(message: str) -> DaemonUnavailable:
    return DaemonUnavailable(message, hint="slm daemon install writes units that fit each other")
