"""From rankings to figures, by hand and with their intervals."""

from __future__ import annotations

import numpy as np
import pytest

from slm.bench.quality.bootstrap import clustered, interval
from slm.bench.quality.metrics import METRICS
from slm.bench.quality.rows import Asked, percent, rows

ASKED = Asked(
    golds=[{1, 9}, {7}, {2}, {3}], categories=["a", "b", "a", "a"], stores=["x", "x", "y", "y"]
)  # fmt: skip
RANKINGS = {
    "first": [[1, 2, 3, 4, 5, 9], list(range(20, 40)), [2], [1, 3]],
    "second": [[9, 1], [7], [5, 6, 2], []],
}


def test_figures_are_means_over_questions_in_per_cent() -> None:
    """By hand: R@5 of the first row is 1/2, 0, 1, 1."""
    first = rows(ASKED, RANKINGS, seed=1)["first"]

    assert first["metrics"]["R@5"]["mean"] == 62.5
    assert first["metrics"]["R@10"]["mean"] == 75.0
    assert first["metrics"]["MRR"]["mean"] == 62.5
    assert set(first["metrics"]) == set(METRICS)


def test_a_category_has_its_own_questions() -> None:
    """By hand."""
    categories = rows(ASKED, RANKINGS, seed=1)["first"]["categories"]

    assert (categories["a"]["questions"], categories["a"]["R@10"]) == (3, 100.0)
    assert (categories["b"]["questions"], categories["b"]["R@10"]) == (1, 0.0)


def test_intervals_are_over_questions_and_over_stores() -> None:
    """Oracle: the same bootstrap on the figures of the questions."""
    values = np.array([0.5, 0, 1, 1])

    figure = rows(ASKED, RANKINGS, seed=5)["first"]["metrics"]["R@5"]

    assert figure["interval"] == [percent(edge) for edge in interval(values, 5)]
    assert figure["by_store"] == [percent(edge) for edge in clustered(values, ASKED.stores, 5) or ()]


def test_one_store_has_no_interval_over_stores() -> None:
    """Nothing to draw."""
    alone = Asked(ASKED.golds, ASKED.categories, ["x"] * 4)

    assert rows(alone, RANKINGS, seed=5)["first"]["metrics"]["R@5"]["by_store"] is None


def test_other_rows_are_compared_with_the_first_question_by_question() -> None:
    """By hand: hit@1 is 1, 0, 1, 0 against 1, 1, 0, 0; paired, so its interval is that of 0, 1, −1, 0."""
    found = rows(ASKED, RANKINGS, seed=2)

    assert "difference" not in found["first"]
    difference = found["second"]["difference"]["hit@1"]
    assert difference["mean"] == 0.0
    assert difference["interval"] == [percent(edge) for edge in interval(np.array([0.0, 1.0, -1.0, 0.0]), 2)]


def test_a_row_like_the_first_differs_by_nothing() -> None:
    """A part that does nothing shows a zero without width."""
    found = rows(ASKED, {"first": RANKINGS["first"], "same": RANKINGS["first"]}, seed=2)

    assert found["same"]["difference"]["nDCG@10"] == {"mean": 0.0, "interval": [0.0, 0.0]}


def test_rankings_of_another_number_of_questions_are_refused() -> None:
    """A bug must not be averaged away."""
    with pytest.raises(ValueError, match="shorter"):
        rows(ASKED, {"first": [[1]]}, seed=2)
