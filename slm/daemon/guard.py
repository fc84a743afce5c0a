"""A daemon that can't reach the network: an audit hook refuses internet sockets and name look-ups.

The hook sees what Python code does, not what a native library does; the proof of zero egress is elsewhere.
"""

from __future__ import annotations

import sys
from typing import Any

REFUSED_EVENTS = frozenset({"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo"})
INTERNET_FAMILIES = frozenset({2, 10, 30})
"""AF_INET everywhere, AF_INET6 on Linux and on macOS; by number, so that no socket module is imported first."""


class NetworkRefusedError(PermissionError):
    """Something in the daemon tried to use the network."""


def install() -> None:
    """Refuse the network from now on. A hook can't be removed."""
    sys.addaudithook(_refuse)


def _refuse(event: str, details: tuple[Any, ...]) -> None:
    if (event == "socket.__new__" and details[1] in INTERNET_FAMILIES) or event in REFUSED_EVENTS:
        raise NetworkRefusedError(f"slm opens no network socket: {event} refused")
