"""disclose: the journal says which memories leave this machine, and where to, before they do."""

from __future__ import annotations

from typing import Any

from slm.engine.agents import named
from slm.engine.request import Request
from slm.engine.transaction import Transaction


def run(request: Request) -> dict[str, Any]:
    """Write one entry with the ids and the server; it can't be undone. Raises :class:`NotFound` for other ids."""
    to = request.fields["to"]

    def change(transaction: Transaction) -> list[str]:
        ordinals = [named(request, transaction.writer, written) for written in request.fields["id"]]
        names = [transaction.writer.memory(ordinal).id for ordinal in ordinals]
        transaction.enter("disclose", ids=names, to=to)
        return names

    return {"disclosed": request.engine.transact(request.caller.actor, change), "to": to}
