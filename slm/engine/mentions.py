"""What else in a store tells of some memories: their versions, entries of the journal, contradictions accepted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from slm.consistency.conflict import Conflict
from slm.engine.claim_documents import memory_of
from slm.store.journal import JournalEntry
from slm.store.reader import Reader
from slm.store.rewrite import Between

Payload = Mapping[str, Any]


class Entries(NamedTuple):
    """Entries of the journal that tell of some memories: their numbers, and the entries that undos among them took.

    ``conflicts`` are the ids of the conflicts that the memories had a part in: digests of what they claimed.
    """

    told: list[int]
    undone: list[int]
    conflicts: frozenset[str]


STRIDE = 256
"""Memories or entries that are read from one call of ``between`` to the next."""


def histories(reader: Reader, ordinals: Collection[int], between: Between = lambda: None) -> list[int]:
    """The memories with all that they replaced and all that replaced them, ascending."""
    links: defaultdict[int, set[int]] = defaultdict(set)
    for ordinal in range(reader.n_memories):
        if ordinal % STRIDE == 0:
            between()
        memory = reader.memory(ordinal)
        for name in (*memory.supersedes, *((memory.superseded_by,) if memory.superseded_by else ())):
            other = reader.ordinal_of(name)
            if other is not None:
                links[ordinal].add(other)
                links[other].add(ordinal)
    found, waiting = set(ordinals), list(ordinals)
    while waiting:
        new = links[waiting.pop()] - found
        found |= new
        waiting += new
    return sorted(found)


def conflicts_with(conflicts: Iterable[Conflict], ids: Collection[str]) -> frozenset[str]:
    """The ids of those conflicts in which a claim of one of the memories takes part."""
    return frozenset(found.id for found in conflicts if any(memory_of(name) in ids for name in found.claims))


def entries_about(
    reader: Reader, ids: Collection[str], conflicts: Collection[str] = (), between: Between = lambda: None
) -> Entries:
    """The entries that hold what the memories said or were, and those that name a conflict of theirs.

    ``conflicts`` are those known already; the journal may know of more. Uses, which name an id alone, aren't told.
    """
    told: list[JournalEntry] = []
    of_conflicts: list[tuple[JournalEntry, frozenset[str]]] = []
    for entry in reader.entries():
        if entry.seq % STRIDE == 0:
            between()
        payload = entry.payload or {}
        if not _memories_in(payload).isdisjoint(ids):
            told.append(entry)
        elif named := _conflicts_in(payload):
            of_conflicts.append((entry, named))
    theirs = frozenset(conflicts).union(*(_settled(entry) for entry in told))
    told += [entry for entry, named in of_conflicts if not named.isdisjoint(theirs)]
    numbers = {entry.seq for entry in told}
    return Entries(sorted(numbers), sorted(_undone(told) - numbers), theirs)


def accepting(reader: Reader, conflicts: Collection[str]) -> dict[int, tuple[str, ...]]:
    """By ordinal, what the memories in which any of the conflicts was accepted have accepted beside these."""
    found = {}
    for ordinal in range(reader.n_memories if conflicts else 0):
        accepted = reader.memory(ordinal).conflicts_accepted
        others = tuple(name for name in accepted if name not in conflicts)
        if others != accepted:
            found[ordinal] = others
    return found


def _undone(entries: Sequence[JournalEntry]) -> set[int]:
    """The entries that undos among these took, unless an undo took those again."""
    undone: set[int] = set()
    for entry in sorted(entries, key=lambda entry: entry.seq, reverse=True):
        if entry.op == "undo" and entry.seq not in undone:
            undone.update((entry.payload or {}).get("entries", ()))
    return undone


def _settled(entry: JournalEntry) -> set[str]:
    """The id of the conflict that an entry settles."""
    return {entry.payload["conflict"]} if entry.op == "resolve" and entry.payload else set()


def _memories_in(payload: Payload) -> set[str]:
    """The ids of the memories whose words, properties or claims an entry holds."""
    told = (each["id"] for part in ("created", "changes") for each in payload.get(part, ()))
    return {*told, *payload.get("between", ())}


def _conflicts_in(payload: Payload) -> frozenset[str]:
    """The ids of the conflicts that an entry names."""
    records = [*payload.get("created", ())]
    records += [change[when] for change in payload.get("changes", ()) for when in ("before", "after")]
    accepted = (name for record in records for name in record.get("conflicts_accepted", ()))
    return frozenset((*accepted, *([payload["conflict"]] if "conflict" in payload else ())))
