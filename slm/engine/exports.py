"""The exports that are under way: each tells the store as it was when its first page was asked for.

What changes meanwhile is kept as it was until its page is told. So no transaction stays open, which would keep the data
file from using its freed pages again, and nothing is copied but what changes.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

from slm.engine.lifecycles import Lifecycles
from slm.engine.lived import lived
from slm.errors import NotFound
from slm.lifecycle.kept import state_in
from slm.model import Memory

Record = dict[str, Any]

_ENDED = "this export has ended: the daemon was restarted, something was erased, much has changed, or it waited long"
MOST_OPEN = 4
"""Exports that go on at the same time; one more ends the one that was asked longest ago."""
IDLE_S = 600.0
"""An export that nobody goes on with that long has ended."""
MOST_KEPT_BYTES = 64 << 20
"""Of texts kept for one export; it ends when more than that changed before it was told."""
BYTES_A_RECORD = 2048
"""What a record takes beside its text, about."""


def exported(lifecycles: Lifecycles, memory: Memory, ordinal: int) -> Record:
    """A memory as an export tells it, with its lifecycle as it stands in ``lifecycles``."""
    return {**memory.record(), "lifecycle": lived(lifecycles.origin, state_in(lifecycles.rows[ordinal]))}


@dataclass
class Export:
    """What is left to tell of one: the memories from ``position`` up to ``stop``, then what was learnt.

    ``header`` begins it, ``learnt`` and the ``total`` of its records end it.
    """

    header: Record
    learnt: list[Record]
    total: int
    stop: int
    position: int = 0
    asked_s: float = field(default_factory=time.monotonic)
    kept: dict[int, Record] = field(default_factory=dict)
    kept_bytes: int = 0

    def keep(self, ordinals: Collection[int], record: Callable[[int], Record]) -> None:
        """Keep what isn't told yet of ``ordinals`` as ``record`` gives it, unless an earlier change has done so."""
        for ordinal in ordinals:
            if self.position <= ordinal < self.stop and ordinal not in self.kept:
                self.kept[ordinal] = record(ordinal)
                self.kept_bytes += BYTES_A_RECORD + len(self.kept[ordinal]["text"])

    def tell(self, stop: int, record: Callable[[int], Record]) -> list[Record]:
        """The records up to ``stop``: as they were kept, else as ``record`` gives them."""
        ordinals = range(self.position, stop)
        told = [self.kept.pop(ordinal) if ordinal in self.kept else record(ordinal) for ordinal in ordinals]
        self.position = stop
        return told


class Exports:
    """Those of one profile. Owned by the numeric worker."""

    def __init__(self) -> None:
        self._open: dict[str, Export] = {}

    def begin(self, export: Export) -> str:
        """Take up an export, and return the name by which :meth:`go_on` knows it."""
        self._drop(lambda _, idle_s: idle_s > IDLE_S)
        while len(self._open) >= MOST_OPEN:
            del self._open[min(self._open, key=lambda name: self._open[name].asked_s)]
        name = secrets.token_hex(6)
        self._open[name] = export
        return name

    def go_on(self, name: str) -> Export:
        """The export of that name. Raises :class:`NotFound` when it has ended, whatever has ended it."""
        if name not in self._open:
            raise NotFound(_ENDED, hint="begin anew: slm export")
        self._open[name].asked_s = time.monotonic()
        return self._open[name]

    def end(self, name: str) -> None:
        """Forget an export that is told."""
        self._open.pop(name, None)

    def keep(self, ordinals: Collection[int], record: Callable[[int], Record]) -> None:
        """Before a change is seen: ``record`` gives the memories with ``ordinals`` as they were."""
        self._drop(lambda _, idle_s: idle_s > IDLE_S)
        for export in self._open.values():
            export.keep(ordinals, record)
        self._drop(lambda export, _: export.kept_bytes > MOST_KEPT_BYTES)

    def _drop(self, ended: Callable[[Export, float], bool]) -> None:
        now = time.monotonic()
        self._open = {name: one for name, one in self._open.items() if not ended(one, now - one.asked_s)}
