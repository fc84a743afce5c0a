"""Memories as tools give them: lean, attributed, with nothing that acts or hides; and the same as fenced text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import Any, TypeVar

from slm.engine.fence import entry, fenced, shortened, tokens, told_by
from slm.visible import visible

T = TypeVar("T")

LONGEST_TEXT_TOKENS = 8_192
"""Of one memory in one answer; what is longer is cut, and says so."""
OPTIONAL = ("kind", "tags", "session", "source", "valid_from", "valid_until", "superseded_by", "pinned")
USUAL: Mapping[str, Any] = {"kind": "note", "pinned": False}


def harmless(value: Any) -> Any:
    """The JSON value with every text in it made visible."""
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, Mapping):
        return {visible(name): harmless(inner) for name, inner in value.items()}
    return [harmless(inner) for inner in value] if isinstance(value, Sequence) else value


def memory(record: Mapping[str, Any], most: int = LONGEST_TEXT_TOKENS) -> dict[str, Any]:
    """The record of a memory with what an agent can use of it; fields that say nothing are left out."""
    text, cut = shortened(record["text"], most)
    kept = {name: record[name] for name in OPTIONAL if record.get(name) and record[name] != USUAL.get(name)}
    lean = {"id": record["id"], "text": text, "by": told_by(record), "at": record["observed_at"]}
    return {**lean, "scope": record["scope"], **kept, **({"cut": True} if cut else {})}


def hit(found: Mapping[str, Any], most: int) -> dict[str, Any]:
    """A hit of recall: the memory, its flags, and the terms of its score where they were asked for."""
    flags = {"flags": found["flags"]} if found["flags"] else {}
    why = {"score": found["score"], "why": found["why"]} if found["why"] else {}
    return {**memory(found["memory"], most), **flags, **why}


def cost(record: Mapping[str, Any], most: int) -> int:
    """The tokens that a memory takes in a fenced block."""
    return sum(map(tokens, entry(record, most=most)))


def fitting(documents: Sequence[T], costs: Sequence[int], budget: int) -> list[T]:
    """The first of the documents whose tokens together don't exceed the budget; the first one in any case."""
    n_kept = sum(total <= budget for total in accumulate(costs))
    return list(documents[: max(n_kept, 1)])


def block(records: Iterable[Mapping[str, Any]], most: int = LONGEST_TEXT_TOKENS) -> str:
    """The memories as a fenced block."""
    return fenced(line for record in records for line in entry(record, most=most))
