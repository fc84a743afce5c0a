"""From a ranking to the memories shown, in their final order, reading no more records than needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC
from itertools import groupby
from typing import Any

import numpy as np

from slm.lifecycle.need import Phase
from slm.model import Memory
from slm.retrieval.ranking import DIGITS, Floats, Ranking
from slm.store.reader import Reader
from slm.times import from_iso, to_ns

BELOW = 10.0**-DIGITS
"""How far under its successor a superseded memory is put: the least difference between two scores."""


Successor = Callable[[int], int]
"""The ordinal of what took the place of a memory, −1 for none."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A memory with its place in the ranking and the terms that sum to its score."""

    memory: Memory
    score: float
    terms: dict[str, float]
    place: int


def about(memory: Memory, phase: str) -> dict[str, Any]:
    """What every answer that explains says of a memory in a ``phase``."""
    flags = {"superseded": memory.superseded_by is not None, "archived": phase == Phase.ARCHIVED.label}
    return {"memory": memory.record(), "phase": phase, "flags": [name for name, holds in flags.items() if holds]}


def hits(
    reader: Reader,
    ranking: Ranking,
    lifts: Floats,
    as_of_ns: int | None,
    claimed: Successor = lambda _: -1,
) -> Iterator[Hit]:
    """The ranked memories, best first, equal scores by id; a superseded one comes after its successor.

    ``lifts`` (m,) are added to the scores of the ranking, in its order. With ``as_of_ns`` only
    those that were true at that moment, by today's knowledge. ``claimed`` gives the successors that follow from claims.
    """
    final = _behind_successors(_successors(reader, ranking, claimed), np.round(ranking.scores + lifts, DIGITS))
    order, terms = np.argsort(-final, kind="stable"), ranking.terms
    for _, places in groupby(order, key=lambda place: final[place]):
        tied = [(int(place), reader.memory(int(ranking.ordinals[place]))) for place in places]
        for place, memory in sorted(tied, key=lambda pair: pair[1].id):
            if as_of_ns is None or true_at(memory, as_of_ns):
                yield Hit(memory, float(final[place]), _terms_at(ranking, terms, place, final[place]), place)


def _behind_successors(successors: Mapping[int, int], scores: Floats) -> Floats:
    """The ``scores`` (m,) with every superseded memory just below the lowest of its ``successors`` in the pool."""
    lowered = scores.copy()
    for place, successor in successors.items():
        seen = {place}
        following: int | None = successor
        while following is not None and following not in seen:
            seen.add(following)
            lowered[place] = min(lowered[place], scores[following] - len(seen) * BELOW)
            following = successors.get(following)
    return np.round(lowered, DIGITS)


def _successors(reader: Reader, ranking: Ranking, claimed: Successor) -> dict[int, int]:
    """By place, the place of the memory that took the place: the one that is stored, else the one that claims name."""
    place_of = {int(ordinal): place for place, ordinal in enumerate(ranking.ordinals)}
    found = {}
    for ordinal, place in place_of.items():
        successor = _successor(reader, ordinal) if ranking.superseded[place] else claimed(ordinal)
        if successor in place_of:
            found[place] = place_of[successor]
    return found


def _successor(reader: Reader, ordinal: int) -> int:
    successor = reader.memory(ordinal).superseded_by
    found = reader.ordinal_of(successor) if successor else None
    return -1 if found is None else found


def _terms_at(ranking: Ranking, terms: Mapping[str, Floats], place: int, score: float) -> dict[str, float]:
    at = {name: float(values[place]) for name, values in terms.items()}
    moved = round(float(score - ranking.scores[place]), DIGITS)
    return {**at, "supersedes": moved} if moved else at


def true_at(memory: Memory, moment_ns: int) -> bool:
    """Whether a memory was true at a moment: since it is valid, or was observed, until it ended."""
    start = to_ns(from_iso(memory.valid_from or memory.observed_at, UTC))
    return start <= moment_ns and (memory.valid_until is None or moment_ns < to_ns(from_iso(memory.valid_until, UTC)))
