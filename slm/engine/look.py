"""Exact looks at the store: show, list, log. Nothing here ranks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from slm.engine.agents import named
from slm.engine.change import current
from slm.engine.claim_documents import Documents
from slm.engine.phases import in_phase
from slm.engine.request import Request
from slm.engine.summary import summary
from slm.engine.uses import opened
from slm.errors import InvalidInput
from slm.model import KINDS, Memory
from slm.store.reader import Reader
from slm.times import from_iso, from_ns, iso, to_ns

PAGE = 1000
QUIET_OPS = frozenset({"use", "epoch", "learn", "contradicted"})
"""Entries that ``log`` leaves out: uses are coalesced counts, epochs the store's own housekeeping."""


def show(request: Request) -> dict[str, Any]:
    """The memories that the ids stand for today, with ``history`` everything each of them was before.

    Opening what one of the caller's last recalls has shown is a use of it, counted from the next answer on.
    """
    with request.engine.store.read() as reader:
        memories = [reader.memory(current(request, reader, written)) for written in request.fields["id"]]
        asked = [named(request, reader, written) for written in request.fields["id"]]
        documents = Documents(reader, request.engine.claims)
        shown = [memory.record() | {"all_claims": documents.of_memory(memory.id)} for memory in memories]
        if request.fields.get("history"):
            for record, memory, ordinal in zip(shown, memories, asked, strict=True):
                record["history"] = history(request, reader, memory, reader.memory(ordinal))
    opened(request, asked)
    return {"memories": shown}


def history(request: Request, reader: Reader, memory: Memory, asked: Memory) -> list[dict[str, Any]]:
    """Every earlier version, oldest first, private ones not for agents; over all that the memory supersedes."""
    earlier: dict[str, Memory] = {}
    waiting = [*memory.supersedes, asked.id]
    while waiting:
        ordinal = reader.ordinal_of(waiting.pop())
        if ordinal is not None and (old := reader.memory(ordinal)).id not in {*earlier, memory.id}:
            earlier[old.id] = old
            waiting.extend(old.supersedes)
    shown = [old for old in earlier.values() if not (old.private and request.caller.is_agent)]
    return [old.record() for old in sorted(shown, key=lambda old: (old.recorded_at, old.id))]


def list_memories(request: Request) -> dict[str, Any]:
    """Live memories that match every exact filter, newest first, a page at a time."""
    fields = request.fields
    limit = page_limit("list", fields)
    with request.engine.store.read() as reader:
        newest = reader.n_memories if "after" not in fields else cursor(fields["after"])
        page = list(islice(matching(request, reader, newest), limit))
    full = len(page) == limit
    return {"memories": [memory.record() for _, memory in page], "next": str(page[-1][0]) if full else None}


def matching(request: Request, reader: Reader, newest: int) -> Iterator[tuple[int, Memory]]:
    """The live memories below ordinal ``newest`` that match every filter of ``list``, newest first.

    Raises :class:`InvalidInput` for an unknown kind or phase.
    """
    if (kind := request.fields.get("kind")) is not None and kind not in KINDS:
        raise InvalidInput(f"kind: {kind!r} is none of {', '.join(KINDS)}")
    among, before = in_phase(request), request.when("before")
    ordinals = range(min(newest, reader.n_memories) - 1, -1, -1)
    newest_first = ((ordinal, reader.memory(ordinal)) for ordinal in ordinals if among is None or among[ordinal])
    return (pair for pair in newest_first if _matches(request, pair[1], before))


def page_limit(op: str, fields: dict[str, Any]) -> int:
    """How many a page holds. Raises :class:`InvalidInput` for fewer than one or too many."""
    limit: int = fields.get("limit", 50)
    if not 1 <= limit <= PAGE:
        raise InvalidInput(f"{op}: limit is {limit}, a page holds 1 to {PAGE}")
    return limit


def cursor(text: str) -> int:
    """Where a page begins. Raises :class:`InvalidInput` for what no page has given as its 'next'."""
    if not text.isdecimal():
        raise InvalidInput(f"after: {text!r} is not a cursor", hint="pass the 'next' of the page before")
    return int(text)


def _matches(request: Request, memory: Memory, before: datetime | None) -> bool:
    fields = request.fields
    exact = {"by_actor": memory.actor, "source": memory.source, "kind": memory.kind}
    return (
        memory.live
        and (fields.get("all_scopes") or memory.scope in request.scopes)
        and not (fields.get("unused") and memory.uses)
        and not (before and to_ns(from_iso(memory.recorded_at, UTC)) >= to_ns(before))
        and all(tag in memory.tags for tag in fields.get("tag", ()))
        and all(value == fields[name] for name, value in exact.items() if name in fields)
        and not (memory.private and request.caller.is_agent)
    )


def log(request: Request) -> dict[str, Any]:
    """The journal, newest first; or with ``verify`` a check of the whole chain, against ``head`` if given."""
    fields = request.fields
    with request.engine.store.read() as reader:
        if fields.get("verify"):
            return _verify(request, reader)
        after = cursor(fields["after"]) if "after" in fields else reader.journal_head()[0] + 1
        limit = page_limit("log", fields)
        entries = reader.entries(after=after, reverse=True)
        shown = list(islice((entry for entry in entries if entry.op not in QUIET_OPS), limit))
    return {
        "entries": [
            {
                "seq": entry.seq,
                "time": iso(from_ns(entry.time_ns)),
                "actor": entry.actor,
                "op": entry.op,
                "summary": summary(entry),
                "hash": entry.hash.hex(),
            }
            for entry in shown
        ],
        "next": str(shown[-1].seq) if len(shown) == limit else None,
    }


def _verify(request: Request, reader: Reader) -> dict[str, Any]:
    seq, head = reader.journal_head()
    kept = _hash(request.fields["head"]) if "head" in request.fields else None
    for _ in reader.verify_journal(head=kept):
        pass
    return {"verified": True, "entries": seq, "head": head.hex()}


def _hash(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise InvalidInput(f"head: {text!r} is not a hash", hint="slm log --verify prints the head") from None
