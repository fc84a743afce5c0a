"""audit_resolve: what a person decides about a conflict, in the least that settles it; every way back is ``undo``.

Dropping takes claims out of the comparison and leaves their memory as it is. Ending tells until when something was so:
of a memory, as ``correct --from`` does, or of one claim. Accepting leaves all standing. The decision is kept in fields
of the memories: export and import carry it, and the journal reverses it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from functools import partial
from typing import Any

from slm.consistency.conflict import Conflict
from slm.engine.claim_documents import Documents, memory_of, named
from slm.engine.doubts import Doubts
from slm.engine.eligible import visible
from slm.engine.request import Request
from slm.engine.transaction import Transaction
from slm.errors import InvalidInput, NotFound
from slm.model import Memory
from slm.store.reader import Reader
from slm.times import from_iso

ACTIONS = {"drop": "drop", "ends": "end", "accept": "accept"}
"""What each field of the operation does."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to be done with ``claims`` of a conflict; ``whole``: with the memories that they are of."""

    action: str
    conflict: Conflict
    claims: tuple[str, ...]
    until: str | None
    whole: bool

    def changed(self, memory: Memory) -> dict[str, Any]:
        """The fields of a memory that the decision changes."""
        digests = [name.partition("/")[2] for name in self.claims if name.startswith(memory.id)]
        if self.action == "accept":
            return {"conflicts_accepted": _with(memory.conflicts_accepted, [self.conflict.id])}
        if self.action == "drop":
            return {"claims_dropped": _with(memory.claims_dropped, digests)}
        if self.whole:
            return {"valid_until": self.until}
        others = [entry for entry in memory.claims_ended if entry.partition("@")[0] not in digests]
        return {"claims_ended": (*others, *(f"{digest}@{self.until}" for digest in digests))}


def run(request: Request) -> dict[str, Any]:
    """Answer the ``audit_resolve`` operation."""
    live, dry_run = request.engine.whole_sheaf(), bool(request.fields.get("dry_run"))
    with request.engine.store.read() as reader:
        decision = _decision(request, reader, _find(request, reader))

    def change(transaction: Transaction) -> None:
        reader = transaction.writer
        ordinals = _ordinals(reader, decision.claims[:1] if decision.action == "accept" else decision.claims)
        changes = [transaction.amend(o, **decision.changed(reader.memory(o))) for o in ordinals]
        transaction.enter(
            "resolve",
            conflict=decision.conflict.id,
            action=decision.action,
            claims=list(decision.claims),
            between=[reader.memory(ordinal).id for ordinal in _ordinals(reader, decision.conflict.claims)],
            changes=changes,
        )

    if not dry_run:
        request.engine.transact(request.caller.actor, change)
    with request.engine.store.read() as reader:
        documents = Documents(reader, request.engine.claims)
        doubts = Doubts(live, reader, partial(visible, request, reader, every_scope=True))
        return {
            "conflict": decision.conflict.id,
            "action": decision.action,
            "claims": [documents.claim(name) for name in decision.claims],
            "until": decision.until,
            "conflicts": doubts.documents(documents, _ordinals(reader, decision.conflict.claims)),
            "dry_run": dry_run,
        }


def _find(request: Request, reader: Reader) -> Conflict:
    """The conflict of an id or its unique prefix, in the scopes of the request or else in all of them."""
    written = request.fields["conflict"]
    prefix = written.strip().lower().removeprefix("c:")
    for every_scope in (False, True):
        mask = visible(request, reader, every_scope=every_scope)
        sheaf = request.engine.sheaf.within(mask, request.engine.others_first)
        found = [conflict for conflict in sheaf.conflicts() if conflict.id.startswith(prefix)]
        if len(found) > 1:
            names = ", ".join(f"c:{conflict.id}" for conflict in found[:5])
            raise NotFound(f"{written} fits several conflicts: {names}", hint="give more characters of it")
        if found:
            return found[0]
    raise NotFound(f"no conflict with the id {written}", hint="slm audit lists them; what is settled is no conflict")


def _decision(request: Request, reader: Reader, conflict: Conflict) -> Decision:
    """What the fields ask for. Raises :class:`InvalidInput` unless it is one thing, and possible."""
    fields = request.fields
    given = [name for name in ACTIONS if fields.get(name)]
    if len(given) != 1:
        raise InvalidInput(
            "audit resolve: give one of drop, ends, accept", hint=f"slm audit resolve c:{conflict.id[:5]} --drop ID"
        )
    if (given[0] == "ends") != ("at" in fields):
        raise InvalidInput("audit resolve: an end and its date go together", hint="--ends ID 2026-03-14")
    written = {"drop": fields.get("drop", []), "ends": [fields.get("ends")], "accept": []}[given[0]]
    claims = [name for one in written for name in named(reader, one, conflict.claims)] or list(conflict.claims)
    until = request.when_iso("at")
    whole = given[0] == "ends" and "/" not in written[0]
    if until is not None and whole:
        _check_end(reader.memory(_ordinals(reader, claims)[0]), until)
    return Decision(ACTIONS[given[0]], conflict, tuple(dict.fromkeys(claims)), until, whole)


def _check_end(memory: Memory, until: str) -> None:
    if memory.valid_from is not None and from_iso(until, UTC) <= from_iso(memory.valid_from, UTC):
        raise InvalidInput(f"{memory.id} is true since {memory.valid_from}: it can't end before")


def _ordinals(reader: Reader, claims: Sequence[str]) -> list[int]:
    """The memories of claims, each once."""
    found = (reader.ordinal_of(memory_of(name)) for name in claims)
    return list(dict.fromkeys(ordinal for ordinal in found if ordinal is not None))


def _with(entries: tuple[str, ...], more: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*entries, *more)))
