from __future__ import annotations

from typing import Any

import pytest

from slm.engine import newer_first
from slm.retrieval.ranking import Floats
from slm.retrieval.supersession import LEAST_COSINE, lifts
from tests.engine.desk import Desk


def test_the_newer_of_two_versions_comes_first_and_says_so(real_desk: Desk) -> None:
    """design/retrieval.md, supersession order: one template, one value changed, the question names neither."""
    real_desk.call("remember", text="The deploy server runs on port 5432", at="2025-01-01")
    real_desk.call("remember", text="The deploy server runs on port 5433", at="2025-02-01")
    real_desk.call("remember", text="Olives are green", at="2025-03-01")

    hits = real_desk.hits("which port does the deploy server run on", why=True)

    assert hits[0]["memory"]["text"].endswith("5433")
    assert hits[1]["memory"]["text"].endswith("5432")


def test_an_import_in_another_order_gives_the_same_order(real_desk: Desk) -> None:
    """Newer is what was observed later, not what arrived later."""
    real_desk.call("remember", text="The deploy server runs on port 5433", at="2025-02-01")
    real_desk.call("remember", text="The deploy server runs on port 5432", at="2025-01-01")

    assert real_desk.hits("which port does the deploy server run on")[0]["memory"]["text"].endswith("5433")


def test_a_question_that_names_the_older_value_finds_it(real_desk: Desk) -> None:
    """Where a word of the question lies in the difference, the two are told apart by the question itself."""
    real_desk.call("remember", text="The deploy server runs on port 5432", at="2025-01-01")
    real_desk.call("remember", text="The deploy server runs on port 5433", at="2025-02-01")

    assert real_desk.hits("what runs on port 5432")[0]["memory"]["text"].endswith("5432")


def _likeness(desk: Desk, question: str, monkeypatch: pytest.MonkeyPatch) -> float:
    """How alike the two memories of a store are to the rule that looks for templates; 0 when it needn't look."""
    seen = []

    def spy(scores: Floats, age: list, cosines: Floats, *others: Any) -> Floats:
        seen.append(cosines)
        return lifts(scores, age, cosines, *others)

    monkeypatch.setattr(newer_first, "lifts", spy)
    desk.hits(question)
    return float(seen[-1][0, 1])


def test_texts_of_which_one_holds_a_word_of_the_question_are_not_read(
    real_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The index knows that the question tells them apart; reading thirty texts took a fifth of a recall."""
    real_desk.call("remember", text="The deploy server runs on port 5432", at="2025-01-01")
    real_desk.call("remember", text="The deploy server runs on port 5433", at="2025-02-01")

    assert _likeness(real_desk, "what runs on port 5432", monkeypatch) == 0.0
    assert _likeness(real_desk, "which port does the deploy server run on", monkeypatch) >= LEAST_COSINE


def test_a_text_of_several_chunks_is_read_whatever_the_index_holds_of_it(
    real_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A word may be cut where chunks meet: only the text says what its terms are."""
    long = "The deploy server runs on port {} behind a proxy in the second rack. " * 12
    for port in (5432, 5433):
        real_desk.call("remember", text=long.format(*[port] * 12))

    assert _likeness(real_desk, "what runs on port 5432", monkeypatch) >= LEAST_COSINE
