"""Newer of two statements of one template: it goes just above the older where the question doesn't tell them apart."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import cache

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

LOOKED_AT = 30
LEAST_COSINE = 0.6
LEAST_DICE = 0.5
MOST_DIFFERENT = 8
"""Stems that each of the two may have for itself."""
MOST_LIFT = 1.0
STEP = 1e-3


def lifts(
    scores: Floats,
    age: Sequence[tuple[int, int]],
    cosines: Floats,
    stems: Callable[[int], Collection[str]],
    asked: Collection[str],
) -> Floats:
    """What the ``supersedes`` term adds to each of the best memories (m,), which come with their ``scores`` (m,).

    ``age`` sorts them from old to new, ``cosines`` (m, m) compares them, ``stems(i)`` gives the stems of one, looked up
    once, and only where a pair is near enough; ``asked`` are the question's.
    """

    @cache
    def held(place: int) -> frozenset[str]:
        return frozenset(stems(place))

    of_question = frozenset(asked)
    raised: list[float] = scores.tolist()
    within_reach = (cosines >= LEAST_COSINE) & (scores[None, :] - scores[:, None] <= MOST_LIFT)
    reaches = within_reach.tolist()
    by_age = sorted(range(len(scores)), key=lambda i: age[i])
    for place, newer in enumerate(by_age):
        reached = reaches[newer]
        for older in by_age[:place]:
            if not reached[older] or raised[older] < raised[newer]:
                continue
            if _same_template(held(newer), held(older), of_question):
                raised[newer] = raised[older] + STEP
    return np.array(raised) - scores


def _same_template(newer: frozenset[str], older: frozenset[str], asked: frozenset[str]) -> bool:
    n_shared = len(newer & older)
    only_newer, only_older = len(newer) - n_shared, len(older) - n_shared
    return (
        0 < only_newer <= MOST_DIFFERENT
        and only_older <= MOST_DIFFERENT
        and 2 * n_shared >= LEAST_DICE * (len(newer) + len(older))
        and asked.isdisjoint(newer ^ older)
    )
