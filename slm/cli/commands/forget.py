"""forget and undo: what is hidden is shown first, and comes back."""

from __future__ import annotations

from collections.abc import Sized
from typing import Annotated, Any

import typer

from slm.cli.commands.options import CHANGING, DryRun, Yes
from slm.cli.context import Context, context_of
from slm.cli.progress import working
from slm.cli.render.erased import about_to, receipt
from slm.cli.render.memory import rows
from slm.cli.render.results import entry
from slm.counted import MEMORIES, counted
from slm.errors import InvalidInput

MOST_ASKED = 20
"""Memories listed before the question; more are counted."""


def forget(
    ctx: typer.Context,
    ids: Annotated[list[str] | None, typer.Argument(metavar="ID...", help="Ids; a lone - reads them.")] = None,
    tag: Annotated[str | None, typer.Option(metavar="TAG", help="All with this tag, in every scope.")] = None,
    source: Annotated[str | None, typer.Option(metavar="NAME", help="All from this source.")] = None,
    mentions: Annotated[str | None, typer.Option(metavar="NAME", help="All that name this, in every scope.")] = None,
    reason: Annotated[str | None, typer.Option(help="Why, for show.")] = None,
    erase: Annotated[bool, typer.Option("--erase", help="Remove them from every file, for good.")] = False,
    dry_run: DryRun = False,
    yes: Yes = False,
) -> int:
    """Hide memories; slm undo brings them back. With --erase no byte of them stays in the store."""
    context = context_of(ctx)
    selector: dict[str, Any] = {
        name: value for name, value in (("tag", tag), ("source", source), ("mentions", mentions)) if value
    }
    if bool(ids) + len(selector) != 1:
        raise InvalidInput("forget what? Give ids, or one of --tag, --source, --mentions", hint="slm forget ID")
    if ids:
        named = context.text(ids, "ids").split() if ids == ["-"] else ids
        if not named:
            raise InvalidInput("no ids on standard input", hint="slm list --ids --unused | slm forget -")
        selector = {"id": named} if erase else {}
    if erase:
        if reason is not None:
            raise InvalidInput("--reason is kept, --erase keeps nothing", hint="leave one of them out")
        return _erase(context, selector, dry_run=dry_run, yes=yes)
    if ids:
        return _report(context, context.call("forget", id=named, reason=reason, dry_run=dry_run))
    context.in_client()
    found = context.call("forget", dry_run=True, **selector)
    if dry_run or not found["forgotten"]:
        return _report(context, found)
    if not yes:
        _show(context, found["forgotten"])
        if not context.confirm(f"forget {_count(found['forgotten'])}?"):
            context.out.talk(["nothing was forgotten"])
            return 1
    shown = [memory["id"] for memory in found["forgotten"]]
    return _report(context, context.call("forget", id=shown, reason=reason))


def _erase(context: Context, selector: dict[str, Any], *, dry_run: bool, yes: bool) -> int:
    context.in_client()
    found = context.call("erase", dry_run=True, **selector)
    if not found["erased"]:
        context.out.done(found, ["nothing to erase"])
        return 1
    if dry_run:
        return _would_erase(context, found)
    if not yes:
        context.out.talk(about_to(found, context.out.talk_layout, MOST_ASKED))
        if not context.confirm(f"erase {_count(found['erased'])} for good?"):
            context.out.talk(["nothing was erased"])
            return 1
    with working(context, "erasing"):
        result = context.call("erase", id=found["erased"])
    if context.out.json:
        context.out.document(result)
    else:
        context.out.lines(receipt(result))
    return 0


def _would_erase(context: Context, found: dict[str, Any]) -> int:
    if context.out.json:
        context.out.document(found)
    else:
        context.out.lines(about_to(found, context.out.layout, len(found["memories"])))
        context.out.talk([f"would erase {_count(found['erased'])}"])
    return 0


def _report(context: Context, result: dict[str, Any]) -> int:
    memories = result["forgotten"]
    if context.out.json:
        context.out.document(result)
    else:
        context.out.lines(rows(memories, context.out.layout))
        context.out.talk([_outcome(memories, dry_run=result["dry_run"])])
    return 0 if memories else 1


def _outcome(memories: list[dict[str, Any]], *, dry_run: bool) -> str:
    if not memories:
        return "nothing to forget"
    back = f"slm undo brings {'it' if len(memories) == 1 else 'them'} back"
    return f"would forget {_count(memories)}" if dry_run else f"forgot {_count(memories)}; {back}"


def _show(context: Context, memories: list[dict[str, Any]]) -> None:
    context.out.talk(rows(memories[:MOST_ASKED], context.out.talk_layout))
    if len(memories) > MOST_ASKED:
        context.out.talk([f"… and {len(memories) - MOST_ASKED} more"])


def _count(memories: Sized) -> str:
    return counted(len(memories), *MEMORIES)


def undo(
    ctx: typer.Context,
    number: Annotated[int | None, typer.Argument(metavar="ENTRY", help="An entry of slm log; your last one.")] = None,
    actor: Annotated[
        str | None, typer.Option(metavar="NAME", help="All that this actor did and that stands: mcp:claude-code.")
    ] = None,
    since: Annotated[str | None, typer.Option(metavar="TIME", help="Of an actor's, what was done since then.")] = None,
    dry_run: DryRun = False,
    yes: Yes = False,
) -> int:
    """Take back your last change, or one that slm log shows, or all of one agent."""
    context = context_of(ctx)
    if not dry_run:
        context.in_client()
    if actor is not None or since is not None:
        return _undo_all(context, {"entry": number, "by_actor": actor, "since": since}, dry_run=dry_run, yes=yes)
    if dry_run or not yes:
        found = context.call("undo", entry=number, dry_run=True)
        if dry_run:
            return _undone(context, found, "would undo")
        context.out.talk([entry(found["entry"], found["op"], found["time"], found["summary"])])
        if not context.confirm("undo this?"):
            context.out.talk(["nothing was undone"])
            return 1
        number = found["entry"]  # what was shown, whatever has happened since
    return _undone(context, context.call("undo", entry=number), "undid")


def _undone(context: Context, result: dict[str, Any], done: str) -> int:
    context.out.done(result, [f"{done} {entry(result['entry'], result['op'], result['time'], result['summary'])}"])
    return 0


def _undo_all(context: Context, fields: dict[str, Any], *, dry_run: bool, yes: bool) -> int:
    """An actor's changes, shown and asked for as one."""
    found = context.call("undo", **fields, dry_run=True)
    count = len(found["entries"])
    if not dry_run and count:
        if not yes:
            context.out.talk(_entries(found["entries"], context))
            if not context.confirm(f"undo {_changes(count)} of {fields['by_actor']}?"):
                context.out.talk(["nothing was undone"])
                return 1
        found = context.call("undo", **fields)
        count = len(found["entries"])
    if context.out.json:
        context.out.document(found)
        return 0 if count else 1
    if dry_run:
        context.out.lines(_entries(found["entries"], context))
    back = "; slm undo ENTRY of this undo brings them back" if count and not dry_run else ""
    context.out.talk([f"{'would undo' if dry_run else 'undid'} {_changes(count)}{back}"])
    context.out.talk([f"kept: {each['reason']}" for each in found["kept"]])
    return 0 if count else 1


def _entries(entries: list[dict[str, Any]], context: Context) -> list[str]:
    lines = []
    for each in entries[:MOST_ASKED]:
        head = entry(each["entry"], each["op"], each["time"], "")
        lines.append(head + context.out.talk_layout.trimmed(each["summary"], len(head)))
    return lines + ([f"… and {len(entries) - MOST_ASKED} more"] if len(entries) > MOST_ASKED else [])


def _changes(count: int) -> str:
    return counted(count, "change")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(rich_help_panel=CHANGING)(forget)
    app.command(rich_help_panel=CHANGING)(undo)
