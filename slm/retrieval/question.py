"""What a question asks for, apart from the words in it: whose words, which days, a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import numpy.typing as npt

from slm.retrieval import entity, temporal
from slm.retrieval.lexical import LexicalView
from slm.retrieval.temporal import Interval


@dataclass(frozen=True, slots=True)
class Reading:
    """A question read: ``text`` without the names of known authors, the ``authors`` named, and what it is about.

    ``subject`` is the one of two authors whose words are asked for, None where neither is preferred.
    """

    text: str
    authors: list[str]
    subject: str | None
    about_user: bool
    asks_when: bool
    days: list[Interval]


def read(question: str, authors: Sequence[str], asked_on: date, years: Sequence[int]) -> Reading:
    """Read a question against the ``authors`` of a store and the ``years`` that its memories lie in.

    Times are read in the text without names: April who is an author is not a month.
    """
    named = entity.named_authors(question, authors)
    text = entity.without_names(question, named)
    return Reading(
        text=text,
        authors=named,
        subject=entity.subject(question, named),
        about_user={entity.USER, entity.ASSISTANT} <= set(authors) and entity.speaks_of_the_user(question),
        asks_when=temporal.is_when_question(text),
        days=temporal.intervals(text, asked_on, years),
    )


@dataclass(frozen=True, slots=True)
class Query:
    """What the channels look for.

    ``vector`` (d,) and ``terms`` stand for the text; ``states`` (t, d) are its token states with their ``shares`` (t,)
    of the question's idf, which sum to 1. ``author`` is the interned number of the author whose words are asked for,
    ``author_alone`` says whether no other is named, ``author_lift`` what share of the feature is theirs,
    ``author_circle`` (n,) in which memories they may have a part, ``user`` is the number of the user when the question
    is about them, 0 for none; ``asks_when`` and ``days`` come from the :class:`Reading`.
    ``words`` is the index in which its terms were weighed: what was looked up there need not be looked up again.
    """

    vector: npt.NDArray[np.float32]
    terms: Sequence[str]
    states: npt.NDArray[np.float32]
    shares: npt.NDArray[np.float64]
    author: int = 0
    author_lift: float = 1.0
    author_circle: npt.NDArray[np.bool_] | None = None
    author_alone: bool = True
    user: int = 0
    asks_when: bool = False
    days: Sequence[Interval] = field(default_factory=tuple)
    words: LexicalView | None = None

    @property
    def asks_for_more(self) -> bool:
        """Whether more than its words is asked for: someone's words, a time, or certain days."""
        return bool(self.author or self.user or self.asks_when or self.days)
