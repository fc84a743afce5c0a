"""claims_list, claims_add, claims_drop: the claims of memories, and a person's say over them."""

from __future__ import annotations

from itertools import islice
from typing import Any

from slm.engine.change import current
from slm.engine.claim_documents import Documents, memory_of, moment, named
from slm.engine.claims import parsed
from slm.engine.doubts import Doubts
from slm.engine.eligible import visible
from slm.engine.ids import resolve
from slm.engine.look import cursor, page_limit
from slm.engine.request import Request
from slm.engine.transaction import Transaction
from slm.errors import NotFound
from slm.ingest.records import check_record
from slm.store.reader import Reader


def list_claims(request: Request) -> dict[str, Any]:
    """The claims of the memories named, else of the newest memories that have some, a page at a time."""
    limit = page_limit("claims_list", request.fields)
    with request.engine.store.read() as reader:
        documents = Documents(reader, request.engine.claims)
        if request.fields.get("id"):
            ordinals = [_seen(request, reader, written) for written in request.fields["id"]]
            return {"memories": [_told(documents, reader, ordinal) for ordinal in ordinals], "next": None}
        seen = visible(request, reader, every_scope=bool(request.fields.get("all_scopes")))
        newest = cursor(request.fields["after"]) if "after" in request.fields else len(seen)
        found = (i for i in range(min(newest, len(seen)) - 1, -1, -1) if seen[i])
        with_claims = (i for i in found if documents.of_memory(reader.memory(i).id))
        page = list(islice(with_claims, limit))
        full = len(page) == limit
        return {
            "memories": [_told(documents, reader, ordinal) for ordinal in page],
            "next": str(page[-1]) if full else None,
        }


def add(request: Request) -> dict[str, Any]:
    """Give a memory claims in addition to those it has."""
    given = request.fields["claim"]
    check_record({"text": "x", "claims": given}, "claims add")

    def change(transaction: Transaction) -> int:
        ordinal = current(request, transaction.writer, request.fields["id"])
        memory = transaction.writer.memory(ordinal)
        if not memory.live:
            raise NotFound(f"{memory.id} was forgotten", hint="slm undo brings it back")
        parsed(request.engine.claims, given, memory.speaker, "claims add")
        claims = tuple(dict.fromkeys((*memory.claims, *given)))
        check_record({"text": "x", "claims": claims}, "claims add")
        if claims != memory.claims:
            transaction.enter("claims", changes=[transaction.amend(ordinal, claims=claims)])
        return ordinal

    ordinal = request.engine.transact(request.caller.actor, change)
    with request.engine.store.read() as reader:
        documents = Documents(reader, request.engine.claims)
        found = found_at(request, reader, documents, ordinal)
        return {**_told(documents, reader, ordinal), **found}


def drop(request: Request) -> dict[str, Any]:
    """Take claims out of the comparison; the memories stay as they are."""

    def change(transaction: Transaction) -> list[str]:
        reader = transaction.writer
        documents = Documents(reader, request.engine.claims)
        names = []
        for written in request.fields["id"]:
            memory = reader.memory(_seen(request, reader, written.partition("/")[0]))
            names += named(reader, written, [claim["id"] for claim in documents.of_memory(memory.id)])
        changes = []
        for memory_id in dict.fromkeys(name.partition("/")[0] for name in names):
            ordinal = resolve(reader, memory_id)
            digests = [name.partition("/")[2] for name in names if name.startswith(memory_id)]
            dropped = tuple(dict.fromkeys((*reader.memory(ordinal).claims_dropped, *digests)))
            changes.append(transaction.amend(ordinal, claims_dropped=dropped))
        transaction.enter("claims", changes=changes)
        return list(dict.fromkeys(names))

    names = request.engine.transact(request.caller.actor, change)
    with request.engine.store.read() as reader:
        documents = Documents(reader, request.engine.claims)
        return {"dropped": [documents.claim(name) for name in names]}


def found_at(request: Request, reader: Reader, documents: Documents, ordinal: int) -> dict[str, Any]:
    """What the claims of a memory contradict and what they took the place of, as far as the caller sees.

    ``conflicts`` None: it isn't known yet, as the claims of a large store are still being read.
    """
    engine = request.engine
    sheaf = engine.sheaf_at_hand()
    if sheaf is None:
        return {"conflicts": None, "supersedes": []}
    seen = visible(request, reader, every_scope=False)
    seen[ordinal] = True
    doubts = Doubts(sheaf, reader, lambda: seen)
    replaced: dict[int, dict[str, Any]] = {}
    for found in doubts.replaces(ordinal):
        older = reader.ordinal_of(memory_of(found.older))
        if older is not None and older != ordinal:
            memory = reader.memory(older)
            replaced[older] = {"id": memory.id, "text": memory.text, "by": "claims", "at": moment(found.at)}
    return {"conflicts": doubts.documents(documents, [ordinal]), "supersedes": list(replaced.values())}


def _told(documents: Documents, reader: Reader, ordinal: int) -> dict[str, Any]:
    memory = reader.memory(ordinal)
    return {"id": memory.id, "text": memory.text, "claims": documents.of_memory(memory.id)}


def _seen(request: Request, reader: Reader, written: str) -> int:
    """The ordinal of a memory that the caller may see."""
    return current(request, reader, written)
