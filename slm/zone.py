"""The reader's time zone, by the name that travels with every request. Builtin modules only, for agents' relays."""

from __future__ import annotations

import posix
from time import strftime

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

LOCALTIME = "/etc/localtime"
DATABASES = ("/usr/share/zoneinfo", "/usr/lib/zoneinfo", "/usr/share/lib/zoneinfo", "/etc/zoneinfo")
"""Where :mod:`zoneinfo` looks for the database, too."""
MARK = "/zoneinfo/"


def zone_name(environ: Mapping[str, str]) -> str:
    """The IANA name in ``TZ``, else that of the machine, else the offset from UTC that holds now.

    A name counts where a database of zones has a file of it: the daemon refuses any other.
    """
    for said in (environ.get("TZ", "").lstrip(":"), _target(LOCALTIME)):
        name = said.rpartition(MARK)[2]
        if name and name[:1] != "/" and ".." not in name and any(_is_zone(f"{base}/{name}") for base in DATABASES):
            return name
    return strftime("%z")


def _target(link: str) -> str:
    try:
        return posix.readlink(link)
    except OSError:
        return ""  # a copy, or none


def _is_zone(path: str) -> bool:
    """Whether a file begins as those of zones do (RFC 9636); tables of the database lie beside them."""
    try:
        descriptor = posix.open(path, posix.O_RDONLY | posix.O_NONBLOCK | posix.O_CLOEXEC)
    except (OSError, ValueError):
        return False
    try:
        return posix.read(descriptor, 4) == b"TZif"
    except OSError:
        return False
    finally:
        posix.close(descriptor)
