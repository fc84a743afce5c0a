"""Notes that were read anew become memories: new ones, corrections, moves; what is gone from the files is forgotten.

Each section of a file is one memory, and stays the same one while its text stays, wherever it moves. What the user
forgot or erased is not taken in again, edited or not: the section stays left out until ``undo`` brings its memory back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, NamedTuple

from slm.engine.added import Prepared
from slm.engine.draft import draft
from slm.engine.ids import new_id
from slm.engine.note_plan import EDITED, GONE, FileRead, Place, Plan, Planner, section_of
from slm.engine.noted_files import NotedFile, has_seals, read_files, sealed, unsealed, write_files
from slm.engine.request import Request
from slm.engine.transaction import Transaction
from slm.ingest.markdown import Note
from slm.model import Memory
from slm.times import iso


class Batch(NamedTuple):
    """Files of watch ``number`` that were read, and the known files that are missing now.

    With ``last`` those of them that nothing took up are forgotten. Batches of one ``group`` are undone together.
    """

    number: int
    root: str
    group: str
    files: Sequence[FileRead]
    missing: Sequence[str]
    last: bool


Key = tuple[str, str]
"""See :func:`key_of`."""


class Outcome(NamedTuple):
    """The new states of the files that a batch touched, and how many memories it changed in which way."""

    files: Mapping[str, NotedFile]
    counts: Mapping[str, int]


def key_of(memory: Memory) -> Key:
    """What decides how a note is prepared: its text, and the time by which it is read."""
    return memory.text, memory.observed_at


def to_prepare(request: Request, batch: Batch) -> list[Memory]:
    """The memories that carrying out the batch would embed, each :func:`key_of` once."""
    drafts = _drafts(request, batch)
    plan = _planned(request, batch, drafts)
    wanted = (drafts[path][at] for path, at in (*plan.new, *plan.edited))
    return list({key_of(memory): memory for memory in wanted}.values())


def take_in(request: Request, batch: Batch, prepared: Mapping[Key, Prepared]) -> Outcome:
    """Carry out one batch in one commit. What isn't ``prepared`` yet is now."""
    drafts = _drafts(request, batch)
    plan = _planned(request, batch, drafts)
    places = [*plan.new, *plan.edited]
    missing = [memory for path, at in places if key_of(memory := drafts[path][at]) not in prepared]
    known = {**prepared, **dict(zip(map(key_of, missing), request.engine.prepare(missing), strict=True))}
    texts = {(path, at): known[key_of(drafts[path][at])] for path, at in places}

    def change(transaction: Transaction) -> Outcome:
        return _Writing(request, transaction, batch, plan, drafts, texts).outcome()

    return request.engine.transact(request.caller.actor, change)


def _drafts(request: Request, batch: Batch) -> dict[str, list[Memory]]:
    return {file.path: [_draft(request, batch.root, file, note) for note in file.notes] for file in batch.files}


def _planned(request: Request, batch: Batch, drafts: Mapping[str, Sequence[Memory]]) -> Plan:
    with request.engine.store.read() as reader:
        engine, known = request.engine, read_files(reader, batch.number)
        store_id, sealed_ones = engine.index.store_id, [path for path, file in known.items() if has_seals(file)]
        if sealed_ones:
            met = [section_of(store_id, note) for file in batch.files for note in file.notes]
            known |= {path: unsealed(known[path], engine.erased.seal, met) for path in sealed_ones}
        planner = Planner(reader, store_id, known, batch.missing, drafts, engine.erased.find)
        return planner.plan(batch.files, last=batch.last)


def _draft(request: Request, root: str, file: FileRead, note: Note) -> Memory:
    """The memory that a note would be: it comes from the file, and was observed when that was written."""
    source = f"{root}/{file.path}"
    written = datetime.fromtimestamp(file.stamp[1] // 10**9, UTC).astimezone(request.zone)
    record = {"observed_at": iso(written), **note.record, "source": source, "session": source}
    return draft(request, record, note.origin).memory


@dataclass(slots=True)
class _Writing:
    """Carries out a plan inside the write transaction."""

    request: Request
    transaction: Transaction
    batch: Batch
    plan: Plan
    drafts: Mapping[str, Sequence[Memory]]
    texts: Mapping[Place, Prepared]
    made: dict[Place, str] = field(default_factory=dict)

    def outcome(self) -> Outcome:
        """Write memories, journal and the files' states."""
        for place in self.plan.new:
            self._add(place)
        for place, ordinal in self.plan.edited.items():
            self._correct(place, ordinal)
        self._amend("move", self.plan.moved)
        self._amend("return", self.plan.returned)
        now = iso(self.request.now.astimezone(UTC))
        hidden = {ordinal: {"forgotten_at": now, "reason": GONE + path} for ordinal, path in self.plan.hidden.items()}
        self._amend("forget", hidden)
        ids = {**self.plan.ids, **self.made}
        erased = self.request.engine.erased
        named = {path: _named(file, ids) for path, file in self.plan.files.items()}
        files = {path: sealed(file, erased.seal, erased.ids) for path, file in named.items()}
        write_files(self.transaction.writer, self.batch.number, list(files.values()))
        names = ("new", "edited", "moved", "returned", "hidden")
        return Outcome(files, {name: len(getattr(self.plan, name)) for name in names})

    def _add(self, place: Place) -> None:
        path, at = place
        memory = replace(self.drafts[path][at], id=new_id(self.transaction.writer))
        self.transaction.add(memory, self.texts[place])
        self.transaction.enter("remember", created=[memory.record()], group=self.batch.group)
        self.made[place] = memory.id

    def _correct(self, place: Place, ordinal: int) -> None:
        """The section's text replaces what it said before, and keeps what the user has made of that."""
        path, at = place
        written, old = self.drafts[path][at], self.transaction.writer.memory(ordinal)
        new = replace(
            written,
            id=new_id(self.transaction.writer),
            scope=old.scope,
            tags=tuple(dict.fromkeys(old.tags + written.tags)),
            importance=old.importance,
            pinned=old.pinned,
            private=old.private,
            uses=old.uses,
            last_used=old.last_used,
            supersedes=(old.id,),
        )
        self.transaction.lives.succeed(self.transaction.add(new, self.texts[place]), new, ordinal)
        ending = {"superseded_by": new.id, "never_true": True, "reason": EDITED + path}
        amended = self.transaction.amend(ordinal, **ending)
        self.transaction.enter("correct", created=[new.record()], changes=[amended], group=self.batch.group)
        self.made[place] = new.id

    def _amend(self, op: str, changes: Mapping[int, dict[str, Any]]) -> None:
        if changes:
            amended = [self.transaction.amend(ordinal, **values) for ordinal, values in changes.items()]
            self.transaction.enter(op, changes=amended, group=self.batch.group)


def _named(file: NotedFile, ids: Mapping[Place, str]) -> NotedFile:
    """The state of a file, each of its sections with the id of its memory."""
    named = [section._replace(id=ids.get((file.path, at), section.id)) for at, section in enumerate(file.sections)]
    return file._replace(sections=tuple(named))
