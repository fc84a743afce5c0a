"""remember: one text from the command line, or a batch of records."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from slm.cli.commands.options import EVERYDAY, Words
from slm.cli.context import Context, context_of
from slm.cli.render.results import became, beside, remembered_id
from slm.errors import InvalidInput
from slm.model import Kind


def remember(
    ctx: typer.Context,
    text: Words = None,
    tag: Annotated[list[str] | None, typer.Option(metavar="TAG", help="A tag; may be repeated.")] = None,
    kind: Annotated[Kind | None, typer.Option(help="What sort of memory it is.")] = None,
    claim: Annotated[
        list[str] | None, typer.Option(metavar="CLAIM", help="What it states, exactly: api.port=5433; repeatable.")
    ] = None,
    speaker: Annotated[str | None, typer.Option(metavar="NAME", help="Who said it.")] = None,
    session: Annotated[str | None, typer.Option(metavar="NAME", help="The conversation that it belongs to.")] = None,
    at: Annotated[str | None, typer.Option(metavar="TIME", help="When it was said or seen.")] = None,
    valid_from: Annotated[str | None, typer.Option(metavar="TIME", help="From when it is true.")] = None,
    valid_until: Annotated[str | None, typer.Option(metavar="TIME", help="Until when it is true.")] = None,
    source: Annotated[str | None, typer.Option(metavar="NAME", help="Where it comes from: a file, a page.")] = None,
    importance: Annotated[float | None, typer.Option(help="From 0 to 1.")] = None,
    pin: Annotated[bool, typer.Option("--pin", help="Never let it fade.")] = False,
    private: Annotated[bool, typer.Option("--private", help="Never show it to agents.")] = False,
    supersedes: Annotated[list[str] | None, typer.Option(metavar="ID", help="What was true until now.")] = None,
    batch: Annotated[str | None, typer.Option(metavar="FILE", help="A record a line, as JSON; - for stdin.")] = None,
    no_redact: Annotated[bool, typer.Option("--no-redact", help="Store secrets as they stand.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Even if it was corrected or forgotten.")] = False,
) -> int:
    """Remember something: slm remember the API listens on 5433."""
    context = context_of(ctx)
    fields: dict[str, Any] = {
        "tag": tag, "kind": kind, "speaker": speaker, "session": session, "at": at, "valid_from": valid_from,
        "valid_until": valid_until, "source": source, "importance": importance, "pin": pin, "private": private,
        "supersedes": supersedes, "claim": claim,
    }  # fmt: skip
    if batch is not None:
        return _batch(context, batch, bool(text) or any(fields.values()), no_redact=no_redact, force=force)
    if not text:
        raise InvalidInput("nothing to remember", hint="slm remember the API listens on 5433")
    result = context.call("remember", text=context.text(text, "the text"), no_redact=no_redact, force=force, **fields)
    _print(context, result)
    return 0


def _print(context: Context, result: dict[str, Any]) -> None:
    """A person gets one line, a script the whole id on standard output and the rest on standard error."""
    out = context.out
    if out.json:
        out.document(result)
        return
    if out.terminal and not out.quiet:
        out.lines([remembered_id(result, out.layout)])
    else:
        out.lines([result["id"]])
        out.talk([became(result)])
    out.talk(beside(result, out.talk_layout))


def _batch(context: Context, source: str, mixed: bool, *, no_redact: bool, force: bool) -> int:
    context.in_client()
    if mixed:
        raise InvalidInput("--batch takes texts and fields from its records alone", hint="slm remember --batch FILE")
    from slm.cli.commands.transfer import remember_batch

    return remember_batch(context, source, no_redact=no_redact, force=force)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(rich_help_panel=EVERYDAY)(remember)
