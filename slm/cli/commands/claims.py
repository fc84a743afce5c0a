"""claims: what memories state, as it can be checked."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from slm.cli.commands.groups import group
from slm.cli.commands.options import LOOKING, AllScopes, Id
from slm.cli.context import context_of
from slm.cli.paging import LONGEST_IN_DAEMON, pages
from slm.cli.render.claims import claim_rows, dropped
from slm.cli.render.memory import SHORTEST_ID
from slm.cli.render.results import found_at_write
from slm.cli.render.text import Layout


def list_claims(
    ctx: typer.Context,
    ids: Annotated[list[str] | None, typer.Argument(metavar="ID...", help="Memories; none: the newest.")] = None,
    limit: Annotated[int, typer.Option("-n", "--limit", min=0, help="Memories at most; 0 lists all.")] = 50,
    all_scopes: AllScopes = False,
) -> int:
    """List the claims of memories, with how each was found."""
    context = context_of(ctx)
    if not ids and not 0 < limit <= LONGEST_IN_DAEMON:
        context.in_client()
    shown = 0
    filters: dict[str, Any] = {"id": ids, "all_scopes": all_scopes}
    for page, _ in pages(context, "claims_list", "memories", limit, filters):
        for memory in page:
            if context.out.json:
                context.out.document(memory)
            else:
                context.out.lines(_memory(memory, context.out.layout))
        shown += len(page)
    if not shown:
        context.out.talk(["no claims"])
    return 0 if shown else 1


def _memory(memory: dict[str, Any], layout: Layout) -> list[str]:
    head = layout.paint("bold", memory["id"][:SHORTEST_ID]) + "  " + layout.trimmed(memory["text"], SHORTEST_ID + 2)
    return [head, *claim_rows(memory["claims"], layout)]


def add(
    ctx: typer.Context,
    memory_id: Id,
    claim: Annotated[list[str], typer.Argument(metavar="CLAIM...", help="alice.city=Paris, b.birth=c.birth+3y")],
) -> int:
    """Add claims to a memory: slm claims add k3m9q api.port=5433."""
    context = context_of(ctx)
    result = context.call("claims_add", id=memory_id, claim=claim)
    lines = claim_rows(result["claims"], context.out.talk_layout)
    context.out.done(result, [*lines, *found_at_write(result, context.out.talk_layout)])
    return 0


def drop(
    ctx: typer.Context,
    ids: Annotated[list[str], typer.Argument(metavar="ID...", help="Claims, as claims list shows them.")],
) -> int:
    """Drop claims that were misread; their memories stay, and slm undo takes it back."""
    context = context_of(ctx)
    result = context.call("claims_drop", id=ids)
    context.out.done(result, dropped(result))
    return 0


def register(app: typer.Typer) -> None:
    """Add the commands."""
    below = group(app, "claims", "What memories state, as it can be checked: list, add, drop.", LOOKING)
    below.command("list")(list_claims)
    below.command("add")(add)
    below.command("drop")(drop)
