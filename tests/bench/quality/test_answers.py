"""LoCoMo's F1 against literals computed by hand from its published rules."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slm.bench.quality.answers import locomo_f1, stems, token_f1

WORDS = st.lists(st.sampled_from("red green blue running ran the and a".split()), max_size=7).map(" ".join)


def test_case_punctuation_and_articles_do_not_count_and_words_are_stemmed() -> None:
    """The published normalisation; "and" is among its articles."""
    assert stems("The dogs, running and barking: a U.S.A. story!") == ["dog", "run", "bark", "usa", "stori"]


@pytest.mark.parametrize(
    ("given", "gold", "f1"),
    [
        ("7 May 2023", "7 May 2023", 1.0),
        ("on 7 May 2023", "7 May 2023", 2 * 1 * 0.75 / 1.75),  # precision 3/4, recall 1
        ("May", "7 May 2023", 0.5),  # precision 1, recall 1/3
        ("painting paintings", "painted", 2 / 3),  # one stem, said twice: precision 1/2, recall 1
        ("red red", "red red blue", 0.8),  # repetitions count: 2 of 2, 2 of 3
        ("yes", "no", 0.0),
        ("", "no", 0.0),
        ("the", "a", 0.0),
    ],
)
def test_f1_by_hand(given: str, gold: str, f1: float) -> None:
    """Literals: 2 precision recall / (precision + recall) of the stems."""
    assert token_f1(given, gold) == pytest.approx(f1)


@pytest.mark.parametrize(
    ("given", "gold", "category", "f1"),
    [
        ("pottery, camping", "pottery, camping", "multi-hop", 1.0),
        ("camping", "pottery, camping", "multi-hop", 0.5),  # the mean over the parts of the key
        ("camping, pottery, chess", "pottery", "multi-hop", 1.0),  # each part finds its best
        ("she likes camping", "swimming, going camping", "multi-hop", (0 + 0.4) / 2),  # shares 1 of 3 and of 2
        ("camping", "pottery, camping", "single-hop", 2 / 3),
        ("likely no", "Likely no; she does not", "open-domain", 1.0),  # what follows is an explanation
        ("likely no", "Likely no; she does not", "temporal", 2 * 2 / (2 + 5)),
    ],
)
def test_each_category_is_counted_in_its_way(given: str, gold: str, category: str, f1: float) -> None:
    """Literals by the published evaluation."""
    assert locomo_f1(given, gold, category) == pytest.approx(f1)


@given(WORDS, WORDS)
def test_f1_is_symmetric_and_a_share(one: str, other: str) -> None:
    """Precision and recall change places."""
    assert token_f1(one, other) == token_f1(other, one)
    assert 0.0 <= token_f1(one, other) <= 1.0


@given(WORDS.filter(stems))
def test_the_gold_itself_is_a_full_answer(gold: str) -> None:
    """The end of the scale, in every category."""
    for category in ("single-hop", "multi-hop", "open-domain", "temporal"):
        assert locomo_f1(gold, gold, category) == 1.0
