"""Memories in sentences for the tests of answers: every term weighs the same unless a test says otherwise."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from slm.retrieval.answer_kind import asked_thing
from slm.retrieval.answer_passage import Passage, Sought, passages
from slm.retrieval.words import query_terms

SAID_ON = date(2024, 3, 15)
"""A Friday in a leap year."""


def equal(_term: str) -> float:
    """A weight that counts in full."""
    return 4.0


def sought(question: str, *speakers: str, idf: Callable[[str], float] = equal) -> Sought:
    """What a question without names looks for."""
    weights = {term: idf(term) for term in query_terms(question)}
    return Sought(weights, frozenset(speakers), frozenset(query_terms(asked_thing(question))), idf)


def passages_of(question: str, *memories: str, said_on: date = SAID_ON) -> list[Passage]:
    """All sentences of some memories, best memory first."""
    wanted = sought(question)
    return [one for i, text in enumerate(memories) for one in passages(text, None, said_on, i, wanted)]
