"""context: what an agent should know before it begins, as a block for its prompt."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from slm.cli.commands.options import EVERYDAY, Budget, Now, Words
from slm.cli.context import context_of
from slm.cli.render.memory import scope_names
from slm.visible import one_line


def context(
    ctx: typer.Context,
    topic: Words = None,
    budget: Budget = None,
    now: Now = None,
    why: Annotated[bool, typer.Option("--why", help="Say what was left out, and why.")] = False,
) -> int:
    """Print a digest for a prompt: what is pinned, what the topic needs, decisions, newest."""
    context = context_of(ctx)
    words = context.text(topic, "the topic") if topic else None
    found = context.call("context", topic=words, budget=budget, now=now, why=why)
    if context.out.json:
        context.out.document(found)
        return 0 if found["text"] else 1
    if found["text"]:
        context.out.lines(found["text"].split("\n"))
    else:
        context.out.talk([f"nothing is remembered in {scope_names(found['scope'])}"])
    if why:
        context.out.talk(_why(found))
    return 0 if found["text"] else 1


def _why(found: dict[str, Any]) -> list[str]:
    """What is in the block and what isn't, in lines."""
    shown = ", ".join(f"{len(ids)} {section}" for section, ids in found["sections"].items())
    lines = [f"{shown or 'nothing'}; {found['tokens']} of {found['budget']} tokens"]
    if found["topic_reason"]:
        lines.append(f"nothing for the topic: {one_line(found['topic_reason'])}")
    left = found["left_out"]
    if left["budget"]:
        ids = " ".join(f"{entry['id'][:5]} ({entry['section']}, {entry['tokens']})" for entry in left["budget"][:8])
        more = len(left["budget"]) - 8
        lines.append(f"no room for {ids}" + (f" and {more} more" if more > 0 else ""))
    counts = {
        "private": left["private"],
        "superseded": left["superseded"],
        "of other scopes": left["other_scopes"],
        "neither pinned, decided, new nor near the topic": left["not_looked_at"],
    }
    told = ", ".join(f"{count} {what}" for what, count in counts.items() if count)
    return [*lines, f"left out: {told}"] if told else lines


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(rich_help_panel=EVERYDAY)(context)
