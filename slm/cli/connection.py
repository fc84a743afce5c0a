"""The client's connections to the daemon: one for questions, one that waits longer for long work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Self

from slm.cli.argv import Options
from slm.config import Config
from slm.daemon.client import JsonClient
from slm.daemon.thin import TIMEOUT_S, find
from slm.model import Caller
from slm.paths import Paths

LONG_WORK_S = 600.0
"""How long an operation on many memories may take when no time-out was asked for."""
LONG = frozenset({"audit", "erase", "export", "forget", "log", "scope_rename", "profile_delete", "reembed", "similar"})


def paths_of(options: Options, environ: Mapping[str, str]) -> Paths:
    """Where the options and the environment say that everything lies."""
    return Paths(environ, socket=options.socket, config=options.config)


class Daemon:
    """The daemon that the options name, connected to by the first call and started if need be."""

    def __init__(self, options: Options, environ: Mapping[str, str]) -> None:
        self._options = options
        self._paths = paths_of(options, environ)
        self._clients: dict[bool, JsonClient] = {}

    def call(self, op: str, fields: dict[str, Any], caller: Caller) -> Any:
        """The result of an operation. Raises the :class:`SlmError` of the daemon, or of the way to it."""
        who = {name: value for name, value in asdict(caller).items() if value is not None}
        assert not who.keys() & fields.keys(), "the protocol keeps these names for the caller"
        long = op in LONG or "batch" in fields
        if long not in self._clients:
            self._clients[long] = JsonClient(self._paths, self._timeout_s(long=long))
        return self._clients[long].call(op, **fields, **who)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        while self._clients:
            self._clients.popitem()[1].close()

    def _timeout_s(self, *, long: bool) -> float:
        if self._options.timeout is not None:
            return self._options.timeout
        usual = Config.load(Path(self._paths.config)).daemon.request_timeout_s
        return max(usual, LONG_WORK_S) if long else usual


def running(options: Options, environ: Mapping[str, str]) -> JsonClient | None:
    """A connection to the daemon if one runs; none is started and none replaced.

    Raises :class:`SlmError` when one runs but can't be reached or doesn't answer.
    """
    paths = paths_of(options, environ)
    timeout_s = options.timeout or TIMEOUT_S
    connection = find(paths, timeout_s)
    if connection is None:
        return None
    connection.close()
    return JsonClient(paths, timeout_s, autostart=False)
