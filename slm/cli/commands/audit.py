"""audit: contradictions as short stories, and what a person decides about them."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from slm.cli.commands.options import LOOKING, AllScopes, DryRun, OnlyKind, OnlyTags
from slm.cli.context import Context, context_of
from slm.cli.progress import progress
from slm.cli.render.audit import conflict_names, coverage, explained, report, resolved
from slm.errors import InvalidInput

CONTRADICTED = 5
"""Exit code where contradictions are open."""
PATIENCE_S = 0.5
STAGES = {"reading": "reading claims", "comparing": "comparing claims"}
"""What an audit of a large store says that it does."""


def audit(
    ctx: typer.Context,
    as_of: Annotated[str | None, typer.Option(metavar="TIME", help="What contradicted itself then.")] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Show the mathematics.")] = False,
    accepted: Annotated[bool, typer.Option("--accepted", help="Show what was accepted as well.")] = False,
    tag: OnlyTags = None,
    kind: OnlyKind = None,
    source: Annotated[str | None, typer.Option(help="Only what takes part from this source.")] = None,
    actor: Annotated[str | None, typer.Option(help="Only what this actor wrote.")] = None,
    all_scopes: AllScopes = False,
    limit: Annotated[int | None, typer.Option("-n", "--limit", min=1, help="Contradictions shown at most.")] = None,
) -> int:
    """Find contradictions among what is remembered; the exit code is 5 where there are any."""
    if ctx.invoked_subcommand is not None:
        return 0
    context = context_of(ctx)
    result = _finished(
        context, as_of=as_of, explain=explain, accepted=accepted, tag=tag, kind=kind, source=source, by_actor=actor,
        all_scopes=all_scopes, limit=limit,
    )  # fmt: skip
    if context.out.json:
        context.out.document(result)
    else:
        context.out.lines(report(result, context.out.layout))
        if explain:
            _explain(context, result["conflicts"])
        if not result["total"]:
            context.out.talk(["no contradictions"])
        beside = context.out.talk_layout
        context.out.talk([beside.paint("dim", line) for line in beside.wrapped(coverage(result), 0)])
    return CONTRADICTED if result["total"] else 0


def _finished(context: Context, **fields: Any) -> dict[str, Any]:
    """The answer of the audit, however long it takes: on a terminal with a bar for each stage of a long one."""

    def ask() -> dict[str, Any]:
        answer: dict[str, Any] = context.call("audit", patience_s=PATIENCE_S, **fields)
        return answer

    result = ask()
    while (at := result.get("unfinished")) is not None:
        context.in_client()
        with progress(context, STAGES[at["stage"]], at["total"]) as advance:
            stage, shown = at["stage"], 0
            while at is not None and at["stage"] == stage:
                advance(at["done"] - shown)
                shown = at["done"]
                result = ask()
                at = result.get("unfinished")
    return result


def _explain(context: Context, conflicts: list[dict[str, object]]) -> None:
    names = conflict_names(str(conflict["id"]) for conflict in conflicts)
    for conflict in conflicts:
        context.out.lines([names[str(conflict["id"])], *explained(conflict, context.out.layout), ""])


def resolve(
    ctx: typer.Context,
    conflict: Annotated[str, typer.Argument(metavar="CONFLICT", help="As audit shows it: c:4d1.")],
    drop: Annotated[list[str] | None, typer.Option(metavar="ID", help="This memory's claims are wrong.")] = None,
    ends: Annotated[
        tuple[str, str] | None, typer.Option(metavar="ID DATE", help="This memory was true until then.")
    ] = None,
    accept: Annotated[bool, typer.Option("--accept", help="Live with it until there is new evidence.")] = False,
    dry_run: DryRun = False,
) -> int:
    """Settle a contradiction: drop what is wrong, end what was true, or accept it. slm undo takes it back."""
    if sum((bool(drop), ends is not None, accept)) != 1:
        problem = "say what to do: --drop ID, --ends ID DATE or --accept"
        raise InvalidInput(problem, hint=f"slm audit resolve {conflict} --drop ID")
    context = context_of(ctx)
    memory, at = ends or (None, None)
    result = context.call(
        "audit_resolve", conflict=conflict, drop=drop, ends=memory, at=at, accept=accept, dry_run=dry_run
    )
    context.out.done(result, resolved(result))
    return 0


def register(app: typer.Typer) -> None:
    """Add the commands."""
    below = typer.Typer()
    below.callback(invoke_without_command=True)(audit)
    below.command("resolve")(resolve)
    app.add_typer(below, name="audit", rich_help_panel=LOOKING)
