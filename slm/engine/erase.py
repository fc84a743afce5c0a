"""erase: what ``forget --erase`` asks, and the receipt that answers it."""

from __future__ import annotations

from typing import Any

from slm.engine.backups import holding
from slm.engine.change import selected
from slm.engine.request import Request
from slm.engine.text_digest import text_digest
from slm.errors import NeedsUser
from slm.model import Memory
from slm.store.reader import Reader

PEOPLE = frozenset({"cli", "script"})
"""Who may erase: an agent that was talked into it must not be able to."""
OUT_OF_REACH = (
    "exports and copies that were made with other programs",
    "transcripts and logs of the agents that were told of it",
    "snapshots, backups and freed blocks of the file system",
)


def run(request: Request) -> dict[str, Any]:
    """Erase the memories named by ids or by one exact selector, each with its whole history; or with ``dry_run`` say
    what that would be.
    """
    if request.caller.actor not in PEOPLE:
        raise NeedsUser("agents can't erase: it is for the command line", hint="slm forget ID --erase")
    dry_run = bool(request.fields.get("dry_run"))
    with request.engine.store.read() as reader:
        chosen = [ordinal for ordinal in selected(request, reader) if not reader.memory(ordinal).erased]
    going = request.engine.doomed(chosen)
    with request.engine.store.read() as reader:
        memories = [reader.memory(ordinal) for ordinal in going.ordinals]
        found = _receipt(request, reader, memories, going.entries.told)
    if dry_run:
        each = zip(going.ordinals, memories, strict=True)
        shown = [{**memory.record(), "named": ordinal in chosen} for ordinal, memory in each]
        return {**found, "memories": shown, "dry_run": True}
    if not memories:
        return {**found, "dry_run": False}
    try:
        done = request.engine.erase(going, request.caller.actor)
    except BaseException:
        request.service.let_go(request.engine)
        raise
    with request.engine.store.read() as reader:
        seq, head = reader.journal_head()
    counts = {"chunks": done.chunks, "entries": done.entries, "names": done.names}
    return {**found, **counts, "journal": {"entries": seq, "head": head.hex()}, "dry_run": False}


def _receipt(request: Request, reader: Reader, memories: list[Memory], entries: list[int]) -> dict[str, Any]:
    """What is known before: how much goes, what stays, what is out of reach."""
    ids = frozenset(memory.id for memory in memories)
    sources = sorted({memory.source for memory in memories if memory.source})
    return {
        "erased": [memory.id for memory in memories],
        "pinned": [memory.id for memory in memories if memory.pinned],
        "entries": len(entries),
        "same_text": _same_text(request, reader, memories, ids),
        "backups": holding(request, reader, entries[0]) if entries else [],
        "sources": sources,
        "out_of_reach": list(OUT_OF_REACH),
    }


def _same_text(request: Request, reader: Reader, memories: list[Memory], ids: frozenset[str]) -> list[str]:
    """Other memories that say the same, and stay."""
    store_id = request.engine.index.store_id
    found = {ordinal for memory in memories for ordinal in reader.same_text(text_digest(store_id, memory))}
    return sorted({reader.memory(ordinal).id for ordinal in found} - ids)
