"""Memories that age, and how they are looked at."""

from __future__ import annotations

import numpy as np

from slm.engine.engine import Engine
from slm.lifecycle.kept import ROW, state_in
from slm.lifecycle.langevin import noise_id
from slm.lifecycle.state import State
from tests.engine.calendar import at
from tests.engine.desk import Desk

NOTES = [f"the {thing} of the {place} is number {i}" for i, (thing, place) in enumerate(
    (thing, place) for thing in ("port", "key", "door") for place in ("api", "shed", "garden")
)]  # fmt: skip
TEN_YEARS = 3653


def state(desk: Desk, memory_id: str) -> State:
    """The state as it stands in the store; the index holds the same."""

    def read(engine: Engine) -> State:
        with engine.store.read() as reader:
            ordinal = reader.ordinal_of(memory_id)
            assert ordinal is not None
            row = np.frombuffer(reader.head(ordinal)["lifecycle"].tobytes(), ROW)[0]
            assert engine.index.lifecycles.rows[ordinal].tobytes() == row.tobytes()
            assert int(row["noise_id"]) == noise_id(memory_id)
            return state_in(row)

    return desk.service.inspect(read)


def phase(desk: Desk, memory_id: str, days: float) -> str:
    """The phase that ``why`` tells, some days on."""
    return str(desk.call("why", id=memory_id, now=at(days))["phase"])
