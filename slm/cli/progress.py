"""A bar for long work, on a terminal only."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from slm.cli.context import Context


@contextmanager
def progress(context: Context, what: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """A function that moves the bar on by a count; without a terminal, or when quiet, it does nothing."""
    if not sys.stderr.isatty() or context.out.quiet or context.out.json:
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    colour = context.out.talk_layout.colour
    console = Console(file=sys.stderr, no_color=not colour, highlight=False)
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda count: bar.advance(task, count)
