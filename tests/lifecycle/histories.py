"""Small histories to ask questions of."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from slm.lifecycle.events import confirmed, contradicted, remembered, used
from slm.lifecycle.state import Origin, State, States, array_of

ORIGIN = Origin(first_day=20_000, key=7)


def history(days: Iterable[int], confirmations=0, contradictions=0, importance=0.5, trust=0.5) -> State:
    """Remembered on the first of ``days``, used on the others, confirmed and contradicted at the end."""
    first, *others = (ORIGIN.first_day + day for day in days)
    state = remembered(ORIGIN, first, importance, trust)
    for day in others:
        state = used(ORIGIN, state, day)
    for _ in range(confirmations):
        state = confirmed(ORIGIN, state, state.last)
    return contradicted(state, contradictions)


def random_states(n, seed) -> tuple[States, np.ndarray]:
    """Rows (n,) of all kinds and the ids of their noise."""
    generator = np.random.default_rng(seed)
    states = [
        history(
            sorted(generator.integers(0, 500, generator.integers(1, 7)).tolist()),
            confirmations=int(generator.integers(0, 3)),
            contradictions=int(generator.integers(0, 3)),
            importance=float(generator.random()),
            trust=float(generator.random()),
        )
        for _ in range(n)
    ]
    return array_of(states), generator.integers(0, 2**32, n, dtype=np.uint32)
