"""Spans of passages: the stretch of words with the greatest sum of worths, new words near the question's own.

The numbers are set by hand, round ones, and not fitted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence, Set

from slm.retrieval.answer_kind import AUXILIARY, Kind
from slm.retrieval.answer_passage import Passage, Quote, Sought, Word
from slm.retrieval.answer_time import moments

FULL_IDF = 4.0
"""From this idf on a new word counts in full."""
REACH = 8
"""Tokens over which the pull of a question's word fades, after it."""
BACK = 3.0
"""How many times faster it fades before it."""
KEPT = 0.7
"""What a new word counts however far from the question's words it stands."""
COST = 0.25
"""Of every word, so that a span ends where little that is new follows."""
KNOWN_COST = 0.5
"""Of a word of the question: the asker knows it."""
GRAMMAR_COST = 0.1
"""Of a word of grammar or a sign."""
COMMA_COST = 0.2
TIME_COST = 0.75
"""More for a word that tells a time, which nobody asks for here."""
PLAIN_COST = 1.0
"""More for a word that doesn't look like the name, place or title that is asked for."""
TYPED = 2.0
"""Gain of a word that looks exactly like it."""
CAPITAL = 0.5
"""Gain of a capital in other spans: names say much."""
MODIFIES = 0.75
"""Gain of the word before the thing asked for: "which dress" finds "the red dress"."""
REASON = 0.25
"""Gain of a word after "because" where a reason is asked for, or after "by" for a way."""
BEFORE_REASON = 0.75
"""Loss of a word before such an opening."""
LEAD = 40
"""Characters before a word in which what leads a name or a place is looked for."""
LONGEST = 16
"""Tokens in a span at most."""

PER_WORTH = 0.2
"""Fit gained with the worth of a span."""
FULL_WORTH = 4.0
"""From this worth on there is no more to gain."""
LISTED = 4
"""Spans in a list at most."""
LISTED_FROM = 0.5
"""Share of the best span's value from which on another is listed too."""

_BORDERS = frozenset(".!?;:()[]—–")
_QUOTED = re.compile(r"[\"“]([^\"“”]{2,80})[\"”]")
_ARTICLE = re.compile(r"\b(?:the|a|an) $", re.IGNORECASE)
_PARTICLE = r"(?: the| a| an| my| our)?"
_LEADS: dict[Kind, re.Pattern[str]] = {
    "place": re.compile(rf"\b(?:in|at|to|from|near|through|around){_PARTICLE}(?: \w+)?\W*$", re.IGNORECASE),
    "name": re.compile(rf"\b(?:(?:with|by|named|called|from|my){_PARTICLE}|is (?:the|a|an|my|our))\W*$", re.IGNORECASE),
}
_LEADS_OF_CAPITALS = re.compile(rf"\b(?:is|to){_PARTICLE}\W*$", re.IGNORECASE)
"""What leads a name, and too much else to tell a small word."""
_OPENINGS: dict[Kind, re.Pattern[str]] = {
    "why": re.compile(
        r"\b(?:because|since|so that|in order|due to|thanks to|as it)\b|['’]cause\b",
        re.IGNORECASE,
    ),
    "how": re.compile(r"\b(?:by|through|using)\b", re.IGNORECASE),
}
_AUXILIARY = re.compile(AUXILIARY, re.IGNORECASE)
_TYPED: frozenset[Kind] = frozenset(("name", "place", "title"))

Valued = tuple[float, Quote]


def span(read: Sequence[Passage], sought: Sought, kind: Kind) -> Quote | None:
    """The best stretch of all passages, word for word; None where no word is worth anything."""
    return max(_spans(read, sought, kind), key=lambda valued: valued[0], default=(0.0, None))[1]


def several(read: Sequence[Passage], sought: Sought, kind: Kind) -> list[Quote]:
    """The best stretches, one a memory and none twice, as far as they are about as good as the best."""
    valued = sorted(_spans(read, sought, kind), key=lambda one: -one[0])
    kept: dict[int, Quote] = {}
    for value, quote in valued:
        if value < LISTED_FROM * valued[0][0] or len(kept) == LISTED:
            break
        if quote.text.casefold() not in {other.text.casefold() for other in kept.values()}:
            kept.setdefault(quote.passage.memory, quote)
    return list(kept.values())


def _spans(read: Sequence[Passage], sought: Sought, kind: Kind) -> Iterator[Valued]:
    for passage in read:
        first, last, total = _greatest_sum(_worths(passage, sought, kind))
        if total > 0.0:
            quote = Quote(_cut(passage, first, last), kind, passage)
            yield passage.fit + PER_WORTH * min(FULL_WORTH, total), quote


def _cut(passage: Passage, first: int, last: int) -> str:
    """The words with an article before them, or the whole of the quotation that they stand in, without its marks."""
    start, end = passage.words[first].start, passage.words[last].end
    for found in _QUOTED.finditer(passage.text):
        if found.start(1) <= start and end <= found.end():
            return found[1]
    article = _ARTICLE.search(passage.text, max(0, start - LEAD), start)
    return passage.text[article.start() if article else start : end].strip("\"“” ,'’")


def _worths(passage: Passage, sought: Sought, kind: Kind) -> list[float]:
    words = passage.words
    known = {i for i, word in enumerate(words) if any(term in sought.weights for term in word.terms)}
    gains = _gains(passage, sought, kind, known)
    worths = []
    for i, word in enumerate(words):
        if not word.terms:
            worths.append(_worth_of_grammar(passage.text, word))
        elif i in known:
            worths.append(-KNOWN_COST)
        else:
            new = min(1.0, max(map(sought.idf, word.terms)) / FULL_IDF)
            worths.append(new * (KEPT + (1.0 - KEPT) * _pull(i, known)) - COST + gains[i])
    return worths


def _worth_of_grammar(text: str, word: Word) -> float:
    """No span crosses the sign of a border; a hyphen is one where it stands alone."""
    sign = text[word.start : word.end]
    if sign in _BORDERS or text[max(0, word.start - 1) : word.end + 1] == " - ":
        return float("-inf")
    return -COMMA_COST if sign == "," else -GRAMMAR_COST


def _pull(at: int, known: Set[int]) -> float:
    """How strongly the nearest of the question's words pulls: 1 right after it, fading with the distance."""
    after = (1.0 - (gap - 1) / REACH for gap in range(1, REACH + 1) if at - gap in known)
    before = (1.0 - gap * BACK / REACH for gap in range(1, REACH + 1) if at + gap in known)
    return max(0.0, next(after, 0.0), next(before, 0.0))


def _gains(passage: Passage, sought: Sought, kind: Kind, known: Set[int]) -> list[float]:
    """What each word gains or loses by what it looks like and what it stands beside."""
    words, text = passage.words, passage.text
    told = [(moment.start, moment.end) for moment in moments(text, passage.observed_on)]
    times, titles = _offsets(told), _offsets(found.span(1) for found in _QUOTED.finditer(text))
    opening = _OPENINGS[kind].search(text) if kind in _OPENINGS else None
    named = kind in _TYPED and _begins_with_a_name(passage, known)
    gains = []
    for i, word in enumerate(words):
        quoted, capital = word.start in titles, text[word.start].isupper() and (i > 0 or named)
        gain = -TIME_COST if word.start in times else _look(kind, text, word, capital=capital, quoted=quoted)
        if opening:
            gain += REASON if word.start >= opening.end() else -BEFORE_REASON
        if i + 1 < len(words) and not sought.thing.isdisjoint(words[i + 1].terms):
            gain += MODIFIES
        gains.append(gain)
    return gains


def _offsets(stretches: Iterable[tuple[int, int]]) -> set[int]:
    return {offset for stretch in stretches for offset in range(*stretch)}


def _begins_with_a_name(passage: Passage, known: Set[int]) -> bool:
    """Whether the capital of the first word says something: its words do, or are, what the question knows of them."""
    texts = [passage.text[word.start : word.end] for word in passage.words]
    after = next((i for i, text in enumerate(texts) if not text[0].isupper()), len(texts))
    if after < len(texts) and _AUXILIARY.fullmatch(texts[after]):
        after += 1
    return after in known


def _look(kind: Kind, text: str, word: Word, *, capital: bool, quoted: bool) -> float:
    if kind not in _TYPED:
        return CAPITAL * capital
    if kind == "title":
        alike = 1.0 if quoted else 0.4 * capital
    else:
        alike = 0.6 * capital + 0.4 * _is_led(kind, text, word, capital=capital)
    return TYPED * alike if alike else -PLAIN_COST


def _is_led(kind: Kind, text: str, word: Word, *, capital: bool) -> bool:
    before = text, max(0, word.start - LEAD), word.start
    return bool(_LEADS[kind].search(*before) or (capital and kind == "name" and _LEADS_OF_CAPITALS.search(*before)))


def _greatest_sum(worths: Sequence[float]) -> tuple[int, int, float]:
    """First and last index, and sum, of the stretch of at most LONGEST with the greatest sum; the first of equals."""
    best = (0, 0, float("-inf"))
    for first in range(len(worths)):
        total = 0.0
        for last in range(first, min(first + LONGEST, len(worths))):
            total += worths[last]
            if total > best[2]:
                best = (first, last, total)
    return best
