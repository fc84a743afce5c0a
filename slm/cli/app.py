"""The app: every command registered once, the tree that both hosts parse with."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any

import typer
import typer.main

import slm
from slm.cli.commands import (
    ask,
    audit,
    backup,
    bench,
    change,
    claims,
    config,
    connect,
    context,
    daemon,
    forget,
    health,
    hook,
    journal,
    look,
    manual,
    mcp,
    places,
    recall,
    reembed,
    remember,
    transfer,
    watch,
    why,
)
from slm.cli.context import context_of
from slm.errors import InvalidInput

FIRST_RUN = """\
slm remembers for you and your agents, on this machine only.

  slm remember the API listens on 5433 since the PG16 move
  slm recall which port does the api use
  slm --help
"""

GLOBAL_OPTIONS = (
    "Accepted before and after every command: --json --quiet --no-color --profile NAME --scope NAME --config FILE "
    "--socket PATH --timeout SECONDS. What follows a lone -- is text."
)
HELP = f"A personal memory for local agents: searchable by meaning, never leaving the machine.\n\n{GLOBAL_OPTIONS}"


def start(
    ctx: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and end.")] = False,
) -> None:
    """What happens without a command."""
    if version:
        context_of(ctx).out.lines([f"slm {slm.__version__}"])
        raise typer.Exit(0)
    if ctx.invoked_subcommand is None:
        context = context_of(ctx)
        if not context.out.terminal:
            raise InvalidInput("no command given", hint="slm --help")
        context.out.lines(FIRST_RUN.splitlines())


@cache
def command() -> Any:
    """The command tree, built once."""
    app = typer.Typer(name="slm", help=HELP, add_completion=False, pretty_exceptions_enable=False)
    app.callback(invoke_without_command=True, help=HELP)(start)
    for group in (
        remember,
        recall,
        ask,
        context,
        look,
        why,
        audit,
        claims,
        journal,
        change,
        forget,
        transfer,
        watch,
        backup,
        health,
        hook,
        places,
        config,
        daemon,
        manual,
        connect,
        mcp,
        reembed,
        bench,
    ):
        group.register(app)
    return typer.main.get_command(app)
