"""Yes, no, or one of two things that the question names: conclusions, not quotations."""

from __future__ import annotations

import re
from collections.abc import Sequence

from slm.retrieval.answer_passage import Passage, Quote, Sought, terms_of
from slm.retrieval.words import query_terms

ENOUGH = 0.15
"""Least fit of a passage that says yes or no."""

_NEGATION = re.compile(
    r"\b(?:no|not|never|none|nobody|nothing|neither|nor|without|\w+n['’]t)\b|\bunable\b", re.IGNORECASE
)
_HYPOTHETICAL = re.compile(r"^\W*(?:would|could|might|should)\b", re.IGNORECASE)
_UP_TO_THE_LAST_WORD = re.compile(r".*\w", re.DOTALL)


def yes_no(question: str, read: Sequence[Passage]) -> Quote | None:
    """Yes, unless the passage or the question is negated and not both; only "likely" where a "would" is asked.

    Reads no meaning: a passage that denies by other words is taken for a yes. None where none fits well enough.
    """
    best = max(read, key=lambda passage: passage.fit, default=None)
    if best is None or best.fit < ENOUGH:
        return None
    denied = (_NEGATION.search(best.text) is None) != (_NEGATION.search(question) is None)
    word = "no" if denied else "yes"
    return Quote(f"Likely {word}" if _HYPOTHETICAL.search(question) else word.capitalize(), "yes/no", best)


def choice(question: str, read: Sequence[Passage], sought: Sought) -> Quote | None:
    """The one of two things whose own words weigh more in a passage; None where neither is spoken of."""
    before, _, after = question.partition(" or ")
    found = _UP_TO_THE_LAST_WORD.match(after)
    if found is None:
        return None
    words = found[0].split()
    second = _content(words)
    first = _content(before.removesuffix(",").split()[-len(words) :])
    one, other = frozenset(query_terms(first)), frozenset(query_terms(second))
    judged = [
        (_weight(passage, own, sought), passage.fit, Quote(text, "choice", passage))
        for text, own in ((first, one - other), (second, other - one))
        for passage in read
    ]
    best = max(judged, key=lambda candidate: candidate[:2], default=None)
    return best[2] if best is not None and best[0] > 0.0 else None


def _content(words: Sequence[str]) -> str:
    """The words from the first on that is more than grammar; all where none is."""
    start = next((i for i, word in enumerate(words) if query_terms(word)), 0)
    return " ".join(words[start:])


def _weight(passage: Passage, wanted: frozenset[str], sought: Sought) -> float:
    return sum(sought.idf(term) for term in sorted(wanted & terms_of(passage.words)))
