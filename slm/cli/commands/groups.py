"""Commands with commands below them."""

from __future__ import annotations

import typer

from slm.errors import InvalidInput


def group(app: typer.Typer, name: str, help_text: str, panel: str) -> typer.Typer:
    """A group below ``app``; named alone it is wrong usage that points to its help."""
    below = typer.Typer()

    def alone(ctx: typer.Context) -> None:
        if ctx.invoked_subcommand is None:
            raise InvalidInput(f"{name}: which command?", hint=f"slm {name} --help")

    below.callback(invoke_without_command=True)(alone)
    app.add_typer(below, name=name, help=help_text, rich_help_panel=panel)
    return below
