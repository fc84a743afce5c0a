"""The bits that a text gets when it is remembered."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slm.retrieval.temporal import tells_a_time
from slm.retrieval.text_features import (
    ENDS_AS_QUESTION,
    RULES,
    RULES_SHIFT,
    SHORT_QUESTION,
    TELLS_A_TIME,
    WORDS_OF_A_SHORT_QUESTION,
    outdated,
    text_features,
)

ASKS = SHORT_QUESTION | ENDS_AS_QUESTION
ANY_TEXT = st.text(st.characters(codec=None, categories=None), max_size=60)


@pytest.mark.parametrize(
    ("text", "bits"),
    [
        ("", 0),
        ("the port is 5432", 0),
        ("Which port is it?", ASKS),
        ("We sailed last week", TELLS_A_TIME),
        ("Did we sail on 3 May?", TELLS_A_TIME | ASKS),
        ("Which port?  \n", ASKS),
        ("Why? Because.", 0),
        ("?", ASKS),
    ],
)
def test_a_text_is_marked_as_a_short_question_and_as_telling_a_time(text, bits) -> None:
    """design/retrieval.md: ends with "?" and at most 20 words; a time expression."""
    assert text_features(text) & (TELLS_A_TIME | ASKS) == bits


@pytest.mark.parametrize("n_words", [1, WORDS_OF_A_SHORT_QUESTION, WORDS_OF_A_SHORT_QUESTION + 1, 500])
def test_a_long_text_that_ends_in_a_question_is_no_short_one(n_words) -> None:
    """It says something before it asks."""
    features = text_features("\n ".join(["word"] * n_words) + "?")

    assert features & ASKS == (ASKS if n_words <= 20 else ENDS_AS_QUESTION)


@settings(max_examples=150, deadline=None)
@given(ANY_TEXT | ANY_TEXT.map(lambda text: text + "?"))
def test_the_features_of_any_text_fit_their_column_and_name_their_rules(text) -> None:
    """Total; one unsigned byte, the rules in the upper half."""
    features = text_features(text)

    assert 0 <= features <= 255
    assert features >> RULES_SHIFT == RULES
    assert bool(features & TELLS_A_TIME) == tells_a_time(text)
    assert not outdated(np.array([features], np.uint8)).any()


def test_only_texts_read_by_other_rules_are_outdated() -> None:
    """Those of an older version, of none at all, and of a newer one that was here before."""
    now = text_features("Which port?")
    others = [features for rules in range(16) if rules != RULES for features in (rules << RULES_SHIFT | 3,)]

    assert outdated(np.array([now, *others], np.uint8)).tolist() == [False, *[True] * 15]
    assert outdated(np.zeros(0, np.uint8)).tolist() == []


@pytest.mark.parametrize("unit", ["?", "word ", "1", "last", " ", "May "])
def test_long_runs_of_one_pattern_are_read(unit) -> None:
    """A megabyte of one thing; the suite's own time limit is the judge."""
    assert text_features(unit * (1_000_000 // len(unit)) + "?") >> RULES_SHIFT == RULES
