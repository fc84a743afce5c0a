"""What a relay says of itself on the line after the preface, as one JSON object."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from slm.daemon.mcp.rpc import INVALID_REQUEST, Refused, parse
from slm.errors import InvalidInput
from slm.times import zone_of

ToolSet = Literal["core", "full"]
TEXTS = ("version", "cwd", "profile", "scope", "zone", "tools")


@dataclass(frozen=True, slots=True)
class Hello:
    """The relay's folder and version, and how its user started it. Empty texts stand for what wasn't given."""

    version: str = ""
    cwd: str = ""
    profile: str = ""
    scope: str = ""
    zone: str = ""
    tools: ToolSet = "core"
    read_only: bool = False


def read(line: bytes) -> Hello:
    """The hello on a line. Raises :class:`Refused` for what is none; fields of newer relays are passed over."""
    said = parse(line)
    if not isinstance(said, dict):
        raise Refused(INVALID_REQUEST, "slm-mcp/1 begins with an object that says who connects")
    texts: dict[str, Any] = {name: said[name] for name in TEXTS if isinstance(said.get(name), str)}
    if texts.get("tools") not in ("core", "full"):
        texts["tools"] = "core"
    if not _known(texts.get("zone", "")):
        texts["zone"] = ""
    return Hello(**texts, read_only=said.get("read_only") is True)


def _known(zone: str) -> bool:
    try:
        zone_of(zone)
    except InvalidInput:
        return False
    return True
