"""Many records into the store: in batches, each of them one commit, with counts at the end."""

from __future__ import annotations

import json
import re
import secrets
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from slm.cli.context import Context
from slm.counted import counted
from slm.errors import InvalidInput

BATCH = 256
BATCH_BYTES = 2 << 20
"""A message to the daemon is at most 4 MiB long."""

Placed = tuple[str, dict[str, Any]]
"""A record and where it was read: "notes.jsonl:3"."""

_NUMBERED = re.compile(r"record (\d+):[: ]*")


@dataclass
class Outcome:
    """How many records were sent, by what became of them."""

    statuses: Counter[str] = field(default_factory=Counter)
    redacted: int = 0

    @property
    def total(self) -> int:
        """All records that the store has answered for."""
        return self.statuses.total()

    def add(self, result: dict[str, Any]) -> None:
        """Count one result of ``remember``."""
        self.statuses[result["status"]] += 1
        self.redacted += bool(result.get("redacted"))

    def document(self) -> dict[str, int]:
        """The counts as ``--json`` shows them."""
        names = ("stored", "confirmed", "known_wrong")
        return {"records": self.total, **{name: self.statuses[name] for name in names}, "redacted": self.redacted}

    def sentence(self) -> str:
        """The counts for a reader."""
        wordings = {"stored": "new", "confirmed": "known already", "known_wrong": "corrected or forgotten before"}
        parts = [f"{self.statuses[status]} {words}" for status, words in wordings.items() if self.statuses[status]]
        parts += [f"secrets redacted in {self.redacted}"] if self.redacted else []
        return counted(self.total, "record") + (": " if parts else "") + ", ".join(parts)


def send(context: Context, records: Iterable[Placed], outcome: Outcome, **fields: Any) -> Iterator[dict[str, Any]]:
    """Remember the records batch by batch, and yield the result of each.

    ``outcome`` counts along; ``fields`` go with every batch. One undo takes all of them back. Raises
    :class:`InvalidInput` that names the place of a refused record; the batches before it are kept.
    """
    group = f"records-{secrets.token_hex(6)}"
    batch: list[Placed] = []
    try:
        for batch in _batches(records):
            answer = context.call("remember", batch=[record for _, record in batch], group=group, **fields)
            for result in answer["results"]:
                outcome.add(result)
                yield result
    except InvalidInput as error:
        raise _placed(error, batch, outcome) from None


def _batches(records: Iterable[Placed]) -> Iterator[list[Placed]]:
    batch: list[Placed] = []
    n_bytes = 0
    for place, record in records:
        length = len(json.dumps(record))
        if batch and (len(batch) == BATCH or n_bytes + length > BATCH_BYTES):
            yield batch
            batch, n_bytes = [], 0
        batch.append((place, record))
        n_bytes += length
    if batch:
        yield batch


def _placed(error: InvalidInput, batch: list[Placed], outcome: Outcome) -> InvalidInput:
    """The error with the record's place for its number in the batch."""
    found = _NUMBERED.match(error.message)
    message = error.message
    if found and 1 <= int(found[1]) <= len(batch):
        message = f"{batch[int(found[1]) - 1][0]}: {message[found.end() :]}"
    earlier = counted(outcome.total, "record before it is", "records before it are")
    stored = f"{earlier} stored; the same command goes on from there"
    before = stored if outcome.total else None
    return InvalidInput(message, where=error.where, hint="; ".join(filter(None, [error.hint, before])))
