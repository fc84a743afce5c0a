"""import and export: memories from files and into them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from slm.cli.commands.options import MOVING, DryRun
from slm.cli.context import Context, context_of
from slm.cli.files import read_once, replaced_whole
from slm.cli.progress import progress
from slm.cli.render.notebook import notebook
from slm.cli.render.text import json_text
from slm.cli.sending import Outcome, Placed, send
from slm.cli.tally import Tally
from slm.counted import counted
from slm.errors import InvalidInput, StoreDamaged
from slm.ingest.formats import IMPORTERS
from slm.ingest.jsonl import END, WEIGHTS
from slm.times import MONTHS
from slm.visible import one_line

Format = Literal["jsonl", "markdown", "chatgpt", "claude", "mem0", "mcp-memory", "locomo"]
ExportFormat = Literal["jsonl", "markdown"]
RESTORED = {
    "restored": "weights restored, as learnt from {uses} uses",
    "known": "weights known already",
    "kept": "weights left alone: this profile has learnt from {uses} uses of its own",
    "other_terms": "weights left out: another version of slm learnt them",
}
"""By what ``weights_restore`` answers."""
FORMATS = "; ".join(f"{name}: {importer.description}" for name, importer in IMPORTERS.items())


def import_records(
    ctx: typer.Context,
    source: Annotated[str, typer.Argument(metavar="FILE|DIR|-", help="What to read; - for stdin.")],
    from_format: Annotated[Format, typer.Option("--from", help=FORMATS)],
    dry_run: DryRun = False,
) -> int:
    """Take in memories from files. What is there already stays as it is, so it may be repeated."""
    context = context_of(ctx)
    context.in_client()
    if dry_run:
        tally = Tally()
        with progress(context, "reading", None) as advance:
            for _, record in _read(context, source, from_format):
                tally.add(record)
                advance(1)
        context.out.done(tally.document(), tally.lines())
        return 0
    total = _counted(context, source, from_format)
    outcome, actor = Outcome(), f"import:{from_format}"
    learnt: list[Placed] = []
    try:
        with progress(context, "importing", total) as advance:
            records = _read(context, source, from_format, learnt, warn=total is None)
            for _ in send(context, records, outcome, as_actor=actor):
                advance(1)
    except KeyboardInterrupt:  # said once the bar is gone
        context.out.talk([f"interrupted: {outcome.sentence()}; the same command goes on from there"])
        raise
    restored = [_restored(context, *weights, actor) for weights in learnt]
    told = [RESTORED[one["status"]].format(**one) for one in restored]
    statuses = [one["status"] for one in restored]
    context.out.done({**outcome.document(), "weights": statuses}, [outcome.sentence(), *told])
    return 0


def _restored(context: Context, place: str, learnt: dict[str, Any], actor: str) -> dict[str, Any]:
    """What became of the weights of one export."""
    try:
        became: dict[str, Any] = context.call("weights_restore", learnt=learnt, as_actor=actor)
    except InvalidInput as error:
        raise InvalidInput(f"{place}: {error.message}", hint=error.hint) from None
    return became


def remember_batch(context: Context, source: str, *, no_redact: bool, force: bool) -> int:
    """Remember the records of a JSON Lines file: their ids and what became of them, a line each."""
    total = _counted(context, source, "jsonl")
    outcome = Outcome()
    with progress(context, "remembering", total) as advance:
        records = _read(context, source, "jsonl")
        for result in send(context, records, outcome, no_redact=no_redact, force=force):
            advance(1)
            if context.out.json:
                context.out.document(result)
            else:
                context.out.lines([f"{result['id']}  {result['status']}"])
    context.out.talk([outcome.sentence()])
    return 0


def _read(
    context: Context, source: str, from_format: str, learnt: list[Placed] | None = None, *, warn: bool = True
) -> Iterator[Placed]:
    """The records; what was passed over is said unless it has been. Weights of an export are put into ``learnt``."""

    def say(warning: str) -> None:
        context.out.talk([one_line(warning)])

    def pass_over(_: str) -> None: ...

    tell: Callable[[str], None] = say if warn else pass_over
    return _records(IMPORTERS[from_format].read(source, sys.stdin.buffer, tell), [] if learnt is None else learnt)


def _records(found: Iterable[Placed], learnt: list[Placed]) -> Iterator[Placed]:
    for place, record in found:
        if WEIGHTS in record:
            learnt.append((place, record[WEIGHTS]))
        else:
            yield place, record


def _counted(context: Context, source: str, from_format: str) -> int | None:
    """How many records there are: all are checked before any is stored. None for a stream: it can't be read twice."""
    if source == "-" or read_once(Path(source)):
        return None
    count = 0
    with progress(context, "reading", None) as advance:
        for _ in _read(context, source, from_format):
            count += 1
            advance(1)
    return count


def export(
    ctx: typer.Context,
    output: Annotated[
        str | None, typer.Option("-o", "--output", metavar="FILE", help="Write here, at once whole.")
    ] = None,
    export_format: Annotated[
        ExportFormat,
        typer.Option("--format", help="jsonl: everything, for slm import; markdown: what stands, for people."),
    ] = "jsonl",
) -> int:
    """Write all memories: as JSON Lines with what was corrected or forgotten, or as Markdown to read."""
    context = context_of(ctx)
    context.in_client()
    lines = _written(context, export_format)
    if output is None or output == "-":
        context.out.lines(lines)
        return 0
    written = replaced_whole(output, lines)
    context.out.done(
        {"path": output, "lines": written, "format": export_format}, [f"{counted(written, 'line')} in {output}"]
    )
    return 0


def _written(context: Context, export_format: ExportFormat) -> Iterator[str]:
    lines = _exported(context)
    if export_format == "jsonl":
        return (json_text(line) for line in lines)
    now = context.out.layout.now
    records = (line for line in lines if "text" in line)
    return notebook(records, f"Memories of {now.day} {MONTHS[now.month - 1].capitalize()} {now.year}")


def _exported(context: Context) -> Iterator[dict[str, Any]]:
    """Every line of the export. Raises :class:`StoreDamaged` when it ends before its last line."""
    after, last = None, {}
    while True:
        page = context.call("export", after=after)
        for last in page["lines"]:
            yield last
        after = page["next"]
        if after is None:
            break
    if END not in last:
        raise StoreDamaged("the export ended before its last line", hint="slm daemon logs")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("import", rich_help_panel=MOVING)(import_records)
    app.command(rich_help_panel=MOVING)(export)
