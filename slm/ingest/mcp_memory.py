"""The MCP memory server's file (``memory.jsonl``, ``memory.json`` in older versions): a fact an observation.

A line is ``{"type": "entity", "name", "entityType", "observations": [texts]}`` or ``{"type": "relation", "from", "to",
"relationType"}``. The answer of its tool ``read_graph``, ``{"entities": […], "relations": […]}``, is read just as well.

An observation becomes "name: observation" with the type as a tag, a relation "from relation to", an entity of which
nothing was observed "name: type". The server keeps no times: all are seen at the time of the import.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from slm.errors import InvalidInput
from slm.ingest.found import Found, Warn, digest, one_line, sound, tags, take
from slm.ingest.json_stream import Element, elements
from slm.ingest.places import files

FILES = re.compile(r".*\.jsonl?")
LISTS = frozenset({"entities", "relations"})
SOURCE = "mcp-memory"


def read(place: str, stdin: BinaryIO, warn: Warn) -> Iterator[Found]:
    """Observations and relations as facts."""
    for name, stream in files(place, stdin, FILES, "JSON file"):
        for element in elements(stream, name, LISTS):
            for text, kinds in _facts(element):
                key = f"{SOURCE}:{digest(text)}"
                record = {"text": text, "kind": "fact", "tags": kinds, "source": SOURCE, "idempotency_key": key}
                yield from take(record, element.place, warn)


def _facts(element: Element) -> Iterator[tuple[str, list[str]]]:
    place, given = element
    if not isinstance(given, dict):
        raise _odd(place, "an entity or a relation is an object")
    if "relationType" in given:
        ends = [_named(given, field, place) for field in ("from", "relationType", "to")]
        yield f"{ends[0]} {ends[1].replace('_', ' ')} {ends[2]}", []
        return
    name, of_type = _named(given, "name", place), one_line(given.get("entityType"))
    observations = given.get("observations", [])
    if not isinstance(observations, list) or not all(isinstance(each, str) for each in observations):
        raise _odd(place, "'observations' must be a list of texts")
    said = [sound(each).strip() for each in observations if each.strip()]
    for each in said or [of_type] * bool(of_type):
        yield f"{name}: {each}", tags([of_type])


def _named(given: dict[str, Any], field: str, place: str) -> str:
    name = one_line(given.get(field))
    if not name:
        raise _odd(place, f"the text '{field}' is missing")
    return name


def _odd(place: str, what: str) -> InvalidInput:
    return InvalidInput(f"{place}: not of the MCP memory server: {what}")
