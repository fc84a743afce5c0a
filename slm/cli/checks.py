"""What the client can check by itself, with or without a daemon: ``slm doctor`` adds the daemon's own checks."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import slm
from slm.cli.connection import paths_of, running
from slm.cli.context import Context
from slm.cli.render.state import size
from slm.config import Config
from slm.daemon.client import JsonClient
from slm.embed.model_files import resolve
from slm.errors import ConfigInvalid, DaemonUnavailable, SlmError, StorageRefused
from slm.paths import OTHERS, Paths

COMMAND = "slm"
NAMESAKE = b"superlocalmemory"
"""Another package that installs a command of the same name."""
HEAD_BYTES = 4096
LOW_DISK_BYTES = 256 << 20

Check = dict[str, Any]


def all_checks(context: Context) -> Iterator[Check]:
    """Every check in turn; the daemon isn't started, and its own checks follow when it runs."""
    paths = paths_of(context.options, context.environ)
    yield checked("command", lambda: command(context))
    yield checked("config", lambda: configuration(paths))
    yield checked("folder", lambda: folder(Path(paths.data)))
    client: list[JsonClient] = []
    yield checked("daemon", lambda: daemon(context, paths, client))
    if client:
        yield from _asked(client[0], context)
    else:
        yield checked("model", lambda: resolve(_config(paths).embed.model).name + ", file verified")
        yield checked("disk", lambda: disk(Path(paths.data)))


def checked(name: str, check: Callable[[], str]) -> Check:
    """What a check found; an error of slm is a failed check with its fix."""
    try:
        return {"name": name, "ok": True, "detail": check(), "fix": None}
    except SlmError as error:
        places = "".join(f"; {label}: {place}" for label, place in error.where.items())
        return {"name": name, "ok": False, "detail": error.message + places, "fix": error.hint}


def command(context: Context) -> str:
    """Which ``slm`` the shell finds, and whether it is this one."""
    own = Path(sys.executable).parent / COMMAND
    found = shutil.which(COMMAND, path=context.environ.get("PATH"))
    if found is None:
        raise SlmError("the PATH finds no slm", hint=f"add {own.parent} to the PATH" if own.exists() else None)
    if Path(found).resolve() == own.resolve() or _is_client(Path(found)):
        return found
    whose = "superlocalmemory, another program" if NAMESAKE in _head(Path(found)) else "another program of that name"
    raise SlmError(f"the PATH finds {found}: {whose}", hint=f"put {own.parent} before {Path(found).parent} in the PATH")


def configuration(paths: Paths) -> str:
    """Whether the configuration file can be read."""
    _config(paths)
    return paths.config if Path(paths.config).exists() else f"defaults; {paths.config} doesn't exist"


def folder(data: Path) -> str:
    """Whether the data root is there and private."""
    if not data.exists():
        return f"{data} will be made by the first memory"
    found = data.stat()
    if found.st_mode & OTHERS:
        raise StorageRefused(f"{data} can be read or written by others", hint=f"chmod 700 {data}")
    return f"{data}, private"


def daemon(context: Context, paths: Paths, client: list[JsonClient]) -> str:
    """Whether a daemon runs and answers, and its version; puts its connection into ``client``."""
    published = paths.published_socket()
    found = running(context.options, context.environ)
    if found is None:
        stale = (
            f"; {published} is left over, the next start removes it" if published and Path(published).exists() else ""
        )
        return f"none runs, the first command starts one{stale}"
    answer = found.call("ping")
    if answer["version"] != slm.__version__:
        problem = f"version {answer['version']} runs, this is {slm.__version__}"
        raise DaemonUnavailable(problem, hint="slm daemon restart")
    client.append(found)
    return f"pid {answer['pid']} answers on {published}"


def disk(data: Path) -> str:
    """Whether there is room for more."""
    there = next(path for path in (data, *data.parents) if path.exists())
    free = shutil.disk_usage(there).free
    if free < LOW_DISK_BYTES:
        raise StorageRefused(f"only {size(free)} are free in {there}", hint="make room before writes are refused")
    return f"{size(free)} free in {there}"


def _asked(client: JsonClient, context: Context) -> Iterator[Check]:
    """The daemon's own checks; that they can't be had is one more failed check."""
    profile = {"profile": context.options.profile} if context.options.profile else {}
    try:
        yield from client.call("doctor", **profile)["checks"]
    except SlmError as error:
        yield {"name": "store", "ok": False, "detail": error.message, "fix": error.hint}


def _config(paths: Paths) -> Config:
    try:
        return Config.load(Path(paths.config))
    except ConfigInvalid as error:
        raise ConfigInvalid(error.message, where=error.where, hint=error.hint or "slm config example") from None


def _is_client(path: Path) -> bool:
    return b"slm.daemon" in _head(path)


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(HEAD_BYTES)
    except OSError:
        return b""
