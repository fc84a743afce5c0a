"""One agent's connection: reading, the handshake or its absence, cancelling, and answers in their turn.

The connection's thread reads and answers what is known at once; a second one asks the engine, so that a ping or a
cancellation never waits for a question. Both end with the connection.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from slm.daemon.mcp import eras
from slm.daemon.mcp.asking import Ask, Call
from slm.daemon.mcp.hello import Hello
from slm.daemon.mcp.methods import HANDSHAKE_METHODS, MODERN_METHODS, Method, Methods, bug
from slm.daemon.mcp.place import Place
from slm.daemon.mcp.rpc import (
    INTERNAL_ERROR,
    INVALID_PARAMS,
    INVALID_REQUEST,
    METHOD_NOT_FOUND,
    UNAVAILABLE,
    Document,
    Id,
    Message,
    Refused,
    encode,
    id_of,
    message,
    parse,
    wants_answer,
)  # fmt: skip
from slm.daemon.mcp.turns import Turn, Turns
from slm.daemon.wire import MAX_MESSAGE_BYTES, Connection, Hangup, TooLong

FRAME_S = 5.0
"""How long a message may take to arrive once it has begun."""
SEND_S = 10.0
"""How long an agent may take to read what it is sent: after that it is dropped."""
MOST_IN_BATCH = 32
ROOTS_ID = "slm-roots"
NAME_CHARACTERS = re.compile(r"[^A-Za-z0-9._-]+")
LONGEST_NAME = 64


class Session:
    """The conversation on one connection, from after its hello to its end."""

    def __init__(self, connection: Connection, hello: Hello, call: Call) -> None:
        self._connection = connection
        self._call = call
        self._methods = Methods(hello)
        self._place = Place(hello)
        self._turns = Turns(self._send_turn)
        self._sending = threading.Lock()
        self._version: str | None = None
        """Of the handshake, or the modern one; None before the first request."""
        self._actor = actor_of(None)
        self._has_roots = False

    def serve(self) -> None:
        """Answer until the agent leaves. Raises :class:`Hangup` when it is gone, too slow, or says too much."""
        asking = threading.Thread(target=self._turns.run, name="slm-mcp", daemon=True)
        asking.start()
        try:
            while (line := self._connection.line(MAX_MESSAGE_BYTES, FRAME_S, wait_for_first=True)) is not None:
                if line.strip():
                    self._hear(line)
            self._turns.end()
        except TooLong:
            self._send(Refused(INVALID_REQUEST, "a message is at most 4 MiB long").answer(None))
            raise
        finally:
            self._turns.end(at_once=self._connection.broken)
            asking.join()

    def _hear(self, line: bytes) -> None:
        try:
            value = parse(line)
            if isinstance(value, list):
                self._hear_batch(value, len(line))
            else:
                self._answer(value, len(line))
        except Refused as refused:
            self._send(refused.answer(None))

    def _answer(self, value: Any, n_bytes: int) -> None:
        """Answer one message at once, or give it a turn."""
        given = self._take(value)
        if isinstance(given, Turn):
            if not self._turns.add(replace(given, n_bytes=n_bytes)):
                busy = Refused(UNAVAILABLE, "too many requests wait; let some be answered first")
                self._send(busy.answer(given.calls[0][0]))
        elif given is not None:
            self._send(given)

    def _hear_batch(self, values: list[Any], n_bytes: int) -> None:
        """Messages sent together, as 2025-03-26 has it, are answered together."""
        if self._version != eras.BATCHES_IN:
            raise Refused(INVALID_REQUEST, f"batches are of protocol version {eras.BATCHES_IN}; send one by one")
        if not 0 < len(values) <= MOST_IN_BATCH:
            raise Refused(INVALID_REQUEST, f"a batch holds 1 to {MOST_IN_BATCH} messages")
        taken = [self._take(value) for value in values]
        known = [given for given in taken if isinstance(given, dict)]
        calls = [call for given in taken if isinstance(given, Turn) for call in given.calls]
        if (known or calls) and not self._turns.add(Turn(calls, is_batch=True, more=known, n_bytes=n_bytes)):
            raise Refused(UNAVAILABLE, "too many requests wait; let some be answered first")

    def _take(self, value: Any) -> Document | Turn | None:
        """The answer to one message, or the turn that will give it; None for what gets no answer."""
        try:
            heard = message(value)
            if heard.method is None:
                self._take_answer(heard)
            elif heard.id is None:
                self._notice(heard)
            else:
                return self._request(heard, heard.id)
        except Refused as refused:
            return refused.answer(id_of(value)) if wants_answer(value) else None
        return None

    def _request(self, heard: Message, number: Id) -> Document | Turn:
        if heard.method == "initialize":
            return _result(number, self._initialize(heard.params))
        modern = eras.is_modern(heard) or self._version in eras.MODERN_VERSIONS
        if modern:
            self._take_envelope(heard)
        version = self._version or eras.HANDSHAKE_VERSIONS[-1]
        method = (MODERN_METHODS if modern else HANDSHAKE_METHODS).get(heard.method or "")
        if method is None:
            raise Refused(METHOD_NOT_FOUND, f"Method not found: {heard.method!r:.80}")
        if self._version is None and heard.method != "ping":
            raise Refused(INVALID_REQUEST, "the connection begins with initialize, or with a request of 2026-07-28")
        if method.asks and modern and (wanted := self._wanted_input(heard)):
            return _result(number, wanted)
        if method.asks:
            return Turn([(number, lambda: self._run(method, heard, number, version, self._actor))])
        return self._run(method, heard, number, version, self._actor)

    def _run(self, method: Method, heard: Message, number: Id, version: str, actor: str) -> Document:
        """The answer of a method, whatever happens in it."""
        try:
            ask = Ask(self._call, *self._place.caller(actor)) if method.asks else None
            result = method.run(self._methods, heard.params, version, ask)
            return _result(number, eras.dressed(result, version, cacheable=method.cacheable, lasts_ms=method.lasts_ms))
        except Refused as refused:
            return refused.answer(number)
        except Exception as error:  # noqa: BLE001 - a bug in one request must not end the connection
            return Refused(INTERNAL_ERROR, bug(error)).answer(number)

    def _initialize(self, params: Mapping[str, Any]) -> Document:
        """The handshake."""
        asked, client, capabilities = (params.get(n) for n in ("protocolVersion", "clientInfo", "capabilities"))
        if self._version in eras.MODERN_VERSIONS:
            raise eras.unsupported(asked)
        if not isinstance(asked, str) or not isinstance(client, dict) or not isinstance(capabilities, dict):
            raise Refused(INVALID_PARAMS, "initialize takes protocolVersion, capabilities and clientInfo")
        self._version = eras.negotiated(asked)
        self._actor = actor_of(client)
        self._has_roots = "roots" in capabilities
        server = {n: v for n, v in eras.SERVER.items() if n != "title" or eras.knows_structure(self._version)}
        return {"protocolVersion": self._version, "serverInfo": server, **self._methods.introduction()}

    def _take_envelope(self, heard: Message) -> None:
        """Let a request of 2026-07-28 say who asks and how."""
        if self._version in eras.HANDSHAKE_VERSIONS:
            raise eras.mixed()
        meta = eras.check_modern(heard)
        self._version = meta[eras.VERSION_KEY]
        self._actor = actor_of(meta.get(eras.CLIENT_KEY))
        self._has_roots = "roots" in meta[eras.CAPABILITIES_KEY]

    def _wanted_input(self, heard: Message) -> Document | None:
        """What must be known before a question of 2026-07-28 is asked: the roots, if only they name a project."""
        given = heard.params.get("inputResponses")
        if isinstance(given, dict) and "roots" in given:
            self._place.take_roots(given["roots"])
        if not self._has_roots or not self._place.open:
            return None
        wanted = {"resultType": "input_required", "inputRequests": {"roots": {"method": "roots/list"}}}
        return eras.dressed(wanted, eras.MODERN_VERSIONS[-1])

    def _notice(self, heard: Message) -> None:
        """A notification; those that mean nothing here are passed over, as the protocol wants it."""
        if heard.method == "notifications/cancelled":
            if (number := id_of({"id": heard.params.get("requestId")})) is not None:
                self._turns.cancel(number)
        elif heard.method in ("notifications/initialized", "notifications/roots/list_changed"):
            self._ask_roots(again=heard.method != "notifications/initialized")

    def _ask_roots(self, *, again: bool) -> None:
        """Ask the client for its roots, where only they can name the project."""
        if self._version in eras.HANDSHAKE_VERSIONS and self._has_roots and (again or self._place.open):
            self._place.awaited = not again
            self._send({"jsonrpc": "2.0", "id": ROOTS_ID, "method": "roots/list"})

    def _take_answer(self, heard: Message) -> None:
        if heard.id == ROOTS_ID:
            self._place.take_roots(heard.result)

    def _send_turn(self, answer: Document | list[Document]) -> None:
        """Send from the asking thread; an agent that can't be reached ends the reading too."""
        try:
            self._send(answer)
        except Hangup:
            self._connection.finish_reading()

    def _send(self, answer: Document | list[Document]) -> None:
        line = encode(answer)
        if len(line) > MAX_MESSAGE_BYTES:
            number = answer.get("id") if isinstance(answer, dict) else None
            line = encode(Refused(INTERNAL_ERROR, "the answer is longer than 4 MiB; ask for less").answer(number))
        with self._sending:
            self._connection.send(line, SEND_S)


def refuse(connection: Connection, reason: str) -> None:
    """Tell an agent for which there is no room so, in answer to its first request."""
    with suppress(Refused):
        line = connection.line(MAX_MESSAGE_BYTES, FRAME_S)
        if line is not None:
            connection.send(encode(Refused(UNAVAILABLE, reason).answer(id_of(parse(line)))), SEND_S)


def actor_of(client: Any) -> str:
    """The actor of an agent, from what it calls itself: "mcp:claude-code"."""
    name = client.get("name") if isinstance(client, Mapping) else None
    plain = NAME_CHARACTERS.sub("-", name).strip("-")[:LONGEST_NAME] if isinstance(name, str) else ""
    return f"mcp:{plain or 'unknown'}"


def _result(number: Id, result: Document) -> Document:
    return {"jsonrpc": "2.0", "id": number, "result": result}
