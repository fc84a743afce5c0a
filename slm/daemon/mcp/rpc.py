"""JSON-RPC 2.0 as MCP uses it: reading a line, and the forms of an answer. Nothing here knows a method."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Id = int | str
Document = dict[str, Any]

PARSE_ERROR, INVALID_REQUEST, METHOD_NOT_FOUND, INVALID_PARAMS, INTERNAL_ERROR = (
    -32700, -32600, -32601, -32602, -32603,
)  # fmt: skip
UNAVAILABLE = -32000
"""Ours, of the range left to implementations: busy, or gone before the answer."""
RESOURCE_NOT_FOUND = -32002
"""Of the generations before 2026-07-28."""
UNSUPPORTED_VERSION = -32022


class Refused(Exception):
    """A message that is answered with an error of the protocol."""

    def __init__(self, code: int, message: str, data: Any = None) -> None:
        super().__init__(message)
        self.code, self.message, self.data = code, message, data

    def answer(self, to: Id | None) -> Document:
        """The error as the answer to the request ``to``; None where it can't be told which."""
        data = {} if self.data is None else {"data": self.data}
        return {"jsonrpc": "2.0", "id": to, "error": {"code": self.code, "message": self.message, **data}}


@dataclass(frozen=True, slots=True)
class Message:
    """A request, a notification (no ``id``), or the answer to a request of ours (no ``method``)."""

    method: str | None
    params: Mapping[str, Any]
    id: Id | None
    result: Any = None


def parse(line: bytes) -> Any:
    """The JSON value of a line. Raises :class:`Refused` for what is none; NaN and infinities are none."""
    try:
        return json.loads(line, parse_constant=_no_number)
    except RecursionError:
        raise Refused(PARSE_ERROR, "the message is nested too deeply") from None
    except ValueError as error:
        raise Refused(PARSE_ERROR, f"the message is not JSON: {error}") from None


def message(value: Any) -> Message:
    """The message that a JSON value is. Raises :class:`Refused` for what is none."""
    if not isinstance(value, dict) or value.get("jsonrpc") != "2.0":
        raise Refused(INVALID_REQUEST, 'a message is an object with "jsonrpc": "2.0"')
    method, params, number = value.get("method"), value.get("params"), value.get("id")
    if number is not None and (isinstance(number, bool) or not isinstance(number, int | str)):
        raise Refused(INVALID_REQUEST, "an id is a string or a whole number")
    if method is None and number is not None and ("result" in value or "error" in value):
        return Message(None, {}, number, value.get("result"))
    if not isinstance(method, str) or ("id" in value and number is None):
        raise Refused(INVALID_REQUEST, "a message names its method, and an id that is not null if it wants an answer")
    if params is not None and not isinstance(params, dict):
        raise Refused(INVALID_PARAMS, "params is an object")
    return Message(method, params or {}, number)


def id_of(value: Any) -> Id | None:
    """The id of what may not be a message, for the error that answers it."""
    number = value.get("id") if isinstance(value, dict) else None
    return number if isinstance(number, int | str) and not isinstance(number, bool) else None


def wants_answer(value: Any) -> bool:
    """Whether what is wrong with a value may be answered: not with a notification, and not with an answer.

    Two peers that answer each other's wrong answers would never end.
    """
    if not isinstance(value, dict):
        return True
    if isinstance(value.get("method"), str):
        return "id" in value
    return "result" not in value and "error" not in value


def encode(document: Any) -> bytes:
    """The document as one line. ASCII only, so that no reader can take a part of it for the end of a line."""
    return json.dumps(document, separators=(",", ":")).encode() + b"\n"


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no JSON number")
