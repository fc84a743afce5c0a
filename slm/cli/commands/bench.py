"""bench: measurements, whose arguments belong to the benchmarks themselves."""

from __future__ import annotations

import typer

from slm.cli.commands.options import RUNNING
from slm.cli.context import context_of

RAW = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}


def bench(ctx: typer.Context) -> int:
    """Measure slm: slm bench --help lists what can be measured."""
    context = context_of(ctx)
    context.in_client()
    asked_before = ["--json"] if context.out.json and "--json" not in ctx.args else []
    return context.parts.bench([*ctx.args, *asked_before])


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(rich_help_panel=RUNNING, context_settings=RAW, add_help_option=False)(bench)
