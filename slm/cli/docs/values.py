"""What completes a word at a prompt: a kind of values of the store, which the daemon is asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from slm.cli.context import Context
from slm.cli.render.memory import short_ids
from slm.counted import MEMORIES, counted
from slm.visible import one_line

NEWEST = 200
GLIMPSE = 50
"""Characters of a memory shown beside its id."""

Value = tuple[str, str]
"""A word, and what is shown beside it."""


def values(context: Context, kind: str) -> list[Value]:
    """The values of one of :data:`KINDS` as the caller may complete them."""
    return KINDS[kind](context)


def _ids(context: Context) -> list[Value]:
    """The newest memories of this place, by ids that are unique among them."""
    memories = context.call("list", limit=NEWEST)["memories"]
    short = short_ids(memory["id"] for memory in memories)
    return [(short[memory["id"]], one_line(memory["text"])[:GLIMPSE]) for memory in memories]


def _tags(context: Context) -> list[Value]:
    return _counted(context.call("tags")["tags"])


def _changes(context: Context) -> list[Value]:
    """What slm tag takes: each tag to add and to take away."""
    return [(sign + name, told) for sign in "+-" for name, told in _tags(context)]


def _profiles(context: Context) -> list[Value]:
    return _counted(context.call("profiles")["profiles"])


def _scopes(context: Context) -> list[Value]:
    return _counted(context.call("scopes")["scopes"])


def _counted(found: list[dict[str, Any]]) -> list[Value]:
    return [
        (each["name"], "" if each.get("memories") is None else counted(each["memories"], *MEMORIES)) for each in found
    ]


KINDS: dict[str, Callable[[Context], list[Value]]] = {
    "ids": _ids, "tags": _tags, "changes": _changes, "profiles": _profiles, "scopes": _scopes,
}  # fmt: skip
