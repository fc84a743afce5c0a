"""A bar for long work, on a terminal only."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from slm.cli.context import Context


@contextmanager
def progress(context: Context, what: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """A function that moves the bar on by a count; without a terminal, or when quiet, it does nothing."""
    if not _shown(context):
        yield lambda _: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=_console(context), transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda count: bar.advance(task, count)


@contextmanager
def working(context: Context, what: str) -> Iterator[None]:
    """Show that a single call goes on, and since when: how far it is, only the daemon knows."""
    if not _shown(context):
        yield
        return
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=_console(context), transient=True) as bar:
        bar.add_task(what, total=None)
        yield


def _shown(context: Context) -> bool:
    return sys.stderr.isatty() and not context.out.quiet and not context.out.json


def _console(context: Context) -> Any:
    from rich.console import Console

    return Console(file=sys.stderr, no_color=not context.out.talk_layout.colour, highlight=False)
