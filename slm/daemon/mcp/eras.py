"""The generations of the protocol: which there are, how a request tells its own, and what each may be sent.

Up to 2025-11-25 a handshake (``initialize``) settles the version of a connection. In 2026-07-28 there is none: every
request carries its version, and every result its type. The first request decides the kind of a connection.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from slm import __version__
from slm.daemon.mcp.rpc import INVALID_PARAMS, INVALID_REQUEST, UNSUPPORTED_VERSION, Document, Message, Refused

HANDSHAKE_VERSIONS = ("2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25")
MODERN_VERSIONS = ("2026-07-28",)
BATCHES_IN = "2025-03-26"
"""The only version with batches."""

VERSION_KEY = "io.modelcontextprotocol/protocolVersion"
CLIENT_KEY = "io.modelcontextprotocol/clientInfo"
CAPABILITIES_KEY = "io.modelcontextprotocol/clientCapabilities"
SERVER_KEY = "io.modelcontextprotocol/serverInfo"

SERVER = {"name": "slm", "title": "slm memory", "version": __version__}
LISTS_LAST_MS = 3_600_000
"""How long a client may keep what doesn't change while a connection lasts."""


def negotiated(asked: str) -> str:
    """The version of a handshake that asked for one: that, or our newest."""
    return asked if asked in HANDSHAKE_VERSIONS else HANDSHAKE_VERSIONS[-1]


def is_modern(message: Message) -> bool:
    """Whether a request carries its version, as 2026-07-28 has it."""
    meta = message.params.get("_meta")
    return isinstance(meta, Mapping) and VERSION_KEY in meta


def check_modern(message: Message) -> Mapping[str, Any]:
    """The ``_meta`` of a request of 2026-07-28. Raises :class:`Refused` unless it says all that it must."""
    meta = message.params.get("_meta")
    if not isinstance(meta, Mapping):
        raise Refused(INVALID_PARAMS, f"params._meta must be an object with {VERSION_KEY!r} and {CAPABILITIES_KEY!r}")
    if missing := [key for key in (VERSION_KEY, CAPABILITIES_KEY) if key not in meta]:
        raise Refused(INVALID_PARAMS, f"params._meta lacks {', '.join(missing)}")
    if not isinstance(meta[VERSION_KEY], str) or not isinstance(meta[CAPABILITIES_KEY], Mapping):
        raise Refused(INVALID_PARAMS, "params._meta: the version is a string, the capabilities are an object")
    if meta[VERSION_KEY] not in MODERN_VERSIONS:
        raise unsupported(meta[VERSION_KEY])
    return meta


def unsupported(version: Any) -> Refused:
    """The refusal of a version, with those that are spoken."""
    data = {"supported": list(MODERN_VERSIONS), "requested": str(version)}
    return Refused(UNSUPPORTED_VERSION, "Unsupported protocol version", data)


def mixed() -> Refused:
    """The refusal of a request of 2026-07-28 where a handshake was made."""
    return Refused(INVALID_REQUEST, "this connection began with a handshake: its requests don't carry a version")


def dressed(result: Document, version: str, *, cacheable: bool = False, lasts_ms: int = 0) -> Document:
    """A result with what its generation wants beside the content, and without what it doesn't know."""
    if version not in MODERN_VERSIONS:
        return result
    kept = {"ttlMs": lasts_ms, "cacheScope": "private"} if cacheable else {}
    return {"resultType": "complete", **result, **kept, "_meta": {SERVER_KEY: SERVER}}


def knows_annotations(version: str) -> bool:
    """Whether tools carry hints: since 2025-03-26."""
    return version != HANDSHAKE_VERSIONS[0]


def knows_structure(version: str) -> bool:
    """Whether results may be structured and things titled: since 2025-06-18."""
    return version not in HANDSHAKE_VERSIONS[:2]
