"""One question to a server that speaks OpenAI's chat interface, read as a stream, bounded in time and size.

Nothing is followed: no redirect, no proxy, no second address. Source: OpenAI, Chat Completions (streaming), as
llama.cpp, Ollama, vLLM and LM Studio serve it.
"""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from slm.errors import ModelUnavailable, SlmError, TimedOut
from slm.llm.server import Server

MAX_ANSWER_BYTES = 1 << 20
"""Of the whole response, its framing included; what is longer is no answer to a question."""
READ_BYTES = 1 << 16
DATA = b"data:"
LAST = b"[DONE]"
THOUGHT, THOUGHT_END = "<think>", "</think>"
SHOWN_OF_AN_ERROR = 300

Messages = Sequence[Mapping[str, str]]


def chat(server: Server, model: str, messages: Messages, *, key: str | None, timeout_s: float) -> str:
    """What the model says to ``messages``, without what it thought aloud before.

    ``key`` goes along as a bearer token. Raises :class:`TimedOut` when the whole answer isn't there within
    ``timeout_s``, :class:`ModelUnavailable` when the server can't be reached, refuses, or says what isn't an answer.
    """
    asked: dict[str, Any] = {"messages": list(messages), "stream": True, "temperature": 0}
    body = json.dumps(asked | ({"model": model} if model else {})).encode()
    headers = {"Content-Type": "application/json", "Accept": "text/event-stream"}
    if key:
        headers["Authorization"] = f"Bearer {key}"
    call = _Call(server, timeout_s)
    try:
        return call.answer(body, headers)
    except (OSError, http.client.HTTPException, ModelUnavailable) as error:
        raise call.failure(error) from None
    finally:
        call.close()


class _Call:
    """One connection with a deadline that a slow drip can't outlive: then its socket is shut down."""

    def __init__(self, server: Server, timeout_s: float) -> None:
        self._server, self._timeout_s = server, timeout_s
        self._socket: socket.socket | None = None
        self._late = threading.Event()
        self._timer = threading.Timer(timeout_s, self._expire)
        self._timer.daemon = True
        self._timer.start()

    def answer(self, body: bytes, headers: Mapping[str, str]) -> str:
        """The text of the answer to one request, without what was thought aloud."""
        with self._response(body, headers) as response:
            if response.status != http.client.OK:
                raise self._refused(response)
            streamed = "text/event-stream" in (response.headers.get("Content-Type") or "")
            pieces = _streamed(_chunks(response)) if streamed else _whole(b"".join(_chunks(response)))
            text = _without_thoughts("".join(pieces))
        if not text:
            raise ModelUnavailable("the language model said nothing")
        return text

    def failure(self, error: Exception) -> SlmError:
        """The error a person is told for what went wrong on the way."""
        if self._late.is_set() or isinstance(error, TimeoutError):
            problem = f"the language model didn't finish its answer within {self._timeout_s:g} s"
            return TimedOut(problem, where=self._where(), hint="slm config set llm.timeout_s 300, or a smaller model")
        if isinstance(error, ModelUnavailable):
            return ModelUnavailable(error.message, where=self._where(), hint=error.hint)
        told = getattr(error, "strerror", None) or str(error) or type(error).__name__
        problem = f"the language model's server doesn't answer: {told}"
        return ModelUnavailable(problem, where=self._where(), hint="start it, or slm config get llm.base_url")

    def close(self) -> None:
        """Let go of the connection and the clock."""
        self._timer.cancel()
        if self._socket is not None:
            self._socket.close()

    def _response(self, body: bytes, headers: Mapping[str, str]) -> http.client.HTTPResponse:
        server = self._server
        self._socket = socket.create_connection((server.address, server.port), self._timeout_s)
        if server.scheme == "https":
            context = ssl.create_default_context()
            wrapped = context.wrap_socket(self._socket, server_hostname=server.host, do_handshake_on_connect=False)
            self._socket = wrapped  # so that the deadline ends a handshake too
            wrapped.do_handshake()
        connection = http.client.HTTPConnection(server.host, server.port, timeout=self._timeout_s)
        connection.sock = self._socket
        connection.request("POST", f"{server.path}/chat/completions", body, {"Host": server.name, **headers})
        return connection.getresponse()

    def _refused(self, response: http.client.HTTPResponse) -> ModelUnavailable:
        said = response.read(READ_BYTES).decode("utf-8", "replace")
        with suppress(ValueError, TypeError, KeyError, RecursionError):
            error = json.loads(said)["error"]
            said = error if isinstance(error, str) else error["message"]
        said = " ".join(str(said).split())[:SHOWN_OF_AN_ERROR]
        problem = f"the language model's server refused: {response.status} {response.reason}: {said}".rstrip(": ")
        return ModelUnavailable(
            problem, where=self._where(), hint="llm.model, llm.base_url and SLM_LLM_KEY, are they right?"
        )

    def _where(self) -> dict[str, str]:
        return {"server": self._server.name}

    def _expire(self) -> None:
        self._late.set()
        if self._socket is not None:
            with suppress(OSError):
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)  # not TLS's own, which another thread would miss


def _chunks(response: http.client.HTTPResponse) -> Iterator[bytes]:
    """The body as it comes. Raises :class:`ModelUnavailable` when it doesn't end in time to be an answer."""
    size = 0
    while chunk := response.read1(READ_BYTES):
        size += len(chunk)
        if size > MAX_ANSWER_BYTES:
            raise ModelUnavailable(f"the language model's answer is longer than {MAX_ANSWER_BYTES >> 20} MiB")
        yield chunk


def _streamed(chunks: Iterator[bytes]) -> Iterator[str]:
    """The pieces of text in the events of a stream; a stream that breaks off before its end is an error."""
    waiting, ended = b"", False
    for chunk in chunks:
        *lines, waiting = (waiting + chunk).split(b"\n")
        for line in lines:
            if not line.startswith(DATA) or ended:
                continue
            event = line[len(DATA) :].strip()
            if event == LAST:
                ended = True
                continue
            said, reason = _choice(event, "delta")
            ended = ended or reason is not None
            yield said
    if not ended:
        raise ModelUnavailable("the language model broke off in the middle of its answer")


def _whole(body: bytes) -> Iterator[str]:
    """The text of a response that came at once."""
    yield _choice(body, "message")[0]


def _choice(document: bytes, part: str) -> tuple[str, str | None]:
    """What the first choice says, and why it ends there if it does."""
    try:
        parsed = json.loads(document)
        if parsed.get("error") is not None:
            raise ModelUnavailable(f"the language model failed: {str(parsed['error'])[:SHOWN_OF_AN_ERROR]}")
        if not parsed["choices"]:  # a last event that only counts tokens
            return "", None
        choice = parsed["choices"][0]
        said, refusal, reason = choice[part].get("content"), choice[part].get("refusal"), choice.get("finish_reason")
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise ModelUnavailable("the language model's server sent what is no answer of a chat") from None
    if refusal or reason == "content_filter":
        raise ModelUnavailable(f"the language model refuses to answer: {str(refusal or reason)[:SHOWN_OF_AN_ERROR]}")
    return said if isinstance(said, str) else "", reason if isinstance(reason, str) else None


def _without_thoughts(text: str) -> str:
    """The text after what a reasoning model thinks aloud; nothing where it thinks without an end."""
    stripped = text.strip()
    if not stripped.startswith(THOUGHT):
        return stripped
    return stripped.partition(THOUGHT_END)[2].strip()
