"""Cuts a text into chunks of at most so many word pieces, at the best boundary there is.

The text is first laid out as *atoms*: sentences, lines of code, and where one of those is too long its words or, in
the end, slices of a word. Each atom knows how good a place its end is for a cut. Chunks are then packed greedily;
a full one ends at its best boundary past the middle.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from itertools import accumulate
from typing import NamedTuple

DEFAULT_LIMIT = 128
LEAST_LIMIT = 8

Count = Callable[[str], int]

SLICE, WORD, LINE, SENTENCE, PARAGRAPH = range(5)
"""How good a place for a cut is, the best last."""

_WORDS = """
al approx apr aug bzw ca capt cf ch chap co col corp dec dept dr ed eds eq esp est etc feb fig figs gen gov hr inc jan
jr jul jun lt ltd mr mrs ms mt nov nr oct op pp prof ref rev sec sen sep sept sr st usw vgl viz vol vs
"""
ABBREVIATIONS = frozenset(_WORDS.split())
"""Words that end in a full stop without ending a sentence; single letters ("J.", "e.g.") are known by their form."""

_LINE = re.compile(r"[^\n]+")
_FENCE = re.compile(r"\s*(```|~~~)")
_BLOCK_START = re.compile(r"\s*(?:[-*+•–>|#]|\d{1,3}[.)]\s|\[[ x]\]|```|~~~)")
_SENTENCE_END = re.compile(r"""(?<![.!?…])[.!?…]++["'”’»)\]]*+(?=\s)|[。！？｡]++[”’」』）】]*+""")
_LAST_WORD = re.compile(r"[^\s(\[\"'“‘]*\Z")
_INITIALS = re.compile(r"(?:[^\W\d_]\.)*[^\W\d_]")
_WORD = re.compile(r"\S+")
_SLICE_ENDS = "/&?=,;:.-_、，"


class _Atom(NamedTuple):
    start: int
    stop: int
    boundary: int
    n_pieces: int


def split(text: str, count: Count, limit: int = DEFAULT_LIMIT) -> list[tuple[int, int]]:
    """Character spans of the chunks, in order and disjoint; what lies outside them is white space.

    ``count`` tells the word pieces of a text; no chunk has more than ``limit`` of them. Raises ValueError for a limit
    under 8. A text of white space has no chunk. The time grows linearly with the text.
    """
    if limit < LEAST_LIMIT:
        raise ValueError(f"limit is {limit}, at least {LEAST_LIMIT} is needed")
    atoms = [
        atom for start, stop, boundary in _sentences(text) for atom in _atoms(text, start, stop, boundary, count, limit)
    ]
    return list(_pack(text, atoms, count, limit))


def _pack(text: str, atoms: list[_Atom], count: Count, limit: int) -> Iterator[tuple[int, int]]:
    ends = list(accumulate((atom.n_pieces for atom in atoms), initial=0))
    first = 0
    while first < len(atoms):
        after = max(first + 1, bisect_right(ends, ends[first] + limit) - 1)
        if after < len(atoms):
            middle = bisect_left(ends, ends[first] + limit // 2, first + 1, after)
            after = max(range(middle, after + 1), key=lambda i: (atoms[i - 1].boundary, i))
        while after > first + 1 and count(text[atoms[first].start : atoms[after - 1].stop]) > limit:
            after -= 1
        yield atoms[first].start, atoms[after - 1].stop
        first = after


def _atoms(text: str, start: int, stop: int, boundary: int, count: Count, limit: int) -> Iterator[_Atom]:
    """The span itself where it fits, else its words, else slices of them; the last part keeps the boundary."""
    n_pieces = count(text[start:stop])
    if n_pieces <= limit:
        yield _Atom(start, stop, boundary, n_pieces)
        return
    words = [match.span() for match in _WORD.finditer(text, start, stop)]
    if len(words) > 1:
        for first, last in words:
            yield from _atoms(text, first, last, boundary if last == stop else WORD, count, limit)
    else:
        for first, last in _slices(text, start, stop, limit // 4):
            yield _Atom(first, last, boundary if last == stop else SLICE, count(text[first:last]))


def _slices(text: str, start: int, stop: int, width: int) -> Iterator[tuple[int, int]]:
    """Slices of one long word: after its punctuation where there is some, and not before a combining mark."""
    while start < stop:
        end = min(start + width, stop)
        if end < stop:
            natural = max(text.rfind(mark, start, end) for mark in _SLICE_ENDS)
            end = natural + 1 if natural >= start else end
            while end > start + 1 and unicodedata.category(text[end]).startswith("M"):
                end -= 1
        yield start, end
        start = end


def _sentences(text: str) -> Iterator[tuple[int, int, int]]:
    """Trimmed spans of sentences and lines of code, each with the worth of a cut after it."""
    spans = list(_line_parts(text))
    for (start, stop, ends), after in zip(spans, [*spans[1:], None], strict=False):
        if after is None or text.count("\n", stop, after[0]) > 1:
            yield start, stop, PARAGRAPH
        elif ends or _BLOCK_START.match(text, after[0]):
            yield start, stop, SENTENCE
        else:
            yield start, stop, LINE


def _line_parts(text: str) -> Iterator[tuple[int, int, bool]]:
    """Trimmed spans of sentences within lines, and whether each ends as a sentence does. Code is kept by line."""
    in_code = False
    for line in _LINE.finditer(text):
        start, stop = line.span()
        fence = _FENCE.match(text, start, stop) is not None
        in_code ^= fence
        if not (in_code or fence):
            for end in _SENTENCE_END.finditer(text, start, stop):
                if _ends_sentence(text, start, end):
                    yield *_trim(text, start, end.end()), True
                    start = end.end()
        if text[start:stop].strip():
            yield *_trim(text, start, stop), False


def _ends_sentence(text: str, start: int, end: re.Match[str]) -> bool:
    """Whether a sentence ends here: not after an abbreviation, an initial or a list's number."""
    if end[0][0] != ".":
        return True
    following = text[end.end() : end.end() + 2].lstrip()
    if following[:1].islower():
        return False
    word = _LAST_WORD.search(text[max(start, end.start() - 40) : end.start()])
    last = word[0] if word else ""
    if _INITIALS.fullmatch(last) or last.lower() in ABBREVIATIONS:
        return False
    return not (last.isdigit() and text[start : end.start()].strip() == last)


def _trim(text: str, start: int, stop: int) -> tuple[int, int]:
    part = text[start:stop]
    return start + len(part) - len(part.lstrip()), start + len(part.rstrip())
