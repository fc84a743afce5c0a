from __future__ import annotations

import numpy as np

from slm.bench.candidates import candidates, choices
from slm.bench.collections.collection import Collection, Question
from slm.bench.quality.asking import Asker, filled
from slm.embed.onnx import Embedder
from slm.retrieval.weights import DEFAULT_WEIGHTS
from tests.bench.quality.stores import made, record

TERMS = list(DEFAULT_WEIGHTS)
SHIPPED = np.array(list(DEFAULT_WEIGHTS.values()))


def test_a_question_becomes_the_features_of_its_candidates(embedder: Embedder) -> None:
    """Five turns, all of them candidates; the third question has no answer in the store."""
    found = choices([made()], embedder)

    assert [choice.features.shape for choice in found] == [(5, len(TERMS)), (5, len(TERMS))]
    assert [len(choice.answers) for choice in found] == [1, 2]


def test_candidates_are_ordered_as_recall_shows_them(embedder: Embedder) -> None:
    """Oracle: the real recall of the same store, newer before older included."""
    one = made()
    later = record(5, "Ana", "s2", "Mo caught a bird in the kitchen.")
    catch = Question("What did Mo catch in the kitchen?", frozenset({5}), "")
    collection = Collection("made", [*one.records, later], [*one.questions, catch])
    asked = [question for question in collection.questions if question.gold]

    found = list(candidates([collection], embedder))

    with filled([collection], embedder) as service:
        shown = [Asker(service, collection).ask(question).ranked for question in asked]
    assert [[one.units[row] for row in one.order(SHIPPED)] for one in found] == shown
    assert found[2].answering(found[2].order(SHIPPED)[:1]) == [0]


def test_the_rows_are_in_the_order_of_recall(embedder: Embedder) -> None:
    """Their weighted sums fall, and the cat's name is found first."""
    cat = choices([made()], embedder)[0]
    scores = cat.features @ np.array(list(DEFAULT_WEIGHTS.values()))

    assert (np.diff(scores) <= 1e-5).all()
    assert cat.answers == (0,)


def test_of_the_turns_of_a_unit_only_the_best_is_the_answer(embedder: Embedder) -> None:
    """A session is found when one of its turns is; its other turns are neither right nor wrong."""
    one = made()
    sessions = Collection(
        "sessions", one.records, [Question("What did Mo catch in the kitchen?", frozenset({1}), "")], [0, 0, 1, 1, 1]
    )

    found = choices([sessions], embedder)[0]

    assert found.features.shape == (3, len(TERMS))
    assert len(found.answers) == 1


def test_a_question_whose_whole_store_answers_is_left_out(embedder: Embedder) -> None:
    """Nothing was chosen where there is nothing else."""
    alone = Collection("alone", [record(0, "Ana", "s1", "Mo is a cat.")], [Question("Who is Mo?", frozenset({0}), "")])

    assert choices([alone], embedder) == []


def test_attention_is_no_feature_where_nothing_was_used(embedder: Embedder) -> None:
    """A collection has no uses: the fit would take the wobble of the law for something to learn."""
    assert all(not choice.features[:, TERMS.index("attention")].any() for choice in choices([made()], embedder))
