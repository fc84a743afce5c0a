"""status, stats and doctor: how slm does."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from slm.cli.commands.options import RUNNING
from slm.cli.context import Context, context_of
from slm.cli.render.lifecycle import phases
from slm.cli.render.privacy import privacy
from slm.cli.render.state import checks, weights
from slm.cli.render.state import stats as stats_lines
from slm.cli.render.state import status as status_lines
from slm.errors import InvalidInput


def status(ctx: typer.Context) -> int:
    """Say how many memories there are and how the daemon does."""
    context = context_of(ctx)
    result = context.call("status")
    if context.out.json:
        context.out.document(result)
    else:
        context.out.lines(status_lines(result, context.out.layout))
    return 0


class Of(StrEnum):
    """What statistics are asked for."""

    MEMORIES = "memories"
    WEIGHTS = "weights"
    PHASES = "phases"


def stats(
    ctx: typer.Context,
    of: Annotated[Of, typer.Argument(help="What to show.")] = Of.MEMORIES,
    reset: Annotated[bool, typer.Option("--reset", help="Of weights: back to the defaults.")] = False,
) -> int:
    """Count memories by every property; or show how far they have faded, or the weights of a score."""
    context = context_of(ctx)
    if reset and of is not Of.WEIGHTS:
        raise InvalidInput("--reset is for the weights", hint="slm stats weights --reset")
    if of is Of.WEIGHTS:
        result = context.call("weights_reset" if reset else "weights")
        lines = weights(result, context.out.layout)
    elif of is Of.PHASES:
        result = context.call("phases")
        lines = phases(result, context.out.layout)
    else:
        result = context.call("stats")
        lines = stats_lines(result, context.out.layout)
    if context.out.json:
        context.out.document(result)
    else:
        context.out.lines(lines)
    return 0


def doctor(
    ctx: typer.Context,
    fix: Annotated[bool, typer.Option("--fix", help="Mend what can be mended without losing anything.")] = False,
    show_privacy: Annotated[
        bool, typer.Option("--privacy", help="Show that nothing leaves: network tried, sockets, files, model.")
    ] = False,
) -> int:
    """Check the installation, the folders, the daemon and the store; every trouble with its fix."""
    context = context_of(ctx)
    context.in_client()
    if show_privacy:
        return _privacy(context)
    from slm.cli.checks import all_checks

    found = list(all_checks(context, fix=fix))
    if context.out.json:
        context.out.document({"checks": found})
    else:
        context.out.lines(checks(found, context.out.layout))
    return 0 if all(check["ok"] for check in found) else 1


def _privacy(context: Context) -> int:
    """0 when the daemon was refused the network and holds no internet socket."""
    found = context.call("privacy")
    if context.out.json:
        context.out.document(found)
    else:
        context.out.lines(privacy(found, context.out.layout))
    return 0 if found["network"]["refused"] and not found["sockets"]["internet"] else 1


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(rich_help_panel=RUNNING)(status)
    app.command(rich_help_panel=RUNNING)(stats)
    app.command(rich_help_panel=RUNNING)(doctor)
