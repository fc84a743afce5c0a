"""export: the lossless form of a store: header, records in the order they came, what was learnt, and their count."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import Any

from slm.engine.exports import Export, Record, exported
from slm.engine.request import Request
from slm.errors import InvalidInput
from slm.ingest import jsonl
from slm.model import HeadFlag
from slm.store.reader import Reader
from slm.times import iso

PAGE = 1000


def run(request: Request) -> dict[str, Any]:
    """A page of the export: the first one of the store as it is, each ``next`` of the store as it was then.

    Raises :class:`InvalidInput` for what is no cursor, :class:`NotFound` for an export that has ended.
    """
    exports = request.engine.exports
    if "after" in request.fields:
        name = _named(request.fields["after"])
        export = exports.go_on(name)
    else:
        export = _begun(request)
        name = exports.begin(export)
    lines = [export.header] if export.position == 0 else []
    with request.engine.store.read() as reader:
        told = export.tell(min(export.position + PAGE, export.stop), partial(_record, request, reader))
    lines += filter(None, told)
    if export.position < export.stop:
        return {"lines": lines, "next": f"{name}-{export.position}"}
    exports.end(name)
    return {"lines": [*lines, *export.learnt, {jsonl.END: export.total}], "next": None}


def _begun(request: Request) -> Export:
    engine = request.engine
    erased = engine.index.columns["flags"] & HeadFlag.ERASED != 0
    total = int((~erased).sum())
    created = iso(datetime.now(UTC))
    header = {"slm_export": 1, "store": engine.store.identity.store_id, "created": created, "records": total}
    learning = engine.learning
    learnt = [{jsonl.WEIGHTS: learning.record()}] if learning.learner.n_uses else []
    return Export(header, learnt, total, stop=len(erased))


def _record(request: Request, reader: Reader, ordinal: int) -> Record:
    """A memory as it is; nothing of one that was erased, which leaves a place without a text."""
    memory = reader.memory(ordinal)
    return {} if memory.erased else exported(request.engine.index.lifecycles, memory, ordinal)


def _named(after: str) -> str:
    name, _, position = after.partition("-")
    if not name.isalnum() or not position.isdecimal():
        raise InvalidInput(f"after: {after!r} is not a cursor", hint="pass the 'next' of the page before")
    return name
