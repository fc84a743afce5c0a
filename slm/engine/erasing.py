"""Erasing: one transaction takes every word of some memories, then the files are made anew without them.

A mark in the store, set by that transaction, lets the next start finish what was broken off after it. Each step can be
done twice. What stays of a memory is its id and its place, for ordinals and chunk ids are positions in arrays.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from slm.engine.claim_codec import encode
from slm.engine.erased import Erased
from slm.engine.index import Index
from slm.engine.live_sheaf import LiveSheaf
from slm.engine.lives import Lives
from slm.engine.mentions import Entries, accepting, conflicts_with, entries_about, histories
from slm.engine.noted_files import seal_files
from slm.engine.transaction import Transaction, head_times
from slm.errors import StorageRefused
from slm.model import Memory
from slm.retrieval.text_features import text_features
from slm.store.folder import drop_derived
from slm.store.reader import Reader
from slm.store.rewrite import Between
from slm.store.store import Store
from slm.store.writer import Writer
from slm.times import iso

MARK = "erasing"
"""What is being erased: the ids, and the digests by which they are known when they come again."""
NOTHING_MORE: Mapping[str, Any] = {"ids": [], "digests": {}}
"""The mark once its digests are kept elsewhere: the new file shall not hold them."""
SPARE_BYTES = 16 << 20


@dataclass(frozen=True, slots=True)
class Beside:
    """What an open profile has beside its store. ``sheaf`` must hold every claim."""

    index: Index
    sheaf: LiveSheaf
    erased: Erased


class Erasing(NamedTuple):
    """What was erased: ids of the memories, and numbers of chunks, journal entries and names.

    ``ordinals`` are the memories' own, ``touched`` these and those of others that were changed with them, ``turned``
    those that recall has shown until now.
    """

    ids: list[str]
    chunks: int
    entries: int
    names: int
    ordinals: list[int]
    touched: list[int]
    turned: list[tuple[int, bool]]


class Doomed(NamedTuple):
    """What an erasing takes: the memories with their whole histories, and the journal's entries that tell of them.

    It is so as of the journal's entry ``seq``: one written later might tell of them as well.
    """

    ordinals: list[int]
    entries: Entries
    seq: int


def doomed(reader: Reader, sheaf: LiveSheaf, ordinals: Collection[int], between: Between = lambda: None) -> Doomed:
    """What goes with the memories ``ordinals``. Reads every memory and every entry; ``sheaf`` must hold every claim."""
    whole = histories(reader, ordinals, between)
    ids = frozenset(reader.memory(ordinal).id for ordinal in whole)
    conflicts = conflicts_with(sheaf.sheaf.conflicts(), ids)
    return Doomed(whole, entries_about(reader, ids, conflicts, between), reader.journal_head()[0])


def erase_memories(store: Store, beside: Beside, going: Doomed, actor: str) -> Erasing:
    """Take what is doomed out of the store in one commit. :func:`finish` must follow.

    Nothing may have been written since it was found. Index and sheaf are to follow; the files of the index still hold
    what was erased.
    """
    beside.erased.keep()  # its key must outlive what is written with it
    return store.transact(lambda writer: _Change(writer, beside, actor, time.time_ns()).erase(going))


class _Change:
    """The write transaction of one erasing."""

    def __init__(self, writer: Writer, beside: Beside, actor: str, now_ns: int) -> None:
        self._writer, self._beside = writer, beside
        self._transaction = Transaction(writer, beside.index, actor, now_ns)
        self._now = iso(datetime.fromtimestamp(now_ns // 10**9, UTC))

    def erase(self, going: Doomed) -> Erasing:
        ordinals, entries = going.ordinals, going.entries
        assert self._writer.journal_head()[0] == going.seq, "nothing was written since it was looked for"
        memories = {ordinal: self._writer.memory(ordinal) for ordinal in ordinals}
        ids = [memory.id for memory in memories.values()]
        self._hide(memories)
        self._put_mark(memories)
        for ordinal, others in accepting(self._writer, entries.conflicts).items():
            self._transaction.amend(ordinal, conflicts_accepted=others)
        for seq in entries.told:
            self._writer.erase_entry(seq)
        chunks = sum(int(self._writer.head(ordinal)["n_chunks"]) for ordinal in ordinals)
        self._leave_stubs(memories)
        names = self._writer.drop_unused_names()
        seal_files(self._writer, self._beside.erased.seal, frozenset(ids))
        self._transaction.enter("erase", ids=ids, undone=entries.undone)
        touched = sorted({*ordinals, *self._transaction.touched()})
        return Erasing(ids, chunks, len(entries.told), names, ordinals, touched, self._transaction.turned())

    def _hide(self, memories: dict[int, Memory]) -> None:
        """Subtract the rows of those that recall shows from the exact sums, while they are there.

        The variance is published anew: from an old one and the vectors that stay, one that went could be reckoned.
        """
        for ordinal, memory in memories.items():
            if memory.live:
                self._transaction.amend(ordinal, forgotten_at=self._now)
        self._transaction.seal(publish=True)

    def _put_mark(self, memories: dict[int, Memory]) -> None:
        mark = _mark(self._writer) or {"ids": [], "digests": {}}
        mark["ids"] += [memory.id for memory in memories.values()]
        for memory in memories.values():
            mark["digests"] |= dict.fromkeys(self._beside.erased.digests(memory), memory.id)
        self._writer.put_meta(MARK, json.dumps(mark).encode())

    def _leave_stubs(self, memories: dict[int, Memory]) -> None:
        stubs = {ordinal: self._stub(memory.id) for ordinal, memory in memories.items()}
        timed = {ordinal: (stub, head_times(stub)) for ordinal, stub in stubs.items()}
        self._writer.erase_memories(timed, text_features(""), encode(self._beside.sheaf.stamp, []))
        lives = Lives(self._writer, self._beside.index.lifecycles)
        for ordinal, stub in stubs.items():
            lives.begin(ordinal, stub)
        lives.seal()

    def _stub(self, memory_id: str) -> Memory:
        now = self._now
        return Memory(memory_id, "", observed_at=now, recorded_at=now, forgotten_at=now, reason="erased")


def finish(store: Store, erased: Erased, between: Between = lambda: None) -> None:
    """Do what is left of an erasing after its commit: remember it beside the profiles, and make the files anew.

    ``between`` is called while the store is written anew, and may read from it. Nothing happens when there is no
    erasing to end. The files of the index must be closed; StorageRefused where the room runs out.
    """
    with store.read() as reader:
        mark = _mark(reader)
    if mark is None:
        return
    erased.keep(mark["ids"], mark["digests"])
    store.transact(lambda writer: writer.put_meta(MARK, json.dumps(NOTHING_MORE).encode()))
    store.rewrite(between)
    drop_derived(store.folder)
    store.transact(lambda writer: writer.drop_meta(MARK))


def require_room(store: Store) -> None:
    """StorageRefused unless there is room for all of the store's files once more."""
    needed, free = store.disk_bytes() + SPARE_BYTES, shutil.disk_usage(store.folder).free
    if free < needed:
        raise StorageRefused(
            f"erasing writes the store anew and needs {needed >> 20} MiB for it, {free >> 20} MiB are free",
            where={"store": str(store.folder)},
            hint="free some disk space, then repeat the command; nothing was erased",
        )


def _mark(reader: Reader) -> dict[str, Any] | None:
    body = reader.meta(MARK)
    return None if body is None else json.loads(body)
