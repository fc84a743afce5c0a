"""What the client can check by itself, with or without a daemon: ``slm doctor`` adds the daemon's own checks."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import slm
from slm.cli import mending
from slm.cli.connection import paths_of, running
from slm.cli.context import Context
from slm.cli.data_folder import folder
from slm.cli.render.state import size
from slm.config import Config
from slm.daemon import process
from slm.daemon.client import JsonClient
from slm.daemon.versions import newer
from slm.embed.model_files import resolve
from slm.errors import ConfigInvalid, DaemonUnavailable, ModelUnavailable, SlmError, StorageRefused
from slm.paths import Paths
from slm.store.glance import glance

COMMAND = "slm"
NAMESAKE = b"superlocalmemory"
"""Another package that installs a command of the same name."""
HEAD_BYTES = 4096
LOW_DISK_BYTES = 256 << 20

Check = dict[str, Any]


def all_checks(context: Context, *, fix: bool = False) -> Iterator[Check]:
    """Every check in turn; the daemon isn't started, and its own checks follow when it runs.

    With ``fix`` what can be mended without losing anything is mended, and checked again.
    """
    paths = paths_of(context.options, context.environ)
    data = Path(paths.data)
    yield checked("command", lambda: command(context))
    yield checked("config", lambda: configuration(paths))
    yield checked("folder", lambda: folder(data), mending.made_private(data) if fix else None)
    client: list[JsonClient] = []
    yield checked("daemon", partial(daemon, context, paths, client), mending.renewed_daemon(paths) if fix else None)
    if client:
        yield from _asked(client[0], context)
    else:
        yield checked("model", lambda: resolve(_config(paths).embed.model).name + ", file verified")
        yield checked("store", lambda: glance(data / (context.options.profile or _config(paths).profile)))
        yield checked("disk", lambda: disk(data))


def checked(name: str, check: Callable[[], str], mend: Callable[[], str | None] | None = None) -> Check:
    """What a check found; an error of slm is a failed check with its fix.

    A failed one is checked again after ``mend``; ``mended`` is what that says it did, if it could do anything.
    """
    found = _found(name, check)
    if found["ok"] or mend is None:
        return found
    try:
        done = mend()
    except SlmError as error:
        return {**found, "fix": error.hint or found["fix"]}
    return {**_found(name, check), "mended": done} if done else found


def _found(name: str, check: Callable[[], str]) -> Check:
    try:
        return {"name": name, "ok": True, "detail": check(), "fix": None}
    except SlmError as error:
        return failed(name, error)


def failed(name: str, error: SlmError) -> Check:
    """A check that an error is the outcome of."""
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


def daemon(context: Context, paths: Paths, client: list[JsonClient]) -> str:
    """Whether a daemon runs and answers, and its version; puts its connection into ``client``."""
    found = running(context.options, context.environ)
    if found is None:
        return _no_daemon(paths)
    answer = found.call("ping")
    theirs = answer["version"]
    if theirs != slm.__version__:
        found.close()
        fix = "install that version here too" if newer(theirs, slm.__version__) else "slm daemon restart"
        raise DaemonUnavailable(f"version {theirs} runs, this is {slm.__version__}", hint=fix)
    client.append(found)
    return f"pid {answer['pid']} answers on {paths.published_socket()}"


def _no_daemon(paths: Paths) -> str:
    """What is left of a daemon that nobody can reach."""
    published = paths.published_socket()
    holder = process.daemon_pid(paths)
    if holder is not None:
        raise DaemonUnavailable(
            f"a daemon (pid {holder or 'unknown'}) holds the data but listens nowhere",
            where={"socket": published or "none"},
            hint="slm daemon restart",
        )
    stale = published if published and Path(published).exists() else None
    return "none runs, the first command starts one" + (
        f"; {stale} is left over, the next start removes it" if stale else ""
    )


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
        yield failed("model" if isinstance(error, ModelUnavailable) else "store", error)


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
