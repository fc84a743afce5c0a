"""Extractive answers: the words of a memory that answer a question, without a language model.

What is quoted stands in the memory word for word. The exceptions say so by their kind: a date is resolved against the
day of the memory, yes and no are concluded, a choice is made between the question's own words.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from slm.retrieval import entity
from slm.retrieval.answer_kind import Kind, asked_thing, asks_for_several, kind_of
from slm.retrieval.answer_passage import Passage, Quote, Sought, passages
from slm.retrieval.answer_quantity import duration, number
from slm.retrieval.answer_span import several, span
from slm.retrieval.answer_when import when
from slm.retrieval.answer_yes_no import choice, yes_no
from slm.retrieval.words import query_terms


@dataclass(frozen=True, slots=True)
class Evidence:
    """A memory that recall found; ``observed_on`` is the day against which its "yesterday" is read."""

    text: str
    speaker: str | None
    observed_on: date


@dataclass(frozen=True, slots=True)
class Answer:
    """``text`` of a ``kind``, resting on the evidence numbered in ``support``."""

    text: str
    kind: Kind
    support: tuple[int, ...]


def answer(question: str, evidence: Sequence[Evidence], idf: Callable[[str], float], asked_on: date) -> Answer | None:
    """Answer from the evidence, best first; None where nothing in it fits.

    Pure. ``idf`` gives the weight of an index term, at least 0; "how long ago" is counted back from ``asked_on``.
    Memories that share no word with the question are read only where all are such, and then only the best.
    """
    sought = _sought(question, evidence, idf)
    read = [
        passage
        for i, memory in enumerate(evidence)
        for passage in passages(memory.text, memory.speaker, memory.observed_on, i, sought)
    ]
    read = [passage for passage in read if passage.share > 0.0] or [one for one in read if one.memory == 0]
    quotes = _quotes(question, read, sought, asked_on)
    if not quotes:
        return None
    kind = quotes[0].kind if len(quotes) == 1 else "list"
    return Answer(", ".join(quote.text for quote in quotes), kind, tuple(quote.passage.memory for quote in quotes))


def _sought(question: str, evidence: Sequence[Evidence], idf: Callable[[str], float]) -> Sought:
    """Names of those who speak are matched with the speakers, not with the words, unless there is nothing else."""
    speakers = list(dict.fromkeys(memory.speaker for memory in evidence if memory.speaker))
    named = entity.named_authors(question, speakers)
    terms = query_terms(entity.without_names(question, named)) or query_terms(question)
    thing = query_terms(asked_thing(entity.without_names(question, named)))
    return Sought({term: idf(term) for term in terms}, frozenset(named), frozenset(thing), idf)


def _quotes(question: str, read: Sequence[Passage], sought: Sought, asked_on: date) -> list[Quote]:
    kind = kind_of(question)
    match kind:
        case "date":
            found = when(question, read)
        case "duration":
            found = duration(question, read, asked_on)
        case "number":
            found = number(read, sought)
        case "yes/no":
            found = yes_no(question, read)
        case "choice":
            found = choice(question, read, sought)
        case _ if asks_for_several(question):
            return several(read, sought, kind)
        case _:
            found = span(read, sought, kind)
    return [found] if found else []
