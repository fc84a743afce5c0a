"""The dialect ``slm-mcp/1``: a hello, then the protocol. Agents stay connected, so they get a part of the places."""

from __future__ import annotations

import threading
from collections.abc import Callable

from slm import __version__
from slm.daemon.mcp import session
from slm.daemon.mcp.asking import Call
from slm.daemon.mcp.hello import read
from slm.daemon.mcp.rpc import Refused, encode
from slm.daemon.mcp.session import FRAME_S, SEND_S, Session
from slm.daemon.versions import newer
from slm.daemon.wire import Connection

MAX_HELLO_BYTES = 1 << 16
MAX_AGENTS = 48
"""Of the daemon's connections, how many may be agents': the others are for commands, which come and go."""
BUSY = "the daemon is busy: too many agents are connected (slm daemon restart ends them all)"

_places = threading.BoundedSemaphore(MAX_AGENTS)


def serve_mcp(connection: Connection, call: Call, make_way: Callable[[], None], *, busy: bool) -> None:
    """Serve one agent. ``make_way`` ends this daemon for a newer one. Raises :class:`slm.daemon.wire.Hangup`."""
    line = connection.line(MAX_HELLO_BYTES, FRAME_S)
    if line is None:
        return None
    try:
        hello = read(line)
    except Refused as refused:
        return connection.send(encode(refused.answer(None)), SEND_S)
    if newer(hello.version, __version__):
        return make_way()
    places = _places
    if busy or not places.acquire(blocking=False):
        return session.refuse(connection, BUSY)
    try:
        connection.many_requests = True
        Session(connection, hello, call).serve()
    finally:
        places.release()
