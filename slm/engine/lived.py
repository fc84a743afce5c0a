"""A memory's lifecycle as an export carries it: it depends on no store's first day, and says more than the counts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from slm.engine.days import date_of, day_of
from slm.lifecycle.events import pinned, remembered
from slm.lifecycle.state import MAX_16, Origin, State, steps_of, uses_on
from slm.model import Memory

Lived = dict[str, Any]
"""``weight``: the discounted uses at the last event; ``on``: its date; ``that_day``: its uses; ``since``: the first."""


def lived(origin: Origin, state: State) -> Lived:
    """What :func:`state_of` needs beside the record. Contradictions are left out: a store finds its own."""
    return {
        "weight": float(uses_on(np.array([state.counter]), state.last, origin)[0]),
        "on": date_of(state.last),
        "that_day": state.uses_today,
        "since": date_of(state.created),
    }


def state_of(origin: Origin, memory: Memory, told: Lived) -> State:
    """The state of a ``memory`` with what :func:`lived` told of it.

    The same bits in a store of the same first day while the counter is below 2^49; elsewhere to half a step of it.
    """
    begun = remembered(origin, day_of(told["since"]), memory.importance, memory.trust)
    last = day_of(told["on"])
    return replace(
        pinned(begun, memory.pinned),
        counter=steps_of(told["weight"], last, origin),
        last=last,
        uses_today=min(told["that_day"], MAX_16),
        confirmations=min(memory.confirmations, MAX_16),
    )
