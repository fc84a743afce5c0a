"""What a relay keeps in mind: half lines, requests without an answer, and the handshake for another daemon."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from typing import Any

MAX_LINE_BYTES = 4 << 20
MAX_REQUESTS = 256
"""Requests kept in mind; the daemon lets far fewer wait."""
REPEATS = 2
"""How often a request is asked again when the daemon died of it or under it: the next connection may still have met the
socket of one that was going.
"""
READING_TOOLS = frozenset({"memory_recall", "memory_get", "memory_context", "memory_list", "memory_audit"})


class Lines:
    """Bytes that come in pieces, given back as whole lines; a line that is too long is dropped whole."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._searched = 0
        self._dropping = False
        self._dropped = 0

    def add(self, piece: bytes) -> list[bytes]:
        """The lines that the piece completes, each with its end."""
        self._held += piece
        whole = []
        while (end := self._held.find(b"\n", self._searched)) >= 0:
            if self._dropping or end > MAX_LINE_BYTES:
                self._dropping = False
                self._dropped += 1
            else:
                whole.append(bytes(self._held[: end + 1]))
            del self._held[: end + 1]
            self._searched = 0
        if len(self._held) > MAX_LINE_BYTES:
            self._held.clear()
            self._dropping = True
        self._searched = len(self._held)
        return whole

    def take_dropped(self) -> int:
        """How many lines were dropped since this was last asked."""
        dropped, self._dropped = self._dropped, 0
        return dropped


class Unanswered:
    """The requests of an agent that have no answer yet, by id, and its handshake."""

    def __init__(self) -> None:
        self._requests: dict[Any, tuple[bytes, int]] = {}
        """The line, and how often it was asked again."""
        self._handshake: bytes | None = None
        self._handshake_id: Any = None
        self._initialized: bytes | None = None
        self._said_again = False
        """Whether the answer to a repeated handshake is due, which the agent has had."""

    def __bool__(self) -> bool:
        return bool(self._requests)

    def asked(self, line: bytes) -> None:
        """Take note of a line of the agent."""
        for message in _messages(line):
            method, number = message.get("method"), message.get("id")
            if method == "initialize":
                self._handshake, self._handshake_id, self._initialized = line, number, None
            elif method == "notifications/initialized":
                self._initialized = line
            elif method == "notifications/cancelled" and isinstance(params := message.get("params"), dict):
                self._drop(params.get("requestId"))
            if isinstance(method, str) and isinstance(number, int | str) and len(self._requests) < MAX_REQUESTS:
                self._requests[number] = line, 0

    def answered(self, line: bytes) -> bool:
        """Take note of a line of the daemon; False for what the agent must not hear: no message, or a repetition."""
        messages = list(_messages(line))
        for message in messages:
            if "method" in message:
                continue
            if self._said_again and message.get("id") == self._handshake_id:
                self._said_again = False
                return False
            self._drop(message.get("id"))
        return bool(messages)

    def again(self, unheard: Collection[bytes] = ()) -> tuple[list[bytes], list[Any]]:
        """The lines that another daemon must hear, and the ids of requests that must not be asked again.

        ``unheard`` are lines that the last daemon certainly didn't get.
        """
        lines, lost = self._opening(), []
        for number, (line, times) in list(self._requests.items()):
            if line in lines:
                continue
            if line in unheard or (times < REPEATS and _harmless(line)):
                lines.append(line)
                self._requests[number] = line, times + (line not in unheard)
            else:
                lost.append(number)
                del self._requests[number]
        return lines, lost

    def take_all(self) -> list[Any]:
        """The ids of all requests, which are given up."""
        numbers = list(self._requests)
        self._requests.clear()
        return numbers

    def _opening(self) -> list[bytes]:
        self._said_again = self._handshake is not None and self._handshake_id not in self._requests
        return [line for line in (self._handshake, self._initialized) if line is not None]

    def _drop(self, number: Any) -> None:
        if isinstance(number, int | str):
            self._requests.pop(number, None)


def _messages(line: bytes) -> Iterator[dict[str, Any]]:
    """The messages on a line; none for what is no JSON, which the daemon answers."""
    from json import loads

    try:
        value = loads(line)
    except (ValueError, RecursionError):
        return
    yield from (message for message in (value if isinstance(value, list) else [value]) if isinstance(message, dict))


def _harmless(line: bytes) -> bool:
    """Whether asking a line again changes nothing that asking it once doesn't."""
    return all(
        message.get("method") != "tools/call" or (message.get("params") or {}).get("name") in READING_TOOLS
        for message in _messages(line)
    )
