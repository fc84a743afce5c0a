"""log: the journal of changes."""

from __future__ import annotations

import re
from typing import Annotated, Any

import typer

from slm.cli.commands.options import LOOKING
from slm.cli.context import Context, context_of
from slm.cli.paging import LONGEST_IN_DAEMON, pages
from slm.cli.render.text import Layout, columns
from slm.counted import ENTRIES, counted
from slm.errors import InvalidInput
from slm.visible import one_line

COLUMNS = ("seq", "time", "actor", "op")
SEQ = frozenset({0})
"""The column of numbers, which end together."""
LEAST_SUMMARY = 16
"""Cells that a summary needs to say anything: with fewer beside the columns an entry takes two lines."""


def log(
    ctx: typer.Context,
    verify: Annotated[bool, typer.Option("--verify", help="Check the whole chain of entries.")] = False,
    head: Annotated[str | None, typer.Option(metavar="HASH", help="A head kept elsewhere to compare with.")] = None,
    limit: Annotated[int, typer.Option("-n", "--limit", min=0, help="Entries at most; 0 for all.")] = 50,
) -> int:
    """Show what was changed, the newest first, by whom."""
    context = context_of(ctx)
    if verify:
        return _verify(context, head)
    if head is not None:
        raise InvalidInput("--head is compared by --verify", hint=f"slm log --verify --head {head}")
    if not 0 < limit <= LONGEST_IN_DAEMON:
        context.in_client()
    shown = 0
    for page, _ in pages(context, "log", "entries", limit, {}):
        shown += len(page)
        if context.out.json:
            for entry in page:
                context.out.document(entry)
        else:
            context.out.lines(_rows(page, context.out.layout))
    return 0 if shown else 1


def _rows(page: list[dict[str, Any]], layout: Layout) -> list[str]:
    """A line an entry, its summary cut to the width; two on a terminal too narrow for that."""
    heads = columns([(*(one_line(str(entry[name])) for name in COLUMNS), "|") for entry in page], right=SEQ)
    cells = len(heads[0]) - 1
    if layout.width is not None and layout.width - cells < LEAST_SUMMARY:
        return [line for entry in page for line in _in_two(entry, layout)]
    return [head[:-1] + layout.trimmed(entry["summary"], cells) for head, entry in zip(heads, page, strict=True)]


def _in_two(entry: dict[str, Any], layout: Layout) -> list[str]:
    """An entry on two lines, its time to the second."""
    number, second = f"{entry['seq']}  ", re.sub(r"\.\d+", "", entry["time"])
    head = number + layout.trimmed(f"{second}  {entry['op']}", len(number))
    return [head, "  " + layout.trimmed(f"{entry['actor']}  {entry['summary']}", 2)]


def _verify(context: Context, head: str | None) -> int:
    context.in_client()
    result = context.call("log", verify=True, head=head)
    if context.out.json:
        context.out.document(result)
    else:
        context.out.lines([result["head"]])
        entries = counted(result["entries"], *ENTRIES)
        context.out.talk([f"{entries}, intact; keep the head: slm log --verify --head HASH compares"])
    return 0


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(rich_help_panel=LOOKING)(log)
