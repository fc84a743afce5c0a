from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slm.engine.hits import hits, true_at
from slm.model import Memory
from slm.retrieval.ranking import Ranking
from slm.times import from_iso, to_ns, zone_of


class Records:
    """A store as a list."""

    def __init__(self, memories: list[Memory]) -> None:
        self.memories = memories
        self.read = 0

    def memory(self, ordinal: int) -> Memory:
        self.read += 1
        return self.memories[ordinal]

    def ordinal_of(self, memory_id: str) -> int | None:
        return next((i for i, memory in enumerate(self.memories) if memory.id == memory_id), None)


def _ranking(scores: list[float], superseded: list[bool]) -> Ranking:
    order = np.lexsort((np.arange(len(scores)), -np.array(scores)))
    values = np.array(scores)[order]
    flags = np.array(superseded)[order]
    held = np.zeros((0, len(scores)), bool)
    return Ranking(
        order, {"meaning": values}, {"meaning": 1.0}, values, values, values, held, values, flags, 0.0, len(scores)
    )


NO_LIFTS = np.zeros(1)
SCORES = st.lists(st.integers(0, 4).map(float), min_size=1, max_size=10)


@settings(deadline=None)
@given(SCORES, st.data())
def test_a_superseded_memory_comes_after_every_successor_in_the_pool(scores: list[float], data: st.DataObject) -> None:
    """Stale facts stand below what replaced them, over any chain; all others by score, then id."""
    n = len(scores)
    successors = [data.draw(st.none() | st.integers(i + 1, n - 1)) if i + 1 < n else None for i in range(n)]
    ids = data.draw(st.permutations([f"m{i}" for i in range(n)]))
    memories = [Memory(ids[i], "", superseded_by=None if s is None else ids[s]) for i, s in enumerate(successors)]

    found = list(hits(Records(memories), _ranking(scores, [s is not None for s in successors]), NO_LIFTS, None))

    place = {hit.memory.id: i for i, hit in enumerate(found)}
    assert set(place) == set(ids)
    assert all(place[m.id] > place[m.superseded_by] for m in memories if m.superseded_by)
    assert [hit.score for hit in found] == sorted((hit.score for hit in found), reverse=True)
    assert all(sum(hit.terms.values()) == pytest.approx(hit.score, abs=1e-9) for hit in found)
    tied = itertools.groupby(found, key=lambda hit: hit.score)
    assert all(names == sorted(names) for names in ([hit.memory.id for hit in group] for _, group in tied))


def test_a_successor_outside_the_pool_moves_nothing() -> None:
    """There is nothing to come after."""
    memories = [Memory("a", "", superseded_by="gone"), Memory("b", "")]

    found = list(hits(Records(memories), _ranking([2.0, 1.0], [True, False]), NO_LIFTS, None))

    assert [(hit.memory.id, hit.score) for hit in found] == [("a", 2.0), ("b", 1.0)]


def test_a_lift_is_a_term_of_its_own() -> None:
    """design/retrieval.md: what supersession order adds is named."""
    memories = [Memory("a", ""), Memory("b", "")]

    found = list(hits(Records(memories), _ranking([2.0, 1.5], [False, False]), np.array([0.0, 0.501]), None))

    assert [(hit.memory.id, hit.terms) for hit in found] == [
        ("b", {"meaning": 1.5, "supersedes": 0.501}),
        ("a", {"meaning": 2.0}),
    ]


def test_a_circle_of_replacements_ends() -> None:
    """Imports may bring anything; ranking must come to an end."""
    memories = [Memory("a", "", superseded_by="b"), Memory("b", "", superseded_by="a")]

    assert len(list(hits(Records(memories), _ranking([1.0, 1.0], [True, True]), NO_LIFTS, None))) == 2


def test_no_more_records_are_read_than_are_shown() -> None:
    """A recall of five must not decode the whole pool."""
    records = Records([Memory(f"m{i:03}", "") for i in range(100)])
    ranking = _ranking([float(-i) for i in range(100)], [False] * 100)

    assert len(list(itertools.islice(hits(records, ranking, NO_LIFTS, None), 5))) == 5
    assert records.read <= 6


@pytest.mark.parametrize(
    ("moment", "true"),
    [
        ("2020-01-01T00:00:00Z", False),
        ("2024-03-14T09:29:59Z", False),
        ("2024-03-14T09:30:00Z", True),
        ("2024-05-31T23:59:59Z", True),
        ("2024-06-01T00:00:00Z", False),
    ],
)
def test_a_memory_is_true_from_its_start_until_before_its_end(moment: str, true: bool) -> None:
    """experience.md, ``--as-of``: half-open, whatever zones the times were written in."""
    memory = Memory(
        "a", "", observed_at="2024-01-01", valid_from="2024-03-14T10:30:00+01:00", valid_until="2024-06-01T00:00:00Z"
    )

    assert true_at(memory, to_ns(from_iso(moment, zone_of("UTC")))) is true
