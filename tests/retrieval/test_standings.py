from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from slm.retrieval.standings import CHANNELS, SCREENING, Standings, ranks

VALUES = st.lists(st.integers(-3, 3).map(float), min_size=1, max_size=30)


@given(VALUES, st.data())
def test_a_rank_is_one_more_than_how_many_eligible_ones_are_better(values: list[float], data: st.DataObject) -> None:
    """Oracle: counting, a memory at a time; equal values share the better rank."""
    n = len(values)
    eligible = data.draw(st.lists(st.booleans(), min_size=n, max_size=n))
    at = data.draw(st.lists(st.integers(0, n - 1), max_size=10))

    found = ranks(np.array(values), np.array(eligible), np.array(at, np.int64))

    assert found.tolist() == [
        1 + sum(other > values[i] for other, shown in zip(values, eligible, strict=True) if shown) for i in at
    ]


def test_what_was_not_searched_is_behind_everything_and_counts_for_nothing() -> None:
    """The first pass gives -inf to what is not eligible."""
    values, eligible = np.array([-np.inf, 2.0, 1.0]), np.array([False, True, True])

    assert ranks(values, eligible, np.arange(3)).tolist() == [3, 1, 2]


def test_ranks_are_told_by_channel() -> None:
    """design/retrieval.md, why: shown with the channel ranks; the first pass is none of them."""
    both = {"meaning": np.array([3.0, 2.0, 1.0]), SCREENING: np.array([1.0, 2.0, 3.0])}
    standings = Standings(both, np.ones(3, bool))

    assert {name: found.tolist() for name, found in standings.of([2, 0]).items()} == {"meaning": [3, 1]}
    assert standings.of([2], [SCREENING])[SCREENING].tolist() == [1]
    assert SCREENING not in CHANNELS


def test_nobody_asked_for_has_no_ranks() -> None:
    """An empty answer."""
    assert Standings({"meaning": np.zeros(3)}, np.ones(3, bool)).of([])["meaning"].tolist() == []
