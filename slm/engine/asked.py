"""From the words of a question to what the channels look for, given who may have said the answer and when."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime

import numpy as np
import numpy.typing as npt

from slm.engine.engine import Engine
from slm.engine.index import Index
from slm.retrieval.author_circle import author_circle
from slm.retrieval.author_lift import author_lifts
from slm.retrieval.entity import USER
from slm.retrieval.phrases import token_shares
from slm.retrieval.question import Query, Reading, read
from slm.retrieval.ranking import Mask, Ordinals
from slm.retrieval.words import query_terms

NOBODY = np.zeros(0, np.int64)

FIRST_OF_TWO = 0.5
"""The share of the author feature for the first of two authors, who is likely but not surely the one to ask."""


def ask(engine: Engine, question: str, asked_on: date, eligible: Mask) -> Query:
    """Read ``question`` against the authors and years of the ``eligible`` (n,) memories, and embed it."""
    index = engine.index
    seen = slice(None) if eligible.all() else eligible
    number_of = _authors(index, seen)
    reading = read(question, list(number_of), asked_on, _years(index.columns["observed_ns"][seen]))
    embedding = engine.embedder.embed_query(reading.text)
    author, share = _author(reading, number_of)
    naming = _naming(index, author)
    circle = _circle(index, author, naming)
    lexical = index.lexical.view()
    if circle is not None:
        has_long = index.lexical.count > len(circle)
        lexical = lexical.within(np.repeat(circle, index.columns["n_chunks"]) if has_long else circle)

    def idf(word: str) -> float:
        return max((lexical.idf(term) for term in query_terms(word)), default=0.0)

    return Query(
        vector=embedding.mean,
        terms=query_terms(reading.text),
        states=embedding.states,
        shares=token_shares([engine.embedder.piece(int(i)) for i in embedding.pieces], idf),
        author=author,
        author_lift=share * _lift(index, author, naming) if author else 1.0,
        author_circle=circle,
        author_alone=len(reading.authors) <= 1,
        user=number_of[USER] if reading.about_user else 0,
        asks_when=reading.asks_when,
        days=reading.days,
        words=lexical,
    )


def _authors(index: Index, seen: slice | Mask) -> dict[str, int]:
    """Interned numbers of the authors of the memories ``seen``, by name."""
    if len(index.speakers) == 1:
        return {}
    present = np.bincount(index.columns["speaker"][seen], minlength=len(index.speakers))
    return {name: i for i, name in enumerate(index.speakers) if i and present[i]}


def _author(reading: Reading, number_of: Mapping[str, int]) -> tuple[int, float]:
    """The number of the author whose words are asked for, 0 for none, and the share of the author feature for them."""
    if len(reading.authors) == 1:
        return number_of[reading.authors[0]], 1.0
    return (number_of[reading.subject], FIRST_OF_TWO) if reading.subject else (0, 1.0)


def _naming(index: Index, author: int) -> Ordinals:
    """The memories whose texts name the author; none for nobody."""
    return index.memories_with(list(dict.fromkeys(query_terms(index.speakers[author])))) if author else NOBODY


def _circle(index: Index, author: int, naming: Ordinals) -> Mask | None:
    """The memories (n,) in which the author may have a part; None where nobody is named."""
    columns = index.columns
    return author_circle(author, naming, columns["speaker"], columns["session"]) if author else None


def _lift(index: Index, author: int, naming: Ordinals) -> float:
    """How far the texts of the store bear out that this author's turns are theirs."""
    after = index.sessions.after(np.arange(index.columns.count))
    speaker, session = index.columns["speaker"], index.columns["session"]
    return float(author_lifts({author: naming}, speaker, session, after, len(index.speakers))[author])


def unknown_words(engine: Engine, question: str, eligible: Mask) -> Iterator[str]:
    """The words of ``question``, as written, with a subject of their own that no ``eligible`` (n,) memory holds."""
    words = dict.fromkeys(re.findall(r"\w[\w'’.\-/]*\w|\w", question))
    for word in words:
        held = query_terms(word)
        if held and not any(eligible[engine.index.memories_with([term])].any() for term in held):
            yield word


def _years(observed_ns: npt.NDArray[np.int64]) -> range:
    if not len(observed_ns):
        return range(0)
    first, last = (datetime.fromtimestamp(int(ns) // 10**9, UTC).year for ns in (observed_ns.min(), observed_ns.max()))
    return range(first, last + 1)
