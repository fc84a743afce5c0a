"""One change of the store: memories added, memories amended and the journal entry that says so, all or nothing."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC
from typing import Any

from slm.engine.added import Added, Prepared
from slm.engine.index import Index
from slm.engine.lived import Lived
from slm.engine.lives import Lives
from slm.engine.text_digest import key_digest, text_digest
from slm.model import Memory
from slm.store.records import HeadTimes
from slm.store.writer import Writer
from slm.times import from_iso, to_ns

RATED = frozenset({"pinned", "importance", "trust"})
"""Fields of a memory that its lifecycle keeps as well."""


@dataclass(slots=True)
class Transaction:
    """What a change does, collected while the store's write transaction is open, published to the index after it.

    ``created`` and ``changes`` go into the journal entry in the form that ``undo`` reads back.
    """

    writer: Writer
    index: Index
    actor: str
    now_ns: int
    added: list[Added] = field(default_factory=list)
    amended: dict[int, tuple[Memory, Memory]] = field(default_factory=dict)
    lives: Lives = field(init=False)

    def __post_init__(self) -> None:
        self.lives = Lives(self.writer, self.index.lifecycles)

    def add(self, memory: Memory, prepared: Prepared, told: Lived | None = None) -> int:
        """Store a new memory and return its ordinal; ``told`` is what another store says it has lived."""
        ordinal = self.writer.append(
            memory,
            prepared.chunks,
            times=head_times(memory),
            text_digest=text_digest(self.index.store_id, memory),
            key_digest=key_digest(self.index.store_id, memory),
            features=prepared.features,
        )
        self.writer.put_claims(ordinal, prepared.claims)
        self.added.append(Added(ordinal, memory, prepared))
        self.lives.begin(ordinal, memory, told)
        return ordinal

    def amend(self, ordinal: int, **values: Any) -> dict[str, Any]:
        """Change fields of a memory; returns the change as the journal keeps it.

        Pin, importance and trust pass into its lifecycle; uses and confirmations are events of their own.
        """
        before = self.writer.memory(ordinal)
        after = replace(before, **values)
        first = self.amended.get(ordinal, (before, after))[0]
        self.amended[ordinal] = (first, after)
        self.writer.replace(ordinal, after, times=head_times(after))
        if not RATED.isdisjoint(values):
            self.lives.rate(ordinal, after)
        return {
            "id": before.id,
            "before": {name: getattr(before, name) for name in values},
            "after": dict(values),
        }

    def enter(self, op: str, **payload: Any) -> int:
        """Append a journal entry and return its number."""
        return self.writer.journal(op, self.actor, payload, self.now_ns)

    def seal(self, *, publish: bool = False) -> None:
        """Write lifecycles and scan rows and bring the exact sums up to date, just before the commit.

        With ``publish`` the variance is published anew, however little the store has grown.
        """
        self.lives.seal()
        epoch = self.index.stage(self.writer, self.added, self.turned(), publish=publish)
        if epoch is not None:
            self.enter("epoch", number=epoch.number, memories=self.writer.n_memories)

    def touched(self) -> list[int]:
        """The memories that this change added or amended."""
        return [*(new.ordinal for new in self.added), *self.amended]

    def turned(self) -> list[tuple[int, bool]]:
        """Memories that became live (true) or hidden (false) by this change."""
        return [(ordinal, new.live) for ordinal, (old, new) in self.amended.items() if old.live != new.live]


def head_times(memory: Memory) -> HeadTimes:
    """The times of a memory as integers for the store's head row."""
    last_used = to_ns(from_iso(memory.last_used, UTC)) if memory.last_used else 0
    return HeadTimes(to_ns(from_iso(memory.observed_at, UTC)), to_ns(from_iso(memory.recorded_at, UTC)), last_used)
