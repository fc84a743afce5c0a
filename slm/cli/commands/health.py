"""status, stats and doctor: how slm does."""

from __future__ import annotations

import typer

from slm.cli.commands.options import RUNNING
from slm.cli.context import context_of
from slm.cli.render.state import checks
from slm.cli.render.state import stats as stats_lines
from slm.cli.render.state import status as status_lines


def status(ctx: typer.Context) -> int:
    """Say how many memories there are and how the daemon does."""
    context = context_of(ctx)
    result = context.call("status")
    if context.out.json:
        context.out.document(result)
    else:
        context.out.lines(status_lines(result, context.out.layout))
    return 0


def stats(ctx: typer.Context) -> int:
    """Count memories by kind, scope, source, actor and speaker, and show how long operations take."""
    context = context_of(ctx)
    result = context.call("stats")
    if context.out.json:
        context.out.document(result)
    else:
        context.out.lines(stats_lines(result, context.out.layout))
    return 0


def doctor(ctx: typer.Context) -> int:
    """Check the installation, the folders, the daemon and the store."""
    context = context_of(ctx)
    context.in_client()
    from slm.cli.checks import all_checks

    found = list(all_checks(context))
    if context.out.json:
        context.out.document({"checks": found})
    else:
        context.out.lines(checks(found, context.out.layout))
    return 0 if all(check["ok"] for check in found) else 1


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(rich_help_panel=RUNNING)(status)
    app.command(rich_help_panel=RUNNING)(stats)
    app.command(rich_help_panel=RUNNING)(doctor)
