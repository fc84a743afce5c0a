"""The typed side of ``slm-json/1``: what the full program and other Python code speak with the daemon."""

from __future__ import annotations

import json
import socket
from collections.abc import Sequence
from typing import Any, Self

from slm import __version__
from slm.daemon import process, spawn, thin
from slm.daemon.dialects import JSON_PREFACE
from slm.daemon.versions import newer
from slm.errors import DaemonUnavailable, SlmError, TimedOut, from_document
from slm.paths import Paths

MAX_ANSWER_BYTES = 256 << 20


class JsonClient:
    """One connection to the daemon of ``paths``, opened by the first call.

    With ``autostart`` a daemon is started when none runs, and an older one is replaced. ``program`` is the command
    that runs slm in full. Not for more than one thread at a time.
    """

    def __init__(
        self,
        paths: Paths,
        timeout_s: float = thin.TIMEOUT_S,
        *,
        autostart: bool = True,
        program: Sequence[str] | None = None,
    ) -> None:
        self._paths = paths
        self._timeout_s = timeout_s
        self._autostart = autostart
        self._program = list(program or spawn.full_program())
        self._socket: socket.socket | None = None

    def call(self, op: str, /, **fields: Any) -> Any:
        """The result of an operation. Raises the :class:`SlmError` that the daemon answered."""
        if self._socket is None:
            self._socket = self._open()
        try:
            return self._exchange(self._socket, {"op": op, **fields})
        except OSError as error:
            self.close()
            raise DaemonUnavailable(
                "the daemon hung up before it answered: whether the command was carried out is unknown",
                hint="slm daemon logs",
            ) from error
        except TimedOut:
            self.close()  # or its answer would be taken for the next one
            raise

    def close(self) -> None:
        """Hang up. The next call connects anew."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _open(self) -> socket.socket:
        """A connection to a daemon that is not too old and not about to leave."""
        serving = ""
        for _ in range(thin.ATTEMPTS):
            connection = self._connect()
            try:
                connection.sendall(JSON_PREFACE + b"\n")
                serving = self._exchange(connection, {"op": "ping"})["version"]
            except OSError:  # nothing was asked of it yet
                connection.close()
                continue
            except SlmError:
                connection.close()
                raise
            if not (self._autostart and newer(__version__, serving)):
                return connection
            connection.close()
            process.stop(self._paths)
        message = f"the daemon stays at version {serving}, this is {__version__}" if serving else "the daemon hangs up"
        raise DaemonUnavailable(message, hint="slm daemon restart")

    def _connect(self) -> socket.socket:
        found = thin.find(self._paths, self._timeout_s)
        if found is None and not self._autostart:
            raise DaemonUnavailable("no daemon runs", hint="slm daemon start")
        connection = found if found is not None else spawn.start(self._paths, self._program)
        opened = socket.socket(fileno=connection.detach())
        opened.settimeout(self._timeout_s)
        return opened

    def _exchange(self, connection: socket.socket, request: dict[str, Any]) -> Any:
        try:
            connection.sendall(json.dumps(request).encode() + b"\n")
            answer = json.loads(_line(connection))
        except TimeoutError as error:
            raise thin.no_answer(connection, self._timeout_s) from error
        if answer["ok"]:
            return answer["result"]
        raise from_document(answer["error"])


def _line(connection: socket.socket) -> bytes:
    """The next line of the answer. Raises OSError when the daemon hangs up within."""
    received = bytearray()
    while not received.endswith(b"\n"):
        part = connection.recv(1 << 16)
        if not part:
            raise ConnectionResetError
        received += part
        if len(received) > MAX_ANSWER_BYTES:
            raise ConnectionResetError
    return bytes(received)
