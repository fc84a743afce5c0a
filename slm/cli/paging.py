"""Long answers a page at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from slm.cli.context import Context

PAGE = 500
LONGEST_IN_DAEMON = 200
"""Longer lists are laid out by the client, so that they don't hold up others' answers."""

Page = list[dict[str, Any]]


def pages(context: Context, op: str, key: str, limit: int, fields: Mapping[str, Any]) -> Iterator[tuple[Page, bool]]:
    """Pages of ``key`` in the op's results, ``limit`` items together (0: all), each with whether more would follow."""
    left, after = limit, None
    while True:
        size = min(left, PAGE) if limit else PAGE
        result = context.call(op, limit=size, after=after, **fields)
        page, after = result[key], result["next"]
        left -= len(page)
        if page:
            yield page, after is not None
        if after is None or not page or (limit and left <= 0):
            return
