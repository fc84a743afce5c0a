"""Both hosts over canned answers: a command line goes in, bytes and an exit code come out."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping

import pytest

from slm.cli.context import Parts
from slm.cli.hosts import in_client, in_daemon
from slm.daemon.dialects import CliRequest
from tests.cli.canned import Answer, FakeCall, Ran, Stream


@pytest.fixture(autouse=True)
def _private_home(monkeypatch, tmp_path_factory):
    """No test sees the configuration, the daemon or the colours of whoever runs it."""
    home = tmp_path_factory.mktemp("home", numbered=True)
    for name in ("NO_COLOR", "FORCE_COLOR", "SLM_SOCKET", "SLM_CONFIG", "VISUAL", "EDITOR", "XDG_RUNTIME_DIR"):
        monkeypatch.delenv(name, raising=False)
    for name in ("DATA", "CONFIG", "CACHE", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(home / name.lower()))
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("TZ", "Europe/Berlin")
    monkeypatch.setenv("TERM", "xterm")
    return home


@pytest.fixture
def client(monkeypatch) -> Callable[..., Ran]:
    """Runs a command line in the client host."""

    def run(
        *argv: str,
        answers: Mapping[str, Answer] | None = None,
        stdin: bytes = b"",
        terminal: bool = False,
        parts: Parts | None = None,
    ) -> Ran:
        out, err = Stream(terminal=terminal), Stream(terminal=terminal)
        for name, stream in (("stdin", Stream(stdin, terminal=terminal)), ("stdout", out), ("stderr", err)):
            monkeypatch.setattr(sys, name, stream)
        fake = FakeCall(answers or {})
        code = in_client(list(argv), parts, call=fake)
        return Ran(out.text(), err.text(), code, fake)

    return run


@pytest.fixture
def daemon() -> Callable[..., Ran]:
    """Runs a command line in the daemon host; the terminal is as wide as told, or a pipe."""

    def run(
        *argv: str,
        answers: Mapping[str, Answer] | None = None,
        width: int | None = None,
        stdin: bytes | None = None,
        env: Mapping[str, str] | None = None,
        cwd: str = "/home/anna/api",
    ) -> Ran:
        fake = FakeCall(answers or {})
        terminal = width is not None
        variables = {"TZ": "Europe/Berlin", "TERM": "xterm", "NO_COLOR": "1", **(env or {})}
        request = CliRequest(list(argv), cwd, variables, width, terminal, terminal, stdin, 0)
        reply = in_daemon(fake, request)
        if reply is None:
            return Ran("", "", -1, fake, reply=False)
        return Ran(reply.stdout.decode(), reply.stderr.decode(), reply.exit_code, fake)

    return run


@pytest.fixture(params=["client", "daemon"])
def either(request) -> Callable[..., Ran]:
    """Each host in turn, both on pipes."""
    return request.getfixturevalue(request.param)
