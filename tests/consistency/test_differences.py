"""Difference constraints, incremental and taken back, against Bellman and Ford over all edges."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from slm.consistency.differences import Differences

VERTICES = st.sampled_from(["a", "b", "c", "d", None])
EDGES = st.lists(st.tuples(VERTICES, VERTICES, st.integers(-4, 4), st.booleans()), max_size=14)


def _feasible(edges) -> bool:
    """Distances settle within as many rounds as there are vertices; a strict edge weighs a little less."""
    tiny = Fraction(1, 100)
    distance = dict.fromkeys(["a", "b", "c", "d", None], Fraction(0))
    for _ in range(6):
        moved = False
        for x, y, bound, strict in edges:
            if distance[x] + bound - strict * tiny < distance[y]:
                distance[y], moved = distance[x] + bound - strict * tiny, True
    return not moved


@given(EDGES)
def test_an_edge_is_refused_exactly_when_it_closes_a_negative_cycle(edges) -> None:
    """Oracle: Bellman and Ford. The cycle that comes back is infeasible by itself and misses by its sum."""
    found, kept = Differences([]), []
    for number, edge in enumerate(edges):
        x, y, bound, strict = edge
        cycle = found.limit(x, y, bound, strict, (str(number),))

        assert (cycle is None) == _feasible([*kept, edge])
        if cycle is None:
            kept.append(edge)
        else:
            part = [edges[int(reason)] for reason in cycle.reasons]
            assert not _feasible(part)
            assert cycle.miss == -sum(weight for _, _, weight, _ in part)
            assert cycle.length == len(part)


@given(EDGES, EDGES)
def test_taking_edges_back_leaves_what_was_before(first, second) -> None:
    """Potentials that satisfied more edges satisfy fewer; the rest goes on as if the others had never come."""
    trail: list = []
    found = Differences(trail)
    kept = [edge for edge in first if found.limit(*edge, ("1",)) is None]
    mark = len(trail)
    for edge in second:
        found.limit(*edge, ("2",))
    while len(trail) > mark:
        trail.pop()()

    for x, y, bound, strict in second:
        verdict = found.limit(x, y, bound, strict, ("3",))
        assert (verdict is None) == _feasible([*kept, (x, y, bound, strict)])
        if verdict is None:
            kept.append((x, y, bound, strict))


@given(EDGES, VERTICES, VERTICES)
def test_a_difference_is_fixed_exactly_when_no_other_value_is_left(edges, x, y) -> None:
    """Oracle: the value that it has may be neither exceeded nor undercut."""
    found = Differences([])
    kept = [edge for edge in edges if found.limit(*edge, ("r",)) is None]
    for vertex in (x, y):
        found.vertex(vertex)
    fixed = found.fixed(x, y)

    values = [v for v in range(-20, 21) if _feasible([*kept, (x, y, v, False), (y, x, -v, False)])]
    halves = _feasible([*kept, (x, y, min(values, default=0), True)]) or _feasible(
        [*kept, (y, x, -max(values, default=0), True)]
    )
    assert (fixed is not None) == (len(values) == 1 and not halves)
    if fixed is not None:
        assert fixed[0] == values[0]
