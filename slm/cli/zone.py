"""The reader's time zone, by the name that travels with every request."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime, tzinfo

from slm.errors import InvalidInput
from slm.times import zone_of

LOCALTIME = "/etc/localtime"
DATABASE = "/zoneinfo/"


def local_zone(environ: Mapping[str, str]) -> str:
    """The IANA name in ``TZ``, else that of the machine, else the offset from UTC that holds now."""
    for name in (environ.get("TZ", "").removeprefix(":"), os.path.realpath(LOCALTIME)):
        short = name.rpartition(DATABASE)[2] if DATABASE in name else name
        if short and not short.startswith("/") and _known(short):
            return short
    return datetime.now().astimezone().strftime("%z")


def _known(name: str) -> tzinfo | None:
    try:
        return zone_of(name)
    except InvalidInput:
        return None
