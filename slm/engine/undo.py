"""undo: the last change of the same actor, or a named entry, taken back by the values the journal kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from typing import Any

from slm.engine.known import UNDONE
from slm.engine.request import Request
from slm.engine.summary import summary
from slm.engine.transaction import Transaction
from slm.errors import InvalidInput, NotFound
from slm.model import DEFAULTS, Memory
from slm.store.journal import JournalEntry
from slm.store.reader import Reader
from slm.times import from_ns, iso

UNDOABLE = frozenset(
    "remember confirm merge correct forget tag pin unpin scope_rename resolve claims undo move return".split()
)
FARTHEST_APART = 100_000
"""Entries that others may have written between two batches of one group."""


def run(request: Request) -> dict[str, Any]:
    """Take back one change, or say with ``dry_run`` which one it would be."""
    dry_run = bool(request.fields.get("dry_run"))
    forgotten_at = iso(request.now.astimezone(UTC))

    def change(transaction: Transaction) -> dict[str, Any]:
        reader = transaction.writer
        entries = (
            _named(reader, request.fields["entry"])
            if "entry" in request.fields
            else _last(reader, request.caller.actor)
        )
        if not dry_run:
            changes = [reversed_ for entry in entries for reversed_ in _reverse(transaction, entry, forgotten_at)]
            transaction.enter("undo", entries=[entry.seq for entry in entries], changes=changes)
        newest = entries[0]
        return {
            "entry": newest.seq,
            "op": newest.op,
            "time": iso(from_ns(newest.time_ns)),
            "summary": summary(newest) if len(entries) == 1 else f"{newest.op} of {len(entries)} records at once",
            "undone": not dry_run,
        }

    return request.engine.transact(request.caller.actor, change)


def _named(reader: Reader, seq: int) -> list[JournalEntry]:
    """Entry ``seq``, and with it the others of its batch that still stand, newest first."""
    if not 1 <= seq <= reader.journal_head()[0]:
        raise NotFound(f"the journal has no entry {seq}", hint="slm log shows the entries")
    entry = reader.entry(seq)
    if entry.op not in UNDOABLE or entry.payload is None:
        raise InvalidInput(f"entry {seq} ({entry.op}) can't be undone", hint="slm log shows what can")
    found = list(_of_one_change(reader, entry, entry.payload.get("group")))
    if entry not in found:
        raise InvalidInput(f"entry {seq} was undone already", hint="slm undo ENTRY of the undo brings it back")
    return found


def _of_one_change(reader: Reader, entry: JournalEntry, group: object) -> Iterator[JournalEntry]:
    """Those of an entry and its group that still stand, newest first."""
    reached = entry.seq
    for other in _standing(reader):
        if other.seq < reached - (FARTHEST_APART if group is not None else 0):
            return
        if other.seq == entry.seq or (group is not None and (other.payload or {}).get("group") == group):
            reached = min(reached, other.seq)
            yield other


def _last(reader: Reader, actor: str) -> list[JournalEntry]:
    """The newest change of the same hand that still stands; all entries of a batch count as one change."""
    for entry in _standing(reader):
        if entry.op in UNDOABLE - {"undo"} and _hand(entry.actor) == _hand(actor):
            return _named(reader, entry.seq)
    raise NotFound("there is nothing of yours to undo", hint="slm log shows the changes and who made them")


def _hand(actor: str) -> str:
    """Whose change it is: what a person imports is theirs as much as what they type."""
    return "cli" if actor.startswith("import:") else actor


def _standing(reader: Reader) -> Iterator[JournalEntry]:
    """The entries that say something and that no undo has taken back, newest first: an undo comes after its entries."""
    undone: set[int] = set()
    for entry in reader.entries(reverse=True):
        if entry.payload is not None and entry.seq not in undone:
            undone.update(entry.payload["entries"] if entry.op == "undo" else ())
            yield entry


def _reverse(transaction: Transaction, entry: JournalEntry, forgotten_at: str) -> list[dict[str, Any]]:
    assert entry.payload is not None
    changes = [_hide(transaction, entry, record, forgotten_at) for record in entry.payload.get("created", ())]
    return changes + [_restore(transaction, entry, change) for change in reversed(entry.payload.get("changes", ()))]


def _hide(transaction: Transaction, entry: JournalEntry, record: dict[str, Any], forgotten_at: str) -> dict[str, Any]:
    ordinal = _ordinal(transaction, record["id"])
    memory = transaction.writer.memory(ordinal)
    for name in ("superseded_by", "forgotten_at", "never_true"):
        if getattr(memory, name) != record.get(name, DEFAULTS[name]):
            raise _changed_since(entry, memory, name)
    return transaction.amend(ordinal, forgotten_at=forgotten_at, reason=UNDONE)


def _changed_since(entry: JournalEntry, memory: Memory, name: str) -> InvalidInput:
    return InvalidInput(
        f"entry {entry.seq} can't be undone: {memory.id} was changed since ({name})",
        hint=f"slm show {memory.id} --history; undo the later change first",
    )


def _restore(transaction: Transaction, entry: JournalEntry, change: dict[str, Any]) -> dict[str, Any]:
    ordinal = _ordinal(transaction, change["id"])
    memory = transaction.writer.memory(ordinal)
    for name, value in _tupled(change["after"]).items():
        if getattr(memory, name) != value:
            raise _changed_since(entry, memory, name)
    restored = transaction.amend(ordinal, **_tupled(change["before"]))
    if "lifecycle" in change:
        restored["lifecycle"] = transaction.lives.revert(ordinal, change["lifecycle"])
    return restored


def _ordinal(transaction: Transaction, memory_id: str) -> int:
    ordinal = transaction.writer.ordinal_of(memory_id)
    assert ordinal is not None, "the journal names memories that exist"
    return ordinal


def _tupled(values: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
