"""mem0's memories: what ``get_all()`` answers, saved as JSON, of the library or of the platform.

An array of memories, or pages ``{"results": [memories]}``, one or several in a file. A memory is ``{"id", "memory",
"user_id", "agent_id", "app_id", "run_id", "actor_id", "role", "categories", "created_at", "updated_at",
"expiration_date", "metadata"}``, all but ``memory`` optional. The library's graph store adds ``{"relations":
[{"source", "relationship", "target" (or "destination")}]}``.

A memory becomes a fact, seen when it was last changed; its categories become tags, ``source`` names whose it was,
``session`` its run. Other metadata is passed over. A memory that has changed since an earlier import comes in anew
beside the old one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from slm.errors import InvalidInput
from slm.ingest.found import Found, Warn, digest, one_line, sound, tags, take, time_of
from slm.ingest.json_stream import Element, elements
from slm.ingest.places import files

FILES = re.compile(r".*\.jsonl?")
LISTS = frozenset({"results", "relations"})
OWNERS = ("user_id", "agent_id", "app_id")


def read(place: str, stdin: BinaryIO, warn: Warn) -> Iterator[Found]:
    """Memories and relations as facts."""
    for name, stream in files(place, stdin, FILES, "JSON file"):
        for element in elements(stream, name, LISTS):
            yield from _fact(element, warn)


def _fact(element: Element, warn: Warn) -> Iterator[Found]:
    place, given = element
    if isinstance(given, dict):
        if isinstance(text := given.get("memory"), str):
            yield from take(_memory(given, sound(text)), place, warn)
            return
        ends = (given.get("source"), given.get("relationship"), given.get("target") or given.get("destination"))
        if all(isinstance(end, str) for end in ends):
            text = sound(" ".join(str(end).replace("_", " ") for end in ends))
            key = f"mem0:relation:{digest(text)}"
            yield from take({"text": text, "kind": "fact", "source": "mem0", "idempotency_key": key}, place, warn)
            return
    raise InvalidInput(f"{place}: no memory of mem0: the text 'memory' is missing", hint="save what get_all() returns")


def _memory(given: dict[str, Any], text: str) -> dict[str, Any]:
    owner = next((name for field in OWNERS if (name := one_line(given.get(field)))), "")
    run, categories = one_line(given.get("run_id")), given.get("categories")
    identity = one_line(given.get("id"), owner)
    return {
        "text": text,
        "kind": "fact",
        "tags": tags(categories) if isinstance(categories, list) else [],
        "source": f"mem0/{owner}" if owner else "mem0",
        "session": f"mem0/{run}" if run else None,
        "observed_at": time_of(given.get("updated_at")) or time_of(given.get("created_at")),
        "valid_until": time_of(given.get("expiration_date")),
        "speaker": one_line(given.get("actor_id")) or None,
        "idempotency_key": f"mem0:{digest(identity, text)}",
    }
