"""Conclusions: yes, no, one of two."""

from __future__ import annotations

import pytest

from slm.retrieval.answer_yes_no import choice, yes_no
from tests.retrieval.answer_passages import passages_of, sought


def concluded(question: str, *memories: str) -> str | None:
    quote = yes_no(question, passages_of(question, *memories))
    assert quote is None or quote.kind == "yes/no"
    return quote.text if quote else None


def chosen(question: str, *memories: str) -> str | None:
    quote = choice(question, passages_of(question, *memories), sought(question))
    assert quote is None or quote.kind == "choice"
    return quote.text if quote else None


@pytest.mark.parametrize(
    ("question", "memory", "text"),
    [
        ("Does the kiln smoke?", "The kiln smokes.", "Yes"),
        ("Does the kiln smoke?", "The kiln doesn't smoke.", "No"),
        ("Does the kiln smoke?", "The kiln never smokes.", "No"),
        ("Doesn't the kiln smoke?", "The kiln doesn’t smoke.", "Yes"),
        ("Would the kiln smoke?", "The kiln smokes.", "Likely yes"),
        ("Should the kiln smoke?", "The kiln must not smoke.", "Likely no"),
    ],
)
def test_yes_unless_one_of_both_is_denied(question, memory, text) -> None:
    """Specification; what is only supposed is only likely."""
    assert concluded(question, memory) == text


def test_the_sentence_that_fits_decides() -> None:
    """A denial beside it doesn't count."""
    assert concluded("Does the kiln smoke?", "Not today. The kiln smokes.") == "Yes"


def test_what_hardly_fits_concludes_nothing() -> None:
    """An honest no-answer."""
    assert concluded("Does the kiln smoke?", "Bread is ready.") is None
    assert concluded("Does the kiln smoke?") is None


@pytest.mark.parametrize(
    ("question", "memories", "text"),
    [
        ("Do they burn coal or wood?", ["They burn wood alone."], "wood"),
        ("Do they burn coal or wood?", ["They burn coal alone."], "coal"),
        ("Is it a gas kiln or a wood kiln?", ["A kiln stands there.", "It runs on gas."], "gas kiln"),
        ("Do they burn coal, or wood?", ["They burn coal."], "coal"),
    ],
)
def test_the_one_of_two_that_is_spoken_of_is_chosen(question, memories, text) -> None:
    """What both share doesn't decide."""
    assert chosen(question, *memories) == text
    assert text in question


def test_of_two_that_are_both_spoken_of_the_better_fitting_sentence_decides() -> None:
    """Equal weights: fit."""
    assert chosen("Do they burn coal or wood?", "They burn coal.", "There is wood.") == "coal"


@pytest.mark.parametrize("question", ["Do they burn coal or wood?", "Do they burn it?", "or", "", "Is it the or a?"])
def test_where_neither_is_spoken_of_nothing_is_chosen(question) -> None:
    """An honest no-answer."""
    assert chosen(question, "Bread is ready.") is None
    assert chosen(question) is None


@pytest.mark.parametrize("signs", ["." * 200_000, " " * 200_000, "?! " * 70_000])
def test_a_run_of_signs_among_the_alternatives_is_read_once(signs) -> None:
    """Fault: a pattern that tries the run again from each of its places takes hours for what stands here."""
    for end in ("", "today"):
        few, many = (chosen(f"Is the kiln warm or cold{run}{end}", "The kiln is warm.") for run in (signs[:3], signs))
        assert few == many is not None
