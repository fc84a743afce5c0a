"""What an answer leaves out for an agent: the names of memories that it may not see, wherever one names another.

Every answer passes through here, so that no operation has to think of it by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from slm.engine.request import Request
from slm.model import Memory
from slm.store.reader import Reader

SUCCESSORS = frozenset({"superseded_by", "successor"})
"""Fields that name the memory that took a memory's place."""
PREDECESSORS = "supersedes"
"""The field that names those whose place a memory took."""


def withholds(request: Request) -> bool:
    """Whether the answer goes where private memories don't."""
    return request.caller.is_agent or bool(request.fields.get("without_private"))


def successor(request: Request, reader: Reader, memory: Memory) -> str | None:
    """The id of the memory that took the place of ``memory``; for an agent the first that it may see, if any."""
    name = memory.superseded_by
    return _first_seen(reader, name) if name is not None and withholds(request) else name


def withheld(reader: Reader, answer: Any) -> Any:
    """The JSON document without the ids of private memories in the links between memories.

    A successor that is left out gives way to the next one that isn't, None where there is none.
    """
    if isinstance(answer, Mapping):
        return {name: _link(reader, name, inner) for name, inner in answer.items()}
    return [withheld(reader, inner) for inner in answer] if isinstance(answer, list) else answer


def _link(reader: Reader, name: str, value: Any) -> Any:
    if name in SUCCESSORS and isinstance(value, str):
        return _first_seen(reader, value)
    if name == PREDECESSORS and isinstance(value, list):
        value = [each for each in value if not (isinstance(each, str) and _private(reader, each))]
    return withheld(reader, value)


def _first_seen(reader: Reader, name: str) -> str | None:
    passed: set[str] = set()
    following: str | None = name
    while following is not None and _private(reader, following):
        passed.add(following)
        ordinal = reader.ordinal_of(following)
        following = None if ordinal is None else reader.memory(ordinal).superseded_by
        following = None if following in passed else following
    return following


def _private(reader: Reader, name: str) -> bool:
    """Whether there is such a memory, and it is private."""
    ordinal = reader.ordinal_of(name)
    return ordinal is not None and reader.memory(ordinal).private
