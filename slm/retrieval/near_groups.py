"""Near duplicates among many vectors: each group is one vector and those within a cosine of it.

Nothing is chained: every member is near the group's first, so that a group can't drift from one subject to another.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats32 = npt.NDArray[np.float32]

BLOCK_BYTES = 8 << 20
"""Cosines held at once."""
ROUNDING = 1e-4
"""What a float32 product may be off; every member is measured again in float64."""


class Group(NamedTuple):
    """The number of the first vector, then the others with their cosines to it, the nearest first."""

    first: int
    others: list[tuple[int, float]]


def near_groups(vectors: Floats32, near: float, between: Callable[[], object] = lambda: None) -> list[Group]:
    """Groups of ``vectors`` (n, d), each of length 1, whose cosine with the group's first is at least ``near``.

    The vectors are taken in their order, each once: the first of a group is the earliest that no group has yet, and
    takes all later ones that are near and free. n² d / 2 products, in blocks; ``between`` runs after each. ``near`` is
    above 0.
    """
    found: list[Group] = []
    free = np.arange(len(vectors))
    while len(free) > 1:
        n_rows = min(len(free), max(1, BLOCK_BYTES // (4 * len(free))))
        cosines = vectors[free[:n_rows]] @ vectors[free].T
        hits = cosines >= near - ROUNDING
        taken = np.zeros(len(free), bool)
        for row in np.flatnonzero(hits.sum(axis=1) > 1).tolist():
            if not taken[row]:
                hits[row, : row + 1] = False
                group = _measured(vectors, int(free[row]), free[hits[row] & ~taken], near)
                if group.others:
                    taken[np.isin(free, [number for number, _ in group.others])] = True
                    found.append(group)
        taken[:n_rows] = True
        free = free[~taken]
        between()
    return found


def _measured(vectors: Floats32, first: int, others: npt.NDArray[np.integer], near: float) -> Group:
    """The group with its exact cosines: float64 sums, the same bits whatever multiplied the blocks."""
    head = vectors[first].astype(np.float64)
    cosines = (vectors[others].astype(np.float64) * head).sum(axis=1)
    pairs = [(int(number), float(cosine)) for number, cosine in zip(others, cosines, strict=True) if cosine >= near]
    return Group(first, sorted(pairs, key=lambda pair: (-pair[1], pair[0])))
