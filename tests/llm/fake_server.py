"""A small server with OpenAI's chat interface on loopback, which says what a test tells it to."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Behaviour = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class FakeServer:
    """Its base URL, and the requests that it was sent: path, headers, body."""

    url: str
    requests: list[tuple[str, dict[str, str], dict[str, Any]]] = field(default_factory=list)

    @property
    def question(self) -> str:
        return self.requests[-1][2]["messages"][-1]["content"]


@contextmanager
def serving(behave: Behaviour) -> Iterator[FakeServer]:
    """The server for the length of a ``with``; its threads end with it."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            fake.requests.append((self.path, dict(self.headers), body))
            with suppress(BrokenPipeError, ConnectionResetError):
                behave(self)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    fake = FakeServer(f"http://127.0.0.1:{server.server_address[1]}/v1")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def event(content: str | None, **more: Any) -> bytes:
    """One event of a stream."""
    return b"data: " + json.dumps({"choices": [{"delta": {"content": content}, **more}]}).encode() + b"\n\n"


def stream(*pieces: bytes) -> Behaviour:
    """A stream of these bytes; :func:`said` makes a whole one."""

    def behave(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "text/event-stream; charset=utf-8")
        handler.end_headers()
        for piece in pieces:
            handler.wfile.write(piece)
            handler.wfile.flush()

    return behave


def said(*words: str) -> Behaviour:
    """A whole answer, a piece a word."""
    return stream(*map(event, words), event(None, finish_reason="stop"), b"data: [DONE]\n\n")


def reply(status: int, body: bytes, content_type: str = "application/json", **headers: str) -> Behaviour:
    """An answer that comes at once."""

    def behave(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Type", content_type)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    return behave


def message(**fields: Any) -> bytes:
    """The body of an answer that isn't streamed."""
    return json.dumps({"choices": [{"message": {"role": "assistant", **fields}, "finish_reason": "stop"}]}).encode()
