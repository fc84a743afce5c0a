"""why: what a memory is, why a question finds it or not, and the last recall explained."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from slm.cli.commands.options import (
    LOOKING,
    AllScopes,
    Archived,
    AsOf,
    Budget,
    Limit,
    MinConfidence,
    Now,
    OnlyTags,
    Since,
    Until,
)
from slm.cli.context import Context, context_of
from slm.cli.render.why import about, for_question, last
from slm.errors import InvalidInput

HINT = "slm why k3m9q, slm why k3m9q --for which port, slm why --last"
Words = Annotated[list[str] | None, typer.Argument(metavar="[ID] [WORDS...]", help="An id, then words of --for.")]
For = Annotated[
    str | None,
    typer.Option("--for", metavar="WORDS...", help="Why this question finds it or not; a lone - reads stdin."),
]
Last = Annotated[bool, typer.Option("--last", help="Explain your last recall instead.")]


def why(
    ctx: typer.Context,
    words: Words = None,
    question: For = None,
    last_recall: Last = False,
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
) -> int:
    """Say what a memory is and what last showed it; with --for why a question finds it or not.

    slm why k3m9q --for which port does the api use: quotes aren't needed where the question comes last.
    """
    context = context_of(ctx)
    given, asked = _read(context, words or [], question, last_recall=last_recall)
    result = context.call(
        "why", **given, **asked, last=last_recall, limit=limit, budget=budget, since=since, until=until, as_of=as_of,
        now=now, tag=tag, all_scopes=all_scopes, archived=archived, min_confidence=min_confidence,
    )  # fmt: skip
    render = last if last_recall else for_question if asked else about
    if context.out.json:
        context.out.document(result)
    else:
        context.out.lines(render(result, context.out.layout))
    return 0


def _read(
    context: Context, words: list[str], question: str | None, *, last_recall: bool
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The id and the question as fields, each of them empty without one."""
    if last_recall and (words or question is not None):
        raise InvalidInput("--last goes alone", hint=HINT)
    if not last_recall and not words:
        raise InvalidInput("why which memory?", hint=HINT)
    if question is None and len(words) > 1:
        raise InvalidInput("why takes one id; a question goes after --for", hint=HINT)
    asked = {} if question is None else {"for": context.text([question, *words[1:]], "the question")}
    return {"id": words[0]} if words else {}, asked


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(rich_help_panel=LOOKING)(why)
