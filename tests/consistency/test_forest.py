"""Union-find with reasons: names and truths, against brute force over all assignments."""

from __future__ import annotations

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from slm.consistency.forest import Forest, Names

KEYS = "abcd"
PAIRS = st.tuples(st.sampled_from(KEYS), st.sampled_from(KEYS))
OPPOSITES = st.lists(st.tuples(PAIRS, st.integers(0, 1)), max_size=10)
STEPS = st.lists(st.tuples(st.sampled_from(["same", "differ", "red", "blue", "not red"]), PAIRS), max_size=10)


def _colourable(edges) -> bool:
    return any(
        all(values[KEYS.index(x)] ^ values[KEYS.index(y)] == offset for (x, y), offset in edges)
        for values in product((0, 1), repeat=4)
    )


def _nameable(steps) -> bool:
    """Six values are enough for four variables to differ from each other and from both constants."""
    tests = {
        "same": lambda x, y: x == y, "differ": lambda x, y: x != y,
        "red": lambda x, y: x == 0, "blue": lambda x, y: x == 1, "not red": lambda x, y: x != 0,
    }  # fmt: skip
    return any(
        all(tests[kind](values[KEYS.index(x)], values[KEYS.index(y)]) for kind, (x, y) in steps)
        for values in product(range(6), repeat=4)
    )


def _step(names: Names, kind: str, pair: tuple[str, str], reason: tuple[str, ...]):
    x, y = pair
    if kind in ("same", "differ"):
        return getattr(names, kind)(x, y, reason)
    key = names.constant(kind.removeprefix("not "))
    return (names.differ if kind.startswith("not") else names.same)(x, key, reason)


@given(OPPOSITES)
def test_an_edge_with_holonomy_is_refused_with_its_cycle(edges) -> None:
    """Oracle: every assignment in Z2. The cycle is infeasible, and without any of its edges it isn't."""
    forest, kept = Forest([]), []
    for number, ((x, y), offset) in enumerate(edges):
        cycle = forest.relate(x, y, offset, (str(number),))

        assert (cycle is None) == _colourable([*kept, edges[number]])
        if cycle is None:
            kept.append(edges[number])
        else:
            part = [edges[int(reason)] for reason in cycle]
            assert not _colourable(part)
            assert all(_colourable([edge for edge in part if edge is not one]) for one in part)


@given(STEPS, st.integers(0, 10))
def test_names_are_refused_with_what_stands_against_them_and_taken_back(steps, back) -> None:
    """Oracle: every assignment of names. What is taken back has never been."""
    trail: list = []
    names, kept = Names(trail), []
    marks = []
    for number, (kind, pair) in enumerate(steps):
        marks.append((len(trail), len(kept)))
        reasons = _step(names, kind, pair, (str(number),))

        assert (reasons is None) == _nameable([*kept, steps[number]])
        if reasons is None:
            kept.append(steps[number])
        else:
            assert not _nameable([steps[int(reason)] for reason in reasons])
    if back < len(marks):
        length, n_kept = marks[back]
        while len(trail) > length:
            trail.pop()()
        kept = kept[:n_kept]
        for kind, pair in steps[::-1]:
            refused = _step(names, kind, pair, ("again",)) is not None
            assert refused != _nameable([*kept, (kind, pair)])
            if not refused:
                kept.append((kind, pair))
