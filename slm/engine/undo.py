"""undo: the last change of the same actor, a named entry, or all of one actor, by the values the journal kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
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
from slm.times import from_ns, iso, to_ns

UNDOABLE = frozenset(
    "remember confirm merge correct forget tag pin unpin scope_rename resolve claims undo move return".split()
)
FARTHEST_APART = 100_000
"""Entries that others may have written between two batches of one group."""
OVERTAKEN = ("superseded_by", "forgotten_at", "never_true")
"""Fields by which a later change has put a new memory aside."""
ENDORSED = ("confirmations", "pinned")
"""Fields by which somebody else has made a new memory their own."""


TAKEN_BACK = {"undo": "entries", "erase": "undone"}
"""Where an entry names those that it undoes: an erasing names those of the undos that went with it."""


def run(request: Request) -> dict[str, Any]:
    """Take back one change, or all of one actor, or say with ``dry_run`` which they would be."""
    if "by_actor" in request.fields:
        return all_by(request)
    if "since" in request.fields:
        raise InvalidInput("since narrows what one actor did", hint="slm undo --actor mcp:claude-code --since monday")
    dry_run = bool(request.fields.get("dry_run"))

    def change(transaction: Transaction) -> dict[str, Any]:
        reader = transaction.writer
        entries = (
            _named(reader, request.fields["entry"])
            if "entry" in request.fields
            else _last(reader, request.caller.actor)
        )
        if not dry_run:
            hidden = _hidden(request, UNDONE)
            changes = [done for entry in entries for done in _reverse(transaction, entry, hidden)]
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


def all_by(request: Request) -> dict[str, Any]:
    """Take back every change of one actor that still stands, newest first, in one entry of the journal.

    What another hand has changed, confirmed or pinned since stays, and is named under ``kept``. Unlike what is undone
    singly, texts taken back here count as wrong: the same agent can't bring them in again.
    """
    if "entry" in request.fields:
        raise InvalidInput("undo one entry, or all of one actor", hint="slm undo ENTRY")
    actor, since = request.fields["by_actor"], request.when("since")
    dry_run = bool(request.fields.get("dry_run"))
    hidden = _hidden(request, f"undone with all of {actor}")

    def change(transaction: Transaction) -> dict[str, Any]:
        entries = _by(transaction.writer, actor, to_ns(since) if since else 0)
        if not entries:
            raise NotFound(f"nothing by {actor!r} stands", hint="slm log shows the changes and who made them")
        overlay: dict[int, Memory] = {}
        done, kept, changes = [], [], []
        for entry in entries:
            try:
                steps = _steps(transaction.writer, entry, hidden, overlay, (*OVERTAKEN, *ENDORSED))
            except InvalidInput as error:
                kept.append({"entry": entry.seq, "summary": summary(entry), "reason": error.message})
                continue
            done.append(entry)
            changes += [] if dry_run else [step.take(transaction) for step in steps]
        if done and not dry_run:
            transaction.enter("undo", entries=[entry.seq for entry in done], changes=changes)
        return {"entries": [_told(entry) for entry in done], "kept": kept, "undone": not dry_run}

    return request.engine.transact(request.caller.actor, change)


def _told(entry: JournalEntry) -> dict[str, Any]:
    return {"entry": entry.seq, "op": entry.op, "time": iso(from_ns(entry.time_ns)), "summary": summary(entry)}


def _hidden(request: Request, reason: str) -> dict[str, Any]:
    """The fields of a memory that an undo hides."""
    return {"forgotten_at": iso(request.now.astimezone(UTC)), "reason": reason}


def _named(reader: Reader, seq: int) -> list[JournalEntry]:
    """Entry ``seq``, and with it the others of its batch that still stand, newest first."""
    if not 1 <= seq <= reader.journal_head()[0]:
        raise NotFound(f"the journal has no entry {seq}", hint="slm log shows the entries")
    entry = reader.entry(seq)
    if entry.op == "erase" or entry.payload is None:
        raise InvalidInput(f"entry {seq} can't be undone: what was erased is gone", hint="slm log shows what can")
    if entry.op not in UNDOABLE:
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
    """The newest change of the same hand that still stands; all entries of a batch count as one change.

    It doesn't reach behind an erasing of that hand: who undoes that one must hear that it can't be.
    """
    for entry in _standing(reader):
        if _hand(entry.actor) != _hand(actor):
            continue
        if entry.op == "erase":
            raise InvalidInput(
                f"your last change was to erase (entry {entry.seq}): that can't be undone",
                hint="slm log shows the changes before it; slm undo ENTRY takes one back",
            )
        if entry.op in UNDOABLE - {"undo"}:
            return _named(reader, entry.seq)
    raise NotFound("there is nothing of yours to undo", hint="slm log shows the changes and who made them")


def _hand(actor: str) -> str:
    """Whose change it is: what a person imports is theirs as much as what they type."""
    return "cli" if actor.startswith("import:") else actor


def _standing(reader: Reader) -> Iterator[JournalEntry]:
    """The entries that say something and that no undo has taken back, newest first: an undo comes after its entries.

    What was undone stays so where an erasing has taken the undo's own entry.
    """
    undone: set[int] = set()
    for entry in reader.entries(reverse=True):
        if entry.payload is not None and entry.seq not in undone:
            undone.update(entry.payload[TAKEN_BACK[entry.op]] if entry.op in TAKEN_BACK else ())
            yield entry


def _by(reader: Reader, actor: str, since_ns: int) -> list[JournalEntry]:
    """The changes of an actor that still stand, newest first."""
    return [
        entry
        for entry in _standing(reader)
        if entry.actor == actor and entry.time_ns >= since_ns and entry.op in UNDOABLE - {"undo"}
    ]


@dataclass(frozen=True, slots=True)
class Step:
    """One memory brought back to values of before; ``lifecycle`` is the journal's note of what it lived through."""

    ordinal: int
    values: dict[str, Any]
    lifecycle: Any = None

    def take(self, transaction: Transaction) -> dict[str, Any]:
        """Make the change, and return it as the journal keeps it."""
        restored = transaction.amend(self.ordinal, **self.values)
        if self.lifecycle is not None:
            restored["lifecycle"] = transaction.lives.revert(self.ordinal, self.lifecycle)
        return restored


def _reverse(transaction: Transaction, entry: JournalEntry, hidden: dict[str, Any]) -> list[dict[str, Any]]:
    return [step.take(transaction) for step in _steps(transaction.writer, entry, hidden, {})]


def _steps(
    reader: Reader, entry: JournalEntry, hidden: dict[str, Any], overlay: dict[int, Memory],
    held: Sequence[str] = OVERTAKEN,
) -> list[Step]:  # fmt: skip
    """What takes an entry back, all of it checked before any is done.

    ``overlay`` holds the memories as earlier steps will have left them, and grows by these. A memory that the entry
    created must be as it was in the fields ``held``. Raises :class:`InvalidInput` when one isn't any more as the entry
    left it; the overlay is as it was then.
    """
    assert entry.payload is not None
    after = dict(overlay)
    steps = []
    for record in entry.payload.get("created", ()):
        expected = {name: record.get(name, DEFAULTS[name]) for name in held}
        steps.append(_step(reader, entry, after, record["id"], expected, hidden))
    for change in reversed(entry.payload.get("changes", ())):
        expected, values = _tupled(change["after"]), _tupled(change["before"])
        step = _step(reader, entry, after, change["id"], expected, values)
        steps.append(replace(step, lifecycle=change.get("lifecycle")))
    overlay.update(after)
    return steps


def _step(
    reader: Reader, entry: JournalEntry, after: dict[int, Memory], memory_id: str,
    expected: dict[str, Any], values: dict[str, Any],
) -> Step:  # fmt: skip
    ordinal = reader.ordinal_of(memory_id)
    assert ordinal is not None, "the journal names memories that exist"
    memory = after.get(ordinal) or reader.memory(ordinal)
    for name, value in expected.items():
        if getattr(memory, name) != value:
            raise _changed_since(entry, memory, name)
    after[ordinal] = replace(memory, **values)
    return Step(ordinal, values)


def _changed_since(entry: JournalEntry, memory: Memory, name: str) -> InvalidInput:
    return InvalidInput(
        f"entry {entry.seq} can't be undone: {memory.id} was changed since ({name})",
        hint=f"slm show {memory.id} --history; undo the later change first",
    )


def _tupled(values: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
