from __future__ import annotations

import numpy as np
import pytest

from slm.retrieval.columns import DTYPES, Columns
from slm.retrieval.context import best_of_session, neighbours
from slm.retrieval.session_order import SessionOrder
from slm.retrieval.text_features import ENDS_AS_QUESTION, SHORT_QUESTION


def _columns(session: list[int], n_words: list[int], scope: list[int] | None = None) -> Columns:
    heads = np.zeros(len(session), np.dtype(list(DTYPES.items())))
    heads["session"], heads["n_words"] = session, n_words
    heads["scope"] = scope or [1] * len(session)
    heads["observed_ns"] = np.arange(len(session))
    return Columns(heads)


def _neighbours(base: list[float], columns: Columns, lift: float = 1.0) -> dict[str, list[float]]:
    order = SessionOrder(columns["scope"], columns["session"], columns["observed_ns"])
    found = neighbours(np.array(base, np.float32), lift, np.arange(len(base)), columns, order)
    return {name: values.tolist() for name, values in found.items()}


def test_a_short_turn_borrows_from_the_turns_around_it() -> None:
    """A gated kernel: g Σ ρ^k g s of the turns before, g Σ ρ^k s of those after, the nearest with weight 1."""
    found = _neighbours([1.0, 2.0, 4.0], _columns([1, 1, 1], [30, 60, 10]))

    assert found["earlier turns"] == [0.0, 0.5, pytest.approx(0.5 * 2.0 + 0.25 * 1.0)]
    assert found["reply"] == [2.0 + 0.25 * 4.0, 0.5 * 4.0, 0.0]


def test_an_earlier_turn_that_ends_as_a_question_lends_twice() -> None:
    """Who answers needn't repeat what was asked. How short a question is doesn't matter, nor what follows a turn."""
    columns = _columns([1] * 4, [5] * 4)
    columns["features"][:] = [ENDS_AS_QUESTION, 0, ENDS_AS_QUESTION | SHORT_QUESTION, SHORT_QUESTION]

    found = _neighbours([1.0, 2.0, 4.0, 8.0], columns)

    assert found["earlier turns"] == [0.0, 2 * 1.0, 2.0 + 0.25 * 2 * 1.0, 2 * 4.0 + 0.25 * 2.0 + 0.0625 * 2 * 1.0]
    assert found["reply"] == [2.0 + 0.25 * 4.0 + 0.0625 * 8.0, 4.0 + 0.25 * 8.0, 8.0, 0.0]


def test_turns_further_away_than_four_say_nothing() -> None:
    """The kernel is cut where it has faded to 0.4 %."""
    found = _neighbours([1.0, 0.0, 0.0, 0.0, 0.0, 0.0], _columns([1] * 6, [5] * 6))

    assert found["earlier turns"] == [0.0, 1.0, 0.25, 0.0625, 0.015625, 0.0]


def test_turns_of_other_sessions_and_notes_without_one_say_nothing() -> None:
    """A memory without a session is alone."""
    found = _neighbours([1.0, 2.0, 4.0, 8.0], _columns([1, 2, 0, 0], [5] * 4))

    assert found == {"earlier turns": [0.0] * 4, "reply": [0.0] * 4}


def test_only_the_lift_of_a_score_is_lent() -> None:
    """Sessions that the texts bear out by half lend half; those that they contradict lend nothing."""
    columns = _columns([1, 1, 1], [5] * 3)

    assert _neighbours([1.0, 2.0, 4.0], columns, 0.5)["reply"] == [0.5 * 3.0, 0.5 * 4.0, 0.0]
    assert _neighbours([1.0, 2.0, 4.0], columns, 0.0)["earlier turns"] == [0.0] * 3


def test_the_best_of_a_session_counts_for_all_its_turns() -> None:
    """design/retrieval.md: + .30 max over the session; the same session number in another scope is another session."""
    columns = _columns([1, 1, 1, 2, 0, 0], [5] * 6, [1, 1, 2, 1, 1, 1])

    best = best_of_session(np.array([1.0, 3.0, 2.0, 5.0, 4.0, -1.0]), np.arange(6), columns)

    assert best.tolist() == [3.0, 3.0, 2.0, 5.0, 4.0, -1.0]


def test_no_candidates_give_no_scores() -> None:
    """Nothing eligible."""
    assert best_of_session(np.zeros(0), np.zeros(0, np.int64), _columns([], [])).tolist() == []
