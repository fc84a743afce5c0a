"""daemon: the process that owns the stores. It starts by itself; these commands are for when one wants to see to it."""

from __future__ import annotations

from typing import Annotated

import typer

from slm.cli import systemd
from slm.cli.commands.groups import group
from slm.cli.commands.options import RUNNING, DryRun
from slm.cli.connection import paths_of
from slm.cli.context import Context, context_of
from slm.daemon import process
from slm.errors import DaemonUnavailable
from slm.paths import Paths
from slm.visible import visible

WATCHED = f"nothing runs until slm is asked; systemctl --user status {systemd.SOCKET} {systemd.SERVICE}"


def _paths(context: Context) -> Paths:
    context.in_client()
    return paths_of(context.options, context.environ)


def start(ctx: typer.Context) -> int:
    """Start the daemon if none runs."""
    context = context_of(ctx)
    pid = process.start(_paths(context))
    context.out.done({"pid": pid}, [f"daemon {pid} runs"])
    return 0


def stop(ctx: typer.Context) -> int:
    """Let the daemon finish what it does, and end it."""
    context = context_of(ctx)
    pid = process.stop(_paths(context))
    context.out.done({"pid": pid}, [f"daemon {pid} ended" if pid else "no daemon runs"])
    return 0


def restart(ctx: typer.Context) -> int:
    """End the daemon and start a new one."""
    context = context_of(ctx)
    pid = process.restart(_paths(context))
    context.out.done({"pid": pid}, [f"daemon {pid} runs"])
    return 0


def run(ctx: typer.Context) -> int:
    """Be the daemon in this terminal, until interrupted."""
    context = context_of(ctx)
    context.in_client()
    return context.parts.serve(context.options)


def logs(
    ctx: typer.Context,
    limit: Annotated[int, typer.Option("-n", "--limit", min=1, help="Lines shown at most.")] = 50,
) -> int:
    """Show the end of the daemon's log."""
    context = context_of(ctx)
    lines = process.last_log_lines(_paths(context), limit)
    if context.out.json:
        context.out.document({"lines": lines})
    else:
        context.out.lines(visible(line) for line in lines)
    return 0


def install(ctx: typer.Context, dry_run: DryRun = False) -> int:
    """Let systemd start the daemon for its first client, with every socket but Unix sockets refused by the kernel."""
    context = context_of(ctx)
    paths = _paths(context)
    places = systemd.unit_paths(context.environ)
    if dry_run:
        texts = systemd.units(paths)
        if context.out.json:
            context.out.document({"units": {str(place): texts[place.name] for place in places}})
            return 0
        for place in places:
            context.out.talk([f"would write {place}:"])
            context.out.lines(texts[place.name].splitlines())
        return 0
    if not systemd.available(context.environ):
        raise DaemonUnavailable(
            "this user has no systemd here, so nothing was installed; the first command starts the daemon anyway",
            hint="slm daemon install --dry-run shows the units; elsewhere run: slm daemon run",
        )
    systemd.require_own(context.environ)
    process.stop(paths)  # one daemon a data root: systemd's takes over
    written = systemd.install(paths, context.environ)
    told = [f"{place} is installed" for place in written]
    context.out.done({"paths": [str(place) for place in written]}, [*told, WATCHED])
    return 0


def uninstall(ctx: typer.Context, dry_run: DryRun = False) -> int:
    """Take the daemon out of systemd again; memories and configuration stay."""
    context = context_of(ctx)
    paths = _paths(context)
    found = systemd.installed(context.environ) if dry_run else systemd.uninstall(paths, context.environ)
    said = [f"would stop and remove {place}" if dry_run else f"{place} is removed" for place in found]
    context.out.done({"paths": [str(place) for place in found]}, said or ["nothing is installed"])
    return 0


def register(app: typer.Typer) -> None:
    """Add the commands."""
    below = group(app, "daemon", "The process behind it all: start, stop, logs, install and more.", RUNNING)
    for command in (start, stop, restart, run, logs, install, uninstall):
        below.command()(command)
