"""The entity channel: who said it. Authors that a question names, and the user among user and assistant."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import pairwise

from slm.retrieval.temporal import MONTHS
from slm.retrieval.words import STOP_WORDS, is_unspaced

USER, ASSISTANT = "user", "assistant"

FIRST_PERSON = re.compile(r"\b(?:i|me|my|mine|we|(?-i:[Uu]s)|our|ours)\b", re.IGNORECASE)
ASKS_WHAT_WAS_SAID = re.compile(
    r"\byou(?:['’]ve| have| had)? (?:recommend|suggest|mention|told|tell|gave|give|said|say|provid|explain|list|advis"
    r"|describ|wrote|write|propos)\w*|\byour (?:recommendation|suggestion|advice|answer|explanation|response|list)s?\b"
    r"|\bremind me (?:of|what|about) (?:that|the|what)\b",
    re.IGNORECASE,
)

WORDS_TOO = STOP_WORDS | {"may"}
"""A name like Will or May is read where it has a capital that isn't the first of the question, or a possessive."""
NOT_THE_MONTH = r"(?<!\b[Ii]n )(?<!\d )(?<!\d[a-z]{2} )(?<!\d[a-z]{2} of )", r"(?!,? \d)"
"""What must not stand before and after an author's name that is a month."""
POSSESSIVE = "['’ʼ＇]s?"
JOINS = re.compile(r"\s*(?:,|&|/|(?:, )?(?:and|or|with))\s*", re.IGNORECASE)
"""What stands between two names that are asked about alike."""


def named_authors(question: str, authors: Iterable[str]) -> list[str]:
    """The authors whose names stand in the question as whole words, in the order of ``authors``.

    A name inside a longer name of the question isn't meant. In scripts written without spaces, words have no borders.
    """
    text = _plain(question)
    folded = text.lower()
    plain = {author: _plain(author) for author in authors if author not in (USER, ASSISTANT)}
    present = _longest_first({name.lower(): name for name in plain.values() if name.lower() in folded}.values())
    matches = _any_of(present).finditer(text)
    named = {present[match.lastindex - 1].lower() for match in matches if match.lastindex and not _goes_on(match)}
    return [author for author, name in plain.items() if name.lower() in named]


def subject(question: str, named: Sequence[str]) -> str | None:
    """Of the two authors ``named`` in a question, the one whose words it asks for: the first, who tells of the other.

    None where they are asked about alike ("Ann and Bob", wherever that stands), and for any other number of authors.
    """
    if len(named) != 2:
        return None
    text, names = _plain(question), _longest_first(map(_plain, named))
    found = [
        (match.lastindex, match.span())
        for match in _any_of(names).finditer(text)
        if match.lastindex and not _goes_on(match)
    ]
    if len({number for number, _ in found}) < 2:
        return None
    for (one, (_, end)), (other, (start, _)) in pairwise(found):
        if one != other and JOINS.fullmatch(text, end, start):
            return None
    return next(author for author in named if _plain(author) == names[found[0][0] - 1])


def without_names(question: str, names: Iterable[str]) -> str:
    """The question with those names and their possessives taken out; unchanged when nothing else would be left."""
    pattern = _any_of(_longest_first(map(_plain, names)))
    stripped = pattern.sub(lambda match: match[0] if _goes_on(match) else " ", _plain(question))
    return " ".join(stripped.split()) if re.search(r"\w", stripped) else question


def speaks_of_the_user(question: str) -> bool:
    """Whether a question in the first person asks for what the user said, not for what the assistant answered."""
    return FIRST_PERSON.search(question) is not None and ASKS_WHAT_WAS_SAID.search(question) is None


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _longest_first(names: Iterable[str]) -> list[str]:
    return sorted(filter(None, names), key=lambda name: (-len(name), name))


def _any_of(names: Sequence[str]) -> re.Pattern[str]:
    """A group for each name; where several begin, the first of ``names`` is found. No name matches nowhere."""
    return re.compile("|".join(f"({_whole(name)})" for name in names) or r"(?!)")


def _whole(name: str) -> str:
    word = name.lower()
    if word in WORDS_TOO:
        written = re.escape(name.capitalize())
        pattern = rf"(?<=[\w,] ){written}(?:{POSSESSIVE})?(?!\w)|(?<!\w){written}{POSSESSIVE}(?!\w)"
    else:
        joins = len(name) > 1
        start = "" if joins and is_unspaced(name[0]) else r"(?<!\w)"
        end = "" if joins and is_unspaced(name[-1]) else r"(?!\w)"
        pattern = rf"(?i:{start}{re.escape(name)}(?:{POSSESSIVE})?{end})"
    before, after = NOT_THE_MONTH if word in MONTHS else ("", "")
    return rf"{before}(?:{pattern}){after}"


def _goes_on(match: re.Match[str]) -> bool:
    """Whether a combining mark beside the match makes it part of a longer word; ``re`` ends words at marks."""
    before, after = match.string[match.start() - 1 : match.start()], match.string[match.end() : match.end() + 1]
    return _is_mark(after) or (_is_mark(before) and not is_unspaced(match[0][0]))


def _is_mark(char: str) -> bool:
    """Of one character or none. Variation selectors belong to the sign before them."""
    return bool(char) and unicodedata.category(char) in ("Mn", "Mc") and not "\ufe00" <= char <= "\ufe0f"
