"""An agent on a socket pair, the real engine with a stub embedder behind it, and the session in this process."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from slm.daemon.dialects import Handlers, serve
from slm.daemon.wire import Connection, Hangup
from tests.engine.desk import Desk

DEADLINE_S = 20.0
MODERN = "2026-07-28"
META = "io.modelcontextprotocol/"


class Leaves:
    """A server's control that only notes that it was asked to leave."""

    def __init__(self) -> None:
        self.asked = False

    def stop(self) -> None:
        self.asked = True

    def wait_until_unreachable(self) -> None:
        assert self.asked


class Agent:
    """The other end of one connection, as a relay holds it."""

    def __init__(self, call: Callable[..., Any], hello: dict[str, Any] | None = None, *, busy: bool = False) -> None:
        self.socket, theirs = socket.socketpair()
        self.socket.settimeout(DEADLINE_S)
        self._lines = self.socket.makefile("rb")
        self.control = Leaves()
        self._handlers = Handlers(lambda _: None, call)
        self._serving = threading.Thread(target=self._serve, args=(Connection(theirs), busy))
        self._serving.start()
        self._asked = 0
        self.send_bytes(b"slm-mcp/1\n" + json.dumps({"cwd": "/", "zone": "UTC", **(hello or {})}).encode() + b"\n")

    def _serve(self, connection: Connection, busy: bool) -> None:
        try:
            serve(connection, self._handlers, self.control, busy=busy)
        except Hangup:
            return
        finally:
            connection.close()

    def send_bytes(self, data: bytes) -> None:
        self.socket.sendall(data)

    def send(self, document: Any) -> None:
        self.send_bytes(json.dumps(document).encode() + b"\n")

    def hear(self) -> Any:
        """The next message; None at the end."""
        line = self._lines.readline()
        return json.loads(line) if line else None

    def request(self, method: str, /, **params: Any) -> Any:
        """The whole answer to a request."""
        number = self.post(method, **params)
        answer = self.hear()
        assert answer["id"] == number, answer
        return answer

    def post(self, method: str, /, **params: Any) -> int:
        """Send a request and don't wait; its id."""
        self._asked += 1
        self.send({"jsonrpc": "2.0", "id": self._asked, "method": method, "params": params})
        return self._asked

    def notify(self, method: str, /, **params: Any) -> None:
        self.send({"jsonrpc": "2.0", "method": method, "params": params})

    def greet(self, version: str = "2025-11-25", name: str = "test", **capabilities: Any) -> dict[str, Any]:
        """The handshake; its result."""
        client = {"name": name, "version": "1"}
        answer = self.request("initialize", protocolVersion=version, capabilities=capabilities, clientInfo=client)
        self.notify("notifications/initialized")
        return dict(answer["result"])

    def modern(self, method: str, /, capabilities: dict[str, Any] | None = None, **params: Any) -> Any:
        """A request of 2026-07-28; its whole answer."""
        return self.request(method, **params, _meta=envelope("test", capabilities))

    def tool(self, tool: str, /, **arguments: Any) -> dict[str, Any]:
        """The result of a tool."""
        return dict(self.request("tools/call", name=tool, arguments=arguments)["result"])

    def said(self, tool: str, /, **arguments: Any) -> dict[str, Any]:
        """The structured answer of a tool that succeeds."""
        result = self.tool(tool, **arguments)
        assert not result["isError"], result
        return dict(result["structuredContent"])

    def refused(self, tool: str, /, **arguments: Any) -> str:
        """What a tool that fails says."""
        result = self.tool(tool, **arguments)
        assert result["isError"], result
        return str(result["content"][0]["text"])

    def leave(self) -> list[Any]:
        """Close this end for writing; what still comes."""
        self.socket.shutdown(socket.SHUT_WR)
        rest = [json.loads(line) for line in self._lines]
        self.close()
        return rest

    def close(self) -> None:
        self._lines.close()
        self.socket.close()
        self._serving.join(DEADLINE_S)
        assert not self._serving.is_alive(), "the session goes on after its agent has left"


def envelope(name: str = "test", capabilities: dict[str, Any] | None = None, version: str = MODERN) -> dict[str, Any]:
    """The ``_meta`` of a request of 2026-07-28."""
    client = {"name": name, "version": "1"}
    return {
        META + "protocolVersion": version, META + "clientInfo": client, META + "clientCapabilities": capabilities or {},
    }  # fmt: skip


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.service.close()


@pytest.fixture
def connect(desk: Desk) -> Iterator[Callable[..., Agent]]:
    """Makes agents on the desk's engine; all are closed at the end."""
    made: list[Agent] = []

    def make(*, call: Callable[..., Any] | None = None, busy: bool = False, **hello: Any) -> Agent:
        made.append(Agent(call or desk.service.call, hello, busy=busy))
        return made[-1]

    yield make
    for agent in made:
        if agent.socket.fileno() >= 0:
            agent.close()


@pytest.fixture
def agent(connect: Callable[..., Agent]) -> Agent:
    """An agent that has shaken hands at 2025-11-25."""
    made = connect()
    made.greet()
    return made
