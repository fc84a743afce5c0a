"""What happens to memories within one transaction, and how a memory's lifecycle begins."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from slm.engine.days import day_of
from slm.engine.lifecycles import Lifecycles
from slm.engine.lived import Lived, state_of
from slm.lifecycle.events import confirmed, merged, pinned, rated, remembered, used
from slm.lifecycle.kept import ROW, rows_of, state_in
from slm.lifecycle.langevin import noise_id
from slm.lifecycle.state import Origin, State
from slm.model import Memory
from slm.store.writer import Writer

MOST_EVENTS = 1000
"""Uses and confirmations that a record with counts alone is given; the others change little."""

Event = Callable[[State], State]
Change = dict[str, str]
"""The states before and after an event, as the journal keeps them: hexadecimal."""


def first_state(origin: Origin, memory: Memory) -> State:
    """The state of a memory of which only the record is known: of a new one, of an import, of an older store.

    Its uses are taken to have been spread evenly from the day it was recorded to that of the last use, its
    confirmations to have come at first.
    """
    recorded = day_of(memory.recorded_at)
    state = remembered(origin, recorded, memory.importance, memory.trust)
    for _ in range(min(memory.confirmations, MOST_EVENTS)):
        state = confirmed(origin, state, recorded)
    n_uses = min(memory.uses, MOST_EVENTS)
    days = max(day_of(memory.last_used) - recorded, 0) if memory.last_used else 0
    for nth in range(1, n_uses + 1):
        state = used(origin, state, recorded + days * nth // n_uses)
    return pinned(state, memory.pinned)


@dataclass(slots=True)
class Lives:
    """The states that a transaction gave to memories; :meth:`seal` writes them into it."""

    writer: Writer
    lifecycles: Lifecycles
    states: dict[int, State] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)

    def state(self, ordinal: int) -> State:
        """The state of a memory as it is now, within the transaction."""
        if ordinal not in self.states:
            return state_in(np.frombuffer(self.writer.head(ordinal)["lifecycle"].tobytes(), ROW)[0])
        return self.states[ordinal]

    def begin(self, ordinal: int, memory: Memory, told: Lived | None = None) -> None:
        """A memory comes into being; ``told`` is what another store says it has lived."""
        self._set(ordinal, memory, self._known(memory, told))

    def befall(self, ordinal: int, event: Event) -> Change:
        """Something happens to a memory; returns the change as the journal keeps it, see :meth:`revert`."""
        before = self.state(ordinal)
        after = event(before)
        self._set(ordinal, self.writer.memory(ordinal), after)
        return {"before": before.to_bytes().hex(), "after": after.to_bytes().hex()}

    def use(self, ordinal: int, day: int) -> None:
        """One use on ``day``."""
        self.befall(ordinal, lambda state: used(self.lifecycles.origin, state, day))

    def confirm(self, ordinal: int, day: int) -> Change:
        """Somebody said it again on ``day``."""
        return self.befall(ordinal, lambda state: confirmed(self.lifecycles.origin, state, day))

    def join(self, ordinal: int, memory: Memory, told: Lived | None = None) -> Change:
        """The same memory came from elsewhere as ``memory``: what either says stands, so twice is as once."""
        other = self._known(memory, told)
        return self.befall(ordinal, lambda state: _joined(state, other))

    def succeed(self, ordinal: int, memory: Memory, old: int) -> None:
        """The ``memory`` at ``ordinal`` corrects ``old`` and goes on from its uses.

        What was said of the old text, that it is right or contradicts others, doesn't hold for the new one.
        """
        own = remembered(self.lifecycles.origin, day_of(memory.recorded_at), memory.importance, memory.trust)
        both = merged(own, self.state(old))
        state = replace(both, confirmations=0, contradictions=0, importance=own.importance, trust=own.trust)
        self._set(ordinal, memory, pinned(state, memory.pinned))

    def rate(self, ordinal: int, memory: Memory) -> None:
        """Pin, importance and trust as the ``memory`` has them now."""
        self._set(ordinal, memory, pinned(rated(self.state(ordinal), memory.importance, memory.trust), memory.pinned))

    def revert(self, ordinal: int, change: Change) -> Change:
        """Take back a change of :meth:`befall`, and keep what came after it; returns the change as before."""
        before, after = (State.from_bytes(bytes.fromhex(change[when])) for when in ("before", "after"))
        return self.befall(ordinal, lambda state: _reverted(state, before, after))

    def seal(self) -> None:
        """Write the states, all archive weeks found in one pass."""
        ordinals: Sequence[int] = list(self.states)
        ids = [noise_id(self.names[ordinal]) for ordinal in ordinals]
        states = [self.states[ordinal] for ordinal in ordinals]
        rows = rows_of(self.lifecycles.origin, states, ids, self.lifecycles.noise)
        for ordinal, row in zip(ordinals, rows, strict=True):
            self.writer.put_lifecycle(ordinal, row.tobytes())

    def _known(self, memory: Memory, told: Lived | None) -> State:
        origin = self.lifecycles.origin
        return first_state(origin, memory) if told is None else state_of(origin, memory, told)

    def _set(self, ordinal: int, memory: Memory, state: State) -> None:
        self.states[ordinal], self.names[ordinal] = state, memory.id


def _joined(a: State, b: State) -> State:
    """The greater of every count: commutative, associative and idempotent."""
    last, uses_today = max((a.last, a.uses_today), (b.last, b.uses_today))
    return replace(
        a,
        counter=max(a.counter, b.counter),
        created=min(a.created, b.created),
        last=last,
        uses_today=uses_today,
        confirmations=max(a.confirmations, b.confirmations),
    )


def _reverted(state: State, before: State, after: State) -> State:
    """Counts less what they gained; the last day goes back where nothing came after."""
    untouched = (state.last, state.uses_today) == (after.last, after.uses_today)
    return replace(
        state,
        counter=max(1, state.counter - (after.counter - before.counter)),
        last=before.last if untouched else state.last,
        uses_today=before.uses_today if untouched else state.uses_today,
        confirmations=max(0, state.confirmations - (after.confirmations - before.confirmations)),
    )
