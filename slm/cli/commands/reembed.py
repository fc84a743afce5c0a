"""reembed: a store moves to another embedding model."""

from __future__ import annotations

import typer

from slm.cli.commands.options import RUNNING
from slm.cli.context import context_of
from slm.cli.progress import progress
from slm.counted import MEMORIES, counted


def reembed(ctx: typer.Context) -> int:
    """Embed every memory anew with the configured model (embed.model), after a change of it.

    The store stays as it is until the last memory is done; an interrupted run is gone on with by the same command.
    """
    context = context_of(ctx)
    context.in_client()
    profile = context.options.profile
    result = context.call("reembed", name=profile)
    done = result["done"]
    try:
        with progress(context, "embedding", result["total"]) as advance:
            advance(done)
            while not result["finished"]:
                result = context.call("reembed", name=profile)
                advance(result["done"] - done)
                done = result["done"]
    except KeyboardInterrupt:  # said once the bar is gone
        context.out.talk([f"interrupted at {done} of {result['total']}; the same command goes on from there"])
        raise
    embedded = f"{counted(done, *MEMORIES)} embedded anew"
    said = embedded if result["changed"] else "the store has vectors of this model already"
    context.out.done(result, [said])
    return 0


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(rich_help_panel=RUNNING)(reembed)
