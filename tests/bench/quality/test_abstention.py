"""What is said of abstention, by hand."""

from __future__ import annotations

import pytest

from slm.bench.collections.collection import Question
from slm.bench.quality.abstention import Trial, abstention, as_keywords, keywords

TRIALS = [
    Trial("answerable", 0.9, False),
    Trial("answerable", 0.4, False),
    Trial("answerable", 0.05, True),
    Trial("answerable", 0.7, False),
    Trial("unanswerable", 0.4, False),
    Trial("unanswerable", 0.01, True),
    Trial("of another store", 0.02, True),
]


def test_the_share_that_abstained_is_told_of_each_kind() -> None:
    """By hand; of answerable questions it is the false abstentions."""
    assert abstention(TRIALS, seed=1)["abstained"] == {
        "answerable": {"questions": 4, "share": 25.0},
        "of another store": {"questions": 1, "share": 100.0},
        "unanswerable": {"questions": 2, "share": 50.0},
    }


def test_the_auc_is_against_the_answerable_questions() -> None:
    """By hand: 0.9, 0.7 above 0.4; 0.4 a tie; 0.05 below: 2.5 of 4, and all 4 above 0.01."""
    found = abstention(TRIALS, seed=1)["auc"]

    assert found["unanswerable"]["mean"] == pytest.approx(100 * 6.5 / 8)
    assert found["of another store"]["mean"] == 100.0
    assert set(found) == {"unanswerable", "of another store"}


def test_the_interval_holds_the_mean_and_repeats_with_its_seed() -> None:
    """A figure can be measured again."""
    found = abstention(TRIALS, seed=1)["auc"]["unanswerable"]

    assert found["interval"][0] <= found["mean"] <= found["interval"][1]
    assert abstention(TRIALS, seed=1) == abstention(TRIALS, seed=1)


def test_without_answerable_questions_there_is_nothing_to_compare() -> None:
    """Edge."""
    assert abstention(TRIALS[4:], seed=1)["auc"] == {}
    assert abstention([], seed=1) == {"auc": {}, "abstained": {}}


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What is the name of Ana's cat?", "name Ana's cat"),
        ("When did we move the well-known port 5433?", "move well-known port 5433"),
        ("Who are you?", "Who are you?"),
        ("", ""),
    ],
)
def test_keywords_are_what_one_types_into_a_search_box(question: str, expected: str) -> None:
    """Literals: no stop words, no question mark; a question of stop words alone stays as it is."""
    assert keywords(question) == expected


def test_a_question_in_keywords_asks_the_same() -> None:
    """Only the words differ."""
    asked = as_keywords(Question("What is the port?", frozenset({3}), "x", asked_at="2024-01-01T00:00:00+00:00"))

    assert (asked.text, asked.gold, asked.asked_at) == ("port", frozenset({3}), "2024-01-01T00:00:00+00:00")
