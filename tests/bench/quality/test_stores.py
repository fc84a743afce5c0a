"""One store asked in every way of a plan."""

from __future__ import annotations

from dataclasses import replace

import pytest

from slm.bench.collections.collection import Question
from slm.bench.quality.abstention import Trial
from slm.bench.quality.channels import BASELINES
from slm.bench.quality.stores import NO_LIFTS, RECALL, Observed, Plan, observe, talk
from slm.bench.quality.variations import VARIATIONS
from slm.embed.onnx import Embedder
from tests.bench.quality.stores import LINES, made

STRANGERS = [Question("Which bridge did Cem design?", frozenset({3}), "x")]
FULL = Plan(token_variance=True, answers=True)


@pytest.fixture(scope="module")
def observed(embedder: Embedder) -> Observed:
    return observe(made(), STRANGERS, FULL, embedder)


def test_a_row_ranks_every_question_whose_gold_is_known(observed: Observed) -> None:
    """Recall is the first row, which the others are compared with; the last question has no gold."""
    rows = [RECALL, NO_LIFTS, *VARIATIONS, *BASELINES, "meaning alone (token variance)"]

    assert list(observed.rankings) == rows
    assert [question.text for question in observed.questions] == [q.text for q in made().questions[:2]]
    assert {len(rankings) for rankings in observed.rankings.values()} == {2}


def test_every_row_ranks_the_whole_small_store(observed: Observed) -> None:
    """Five memories, none left out, none twice."""
    for name, rankings in observed.rankings.items():
        assert [sorted(ranked) for ranked in rankings] == [list(range(len(LINES)))] * 2, name


def test_recall_finds_what_was_said(observed: Observed) -> None:
    """The cat's name is in the first turn."""
    assert observed.rankings[RECALL][0][0] == 0
    assert [reply.ranked for reply in observed.replies] == observed.rankings[RECALL]


def test_every_kind_of_question_is_tried(observed: Observed) -> None:
    """Two answerable ones, as asked and in keywords, one without an answer, one of another store."""
    kinds = [trial.kind for trial in observed.trials]

    assert kinds == ["answerable"] * 2 + ["as keywords"] * 2 + ["unanswerable", "of another store"]
    assert [trial.probability for trial in observed.trials[:2]] == [reply.probability for reply in observed.replies]
    assert observed.trials[0] == Trial("answerable", observed.replies[0].probability, False)


def test_published_answers_stand_beside_those_of_recall(observed: Observed) -> None:
    """Only questions that have one; a question without an answer isn't counted."""
    assert [question.answer for question, _ in observed.answered] == ["Mo", "pottery, painting"]


def test_the_time_to_embed_is_not_that_of_a_question_asked_of_another_store(embedder: Embedder) -> None:
    """A stranger's question is asked again as a store's own: the cache has forgotten it by then."""
    asked = made().questions[0].text
    remembered = embedder.embed_query(asked)

    observe(made(), [], FULL.quick(), embedder)

    assert embedder.embed_query(asked) is not remembered


def test_a_quick_plan_keeps_recall_and_single_channels(embedder: Embedder) -> None:
    """What takes long is left out."""
    observed = observe(made(), [], FULL.quick(), embedder)

    assert list(observed.rankings) == [RECALL, *BASELINES]
    assert observed.trials


def test_a_plan_without_baselines_and_abstention_asks_nothing_else(embedder: Embedder) -> None:
    """For wrong metadata: recall with and without a term."""
    plan = Plan({"without author": VARIATIONS["without author"]}, baselines=False, abstention=False)

    observed = observe(made(), STRANGERS, plan, embedder)

    assert list(observed.rankings) == [RECALL, NO_LIFTS, "without author"]
    assert (observed.trials, observed.answered) == ([], [])


def test_baselines_rank_units_too(embedder: Embedder) -> None:
    """Sessions are ranked by their best turn, as in recall."""
    sessions = replace(made(), units=[0, 0, 1, 1, 1], questions=[replace(made().questions[0], gold=frozenset({0}))])

    observed = observe(sessions, [], Plan({}, abstention=False), embedder)

    assert {tuple(sorted(rankings[0])) for rankings in observed.rankings.values()} == {(0, 1)}


def test_progress_is_told_on_a_terminal_alone(capsys: pytest.CaptureFixture[str]) -> None:
    """STYLE.md: stderr is talk; a pipe gets none."""
    talk("half way")

    assert capsys.readouterr() == ("", "")
