"""config: look at the configuration file and change one key of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from slm.cli.commands.groups import group
from slm.cli.commands.options import RUNNING
from slm.cli.connection import paths_of
from slm.cli.context import Context, context_of
from slm.cli.render.text import columns, json_text
from slm.config import Config, describe
from slm.config import example as example_text
from slm.visible import one_line

Key = Annotated[str, typer.Argument(metavar="KEY", help="Such as recall.limit.")]


def _file(context: Context) -> Path:
    context.in_client()
    return Path(paths_of(context.options, context.environ).config)


def show(ctx: typer.Context) -> int:
    """Show every key with its value; * marks what differs from the default."""
    context = context_of(ctx)
    config = Config.load(_file(context))
    values = {key.key: (config.get(key.key), key.default) for key in describe()}
    if context.out.json:
        context.out.document({key: _plain(value) for key, (value, _) in values.items()})
        return 0
    rows = [("*" if value != usual else "", key, json_text(_plain(value))) for key, (value, usual) in values.items()]
    context.out.lines(columns(rows, gap=" "))
    return 0


def get(ctx: typer.Context, key: Key) -> int:
    """Print the value of one key."""
    context = context_of(ctx)
    value = _plain(Config.load(_file(context)).get(key))
    if context.out.json:
        context.out.document({key: value})
    else:
        context.out.lines([one_line(value) if isinstance(value, str) else json_text(value)])
    return 0


def set_key(ctx: typer.Context, key: Key, value: Annotated[str, typer.Argument(metavar="VALUE")]) -> int:
    """Change one key in the file; everything else in it stays as it is."""
    context = context_of(ctx)
    file = _file(context)
    config = Config.set(file, key, value)
    shown = _plain(config.get(key))
    context.out.done({key: shown}, [f"{key} = {json_text(shown)} in {file}", "slm daemon restart applies it"])
    return 0


def path(ctx: typer.Context) -> int:
    """Print where the configuration file lies."""
    context = context_of(ctx)
    file = _file(context)
    if context.out.json:
        context.out.document({"path": str(file), "exists": file.exists()})
    else:
        context.out.lines([str(file)])
    return 0


def check(ctx: typer.Context) -> int:
    """Check the configuration file."""
    context = context_of(ctx)
    file = _file(context)
    Config.load(file)
    found = "right" if file.exists() else "doesn't exist, the defaults hold"
    context.out.done({"ok": True, "path": str(file)}, [f"{file}: {found}"])
    return 0


def example(ctx: typer.Context) -> int:
    """Print a file with every key, its default and what it does."""
    context = context_of(ctx)
    context.in_client()
    if context.out.json:
        context.out.document({"example": example_text()})
    else:
        context.out.lines(example_text().splitlines())
    return 0


def _plain(value: Any) -> Any:
    """A value in JSON's own types: tuples become lists, named ones objects."""
    if hasattr(value, "_asdict"):
        return value._asdict()
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def register(app: typer.Typer) -> None:
    """Add the commands."""
    below = group(app, "config", "The configuration: show, get, set, path, check, example.", RUNNING)
    for name, run in (("show", show), ("get", get), ("set", set_key), ("path", path), ("check", check)):
        below.command(name)(run)
    below.command("example")(example)
