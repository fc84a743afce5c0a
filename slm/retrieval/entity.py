"""The entity channel: who said it. Authors that a question names, and the user among user and assistant."""

from __future__ import annotations

import re
from collections.abc import Iterable

USER, ASSISTANT = "user", "assistant"

FIRST_PERSON = re.compile(r"\b(?:i|me|my|mine|i'm|i've|i'd|we|us|our|ours)\b", re.IGNORECASE)
ASKS_WHAT_WAS_SAID = re.compile(
    r"\byou(?:'ve| have| had)? (?:recommend|suggest|mention|told|tell|gave|give|said|say|provid|explain|list|advis"
    r"|describ|wrote|write|propos)\w*|\byour (?:recommendation|suggestion|advice|answer|explanation|response|list)s?\b"
    r"|\bremind me (?:of|what|about) (?:that|the|what)\b",
    re.IGNORECASE,
)


def named_authors(question: str, authors: Iterable[str]) -> list[str]:
    """The authors whose names stand in the question as whole words, in the order of ``authors``."""
    folded = question.lower()
    return [
        name
        for name in authors
        if name not in (USER, ASSISTANT) and name.lower() in folded and _whole(name).search(question)
    ]


def without_names(question: str, names: Iterable[str]) -> str:
    """The question with those names and their possessives taken out; unchanged when nothing else would be left."""
    stripped = question
    for name in names:
        stripped = _whole(name, possessive=True).sub(" ", stripped)
    return " ".join(stripped.split()) if re.search(r"\w", stripped) else question


def speaks_of_the_user(question: str) -> bool:
    """Whether a question in the first person asks for what the user said, not for what the assistant answered."""
    return FIRST_PERSON.search(question) is not None and ASKS_WHAT_WAS_SAID.search(question) is None


def _whole(name: str, *, possessive: bool = False) -> re.Pattern[str]:
    ending = r"(?:'s|’s)?" if possessive else ""
    return re.compile(rf"(?<!\w){re.escape(name)}{ending}(?!\w)", re.IGNORECASE)
