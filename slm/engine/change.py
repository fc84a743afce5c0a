"""Changes of memories that exist: correct, forget, tag, pin; each one journal entry that ``undo`` can reverse."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from datetime import UTC
from typing import Any

from slm.engine.agents import check_pinned, named
from slm.engine.draft import trusted, without_secrets
from slm.engine.ids import new_id, unknown
from slm.engine.request import Request
from slm.engine.text_digest import fold
from slm.engine.transaction import Transaction
from slm.errors import InvalidInput, NotFound
from slm.ingest.records import check_record
from slm.model import Memory
from slm.store.reader import FacetKind, Reader
from slm.times import iso


def current(request: Request, reader: Reader, written: str) -> int:
    """The ordinal of the memory that an id stands for today: its last successor. For an agent, none is private."""
    ordinal = latest(reader, named(request, reader, written))
    if request.caller.is_agent and reader.memory(ordinal).private:
        raise unknown(written)
    return ordinal


def latest(reader: Reader, ordinal: int) -> int:
    """The ordinal of a memory's last successor, or its own."""
    seen = {ordinal}
    while (successor := reader.memory(ordinal).superseded_by) is not None:
        following = reader.ordinal_of(successor)
        if following is None or following in seen:
            break
        ordinal = following
        seen.add(ordinal)
    return ordinal


def correct(request: Request) -> dict[str, Any]:
    """Replace a memory by a corrected text: it was never true, or true until ``from``."""
    fields = request.fields
    since = request.when_iso("from")
    check_record({"text": fields["text"], **({"observed_at": since} if since else {})}, "correct")
    text, redacted = without_secrets(request, fields["text"])
    now = request.now
    with request.engine.store.read() as reader:
        said = reader.memory(current(request, reader, fields["id"]))
    observed_at = since or iso(now)
    prepared = request.engine.prepare([replace(said, text=text, observed_at=observed_at)])[0]

    def change(transaction: Transaction) -> dict[str, Any]:
        ordinal = current(request, transaction.writer, fields["id"])
        old = transaction.writer.memory(ordinal)
        if not old.live:
            raise NotFound(f"{old.id} was forgotten", hint=f"slm undo, or slm remember {text}")
        check_pinned(request.caller, old)
        if fold(old.text) == fold(text):
            raise InvalidInput(f"{old.id} says that already", hint="nothing was changed")
        new = replace(
            old,
            id=new_id(transaction.writer),
            text=text,
            observed_at=observed_at,
            recorded_at=iso(now.astimezone(UTC)),
            valid_from=since,
            valid_until=None,
            supersedes=(old.id,),
            confirmations=0,
            claims=(),
            claims_dropped=(),
            claims_ended=(),
            conflicts_accepted=(),
            idempotency_key=None,
            actor=request.caller.actor,
            trust=trusted(request),
        )
        transaction.lives.succeed(transaction.add(new, prepared), new, ordinal)
        ending = {"valid_until": since} if since else {"never_true": True, "reason": fields.get("reason")}
        amended = transaction.amend(ordinal, superseded_by=new.id, **ending)
        transaction.enter("correct", created=[new.record()], changes=[amended])
        return {"id": new.id, "replaced": old.id, "from": since, "redacted": redacted}

    return request.engine.transact(request.caller.actor, change)


def forget(request: Request) -> dict[str, Any]:
    """Hide the memories named by ids or by one exact selector; nothing is removed, ``undo`` brings them back.

    Pinned ones that an agent names stay, and are listed under ``needs_user``.
    """
    dry_run = bool(request.fields.get("dry_run"))
    values = {"forgotten_at": iso(request.now.astimezone(UTC)), "reason": request.fields.get("reason")}

    def change(transaction: Transaction) -> dict[str, Any]:
        memories = {o: transaction.writer.memory(o) for o in selected(request, transaction.writer)}
        live = {ordinal: memory for ordinal, memory in memories.items() if memory.live}
        kept = [ordinal for ordinal, memory in live.items() if memory.pinned and request.caller.is_agent]
        going = [ordinal for ordinal in live if ordinal not in kept]
        if going and not dry_run:
            transaction.enter("forget", changes=[transaction.amend(ordinal, **values) for ordinal in going])
        refused = {"needs_user": [live[ordinal].id for ordinal in kept]} if kept else {}
        return {"forgotten": [live[ordinal].record() for ordinal in going], **refused}

    return {**request.engine.transact(request.caller.actor, change), "dry_run": dry_run}


def selected(request: Request, reader: Reader) -> list[int]:
    """The memories named by ids or by one exact selector, hidden ones included."""
    fields = request.fields
    given = [name for name in ("id", "tag", "source", "mentions") if fields.get(name)]
    if len(given) != 1:
        raise InvalidInput("forget: give ids, or one of tag, source, mentions", hint="slm forget --tag NAME --dry-run")
    name = given[0]
    if name == "id":
        return list(dict.fromkeys(named(request, reader, written) for written in fields["id"]))
    if name == "mentions":
        return [ordinal for ordinal in range(reader.n_memories) if _mentions(reader.memory(ordinal), fields[name])]
    kind: FacetKind = "tag" if name == "tag" else "source"
    return [int(ordinal) for ordinal in reader.facet(kind, fields[name])]


def _mentions(memory: Memory, name: str) -> bool:
    """Whether the folded name stands in text, speaker or tags as whole words."""
    wanted = re.compile(rf"(?<!\w){re.escape(fold(name))}(?!\w)")
    return any(wanted.search(fold(part)) for part in (memory.text, memory.speaker or "", *memory.tags, *memory.claims))


def tag(request: Request) -> dict[str, Any]:
    """Add and remove tags of one memory."""
    add = check_record({"text": "x", "tags": request.fields.get("add", [])}, "tag")["tags"]
    remove = [unicodedata.normalize("NFC", name) for name in request.fields.get("remove", [])]
    if not add and not remove:
        raise InvalidInput("tag: nothing to add or remove", hint="slm tag k3m9q +work -draft")

    def change(transaction: Transaction) -> dict[str, Any]:
        ordinal = current(request, transaction.writer, request.fields["id"])
        memory = transaction.writer.memory(ordinal)
        missing = [name for name in remove if name not in memory.tags]
        if missing:
            raise NotFound(
                f"{memory.id} has no tag {missing[0]!r}", hint=f"its tags: {', '.join(memory.tags) or 'none'}"
            )
        tags = tuple(name for name in dict.fromkeys([*memory.tags, *add]) if name not in remove)
        check_record({"text": "x", "tags": tags}, "tag")
        if tags != memory.tags:
            transaction.enter("tag", changes=[transaction.amend(ordinal, tags=tags)])
        return {"id": memory.id, "tags": list(tags)}

    return request.engine.transact(request.caller.actor, change)


def pin(request: Request) -> dict[str, Any]:
    """Pin the memories named."""
    return {"pinned": _set_pinned(request, True)}


def unpin(request: Request) -> dict[str, Any]:
    """Unpin the memories named."""
    return {"unpinned": _set_pinned(request, False)}


def _set_pinned(request: Request, pinned: bool) -> list[str]:
    def change(transaction: Transaction) -> list[str]:
        ordinals = list(
            dict.fromkeys(current(request, transaction.writer, written) for written in request.fields["id"])
        )
        memories = {ordinal: transaction.writer.memory(ordinal) for ordinal in ordinals}
        turned = [ordinal for ordinal, memory in memories.items() if memory.pinned != pinned]
        if turned:
            changes = [transaction.amend(ordinal, pinned=pinned) for ordinal in turned]
            transaction.enter("pin" if pinned else "unpin", changes=changes)
        return [memory.id for memory in memories.values()]

    return request.engine.transact(request.caller.actor, change)
