"""correct, tag, pin and unpin: changes of one memory or a few that name their ids."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from slm.cli.commands.options import CHANGING, Id, Ids
from slm.cli.context import context_of
from slm.cli.editor import edited
from slm.cli.render.memory import SHORTEST_ID
from slm.cli.render.results import corrected
from slm.errors import InvalidInput


def correct(
    ctx: typer.Context,
    memory_id: Id,
    text: Annotated[list[str] | None, typer.Argument(metavar="WORDS...", help="What is right; none: $EDITOR.")] = None,
    since: Annotated[str | None, typer.Option("--from", metavar="TIME", help="It was true until then.")] = None,
    reason: Annotated[str | None, typer.Option(help="Why, for show --history.")] = None,
) -> int:
    """Say what is right instead: it was never true, or with --from true until then."""
    context = context_of(ctx)
    if text:
        new = context.text(text, "the text")
    else:
        context.in_client()
        old = context.call("show", id=[memory_id])["memories"][0]["text"]
        new = edited(context, old)
        if not new.strip() or new == old:
            context.out.talk(["unchanged"])
            return 0
    fields: dict[str, Any] = {"id": memory_id, "text": new, "from": since, "reason": reason}
    result = context.call("correct", **fields)
    context.out.done(result, corrected(result))
    return 0


def tag(
    ctx: typer.Context,
    memory_id: Id,
    changes: Annotated[list[str], typer.Argument(metavar="+TAG|-TAG...", help="Tags to add and to take away.")],
) -> int:
    """Add and remove tags: slm tag k3m9q +work -draft."""
    for word in changes:
        if word[:1] not in "+-" or word[:2] == "--" or len(word) < 2:
            raise InvalidInput(f"a tag to add starts with +, one to remove with -, not {word!r}", hint=f"+{word}")
    add = [word[1:] for word in changes if word.startswith("+")]
    remove = [word[1:] for word in changes if word.startswith("-")]
    context = context_of(ctx)
    result = context.call("tag", id=memory_id, add=add, remove=remove)
    tags = " ".join(f"#{name}" for name in result["tags"]) or "no tags"
    context.out.done(result, [f"{result['id'][:SHORTEST_ID]}  {tags}"])
    return 0


def pin(ctx: typer.Context, ids: Ids) -> int:
    """Keep memories from ever fading."""
    return _pin(ctx, "pin", ids)


def unpin(ctx: typer.Context, ids: Ids) -> int:
    """Let pinned memories fade again."""
    return _pin(ctx, "unpin", ids)


def _pin(ctx: typer.Context, op: str, ids: list[str]) -> int:
    context = context_of(ctx)
    result = context.call(op, id=ids)
    done = f"{op}ned"
    context.out.done(result, [f"{done} " + " ".join(each[:SHORTEST_ID] for each in result[done])])
    return 0


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(rich_help_panel=CHANGING)(correct)
    app.command(rich_help_panel=CHANGING, context_settings={"ignore_unknown_options": True})(tag)
    app.command(rich_help_panel=CHANGING)(pin)
    app.command(rich_help_panel=CHANGING)(unpin)
