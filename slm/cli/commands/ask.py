"""ask: an answer written by a language model of the user's own, from what recall finds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from slm.cli.commands.options import EVERYDAY, AllScopes, AsOf, MinConfidence, Now, OnlyTags, Since, Until, Words
from slm.cli.connection import paths_of
from slm.cli.context import Context, context_of
from slm.cli.render.asked import answered, doubts, unanswered
from slm.cli.render.hits import nothing
from slm.cli.render.memory import short_ids
from slm.config import Config, Llm
from slm.counted import MEMORIES, counted
from slm.errors import InvalidInput

if TYPE_CHECKING:
    from slm.llm.server import Server

ACTOR = "llm"
"""As whom it recalls: private memories are not shown to language models."""
KEY = "SLM_LLM_KEY"
"""The environment variable with the server's key, which no file of ours keeps."""
NOT_THERE = "the language model finds no answer in the memories given to it"
BUDGET_TOKENS = 2000
LIMIT = 10


def ask(
    ctx: typer.Context,
    question: Words = None,
    limit: Annotated[int, typer.Option("-n", "--limit", help="Memories given to the model at most.")] = LIMIT,
    budget: Annotated[
        int, typer.Option("--budget", metavar="TOKENS", help="Tokens that their texts may take.")
    ] = BUDGET_TOKENS,
    since: Since = None,
    until: Until = None,
    as_of: AsOf = None,
    now: Now = None,
    tag: OnlyTags = None,
    all_scopes: AllScopes = False,
    min_confidence: MinConfidence = None,
) -> int:
    """Let a language model of yours answer from what is remembered; it stays off until llm.base_url is set."""
    context = context_of(ctx)
    context.in_client()
    if not question:
        raise InvalidInput("ask what?", hint="slm ask which port does the api use")
    from slm.llm.server import server_of

    llm = Config.load(Path(paths_of(context.options, context.environ).config)).llm
    server = server_of(llm)
    text = context.text(question, "the question")
    found = context.call(
        "recall", ACTOR, query=text, limit=limit, budget=budget, since=since, until=until, as_of=as_of, now=now,
        tag=tag, all_scopes=all_scopes, min_confidence=min_confidence,
    )  # fmt: skip
    if found["abstained"] or not found["hits"]:
        context.out.done({**found, "answer": None}, nothing(found, context.out.talk_layout))
        return 1
    return _answer(context, llm, server, text, found)


def _answer(context: Context, llm: Llm, server: Server, question: str, found: dict[str, Any]) -> int:
    """Give the hits to the model and show what it says. What goes to another machine is journalled before it goes."""
    from slm.llm.chat import chat
    from slm.llm.prompt import messages, read

    hits, layout = found["hits"], context.out.talk_layout
    short = short_ids(hit["memory"]["id"] for hit in hits)
    if server.remote:
        context.call("disclose", ACTOR, id=list(short), to=server.name)
        going = f"the question and {counted(len(hits), *MEMORIES)} leave this machine"
        context.out.warn(f"{going}: they go to {server.name}")
    asked = messages(question, hits, short)
    said = read(chat(server, llm.model, asked, key=context.environ.get(KEY), timeout_s=llm.timeout_s), short)
    if not said.found:
        document = {**found, "abstained": True, "reason": NOT_THERE, "answer": None}
        context.out.done(document, unanswered(document, short, layout))
        return 1
    if said.cited:
        context.call("used", ACTOR, id=said.cited)
    answer = {"text": said.text, "cited": said.cited, "unknown": said.unknown, "server": server.name}
    document = {**found, "answer": answer}
    if context.out.json:
        context.out.document(document)
    else:
        context.out.lines(answered(document, context.out.layout))
        context.out.talk(doubts(document, layout))
    return 0


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(rich_help_panel=EVERYDAY)(ask)
