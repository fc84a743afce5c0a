"""Sentences of memories as passages: their words, and how well each fits a question."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from slm.retrieval.answer_kind import Kind
from slm.retrieval.words import stems

REST = 0.75
"""What a question's word counts that stands in the same memory, but in another sentence."""
PER_RANK = 0.1
"""Fit lost with every memory that recall found better."""
OTHER_SPEAKER = 0.3
"""Fit lost where somebody else speaks than one whom the question names."""

_TOKEN = re.compile(r"\w+(?:['’.,:/@&\-]\w+)*|[^\w\s]")
_SENTENCE = re.compile(r"(?:[^.!?\n\[\]]|[.!?](?=[\w,.!?]))+[.!?]*[\"”'’)]*")


@dataclass(frozen=True, slots=True)
class Word:
    """A token between two offsets of its passage's text, with its index terms; grammar and signs have none."""

    start: int
    end: int
    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Passage:
    """A sentence of memory number ``memory``; ``share`` in [0, 1] of the question's weight stands in that memory.

    ``fit`` says how well the sentence matches: 1 where it holds every word of the question in the best memory.
    """

    text: str
    words: Sequence[Word]
    memory: int
    observed_on: date
    share: float
    fit: float


@dataclass(frozen=True, slots=True)
class Quote:
    """A passage's answer: the words, what kind they are, and the passage they rest on."""

    text: str
    kind: Kind
    passage: Passage


@dataclass(frozen=True, slots=True)
class Sought:
    """What a question looks for: ``weights`` (idf) of its terms, the ``speakers`` it names, ``thing`` it asks about.

    ``thing`` are the terms of what stands after "which" or "what kind of".
    """

    weights: Mapping[str, float]
    speakers: frozenset[str]
    thing: frozenset[str]
    idf: Callable[[str], float]

    def share(self, found: frozenset[str]) -> float:
        """The share in [0, 1] of the question's weight that the terms ``found`` cover."""
        total = sum(self.weights.values())
        return sum(weight for term, weight in self.weights.items() if term in found) / total if total > 0.0 else 0.0


def passages(text: str, speaker: str | None, observed_on: date, memory: int, sought: Sought) -> Iterator[Passage]:
    """The sentences of one memory, the ``memory``-th best counted from 0."""
    sentences = [(found[0], words_of(found[0])) for found in _SENTENCE.finditer(text) if found[0].strip()]
    held = [terms_of(words) for _, words in sentences]
    whole = sought.share(frozenset().union(*held))
    lost = PER_RANK * memory + (OTHER_SPEAKER if sought.speakers and speaker not in sought.speakers else 0.0)
    for (sentence, words), terms in zip(sentences, held, strict=True):
        own = sought.share(terms)
        yield Passage(sentence, words, memory, observed_on, whole, own + REST * (whole - own) - lost)


def words_of(text: str) -> list[Word]:
    """The tokens of a sentence with their index terms."""
    return [Word(found.start(), found.end(), stems(found[0])) for found in _TOKEN.finditer(text)]


def terms_of(words: Sequence[Word]) -> frozenset[str]:
    """All terms of some words."""
    return frozenset(term for word in words for term in word.terms)
