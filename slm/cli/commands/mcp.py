"""mcp: what an agent starts to speak with its memory; it relays standard input and output to the daemon."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from slm.cli.commands.options import RUNNING
from slm.cli.connection import paths_of
from slm.cli.context import context_of
from slm.daemon import relay
from slm.daemon.spawn import full_program


class ToolSet(StrEnum):
    """How many tools an agent is given."""

    CORE = "core"
    FULL = "full"


def mcp(
    ctx: typer.Context,
    tools: Annotated[ToolSet, typer.Option(help="The six tools of every day, or all.")] = ToolSet.CORE,
    read_only: Annotated[bool, typer.Option("--read-only", help="No tool that changes anything.")] = False,
) -> int:
    """Serve an agent over the Model Context Protocol on standard input and output."""
    context = context_of(ctx)
    context.in_client()
    options = context.options
    chosen = relay.Options(
        tools=tools.value, read_only=read_only, profile=options.profile or "", scope=options.scope or ""
    )
    return relay.run(paths_of(options, context.environ), full_program(), chosen)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(rich_help_panel=RUNNING)(mcp)
