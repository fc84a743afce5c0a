"""The claims that count, as a sheaf in step with the store: derived from it wholly, replayed at each start.

Nothing that follows from the sheaf is stored. A supersession found among claims isn't either: it holds as long as the
claims do that it follows from, and a correction, a dropped claim or newer rules take it back without a trace. What a
person says (``supersedes``, ``correct``, ``audit resolve``) is stored with the memories, in the journal, for ``undo``.
"""

from __future__ import annotations

import gc
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from slm.consistency.claim import Claim
from slm.consistency.claim_sheaf import ClaimSheaf
from slm.consistency.conflict import Conflict, Outcome, Supersession
from slm.consistency.judgement import is_identity
from slm.consistency.valid_time import order_key
from slm.engine.claim_codec import decode, encode, stamp_of
from slm.engine.claims import ClaimReader
from slm.store.reader import Reader
from slm.store.rewrite import Between
from slm.store.store import Store
from slm.store.writer import Writer

MEMORIES_A_STEP = 32
"""What is read at a stretch, while a question may wait: a few milliseconds."""
WORTH_FREEZING = 10_000
"""Memories from which the collector is told to leave their claims alone: walking them would hold up every answer."""


class Part(NamedTuple):
    """The sheaf of some memories while it is made: it has ``n_claims`` when no steps are ``left``."""

    sheaf: ClaimSheaf
    n_claims: int
    left: Iterator[None]


class LiveSheaf:
    """Owned by the numeric worker. Until the replay is :attr:`ready` it only notes which memories have changed."""

    def __init__(self, store: Store, claims: ClaimReader) -> None:
        self._store, self._claims = store, claims
        self.reread = 0
        """How many texts were read anew because other rules had read them, or none."""
        self._begin()

    def _begin(self) -> None:
        self.sheaf = ClaimSheaf(window_of=self._claims.window_of)
        self.held: dict[int, tuple[str, ...]] = {}
        """The ids of the claims that count, by the ordinal of their memory."""
        self.contradicted: dict[int, int] = {}
        """In how many conflicts that nobody has accepted a memory takes part, by its ordinal; those of none aren't in.

        Empty until the replay is :attr:`ready`.
        """
        self.n_read = 0
        """Of how many memories the replay has read the claims."""
        self._accepting: dict[int, tuple[str, ...]] = {}
        self._owed: set[int] = set()
        self._freezes = False
        self._replay: Iterator[None] | None = self._replayed()

    @property
    def ready(self) -> bool:
        """Whether every claim of the store is in."""
        return self._replay is None

    @property
    def stamp(self) -> str:
        """Of the rules by which the claims were read."""
        return self._claims.stamp

    def step(self) -> bool:
        """Go on with the replay for a few milliseconds; whether there is more to do.

        Raises what reading the store raises; the replay begins again then.
        """
        if self._replay is None:
            return False
        try:
            next(self._replay)
            if self._freezes:
                gc.freeze()
        except StopIteration:
            self._replay = None
        except BaseException:
            self._begin()
            raise
        return self._replay is not None

    def finish(self, between: Between = lambda: None) -> None:
        """Go on with the replay to its end, ``between`` steps giving others a turn."""
        while self.step():
            between()

    def stop(self) -> None:
        """Leave the replay where it is: the store is about to be closed."""
        self._replay = None

    def follow(self, reader: Reader, ordinals: Sequence[int]) -> None:
        """Take up what became of these memories in a change, committed or not: one that came to nothing is taken back
        by following the store's last state. Memories that aren't there have no claims.
        """
        if self._replay is not None:
            self._owed.update(ordinals)
            return
        accepted = self._accepted()
        outcomes = self._take_up(reader, ordinals)
        if outcomes or accepted != self._accepted():
            found = [conflict for outcome in outcomes for conflict in outcome.conflicts]
            found += [conflict for ordinal in ordinals for conflict in self.conflicts_of(ordinal)]
            self._count({*ordinals, *self._memories(reader, found), *self.contradicted})

    def _take_up(self, reader: Reader, ordinals: Sequence[int]) -> list[Outcome]:
        wanted: list[Claim] = []
        gone: list[str] = []
        for ordinal in dict.fromkeys(ordinals):
            claims = {claim.id: claim for claim in self._of(reader, ordinal)}
            kept = {i for i in self.held.get(ordinal, ()) if claims.get(i) == self.sheaf.claims[i]}
            gone += [i for i in self.held.get(ordinal, ()) if i not in kept]
            wanted += [claim for i, claim in claims.items() if i not in kept]
            self._hold(ordinal, list(claims))
        outcomes = [self.sheaf.retract(gone)] if gone else []
        return outcomes + [self.sheaf.assert_claim(claim) for claim in _in_order(wanted)]

    def _count(self, ordinals: Collection[int]) -> None:
        """Count the conflicts of those memories of which the number may have changed."""
        counts = {ordinal: len(self.conflicts_of(ordinal)) for ordinal in ordinals}
        self.contradicted.update(counts)
        for ordinal in (ordinal for ordinal, count in counts.items() if not count):
            del self.contradicted[ordinal]

    def open(self, conflicts: Sequence[Conflict]) -> list[Conflict]:
        """Those of ``conflicts`` that nobody has accepted."""
        accepted = self._accepted() if conflicts else ()
        return [conflict for conflict in conflicts if conflict.id not in accepted]

    def _accepted(self) -> set[str]:
        return {name for names in self._accepting.values() for name in names}

    def conflicts_of(self, ordinal: int) -> list[Conflict]:
        """The conflicts that a memory takes part in and nobody has accepted, by id."""
        found: dict[str, Conflict] = {}
        for name in self.held.get(ordinal, ()):
            component = self.sheaf.component_of(name)
            around = component.conflicts.values() if component is not None else self.sheaf.conflicts()
            found.update((conflict.id, conflict) for conflict in around if name in conflict.claims)
        return self.open([found[name] for name in sorted(found)])

    def supersessions_of(self, ordinal: int) -> list[Supersession]:
        """What took the place of claims of a memory, the last of each."""
        last: dict[str, Supersession] = {}
        for name in self.held.get(ordinal, ()):
            component = self.sheaf.component_of(name)
            for found in component.supersessions if component is not None else ():
                if found.older == name:
                    last[name] = max(last.get(name, found), found, key=lambda s: order_key(self.sheaf.claims[s.newer]))
        return list(last.values())

    def replaced(self, ordinal: int) -> list[Supersession]:
        """What took the place of all that a memory claims; nothing as long as one of its claims stands."""
        found = self.supersessions_of(ordinal) if self.ready else []
        return found if found and len(found) == len(self.held[ordinal]) else []

    def within(self, mask: npt.NDArray[np.bool_], between: Between = lambda: None) -> ClaimSheaf:
        """The sheaf of the memories in ``mask`` (n,) alone: what others say neither shows nor tells in it."""
        part = self.part(mask)
        for _ in part.left:
            between()
        return part.sheaf

    def part(self, mask: npt.NDArray[np.bool_]) -> Part:
        """The same, still to be made: a few milliseconds for each of the steps that are ``left``."""
        inside = [ordinal for ordinal in self.held if mask[ordinal]]
        if len(inside) == len(self.held):
            return Part(self.sheaf, len(self.sheaf.claims), iter(()))
        sheaf = ClaimSheaf(window_of=self._claims.window_of)
        claims = [self.sheaf.claims[name] for ordinal in inside for name in self.held[ordinal]]
        return Part(sheaf, len(claims), sheaf.load(claims))

    def _memories(self, reader: Reader, conflicts: Iterable[Conflict]) -> set[int]:
        """The memories that take part in conflicts."""
        ids = {self.sheaf.claims[name].memory_id for conflict in conflicts for name in conflict.claims}
        return {ordinal for id_ in ids if (ordinal := reader.ordinal_of(id_)) is not None}

    def _replayed(self) -> Iterator[None]:
        claims: list[Claim] = []
        with self._store.read() as reader:
            n_memories = reader.n_memories
        self._freezes = n_memories >= WORTH_FREEZING
        for ordinals in _steps(range(n_memories)):
            self._read_anew(ordinals)
            with self._store.read() as reader:
                for ordinal in ordinals:
                    found = self._of(reader, ordinal)
                    self._hold(ordinal, [claim.id for claim in found])
                    claims += found
            self.n_read = ordinals[-1] + 1
            yield
        yield from self.sheaf.load(claims)
        while self._owed:
            changed = sorted(self._owed)
            self._owed.clear()
            for ordinals in _steps(changed):
                with self._store.read() as reader:
                    self._take_up(reader, ordinals)
                yield
        with self._store.read() as reader:
            self._count(self._memories(reader, self.sheaf.conflicts()))

    def _read_anew(self, ordinals: Sequence[int]) -> None:
        """Read the texts that other rules have read, or none."""
        with self._store.read() as reader:
            bodies = {ordinal: reader.claims(ordinal) for ordinal in ordinals}
        stamp = self._claims.stamp
        old = [ordinal for ordinal, body in bodies.items() if body is None or stamp_of(body) != stamp]

        def read(writer: Writer) -> None:
            for ordinal in old:
                writer.put_claims(ordinal, encode(stamp, self._claims.read(writer.memory(ordinal))))

        if old:
            self._store.transact(read)
            self.reread += len(old)

    def _of(self, reader: Reader, ordinal: int) -> list[Claim]:
        self._accepting.pop(ordinal, None)
        if ordinal >= reader.n_memories:
            return []
        memory = reader.memory(ordinal)
        if memory.conflicts_accepted:
            self._accepting[ordinal] = memory.conflicts_accepted
        return self._claims.counting(memory, ordinal, read_of(reader, ordinal))

    def _hold(self, ordinal: int, names: Sequence[str]) -> None:
        if names:
            self.held[ordinal] = tuple(names)
        else:
            self.held.pop(ordinal, None)


def read_of(reader: Reader, ordinal: int) -> list[Claim]:
    """What was read from the text of a memory."""
    body = reader.claims(ordinal)
    return [] if body is None else decode(body)


def _in_order(claims: Sequence[Claim]) -> list[Claim]:
    """Claims in the order in which a sheaf takes them in fastest: identities first, then as they are read."""
    return sorted(claims, key=lambda claim: (not is_identity(claim), order_key(claim)))


def _steps(ordinals: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ordinals[start : start + MEMORIES_A_STEP] for start in range(0, len(ordinals), MEMORIES_A_STEP))
