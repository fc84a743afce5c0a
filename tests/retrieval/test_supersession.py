"""Newer before older where two statements share a template and the question doesn't tell them apart."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slm.retrieval.supersession import LEAST_COSINE, MOST_DIFFERENT, MOST_LIFT, STEP, lifts

quick = settings(max_examples=150, deadline=None)
PORT = "the deploy server runs on port {}"
STEMS = st.frozensets(st.sampled_from("abcdefgh"), max_size=6)
SCORES = st.floats(0, 4).map(lambda score: round(score, 2))


@st.composite
def rankings(draw):
    """Scores from high to low, distinct ages, symmetric cosines, stems and a question."""
    scores = np.array(sorted(draw(st.lists(SCORES, max_size=6)), reverse=True))
    n = len(scores)
    age = [(draw(st.integers(0, 3)), i) for i in draw(st.permutations(range(n)))]
    cosines = np.eye(n)
    for i in range(n):
        for j in range(i):
            cosines[i, j] = cosines[j, i] = draw(st.sampled_from([0.2, 0.6, 0.9]))
    stems = draw(st.lists(STEMS, min_size=n, max_size=n))
    return scores, age, cosines, stems, draw(st.frozensets(st.sampled_from("abcdefgh"), max_size=1))


def lifted(texts, scores, asked="which port", age=None, cosine=1.0) -> list[float]:
    """Lifts of ``texts``, the first the oldest, all as near to each other as ``cosine``."""
    n = len(texts)
    cosines = np.where(np.eye(n), 1.0, cosine)
    stems = [text.split() for text in texts]
    return lifts(
        np.array(scores), age or [(i, i) for i in range(n)], cosines, stems.__getitem__, asked.split()
    ).tolist()


def replaces(newer, older, asked) -> bool:
    """design/retrieval.md: no stem of the question in the difference, at most 8 differing stems each, Dice >= .5."""
    differing = newer ^ older
    return (
        bool(newer - older)
        and max(len(newer - older), len(older - newer)) <= MOST_DIFFERENT
        and not differing & asked
        and 2 * len(newer & older) / (len(newer) + len(older)) >= 0.5
    )


# --- two versions


def test_the_newer_version_goes_just_above_the_older() -> None:
    """design/retrieval.md: lifted just above; one value changed and the question names neither."""
    assert lifted([PORT.format(5432), PORT.format(5433)], [3.0, 2.5]) == [0.0, pytest.approx(0.5 + STEP)]


def test_a_newer_version_that_leads_already_stays() -> None:
    """Nothing to do."""
    assert lifted([PORT.format(5432), PORT.format(5433)], [2.5, 3.0]) == [0.0, 0.0]


def test_of_two_versions_with_one_score_the_newer_leads() -> None:
    """A tie would go to the smaller number, which is the older."""
    assert lifted([PORT.format(5432), PORT.format(5433)], [3.0, 3.0]) == [0.0, pytest.approx(STEP)]


@pytest.mark.parametrize("asked", ["what runs on port 5432", "what runs on port 5433"])
def test_a_question_that_names_a_value_keeps_the_order(asked) -> None:
    """Who asks for one of the two, the old one too, has told them apart."""
    assert lifted([PORT.format(5432), PORT.format(5433)], [3.0, 2.5], asked) == [0.0, 0.0]


def test_age_decides_and_not_the_place_in_the_list() -> None:
    """An import brings the newer one first."""
    assert lifted([PORT.format(5433), PORT.format(5432)], [2.5, 3.0], age=[(9, 0), (1, 1)])[0] == pytest.approx(0.501)


def test_of_one_moment_the_later_arrival_is_newer() -> None:
    """Session order: (observed, ordinal)."""
    assert lifted([PORT.format(5433), PORT.format(5432)], [2.5, 3.0], age=[(1, 7), (1, 3)])[0] == pytest.approx(0.501)


def test_the_same_text_again_replaces_nothing() -> None:
    """No stem is new, so there is no new value; a text that only leaves something out is no new version either."""
    assert lifted([PORT.format(5432)] * 2, [3.0, 2.5]) == [0.0, 0.0]
    assert lifted([PORT.format(5432), "the deploy server runs on port"], [3.0, 2.5]) == [0.0, 0.0]


def test_texts_that_share_half_their_stems_are_one_template_and_less_are_not() -> None:
    """Dice at least .5: 2·2/(4 + 4) = .5, 2·2/(5 + 4) < .5."""
    assert lifted(["a b c d", "a b x y"], [3.0, 2.5]) == [0.0, pytest.approx(0.501)]
    assert lifted(["a b c d e", "a b x y"], [3.0, 2.5]) == [0.0, 0.0]


@pytest.mark.parametrize(("n_different", "lift"), [(MOST_DIFFERENT, 0.501), (MOST_DIFFERENT + 1, 0.0)])
def test_at_most_eight_stems_may_differ(n_different, lift) -> None:
    """design/retrieval.md, each has at most 8 differing stems, however long the rest that is shared."""
    shared = " ".join(f"s{i}" for i in range(40))
    versions = [shared + "".join(f" {version}{i}" for i in range(n_different)) for version in "ab"]

    assert lifted(versions, [3.0, 2.5])[1] == pytest.approx(lift)


@pytest.mark.parametrize(("cosine", "lift"), [(LEAST_COSINE, 0.501), (0.59, 0.0)])
def test_texts_that_mean_something_else_are_not_versions(cosine, lift) -> None:
    """Cosine at least .6."""
    assert lifted([PORT.format(5432), PORT.format(5433)], [3.0, 2.5], cosine=cosine)[1] == pytest.approx(lift)


@pytest.mark.parametrize(("score", "lift"), [(2.0, 1.001), (1.99, 0.0)])
def test_a_newer_version_far_below_is_not_lifted(score, lift) -> None:
    """Score gap at most 1."""
    assert lifted([PORT.format(5432), PORT.format(5433)], [2.0 + MOST_LIFT, score])[1] == pytest.approx(lift)


# --- more than two


@pytest.mark.parametrize("scores", [[3.0, 2.6, 2.3], [2.3, 2.6, 3.0], [2.6, 3.0, 2.3], [2.3, 3.0, 2.6], [3.0] * 3])
def test_three_versions_come_newest_first_from_any_order(scores) -> None:
    """A chain: each just above the one before it, the newest above all."""
    raised = np.array(scores) + lifted([PORT.format(port) for port in (1, 2, 3)], scores)

    assert np.argsort(-raised, kind="stable").tolist() == [2, 1, 0]
    assert raised.max() <= max(scores) + 2 * STEP + 1e-12


def test_a_newest_version_out_of_reach_of_the_first_follows_the_second() -> None:
    """Each step of a chain is looked at for itself: the gap of one step may be small where that of two is not."""
    raised = np.array([3.5, 2.5, 1.5]) + lifted([PORT.format(port) for port in (1, 2, 3)], [3.5, 2.5, 1.5])

    assert raised[2] > raised[1] > raised[0] == 3.5


def test_an_unrelated_text_between_two_versions_keeps_its_score() -> None:
    """Only the newer version moves."""
    assert lifted([PORT.format(5432), "olives are green", PORT.format(5433)], [3.0, 2.8, 2.5]) == [
        0.0,
        0.0,
        pytest.approx(0.501),
    ]


@quick
@given(rankings())
def test_only_newer_versions_are_lifted_and_the_rest_keep_their_order(ranking) -> None:
    """Specification: a lift is never negative, and belongs to a version of an older text that is not below it."""
    scores, age, cosines, stems, asked = ranking
    found = lifts(scores, age, cosines, stems.__getitem__, asked)

    assert (found >= 0).all()
    for i in np.flatnonzero(found):
        assert any(
            age[j] < age[i] and replaces(stems[i], stems[j], asked) and cosines[i, j] >= LEAST_COSINE
            for j in range(len(scores))
        )


@quick
@given(rankings())
def test_every_newer_version_within_reach_ends_above_the_older(ranking) -> None:
    """Oracle: the rule of design/retrieval.md, pair by pair, on the raised scores."""
    scores, age, cosines, stems, asked = ranking
    raised = scores + lifts(scores, age, cosines, stems.__getitem__, asked)

    for newer in range(len(scores)):
        for older in range(len(scores)):
            near = age[older] < age[newer] and cosines[newer, older] >= LEAST_COSINE
            if near and scores[older] - scores[newer] <= MOST_LIFT and replaces(stems[newer], stems[older], asked):
                assert raised[newer] > raised[older]


@quick
@given(rankings())
def test_the_oldest_is_never_lifted_and_scores_are_left_alone(ranking) -> None:
    """There is nothing that it could replace; the caller's arrays stay as they were."""
    scores, age, cosines, stems, asked = ranking
    before = scores.copy()
    found = lifts(scores, age, cosines, stems.__getitem__, asked)

    assert scores.tolist() == before.tolist()
    assert not len(scores) or found[min(range(len(scores)), key=age.__getitem__)] == 0.0


def test_texts_are_read_only_where_two_are_near() -> None:
    """Reading a text costs a look into the store."""
    looked_at = []

    def stems(i):
        looked_at.append(i)
        return [str(i)]

    lifts(np.array([3.0, 2.9, 2.8]), [(0, 0), (1, 1), (2, 2)], np.eye(3), stems, [])

    assert looked_at == []


def test_texts_without_any_stem_are_no_versions_of_each_other() -> None:
    """Signs and stop words alone: nothing is shared, nothing divided by."""
    assert lifted(["", ""], [3.0, 2.5]) == [0.0, 0.0]
    assert lifts(np.zeros(0), [], np.zeros((0, 0)), [].__getitem__, []).tolist() == []
