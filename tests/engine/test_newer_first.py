from __future__ import annotations

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
