"""What is said on the socket: ``slm-cli/1`` by the fast lane, ``slm-json/1`` by programs, ``slm-mcp/1`` by agents."""

from __future__ import annotations

import json
import os
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn, Protocol

from slm import __version__
from slm.daemon import thin
from slm.daemon.versions import newer
from slm.daemon.wire import MAX_MESSAGE_BYTES, Connection, TooLong
from slm.errors import DaemonUnavailable, InvalidInput, SlmError
from slm.model import Caller

CLI_PREFACE, JSON_PREFACE, MCP_PREFACE = b"slm-cli/1", b"slm-json/1", b"slm-mcp/1"
FRAME_S = 5.0
"""How long a request may take to arrive once it has begun."""
SEND_S = 10.0
"""How long a client may take to read its answer: after that it is dropped, answer and all."""
REQUEST_ID = "id"
"""Echoed in the answer, and handed on: some operations name memories by it, all others take it for a mere tag."""
CALLER_FIELDS = ("profile", "scope", "cwd", "zone", "actor")
BUSY = DaemonUnavailable("the daemon is busy: too many connections are open", hint="try again, or: slm daemon restart")


@dataclass(frozen=True)
class CliRequest:
    """A command line with what its process knew: its folder, environment, terminal and standard input."""

    argv: list[str]
    cwd: str
    env: dict[str, str]
    width: int | None
    stdout_tty: bool
    stderr_tty: bool
    stdin: bytes | None
    started_ns: int


@dataclass
class CliReply:
    """What the client prints, and its exit code."""

    stdout: bytes
    stderr: bytes
    exit_code: int


@dataclass(frozen=True)
class Handlers:
    """What answers requests; called from many threads at once.

    ``cli`` returns None for a command that the client must run itself. ``json`` raises :class:`SlmError`. ``close``
    is called once, when no request runs any more. The daemon leaves when it is unused for ``idle_exit_s``.
    """

    cli: Callable[[CliRequest], CliReply | None]
    json: Callable[[str, dict[str, Any], Caller], Any]
    close: Callable[[], None] = lambda: None
    idle_exit_s: float | None = None


class Control(Protocol):
    """What a dialect may ask of its server."""

    def stop(self) -> None:
        """Drain and leave."""

    def wait_until_unreachable(self) -> None:
        """Return when no new client can find this daemon."""


def serve(connection: Connection, handlers: Handlers, control: Control, *, busy: bool) -> None:
    """Answer one connection in the dialect that its first line names. Raises :class:`slm.daemon.wire.Hangup`."""
    preface = connection.line(64, FRAME_S)
    if preface == CLI_PREFACE:
        _serve_cli(connection, handlers, control, busy=busy)
    elif preface == JSON_PREFACE:
        if busy:
            _send_json(connection, {"ok": False, "error": BUSY.document()})
        else:
            _serve_json(connection, handlers, control)
    elif preface == MCP_PREFACE:
        from slm.daemon.mcp.serving import serve_mcp  # which imports the engine: a client needs neither

        serve_mcp(connection, handlers.json, lambda: _make_way(control), busy=busy)
    elif preface is not None:
        connection.send(b"slm: this socket speaks slm-cli/1, slm-json/1 and slm-mcp/1\n", SEND_S)


def _make_way(control: Control) -> None:
    """Leave for a newer daemon."""
    control.stop()
    control.wait_until_unreachable()


# slm-cli/1


def _serve_cli(connection: Connection, handlers: Handlers, control: Control, *, busy: bool) -> None:
    length = int.from_bytes(connection.exactly(4, FRAME_S), "big")
    if length > MAX_MESSAGE_BYTES:
        return _send_reply(connection, _failed(InvalidInput("the command is too long: at most 4 MiB")))
    body = connection.exactly(length, FRAME_S)
    if busy:
        return _send_reply(connection, _failed(BUSY))
    if newer(body.partition(b"\0")[0].decode("ascii", "replace"), __version__):
        _make_way(control)
        return connection.send(_frame(b"V", __version__.encode()), SEND_S)
    try:
        request = decode(body, connection.accepted_ns)
    except ValueError:
        return _send_reply(connection, _failed(InvalidInput("the request of the client can't be read")))
    return _send_reply(connection, _answer_cli(request, handlers))


def decode(body: bytes, started_ns: int) -> CliRequest:
    """The request that :func:`slm.daemon.thin.encode` wrote. Raises ValueError when it is none."""
    _, width, flags_text, cwd, count, rest = body.split(b"\0", 5)
    *argv, count, rest = rest.split(b"\0", _count(count) + 1)
    *variables, stdin = rest.split(b"\0", _count(count))
    flags = int(flags_text)
    pairs = [_text(variable).partition("=") for variable in variables]
    return CliRequest(
        argv=[_text(word) for word in argv],
        cwd=_text(cwd),
        env={name: value for name, _, value in pairs},
        width=int(width) if width else None,
        stdout_tty=bool(flags & thin.STDOUT_TTY),
        stderr_tty=bool(flags & thin.STDERR_TTY),
        stdin=stdin if flags & thin.HAS_STDIN else None,
        started_ns=started_ns,
    )


def _text(sent: bytes) -> str:
    return sent.decode("utf-8", "surrogateescape")


def _count(text: bytes) -> int:
    count = int(text)
    if count < 0:
        raise ValueError
    return count


def _answer_cli(request: CliRequest, handlers: Handlers) -> CliReply | None:
    try:
        for word in request.argv:
            _check_unicode(word)
        return handlers.cli(request)
    except SlmError as error:
        return _failed(error, as_json="--json" in request.argv)
    except Exception as error:  # noqa: BLE001 - a bug in one request must not end the daemon
        return _failed(_bug(error), as_json="--json" in request.argv)


def _failed(error: SlmError, *, as_json: bool = False) -> CliReply:
    plain = "slm: error: " + "\n".join(error.lines())
    text = json.dumps({"error": error.document()}) if as_json else plain
    return CliReply(b"", (text + "\n").encode("utf-8", "replace"), error.exit_code)


def _send_reply(connection: Connection, reply: CliReply | None) -> None:
    if reply is None:
        return connection.send(_frame(b"L", b""), SEND_S)
    taken_ns = time.perf_counter_ns() - connection.accepted_ns
    output = [_frame(kind, text) for kind, text in ((b"1", reply.stdout), (b"2", reply.stderr)) if text]
    return connection.send(b"".join([*output, _frame(b"X", b"%d %d" % (reply.exit_code, taken_ns))]), SEND_S)


def _frame(kind: bytes, payload: bytes) -> bytes:
    return kind + len(payload).to_bytes(4, "big") + payload


# slm-json/1


def _serve_json(connection: Connection, handlers: Handlers, control: Control) -> None:
    connection.many_requests = True
    while True:
        try:
            line = connection.line(MAX_MESSAGE_BYTES, FRAME_S, wait_for_first=True)
        except TooLong:
            return _send_json(connection, _refusal(InvalidInput("a request is at most 4 MiB long")))
        if line is None:
            return None
        if line.strip():
            _send_json(connection, _answer_json(line, handlers, control))


def _answer_json(line: bytes, handlers: Handlers, control: Control) -> dict[str, Any]:
    """The answer to one line; whatever the line holds, it is an answer."""
    tag: dict[str, Any] = {}
    try:
        fields = _parse(line)
        tag = {REQUEST_ID: fields[REQUEST_ID]} if REQUEST_ID in fields else {}
        op = fields.pop("op", None)
        if not isinstance(op, str):
            raise InvalidInput("a request names its operation in 'op'", hint='{"op": "ops"} lists them')
        caller = take_caller(fields)
        return tag | {"ok": True, "result": _carry_out(op, fields, caller, handlers, control)}
    except SlmError as error:
        return tag | _refusal(error)
    except Exception as error:  # noqa: BLE001 - a bug in one request must not end the daemon
        return tag | _refusal(_bug(error))


def _parse(line: bytes) -> dict[str, Any]:
    try:
        fields = json.loads(line, parse_constant=_no_number, parse_float=_finite)
    except RecursionError:
        raise InvalidInput("the request is nested too deeply") from None
    except ValueError as error:
        raise InvalidInput(f"the request is not JSON: {error}", hint="one JSON object a line, in UTF-8") from None
    if b"\\ud" in line.lower():
        _check_unicode(json.dumps(fields, ensure_ascii=False))
    if not isinstance(fields, dict):
        raise InvalidInput("a request is a JSON object", hint='{"op": "ops"} lists the operations')
    return fields


def _check_unicode(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InvalidInput(
            "the text is not Unicode: it holds bytes that are not UTF-8, or half a surrogate pair"
        ) from None


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _finite(text: str) -> float:
    """A number with a point or an exponent; one beyond every float would be answered as what is no JSON."""
    number = float(text)
    return number if abs(number) <= sys.float_info.max else _no_number(text)


def take_caller(fields: dict[str, Any]) -> Caller:
    """Take the fields that say who asks out of ``fields``. Raises :class:`InvalidInput` for one that is no string."""
    given = {name: fields.pop(name) for name in CALLER_FIELDS if name in fields}
    for name, value in given.items():
        if value is not None and not isinstance(value, str):
            raise InvalidInput(f"{name} is a string, not {json.dumps(value)[:40]}")
    return Caller(**{name: value for name, value in given.items() if value is not None})


def _carry_out(op: str, fields: Mapping[str, Any], caller: Caller, handlers: Handlers, control: Control) -> Any:
    if op == "ping":
        return {"version": __version__, "pid": os.getpid()}
    if op == "shutdown":
        control.stop()
        return {"stopping": True}
    return handlers.json(op, dict(fields), caller)


def _refusal(error: SlmError) -> dict[str, Any]:
    return {"ok": False, "error": error.document()}


def _send_json(connection: Connection, document: Mapping[str, Any]) -> None:
    connection.send(json.dumps(document).encode() + b"\n", SEND_S)


def _bug(error: Exception) -> SlmError:
    """What a client hears of a bug; the log keeps the traceback."""
    traceback.print_exception(error, file=sys.stderr)
    return SlmError(f"internal error: {type(error).__name__}: {error}", hint="slm daemon logs")
