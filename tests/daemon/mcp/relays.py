"""slm as this checkout has it, in processes: the relay as an agent starts it, and the full program behind it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from slm.daemon import process
from tests.end_to_end.home import Home

CHECKOUT = str(Path(__file__).resolve().parents[3])
FULL = f"""import runpy, sys
sys.path.insert(0, {CHECKOUT!r})
runpy.run_module('slm', run_name='__main__', alter_sys=True)"""
PROGRAM = [sys.executable, "-P", "-c", FULL]
BOOT = f"import posix, sys; sys.path.insert(0, {CHECKOUT!r}); from slm.daemon import thin; "
THIN = [sys.executable, "-I", "-S", "-c", BOOT + f"posix._exit(thin.main(sys.argv[1:], {PROGRAM!r}))"]


class Relay:
    """One ``slm mcp`` of a home, asked over its standard streams."""

    def __init__(self, home: Home, *options: str, cwd: str | None = None) -> None:
        streams: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        command = [*THIN, "mcp", *options]
        self.process = subprocess.Popen(command, env=home.env, cwd=cwd or home.env["HOME"], **streams)
        self._asked = 0

    def send(self, document: Any) -> None:
        self.write(json.dumps(document).encode() + b"\n")

    def write(self, data: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def hear(self) -> Any:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        return json.loads(line) if line else None

    def post(self, method: str, /, **params: Any) -> int:
        self._asked += 1
        self.send({"jsonrpc": "2.0", "id": self._asked, "method": method, "params": params})
        return self._asked

    def request(self, method: str, /, **params: Any) -> dict[str, Any]:
        number = self.post(method, **params)
        answer = self.hear()
        assert answer["id"] == number, answer
        return dict(answer)

    def greet(self) -> dict[str, Any]:
        client = {"name": "test", "version": "1"}
        answer = self.request("initialize", protocolVersion="2025-11-25", capabilities={}, clientInfo=client)
        self.send({"jsonrpc": "2.0", "method": "notifications/initialized"})
        return answer

    def tool(self, tool: str, /, **arguments: Any) -> dict[str, Any]:
        return dict(self.request("tools/call", name=tool, arguments=arguments)["result"]["structuredContent"])

    def leave(self) -> int:
        """Close its input; its exit code."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        return self.process.wait(20)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            assert stream is not None
            stream.close()


def start_daemon(home: Home) -> int:
    """A daemon of this checkout for the home."""
    return process.start(home.paths, PROGRAM)
