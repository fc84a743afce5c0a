"""Scopes: which there are, and giving one another name."""

from __future__ import annotations

from typing import Any

from slm.engine.request import Request
from slm.engine.transaction import Transaction
from slm.errors import InvalidInput, NotFound
from slm.ingest.records import check_record


def run(request: Request) -> dict[str, Any]:
    """Every scope with its live memories, and the one this call stands in."""
    with request.engine.store.read() as reader:
        counts = request.engine.index.live_by_scope(reader)
    return {"scopes": [{"name": name, "memories": n} for name, n in sorted(counts.items())], "current": request.scope}


def rename(request: Request) -> dict[str, Any]:
    """Move every memory of one scope into another name; renaming into an existing scope merges the two."""
    old, new = request.fields["from"].strip(), request.fields["to"].strip()
    if not new or new == old:
        raise InvalidInput("scope rename: give a new name", hint="slm scope rename OLD NEW")
    check_record({"text": "x", "scope": new}, "scope rename")

    def change(transaction: Transaction) -> dict[str, Any]:
        ordinals = [int(ordinal) for ordinal in transaction.writer.facet("scope", old)]
        if not ordinals:
            raise NotFound(f"no memory has the scope {old!r}", hint="slm scope list")
        changes = [transaction.amend(ordinal, scope=new) for ordinal in ordinals]
        transaction.enter("scope_rename", changes=changes, **{"from": old, "to": new})
        return {"renamed": len(ordinals)}

    return request.engine.transact(request.caller.actor, change)
