"""BERT's WordPiece tokenizer: the same ids, token by token, as the reference implementation (`tokenizers`).

A text is cut at ASCII white space first. No step of the algorithm looks across such a cut, so the pieces of each
part can be cached, and a long text costs only as much as is asked for.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path

from slm.embed.unicode_classes import CJK, DROPPED, MARKS, PUNCTUATION, SPACES, within

SPECIAL_TOKENS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
MAX_WORD_CHARS = 100
"""A longer word is unknown as a whole (pinned behaviour of the reference)."""
MAX_CACHED_PARTS = 1 << 16
MAX_CACHED_CHARS = 64


class _Cleaning(dict[int, str]):
    """Table for ``str.translate``: drops controls, turns white space into blanks, sets ideographs apart."""

    def __init__(self, *, ideographs_apart: bool) -> None:
        super().__init__()
        self._ideographs_apart = ideographs_apart

    def __missing__(self, code_point: int) -> str:
        char = chr(code_point)
        if within(code_point, DROPPED):
            char = ""
        elif within(code_point, SPACES):
            char = " "
        elif self._ideographs_apart and within(code_point, CJK):
            char = f" {char} "
        self[code_point] = char
        return char


class _Folding(dict[int, str]):
    """Table for ``str.translate``: drops accents, lowers each character by itself, sets punctuation apart."""

    def __init__(self, *, lowercase: bool, strip_accents: bool) -> None:
        super().__init__()
        self._lowercase, self._strip_accents = lowercase, strip_accents

    def __missing__(self, code_point: int) -> str:
        char = chr(code_point)
        if self._strip_accents and within(code_point, MARKS):
            char = ""
        elif within(code_point, PUNCTUATION):
            char = f" {char} "
        elif self._lowercase:
            char = char.lower()
        self[code_point] = char
        return char


class WordPiece:
    """Word piece ids of texts. Never raises on any ``str``: lone surrogates count as U+FFFD, which is dropped.

    Special tokens written out in a text ("[SEP]") become that token, as in the reference. Safe to share by threads.
    """

    def __init__(
        self,
        vocabulary: Mapping[str, int],
        *,
        lowercase: bool = True,
        strip_accents: bool = True,
        ideographs_apart: bool = True,
        special_tokens: Iterable[str] = SPECIAL_TOKENS,
    ) -> None:
        self.vocabulary = dict(vocabulary)
        self.unknown, self.first, self.last, self.padding = (
            self.vocabulary[token] for token in ("[UNK]", "[CLS]", "[SEP]", "[PAD]")
        )
        self._cleaning = _Cleaning(ideographs_apart=ideographs_apart)
        self._folding = _Folding(lowercase=lowercase, strip_accents=strip_accents)
        self._strip_accents = strip_accents
        special = tuple(special_tokens)
        self.special_ids = frozenset(self.vocabulary[token] for token in special) - {self.unknown}
        self._special = re.compile("(" + "|".join(re.escape(token) for token in special) + ")")
        self._continuations = {piece[2:]: i for piece, i in self.vocabulary.items() if piece.startswith("##")}
        self._reach = _reach([*self.vocabulary, *self._continuations])
        self._cached: dict[str, tuple[int, ...]] = {}

    @classmethod
    def from_file(cls, path: Path, *, lowercase: bool = True) -> WordPiece:
        """The tokenizer of a ``vocab.txt``: a piece a line, its id the line's number from 0."""
        pieces = path.read_text("utf-8").removesuffix("\n").split("\n")
        return cls({piece: i for i, piece in enumerate(pieces)}, lowercase=lowercase, strip_accents=lowercase)

    def encode(self, text: str, limit: int) -> list[int]:
        """Ids of the text between ``[CLS]`` and ``[SEP]``, the content cut so that the whole has at most ``limit``."""
        room = limit - 2
        ids = [self.first]
        for part in _parts(text):
            ids.extend(self._pieces(part))
            if len(ids) > room:
                break
        return [*ids[: room + 1], self.last]

    def count(self, text: str) -> int:
        """How many word pieces the text has, without ``[CLS]`` and ``[SEP]``."""
        return sum(len(self._pieces(part)) for part in _parts(text))

    def _pieces(self, part: str) -> tuple[int, ...]:
        pieces = self._cached.get(part)
        if pieces is None:
            pieces = tuple(self._tokenize(part))
            if len(part) <= MAX_CACHED_CHARS:
                if len(self._cached) >= MAX_CACHED_PARTS:
                    self._cached.clear()
                self._cached[part] = pieces
        return pieces

    def _tokenize(self, part: str) -> list[int]:
        ids: list[int] = []
        for i, span in enumerate(self._special.split(part)):
            if i % 2:
                ids.append(self.vocabulary[span])
                continue
            for word in self._words(span):
                whole = self.vocabulary.get(word)
                if whole is None:
                    ids.extend(self._match(word))
                else:
                    ids.append(whole)
        return ids

    def _words(self, span: str) -> list[str]:
        """Cleaned, folded words and punctuation, in the reference's order of steps."""
        clean = span.translate(self._cleaning)
        if self._strip_accents:
            clean = unicodedata.normalize("NFD", clean)
        return clean.translate(self._folding).split()

    def _match(self, word: str) -> list[int]:
        """Longest match first; a word with a part outside the vocabulary is unknown as a whole."""
        if len(word) > MAX_WORD_CHARS:
            return [self.unknown]
        ids: list[int] = []
        start, pieces = 0, self.vocabulary
        while start < len(word):
            furthest = start + self._reach.get(word[start : start + 2], 1)
            for stop in range(min(len(word), furthest), start, -1):
                found = pieces.get(word[start:stop])
                if found is not None:
                    break
            else:
                return [self.unknown]
            ids.append(found)
            start, pieces = stop, self._continuations
        return ids


def _reach(pieces: Iterable[str]) -> dict[str, int]:
    """Length of the longest piece that starts with two given characters: no longer match needs a try."""
    reach: dict[str, int] = {}
    for piece in pieces:
        reach[piece[:2]] = max(len(piece), reach.get(piece[:2], 0))
    return reach


def _parts(text: str) -> list[str]:
    return text.replace("\n", " ").replace("\t", " ").replace("\r", " ").split(" ")
