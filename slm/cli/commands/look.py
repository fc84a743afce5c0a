"""show and list: exact looks at what is remembered."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from slm.cli.commands.options import LOOKING, AllScopes, Ids, Now, OnlyKind, OnlyPhase, OnlyTags
from slm.cli.context import Context, context_of
from slm.cli.paging import LONGEST_IN_DAEMON, pages
from slm.cli.render.claims import claimed
from slm.cli.render.memory import alike, rows, whole
from slm.counted import MEMORIES, counted

MOST_GROUPS = 1000
"""Groups of similar memories in one answer."""


def show(
    ctx: typer.Context,
    ids: Ids,
    history: Annotated[bool, typer.Option("--history", help="Show what it was before.")] = False,
) -> int:
    """Show memories with all that is known about them."""
    context = context_of(ctx)
    result = context.call("show", id=ids, history=history)
    if context.out.json:
        context.out.document(result)
        return 0
    for i, memory in enumerate(result["memories"]):
        context.out.lines([""] * (i > 0) + whole(memory, context.out.layout) + claimed(memory, context.out.layout))
    return 0


def list_memories(
    ctx: typer.Context,
    unused: Annotated[bool, typer.Option("--unused", help="Only memories that were never used.")] = False,
    before: Annotated[str | None, typer.Option(metavar="TIME", help="Only what was remembered before then.")] = None,
    actor: Annotated[str | None, typer.Option(help="Only what this actor wrote: cli, import:markdown.")] = None,
    source: Annotated[str | None, typer.Option(help="Only what comes from this source.")] = None,
    tag: OnlyTags = None,
    kind: OnlyKind = None,
    phase: OnlyPhase = None,
    now: Now = None,
    all_scopes: AllScopes = False,
    similar: Annotated[bool, typer.Option("--similar", help="Groups of memories that say nearly the same.")] = False,
    ids: Annotated[bool, typer.Option("--ids", help="Print whole ids and nothing else.")] = False,
    limit: Annotated[int, typer.Option("-n", "--limit", min=0, help="Memories listed at most; 0 lists all.")] = 50,
) -> int:
    """List memories, the newest first, or those that resemble each other. The filters are exact."""
    context = context_of(ctx)
    if similar or not 0 < limit <= LONGEST_IN_DAEMON:
        context.in_client()
    filters = {
        "unused": unused, "before": before, "by_actor": actor, "source": source, "tag": tag, "kind": kind,
        "phase": phase, "now": now, "all_scopes": all_scopes,
    }  # fmt: skip
    if similar:
        return _similar(context, limit, filters, ids=ids)
    shown = 0
    for page, more in pages(context, "list", "memories", limit, filters):
        _print(context, page, ids=ids)
        shown += len(page)
        if more and shown == limit:
            context.out.talk([context.out.talk_layout.paint("dim", f"the newest {limit}; --limit 0 lists all")])
    if not shown:
        filtered = any(value not in (None, False, []) for value in filters.values())
        context.out.talk(["nothing to list" if filtered else "nothing here yet: slm remember TEXT makes the first"])
    return 0 if shown else 1


def _similar(context: Context, limit: int, filters: dict[str, Any], *, ids: bool) -> int:
    """Groups, the newest of each first; with ``ids`` only those of the older ones, ready for ``forget -``."""
    result = context.call("similar", limit=limit or MOST_GROUPS, **filters)
    groups = result["groups"]
    if context.out.json:
        for each in groups:
            context.out.document(each)
    elif ids:
        context.out.lines(other["memory"]["id"] for each in groups for other in each["similar"])
    else:
        context.out.lines(alike(groups, context.out.layout))
    context.out.talk([_told(result)])
    return 0 if groups else 1


def _told(result: dict[str, Any]) -> str:
    total, shown = result["total"], len(result["groups"])
    if not total:
        return f"no two of {counted(result['compared'], *MEMORIES)} say nearly the same"
    found = f"{counted(total, 'group')} among {counted(result['compared'], *MEMORIES)}"
    more = f", the nearest {shown} shown; --limit 0 lists all" if shown < total else ""
    return f"{found}{more}; the same fact twice: slm forget ID; a newer one: slm correct ID"


def _print(context: Context, page: list[dict[str, Any]], *, ids: bool) -> None:
    if context.out.json:
        for memory in page:
            context.out.document(memory)
    elif ids:
        context.out.lines(memory["id"] for memory in page)
    else:
        context.out.lines(rows(page, context.out.layout))


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(rich_help_panel=LOOKING)(show)
    app.command("list", rich_help_panel=LOOKING)(list_memories)
