"""backup create, verify and restore: a whole profile in one file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from slm.cli.commands.groups import group
from slm.cli.commands.options import MOVING
from slm.cli.context import Context, context_of
from slm.cli.render.state import size
from slm.counted import MEMORIES, counted
from slm.visible import one_line

File = Annotated[str, typer.Argument(metavar="FILE")]


def create(
    ctx: typer.Context,
    file: Annotated[str | None, typer.Argument(metavar="FILE", help="Where to; a dated file of slm's own.")] = None,
) -> int:
    """Write a backup of the profile; it may be in use meanwhile."""
    context = context_of(ctx)
    made = context.call("backup", path=None if file is None else _absolute(context, file))
    context.out.done(made, [f"backed up {_content(made)} to {one_line(made['path'])}"])
    return 0


def verify(ctx: typer.Context, file: File) -> int:
    """Read a backup from end to end and check every value of it. Needs no daemon."""
    context = context_of(ctx)
    context.in_client()
    from slm.engine.backups import described
    from slm.store.backup import verify_backup

    path = _absolute(context, file)
    found = {"path": path, **described(verify_backup(Path(path)))}
    context.out.done(found, [f"sound: {_content(found)}", f"journal head {found['journal']['head']}"])
    return 0


def restore(ctx: typer.Context, file: File) -> int:
    """Make a profile of a backup: the default one or --profile NAME, which must be empty."""
    context = context_of(ctx)
    context.in_client()
    made = context.call("restore", path=_absolute(context, file), name=context.options.profile)
    context.out.done(made, [f"restored {_content(made)} into the profile {one_line(made['name'])}"])
    return 0


def _absolute(context: Context, file: str) -> str:
    return str(context.place(file))


def _content(backup: dict[str, Any]) -> str:
    entries = counted(backup["journal"]["entries"], "journal entry", "journal entries")
    return f"{counted(backup['memories'], *MEMORIES)}, {entries} ({size(backup['bytes'])})"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    backups = group(app, "backup", "A whole profile in one file: create, verify, restore.", MOVING)
    backups.command("create")(create)
    backups.command("verify")(verify)
    backups.command("restore")(restore)
