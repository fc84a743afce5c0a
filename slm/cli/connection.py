"""The client's connections to the daemon: one for questions, one that waits longer for long work."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from slm.cli.argv import Options
from slm.config import Config
from slm.daemon.client import JsonClient
from slm.daemon.thin import TIMEOUT_S, find
from slm.paths import Paths

LONG_WORK_S = 600.0
"""How long an operation on many memories may take when no time-out was asked for."""
LONG = frozenset({"export", "forget", "log", "scope_rename", "doctor", "profile_delete"})


def paths_of(options: Options, environ: Mapping[str, str]) -> Paths:
    """Where the options and the environment say that everything lies."""
    return Paths(environ, socket=options.socket, config=options.config)


def carry(op: str, fields: Mapping[str, Any], options: Options, environ: Mapping[str, str]) -> Any:
    """The result of an operation of the daemon, which is started if need be."""
    patient = op in LONG or "batch" in fields
    return _client(options, frozenset(environ.items()), patient).call(op, **fields)


@cache
def _client(options: Options, environ: frozenset[tuple[str, str]], patient: bool) -> JsonClient:
    paths = paths_of(options, dict(environ))
    usual = options.timeout or Config.load(Path(paths.config)).daemon.request_timeout_s
    return JsonClient(paths, max(usual, LONG_WORK_S) if patient and not options.timeout else usual)


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
