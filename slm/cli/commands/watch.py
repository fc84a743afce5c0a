"""watch: folders whose notes are remembered as they are written."""

from __future__ import annotations

import os
import time
from typing import Annotated, Any

import typer

from slm.cli.commands.groups import group
from slm.cli.commands.options import MOVING
from slm.cli.context import Context, context_of
from slm.cli.progress import progress
from slm.cli.render.watches import rows
from slm.counted import MEMORIES, counted
from slm.errors import NotFound
from slm.visible import one_line

POLL_S = 0.1
Folder = Annotated[str, typer.Argument(metavar="DIR")]


def add(
    ctx: typer.Context,
    folder: Folder,
    glob: Annotated[
        list[str] | None, typer.Option("--glob", metavar="PATTERN", help="Which files: *.md, *.markdown; repeatable.")
    ] = None,
    name: Annotated[str | None, typer.Option("--name", help="What log calls it; the folder's name.")] = None,
) -> int:
    """Remember the notes of a folder, now and whenever they change: a memory for each section.

    Edits correct the memory, deletions hide it, renames keep it. What git ignores is left alone.
    """
    context = context_of(ctx)
    context.in_client()
    path = os.path.realpath(context.place(folder))
    watch = context.call("watch_add", path=path, glob=glob, name=name)
    done = _taken_in(context, watch["number"])
    taken = f"{counted(done['files'], 'file')}, {counted(done['memories'], *MEMORIES)}"
    context.out.done(done, [f"watching {one_line(path)}: {taken}"])
    if not context.out.json:
        context.out.talk(rows([done], context.out.talk_layout) if done["n_problems"] or not done["rounds"] else [])
    return 0


def _taken_in(context: Context, number: int) -> dict[str, Any]:
    """The watch once what the folder holds is remembered; the daemon goes on by itself when this is interrupted."""
    with progress(context, "taking in", None) as advance:
        shown = 0
        while True:
            watch = _watch(context, number)
            advance(watch["done"] - shown)
            shown = watch["done"]
            if watch["rounds"] or watch["state"] in ("gone", "failing"):
                return watch
            time.sleep(POLL_S)


def _watch(context: Context, number: int) -> dict[str, Any]:
    watches: list[dict[str, Any]] = context.call("watch_list")["watches"]
    found = next((watch for watch in watches if watch["number"] == number), None)
    if found is None:
        raise NotFound("somebody has removed the watch meanwhile", hint="slm watch list")
    return found


def list_watches(ctx: typer.Context) -> int:
    """List the watched folders: how each does, and which files can't be taken in."""
    context = context_of(ctx)
    result = context.call("watch_list")
    if context.out.json:
        context.out.document(result)
    else:
        context.out.lines(rows(result["watches"], context.out.layout))
        context.out.talk([] if result["watches"] else ["nothing is watched; slm watch add DIR"])
    return 0


def remove(
    ctx: typer.Context,
    folder: Annotated[str, typer.Argument(metavar="DIR|NAME")],
    forget: Annotated[bool, typer.Option("--forget", help="Forget what came from it, too.")] = False,
) -> int:
    """Watch a folder no more. Its memories stay, unless --forget hides them."""
    context = context_of(ctx)
    known = any(folder == watch["name"] for watch in context.call("watch_list")["watches"])
    named = folder if known else os.path.realpath(context.place(folder))
    result = context.call("watch_remove", watch=named, forget=forget)
    memories = f"forgot {counted(result['forgotten'], *MEMORIES)}" if forget else "its memories stay"
    context.out.done(result, [f"no longer watching {one_line(result['path'])}; {memories}"])
    return 0


def register(app: typer.Typer) -> None:
    """Add the commands."""
    below = group(app, "watch", "Folders of notes that are followed: add, list, remove.", MOVING)
    below.command("add")(add)
    below.command("list")(list_watches)
    below.command("remove")(remove)
