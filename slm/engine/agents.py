"""What an agent may ask for, by whatever surface: one that obeys a planted text must not destroy anything.

Agents are callers whose actor is ``mcp:…``; the daemon sets it. They read what is not private, add, correct and hide;
what is pinned, private or not undoable is the user's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from slm.engine.ids import resolve, unknown
from slm.engine.request import Request
from slm.errors import InvalidInput, NeedsUser, NotFound
from slm.ingest.records import check_record
from slm.model import Caller, Memory
from slm.store.journal import MAX_ACTOR_BYTES
from slm.store.reader import Reader

ASKING = frozenset(
    {"query", "limit", "budget", "since", "until", "as_of", "now", "tag", "min_confidence", "why", "all_scopes"}
)
ALLOWED: Mapping[str, frozenset[str]] = {
    "remember": frozenset({
        "text", "kind", "tag", "speaker", "session", "at", "source", "claim", "idempotency_key",
    }),
    "recall": ASKING | {"answer", "without_private"},
    "context": frozenset({"topic", "budget", "why"}),
    "why": ASKING - {"query", "why"} | {"id", "for", "last"},
    "show": frozenset({"id", "history"}),
    "list": frozenset({"limit", "after", "unused", "before", "by_actor", "source", "tag", "kind", "all_scopes"}),
    "used": frozenset({"id"}),
    "correct": frozenset({"id", "text", "from", "reason"}),
    "forget": frozenset({"id", "reason", "dry_run"}),
    "disclose": frozenset({"id", "to"}),
    "audit": frozenset({
        "as_of", "all_scopes", "tag", "source", "kind", "by_actor", "explain", "accepted", "limit",
    }),
    "claims_list": frozenset({"id", "limit", "after", "all_scopes"}),
}  # fmt: skip
"""Operations open to agents, each with the fields that they may give."""


def checked_caller(caller: Caller) -> Caller:
    """The caller with its scope as records keep it, without blanks around, so that it finds what it stores.

    Raises :class:`InvalidInput` for words that no record could keep: empty ones, and any but one line of text.
    """
    given = {"actor": caller.actor, **({} if caller.scope is None else {"scope": caller.scope})}
    kept = check_record({"text": "x", **given}, "the caller")
    if len(caller.actor.encode()) > MAX_ACTOR_BYTES:
        raise InvalidInput(f"the caller: field 'actor' must be at most {MAX_ACTOR_BYTES} bytes")
    return replace(caller, scope=kept.get("scope"))


def check_agent(op: str, fields: Mapping[str, object], caller: Caller) -> None:
    """Raises :class:`NeedsUser` for an operation or a field that is not an agent's."""
    if not caller.is_agent:
        return
    if op not in ALLOWED:
        raise NeedsUser(f"agents can't {op}: that is for the user", hint="tell the user what you would change and why")
    if beyond := sorted(set(fields) - ALLOWED[op]):
        raise NeedsUser(f"agents can't give {beyond[0]!r} to {op}: that is for the user")


def check_pinned(caller: Caller, memory: Memory) -> None:
    """Raises :class:`NeedsUser` when an agent would change a memory that is pinned."""
    if caller.is_agent and memory.pinned:
        raise NeedsUser(
            f"{memory.id} is pinned: only the user changes it; nothing was changed",
            hint=f"tell the user what you would change and why: slm show {memory.id}",
        )


def named(request: Request, reader: Reader, written: str) -> int:
    """The ordinal of the memory that an id names; for an agent, private ones have none.

    Raises as :func:`slm.engine.ids.resolve` does; an agent isn't told which ids a prefix fits.
    """
    try:
        ordinal = resolve(reader, written)
    except NotFound:
        if request.caller.is_agent:
            raise unknown(written) from None
        raise
    if request.caller.is_agent and reader.memory(ordinal).private:
        raise unknown(written)
    return ordinal
