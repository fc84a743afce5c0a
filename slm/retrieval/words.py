"""From text to index terms: what a document is found under, and what a query looks for.

A plain word becomes its English Snowball stem. An identifier (``snake_case``, ``camelCase``, a dotted, hyphenated or
slashed name, a URL, an e-mail address, a version) becomes its whole form, unstemmed, and then its parts. Scripts
written without spaces become overlapping pairs of characters.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from snowballstemmer.english_stemmer import EnglishStemmer

MAX_TERM = 64
"""Longest term in characters; a longer one is cut, in documents and queries alike."""
CACHED_WORDS = 16_384
"""Distinct words whose terms are remembered; longer ones than :data:`MAX_TERM` aren't."""

_GRAMMAR = """
    a an the this that these those and or but nor if then than so as because while though although
    i me my mine myself you your yours yourself he him his himself she her hers herself it its itself
    we us our ours ourselves they them their theirs themselves who whom whose which what when where why how
    am is are was were be been being do does did doing done has have had having
    will would shall should can could might must cannot im ive youre dont doesnt didnt isnt wasnt wont cant
    to of in on at by for from with without into onto about over under between through during
    there here not no any some such only own same too very just also both each
"""
STOP_WORDS = frozenset(_GRAMMAR.split())
"""Grammar without a subject of its own. Never indexed, so a query of nothing else finds nothing by its words."""

_UNSPACED = "".join(
    f"{chr(first)}-{chr(last)}"
    for first, last in (
        (0x0E00, 0x0EFF),  # Thai, Lao
        (0x1000, 0x109F),  # Burmese
        (0x1780, 0x17FF),  # Khmer
        (0x3005, 0x3007),  # ideographic repetition, closing and zero marks
        (0x3040, 0x30FA),  # Hiragana, Katakana up to the middle dot, which parts words
        (0x30FC, 0x30FF),  # Katakana, the rest
        (0x31F0, 0x31FF),  # Katakana extensions
        (0x3400, 0x4DBF),  # Han, extension A
        (0x4E00, 0x9FFF),  # Han
        (0xAC00, 0xD7AF),  # Hangul
        (0xF900, 0xFAFF),  # Han, compatibility
        (0x20000, 0x3FFFF),  # Han, further extensions
    )
)
_URL = r"[A-Za-z][A-Za-z0-9+.\-]{1,15}://[^\s<>\"'`\x80-\U0010ffff]+"
_GROUPED_NUMBER = r"\d{1,3}(?:,\d{3}){1,6}(?:\.\d+)?(?![\w,])"


def _tokens(word: str, *more: str) -> re.Pattern[str]:
    """A pattern whose matches are the tokens of a text; ``word`` is the class of characters words are made of."""
    name = rf"{word}+(?:(?:::|:\\|[.\-/\\:@&']){word}+)*(?:\+\+|#(?!\w))?"
    return re.compile("|".join((*more, _GROUPED_NUMBER, name)))


_ASCII = _tokens(r"\w")
_ASCII_WITH_URL = _tokens(r"\w", _URL)
_UNICODE = _tokens(rf"[^\W{_UNSPACED}]", _URL, f"[{_UNSPACED}]+")

_GROUPED = re.compile(_GROUPED_NUMBER)
_VERSION = re.compile(r"[vV]?(\d+(?:\.\d+)+)(?![^\-+])")
_NEGATION = re.compile(r"\w+n't", re.IGNORECASE)
_ENDING = re.compile(r"'(?:s|d|m|ll|re|ve)$", re.IGNORECASE)
_LEVELS = tuple(re.compile(pattern) for pattern in (r"[^\w.\-'\x80-\U0010ffff]+", r"\.", "-", "'", "_"))
"""Where an identifier falls apart, the loosest joint first."""
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z]{2})")

_INVISIBLE = dict.fromkeys([0x00AD, 0x061C, 0x180E, *range(0x200B, 0x2010), *range(0x202A, 0x202F), 0x2060, 0xFEFF])
"""Characters inside words that nobody sees: soft hyphen, joiners, marks of direction, byte order mark."""
_APOSTROPHES = dict.fromkeys([0x02BC, 0x2018, 0x2019, 0xFF07], "'")


def terms(text: str) -> list[str]:
    """The terms a document is indexed under, in reading order, repetitions included.

    Total (any ``str``, lone surrogates too), pure and independent of locale. Runs of unspaced script give their single
    characters and their pairs, so that a query of one character finds them as well.
    """
    return _analyse(text, singles=True)


def query_terms(text: str) -> list[str]:
    """The terms a query looks for: those of :func:`terms`, but a run of unspaced script gives its pairs alone.

    Always a subset of ``terms(text)``: a text is found by any quotation that begins and ends between its tokens.
    """
    return _analyse(text, singles=False)


def stems(word: str) -> tuple[str, ...]:
    """The terms of one token (no white space): its stem, or whole form and parts; nothing for a stop word."""
    return _remembered_stems(word) if len(word) <= MAX_TERM else _taken_apart(word)


def _taken_apart(word: str) -> tuple[str, ...]:
    body = word.partition("://")[2] or word
    if body[-1:] in ("+", "#"):
        return (_fold(body)[:MAX_TERM],)
    if _NEGATION.fullmatch(body):
        return ()
    if _GROUPED.fullmatch(body):
        body = body.replace(",", "")
    found: list[str] = []
    _take_apart(_ENDING.sub("", body.strip("_/.,:;!?)]}*").removeprefix("www.")), 0, found)
    return tuple(found)


_remembered_stems = lru_cache(maxsize=CACHED_WORDS)(_taken_apart)


def _analyse(text: str, *, singles: bool) -> list[str]:
    if text.isascii():
        found: list[str] = []
        for token in (_ASCII_WITH_URL if "://" in text else _ASCII).findall(text):
            found += stems(token)
        return found
    return _analyse_unicode(text, singles=singles)


def _analyse_unicode(text: str, *, singles: bool) -> list[str]:
    text = unicodedata.normalize("NFKC", text.translate(_INVISIBLE)).translate(_APOSTROPHES)
    marks = {ord(char): "x" for char in set(text) if char > "\x7f" and unicodedata.category(char)[0] == "M"}
    # `re` ends a word at a combining mark, so tokens are found with a letter in the place of each.
    found: list[str] = []
    for match in _UNICODE.finditer(_with_marks_as_letters(text, marks)):
        token = text[match.start() : match.end()]
        if is_unspaced(token[0]):
            found += _pairs(token, singles=singles)
        else:
            found += stems(token)
    return found


_UNSPACED_CHARACTER = re.compile(f"[{_UNSPACED}]")


def is_unspaced(char: str) -> bool:
    """Whether a character belongs to a script that is written without spaces between words."""
    return _UNSPACED_CHARACTER.match(char) is not None


def _with_marks_as_letters(text: str, marks: dict[int, str]) -> str:
    return text.translate({mark: letter for mark, letter in marks.items() if not is_unspaced(chr(mark))})


def _pairs(run: str, *, singles: bool) -> list[str]:
    pairs = [run[i : i + 2] for i in range(len(run) - 1)]
    return [*run, *pairs] if singles or not pairs else pairs


def _take_apart(text: str, level: int, found: list[str]) -> None:
    """Append the whole form of ``text`` and the terms of its parts at joint ``level`` and tighter."""
    version = _VERSION.match(text) if level == 1 else None
    if version:
        found += _version_terms(text, version[1])
        _take_apart(text[version.end() :].strip("-+"), level + 1, found)
        return
    if level == len(_LEVELS):
        _take_humps_apart(text, found)
        return
    parts = [part for part in _LEVELS[level].split(text) if part]
    if len(parts) > 1:
        found.append(_fold(text)[:MAX_TERM])
    for part in parts:
        _take_apart(part, level + 1, found)


def _version_terms(text: str, numbers: str) -> list[str]:
    """``v2.4.6-rc1`` -> itself, ``2.4.6``, ``2.4``, ``2``: a version is found by what it begins with."""
    components = numbers[:MAX_TERM].rstrip(".").split(".")
    prefixes = [".".join(components[:n]) for n in range(len(components), 0, -1)]
    whole = _fold(text)[:MAX_TERM]
    return prefixes if whole == prefixes[0] else [whole, *prefixes]


def _take_humps_apart(text: str, found: list[str]) -> None:
    """``camelCase`` is one word, stemmed like one, and then each of its humps."""
    humps = _HUMP.split(text)
    for word in (text, *humps) if len(humps) > 1 else (text,):
        folded = _fold(word)
        if folded not in STOP_WORDS and any(map(str.isalnum, folded)):
            found.append(_stem(folded)[:MAX_TERM])


def _fold(text: str) -> str:
    """Case-folded, and composed again where folding took a character apart; the Turkish capital İ becomes i."""
    folded = text.casefold()
    return folded if folded.isascii() else unicodedata.normalize("NFKC", folded.replace("i\u0307", "i"))


def _stem(word: str) -> str:
    if not word.isalpha():
        return word
    # A stemmer keeps the word it works on in itself: one a call costs nothing beside the work, and is safe in threads.
    stem: str = EnglishStemmer().stemWord(word[:MAX_TERM])
    return stem
