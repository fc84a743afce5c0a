"""hook: what agents run at their events. The thin client answers it by itself; this is its place in the tree."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from slm.cli.commands.groups import group
from slm.cli.commands.options import RUNNING
from slm.cli.context import context_of
from slm.daemon import hook
from slm.daemon.spawn import full_program

Budget = Annotated[int, typer.Option("--budget", metavar="TOKENS", help="Tokens that the block may take, 100 to 4000.")]
HELP = {
    "session-start": "Print what an agent should know when a session begins.",
    "user-prompt": "Print what is known about the prompt that the user has just sent.",
    "stop": "Count the memories that the agent's answer cites as [slm:ID] as used.",
}


def _command(event: str) -> Callable[..., int]:
    def run(ctx: typer.Context, budget: Budget = hook.BUDGET) -> int:
        context = context_of(ctx)
        context.in_client()
        chosen = {name: getattr(context.options, name) for name in ("profile", "scope", "socket", "config")}
        options = [f"--{name}={value}" for name, value in chosen.items() if value is not None]
        return hook.main([event, f"--budget={budget}", *options], full_program())

    return run


def register(app: typer.Typer) -> None:
    """Add the commands."""
    below = group(app, "hook", "For agents: JSON on stdin, a block on stdout, always 0 in 300 ms.", RUNNING)
    for event in hook.EVENTS:
        below.command(event, help=HELP[event])(_command(event))
