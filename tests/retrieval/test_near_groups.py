from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slm.retrieval import near_groups as module
from slm.retrieval.near_groups import near_groups


def _vectors(seed: int, n: int, dims: int = 6) -> np.ndarray:
    rows = np.random.default_rng(seed).standard_normal((n, dims))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def _naive(vectors: np.ndarray, near: float) -> list[tuple[int, list[int]]]:
    """Each vector in turn, if free, with every later free one that is near; one pair at a time."""
    taken: set[int] = set()
    found = []
    for i, head in enumerate(vectors.astype(np.float64)):
        if i in taken:
            continue
        others = [j for j in range(i + 1, len(vectors)) if j not in taken and vectors[j].astype(float) @ head >= near]
        taken.update(others)
        if others:
            found.append((i, others))
    return found


@given(st.integers(0, 1000), st.integers(0, 60), st.sampled_from([0.3, 0.6, 0.9]))
def test_groups_are_those_of_the_naive_walk(seed: int, n: int, near: float) -> None:
    """Oracle: the definition, written pair by pair."""
    vectors = _vectors(seed, n)

    found = near_groups(vectors, near)

    assert [(group.first, sorted(i for i, _ in group.others)) for group in found] == _naive(vectors, near)


@pytest.mark.parametrize("bytes_at_once", [1, 400, 4000])
def test_blocks_change_nothing(bytes_at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """How many rows are multiplied at once is a matter of memory alone."""
    vectors = _vectors(7, 50)
    whole = near_groups(vectors, 0.5)
    monkeypatch.setattr(module, "BLOCK_BYTES", bytes_at_once)

    assert near_groups(vectors, 0.5) == whole


def test_a_chain_is_not_one_group() -> None:
    """a is near b and b near c, but c isn't near a: c stays out of a's group, so groups can't drift."""
    angles = np.radians([0, 30, 60])
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)

    assert [(g.first, [i for i, _ in g.others]) for g in near_groups(vectors, 0.8)] == [(0, [1])]


def test_members_come_nearest_first_with_their_cosines() -> None:
    angles = np.radians([0, 20, 10])
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)

    [group] = near_groups(vectors, 0.8)

    assert [i for i, _ in group.others] == [2, 1]
    assert [c for _, c in group.others] == pytest.approx(np.cos(angles[[2, 1]]), abs=1e-6)


def test_many_copies_are_one_group() -> None:
    """A store of ten thousand times "ok" has one group and no more pairs than memories."""
    vectors = np.tile(_vectors(1, 1), (500, 1))

    [group] = near_groups(vectors, 0.8)

    assert (group.first, len(group.others)) == (0, 499)


def test_others_get_a_turn_between_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes long serves the queries that wait."""
    monkeypatch.setattr(module, "BLOCK_BYTES", 400)
    turns: list[int] = []

    near_groups(_vectors(3, 40), 0.9, lambda: turns.append(1))

    assert len(turns) > 5


@pytest.mark.parametrize("n", [0, 1])
def test_fewer_than_two_have_no_group(n: int) -> None:
    assert near_groups(_vectors(1, n), 0.8) == []
