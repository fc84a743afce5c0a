"""Options that several commands share, and the headings of ``slm --help``."""

from __future__ import annotations

from typing import Annotated

import typer

from slm.model import Kind, PhaseName

EVERYDAY = "Everyday"
LOOKING = "Look closer"
CHANGING = "Change what is remembered"
MOVING = "Bring in and take out"
RUNNING = "Set up and look after"

Words = Annotated[list[str] | None, typer.Argument(metavar="WORDS...", help="No quotes needed; a lone - reads stdin.")]
Ids = Annotated[list[str], typer.Argument(metavar="ID...", help="Ids, or their first characters.")]
Id = Annotated[str, typer.Argument(metavar="ID", help="An id, or its first characters.")]
OnlyTags = Annotated[list[str] | None, typer.Option("--tag", metavar="TAG", help="Only with this tag; repeatable.")]
OnlyKind = Annotated[Kind | None, typer.Option("--kind", help="Only memories of this kind.")]
OnlyPhase = Annotated[PhaseName | None, typer.Option("--phase", help="Only memories in this phase.")]
Archived = Annotated[
    bool, typer.Option("--archived", help="Archived memories as well, which otherwise come only where others fail.")
]
AllScopes = Annotated[bool, typer.Option("--all-scopes", help="Look into every project.")]
Limit = Annotated[int | None, typer.Option("-n", "--limit", help="Memories shown at most.")]
Budget = Annotated[int | None, typer.Option("--budget", metavar="TOKENS", help="Tokens that the texts may take.")]
Since = Annotated[str | None, typer.Option("--since", metavar="TIME", help="Only what was said since then.")]
Until = Annotated[str | None, typer.Option("--until", metavar="TIME", help="Only what was said until then.")]
AsOf = Annotated[str | None, typer.Option("--as-of", metavar="TIME", help="What was true then, as known today.")]
Now = Annotated[str | None, typer.Option("--now", metavar="TIME", help="Ask as if it were then.")]
MinConfidence = Annotated[
    float | None, typer.Option("--min-confidence", help="Probability to answer at all; 0 always does.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would happen and change nothing.")]
Yes = Annotated[bool, typer.Option("--yes", help="Don't ask.")]
