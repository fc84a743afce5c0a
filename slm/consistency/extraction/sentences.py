"""Sentences that state something, with their place in the text; questions, wishes and hearsay are left out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

from slm.consistency.extraction.tables import Tables

Rewrites = tuple[tuple[re.Pattern[str], str], ...]

LONGEST = 200
"""Characters beyond which a sentence says too much for a pattern to be faithful to."""


def _rewrites(*pairs: tuple[str, str], flags: re.RegexFlag = re.IGNORECASE) -> Rewrites:
    """Patterns with what stands in place of what they find."""
    return tuple((re.compile(pattern, flags), expansion) for pattern, expansion in pairs)


FENCE = re.compile(r"^(?:```|~~~).*?^(?:```|~~~)[^\n]*$", re.DOTALL | re.MULTILINE)
SENTENCE = re.compile(
    r"(?:(?!\n|;\s|(?<![A-Z])(?<!\bMr)(?<!\bMrs)(?<!\bMs)(?<!\bDr)(?<!\bSt)(?<!\bNo)(?<!\be\.g)(?<!\bInc)(?<!\bCorp)(?<!\bLtd)(?<!\bCo)(?<!\bJr)(?<!\bSr)(?<!\bvs)(?<!\bapprox)[.!?]['\")\]]*\s+\S).)+[.!?'\")\]]*",
    re.DOTALL,
)
MARKUP = re.compile(r"^(?:[-*+•>#]+|\d{1,2}[.)]|\[[ x]\])\s+|[*_]{2}|`")
LISTED = re.compile(r"(?:[-*+•]|\d{1,2}[.)])\s")
HEADING = re.compile(r"#{1,6}\s|\|")
CONTRACTIONS = _rewrites(
    (r"[’`]", "'"), (r"[“”]", '"'), (r"\bcan't\b|\bcannot\b", "can not"), (r"\bwon't\b", "will not"),
    (r"n't\b", " not"), (r"\bI'm\b", "I am"), (r"'re\b", " are"), (r"'ve\b", " have"), (r"'ll\b", " will"),
    (r"\b(I|we|you|he|she|they)'d\b", r"\1 would"), (r"\b(he|she|it|that|there|what|who|here)'s\b", r"\1 is"),
    (r"\b(\w+)'s (based|a|an|the|in|at|on|not|called|named|living|working|allergic|married|unmarried|single"
     r"|left-handed|right-handed|\d+)\b", r"\1 is \2"),
    (r"\b(rent|flat|salary|wage|fee|price)'s\b", r"\1 is"),
)  # fmt: skip
DROPPED_SUBJECT = _rewrites(
    (r"^Been\b", "I have been"), (r"^(Turned|Moved|Weigh|Live|Work|Started|Quit|[Cc]an not)\b", r"I \1"),
    (r"^(Living|Working)\b", r"I am \1"),
    flags=re.NOFLAG,
)  # fmt: skip
SPLIT = re.compile(
    r",?\s+(?:and|but|so|because|while|whereas)\s+(?=(?:i|we|my|our|he|she|they|it)\b)|,\s+(?=(?:i|we|my|our)\b)"
    r"|\s+[–—]\s+",
    re.IGNORECASE,
)
CONDITION = re.compile(r"(?:if|when|whenever|once|unless|had|as|until|before|after)\b", re.IGNORECASE)
TAIL = re.compile(
    r"(?:,|\s)\s*(?:as far as i know|i think|right now|at the moment|for now|by the way|btw|though|too"
    r"|always have|so yes"
    r"|as well|you know|i believe|fyi|lol|haha|actually|honestly|anyway|of course|please|in fact|as you know|always has"
    r"|everywhere|full time)$|,\s*(?:learn(?:ed|t)|bought|built|made|given|taught|started|done) .+$",
    re.IGNORECASE,
)
REQUEST = re.compile(r"^(.+?),\s+(?:can|could|will|would) you\b.*\?$", re.IGNORECASE)
QUOTED = re.compile(r"\"[^\"]*\"|“[^”]*”|(?<!\w)'[^']{8,}'(?!\w)")
NOT_THAT = re.compile(r",?\s+(?:and\s+)?not\s+[^,]+$", re.IGNORECASE)
NOT_TRUE = re.compile(r"^(?:it is|it's|that is) (?:not true|false|wrong) that\s+", re.IGNORECASE)
ADVERBS = re.compile(
    r"(?<!-)\b(?:now|these days|nowadays|any ?more|currently|still|also|already|just|recently|really|actually"
    r"|always|simply"
    r"|finally|officially|usually|generally|totally|absolutely|truly|definitely|permanently|basically|only"
    r"|both)\b(?!-) ?",
    re.IGNORECASE,
)
NEGATION = _rewrites(
    (r"\b(?:do|does|did) not (?:really |even )?", ""), (r"^not ", ""),
    (r"\b(is|am|are|was|were|has|have) not\b(?! to be)", r"\1"),
    (r"\b(is|am|are|was|were|has|have) no longer\b", r"\1"),
    (r"\bno longer\s+", ""), (r"\bcan not\b(?! stand)", "can"),
    (r"\bnever\s+", ""), (r"\bwill not\b", "will"), (r"\b(has|have) no\b", r"\1 a"),
    (r"\b(speak|eat|drink|own|use|play|drive|need)(s?) no\b(?! one)", r"\1\2"),
)  # fmt: skip
FRONTED = re.compile(
    r"^(?P<where>(?:on|in|at|by) (?:the |our |my )?(?!(?:winter|summer|spring|autumn|fall|may|january|february|march"
    r"|april|june|july|august|september|october|november|december)\b|\w+(?:day|days|ends?)\b)(?:[\w-]+ ?){1,2}?)"
    r"(?:,\s*|\s+)(?P<rest>(?:the|our|my|we|i)\b.+)$",
    re.IGNORECASE,
)
"""A place or setting told first; seasons and days stay where they are: another day, another value."""
SAID_OTHERWISE = _rewrites(
    (r"\b(?:has|have) been (?:renamed|changed|switched|updated|raised|lowered|increased|reduced) to\b", "is"),
    (r"^(?:i|we) (?:have )?(?:renamed|updated) (.+?) (?:from .+ )?to ", r"\1 is "),
    (r"^(?:i|we) have an? new (.+?): ?", r"my \1: "),
    (r"^(?:i|we) celebrate (.+?) on ", r"\1 is on "),
    (r"\b(?:is|are) switched (on|off)\b", r"is \1"),
)
PLURAL = re.compile(
    r"^[A-Z](?=[a-z]+s (?:are|were|have|do|run|time|expire|rotate|renew|sync|start|begin|close|open|last|take|cost)\b)"
)
"""A first word that its verb shows to be a plural, so that its capital is the sentence's and no name's."""
UNTIL = re.compile(r",?\s+(?:until|till)\s+(.+)$", re.IGNORECASE)
SINCE = re.compile(r",?\s+(?:since|as of|from)\s+(?:the\s+)?([\w\s-]+?)(?:\s+on)?$", re.IGNORECASE)
OPENING = re.compile(
    r"^(?:since|as of|starting|from)\s+([^,]+?)(?:,\s+|\s+(?=(?:my|our|the|i|we)\b)|(?<=\d{4})\s+)", re.IGNORECASE
)
USED_TO = re.compile(
    r"\bused to\b|\bold\b(?=\s+(?:boss|job|address|flat|manager|phone|car)\b)|\bformer(?:ly)?\b"
    r"|\bprevious(?:ly)?\b|\bback in\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """One statement in plain form, ``span`` its place in the memory's text.

    Negation is taken out of ``text`` into ``negated``; ``update`` tells words of change, ``also`` that another value
    stands beside it; ``since`` and ``until`` are the phrases of its valid time; ``listed`` stands in a list, whose
    heading may turn it round ("Don't:").
    """

    text: str
    span: tuple[int, int]
    negated: bool = False
    update: bool = False
    also: bool = False
    since: str | None = None
    until: str | None = None
    listed: bool = False


def sentences(text: str, tables: Tables) -> Iterator[Sentence]:
    """Every sentence of a text that states something about the world as it is."""
    visible = FENCE.sub(lambda block: " " * len(block[0]), text)
    for match in SENTENCE.finditer(visible):
        raw = match[0].strip()
        if raw and len(raw) <= LONGEST and not HEADING.match(raw):
            start = match.start() + len(match[0]) - len(match[0].lstrip())
            listed = LISTED.match(raw) is not None
            for sentence in _statements(raw, (start, start + len(raw)), tables):
                yield replace(sentence, listed=True) if listed else sentence


def _statements(raw: str, span: tuple[int, int], tables: Tables) -> Iterator[Sentence]:
    text = MARKUP.sub("", MARKUP.sub("", raw)).strip()
    for pattern, expansion in CONTRACTIONS:
        text = pattern.sub(expansion, text)
    request = REQUEST.match(text)
    text = request[1] if request else text
    if text.endswith(("?", ":")) or QUOTED.search(text) or "://" in text:
        return
    moods = _moods(tables)
    text = text.rstrip(".!? ")
    if moods["reported"].search(text):
        return
    corrected = moods["correction"].match(text)
    if corrected:
        text = NOT_THAT.sub("", text[corrected.end() :])
    if CONDITION.match(text):
        return
    for part in SPLIT.split(text):
        if not moods["hypothetical"].search(part):
            yield from _plain(part, span, bool(corrected), moods)


def _plain(text: str, span: tuple[int, int], corrected: bool, moods: dict[str, re.Pattern[str]]) -> Iterator[Sentence]:
    before = None
    while before != text:
        before = text
        text = TAIL.sub("", moods["discourse"].sub("", text).strip(" ,"))
    for pattern, expansion in DROPPED_SUBJECT:
        text = pattern.sub(expansion, text)
    if USED_TO.search(text):
        return
    update = corrected or moods["update"].search(text) is not None
    text, negated = _without_negation(text)
    text, since, until = _valid_time(text)
    for pattern, expansion in SAID_OTHERWISE:
        text = pattern.sub(expansion, text)
    text = FRONTED.sub(r"\g<rest> \g<where>", text)
    text = PLURAL.sub(lambda first: first[0].lower(), text)
    also = re.search(r"\b(?:also|too|as well|another)\b", before or "", re.IGNORECASE) is not None
    plain = " ".join(ADVERBS.sub("", text).split()).strip(" ,")
    if plain:
        yield Sentence(plain, span, negated, update, also, since, until)


def _without_negation(text: str) -> tuple[str, bool]:
    negated = False
    stated = NOT_TRUE.sub("", text)
    if stated != text:
        text, negated = stated, True
    for pattern, expansion in NEGATION:
        text, count = pattern.subn(expansion, text)
        negated ^= count % 2 == 1
    return text, negated


def _valid_time(text: str) -> tuple[str, str | None, str | None]:
    until = UNTIL.search(text)
    if until and not re.search(r"\b(?:valid|good)$", text[: until.start()]):
        text = text[: until.start()]
    else:
        until = None
    since = OPENING.match(text)
    if since:
        return text[since.end() :], since[1], until[1] if until else None
    since = SINCE.search(text)
    if since and not re.search(r"\bfrom\s", since[0]):
        return text[: since.start()], since[1], until[1] if until else None
    return text, None, until[1] if until else None


@cache
def _compiled(mood: tuple[tuple[str, tuple[str, ...]], ...]) -> dict[str, re.Pattern[str]]:
    phrases = {name: "|".join(words) for name, words in mood}
    return {
        "hypothetical": re.compile(rf"\b(?:{phrases['hypothetical']})\b", re.IGNORECASE),
        "reported": re.compile(rf"\b(?:{phrases['reported']})\b", re.IGNORECASE),
        "update": re.compile(rf"\b(?:{phrases['update']})\b", re.IGNORECASE),
        "correction": re.compile(rf"^(?:{phrases['correction']})\b[,:;]?\s*", re.IGNORECASE),
        "discourse": re.compile(rf"^(?:{phrases['discourse']})(?=[\s,:!.])[,:!.]*\s+", re.IGNORECASE),
    }


def _moods(tables: Tables) -> dict[str, re.Pattern[str]]:
    return _compiled(tuple(tables.mood.items()))
