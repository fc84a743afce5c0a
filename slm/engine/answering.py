"""The answer that can be quoted from the hits of a recall, with the memories it rests on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from slm.engine.hits import Hit
from slm.engine.request import Request
from slm.model import Memory
from slm.retrieval.answer import Evidence, answer
from slm.times import from_iso

READ = 10
"""Hits that an answer is looked for in."""


def answered(request: Request, found: Sequence[Hit]) -> dict[str, Any] | None:
    """Text, kind and supporting ids of the answer to the request's query; None where nothing found fits."""
    memories = [hit.memory for hit in found[:READ]]
    lexical = request.engine.index.lexical.view()
    said = answer(
        request.fields["query"], [_evidence(request, memory) for memory in memories], lexical.idf, request.now.date()
    )
    if said is None:
        return None
    return {"text": said.text, "kind": said.kind, "support": [memories[i].id for i in dict.fromkeys(said.support)]}


def _evidence(request: Request, memory: Memory) -> Evidence:
    observed = from_iso(memory.observed_at, request.zone)
    return Evidence(memory.text, memory.speaker, observed.date())
