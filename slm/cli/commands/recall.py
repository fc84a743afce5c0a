"""recall and used: the question, and saying which answers helped."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from slm.cli.commands.options import (
    EVERYDAY,
    AllScopes,
    Archived,
    AsOf,
    Budget,
    Ids,
    Limit,
    MinConfidence,
    Now,
    OnlyTags,
    Since,
    Until,
    Words,
)
from slm.cli.context import context_of
from slm.cli.render.hits import footer, hits, nothing, quoted
from slm.cli.render.memory import SHORTEST_ID
from slm.engine.fence import entry, fenced, of_hit
from slm.errors import InvalidInput


class Form(StrEnum):
    """How the hits are printed."""

    TEXT = "text"
    CONTEXT = "context"


def recall(
    ctx: typer.Context,
    query: Words = None,
    limit: Limit = None,
    budget: Budget = None,
    since: Since = None,
    until: Until = None,
    as_of: AsOf = None,
    now: Now = None,
    tag: OnlyTags = None,
    all_scopes: AllScopes = False,
    archived: Archived = False,
    min_confidence: MinConfidence = None,
    answer: Annotated[bool, typer.Option("--answer", help="Quote the answer, with the memories it rests on.")] = False,
    form: Annotated[
        Form, typer.Option("--format", help="As a person reads it, or fenced for a prompt, nothing private in it.")
    ] = Form.TEXT,
    why: Annotated[
        bool,
        typer.Option("--why", help="Show the terms of each score, ranks, and weights that use moved."),
    ] = False,
) -> int:
    """Find what was remembered: slm recall which port does the api use."""
    context = context_of(ctx)
    if not query:
        raise InvalidInput("recall what?", hint="slm recall which port does the api use")
    found = context.call(
        "recall", query=context.text(query, "the question"), limit=limit, budget=budget, since=since, until=until,
        as_of=as_of, now=now, tag=tag, all_scopes=all_scopes, archived=archived, min_confidence=min_confidence, why=why,
        answer=answer, without_private=form is Form.CONTEXT,
    )  # fmt: skip
    answered = bool(found["hits"]) and not found["abstained"]
    if context.out.json:
        context.out.document(found)
    elif answered and form is Form.CONTEXT:
        context.out.lines(fenced(line for hit in found["hits"] for line in entry(of_hit(hit))).split("\n"))
    elif answered:
        if answer:
            context.out.lines(quoted(found, context.out.layout))
        context.out.lines(hits(found, context.out.layout, why=why))
        context.out.talk(footer(found, context.out.talk_layout, archived=archived))
    else:
        context.out.talk(nothing(found, context.out.talk_layout))
    return 0 if answered else 1


def used(ctx: typer.Context, ids: Ids) -> int:
    """Say which memories helped, so that they come up more readily."""
    context = context_of(ctx)
    result = context.call("used", id=ids)
    context.out.done(result, ["used " + " ".join(each[:SHORTEST_ID] for each in result["used"])])
    return 0


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(rich_help_panel=EVERYDAY)(recall)
    app.command(rich_help_panel=EVERYDAY)(used)
