"""JSON documents of any size, one element at a time: memory holds the largest element, not the file.

A file is one array, one object, or several documents one after the other (JSON lines are that). An array gives its
elements. An object gives itself, or the elements of those of its lists that the format names.
"""

from __future__ import annotations

import codecs
import json
import lzma
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any, BinaryIO, NamedTuple

from slm.errors import InvalidInput

MAX_ELEMENT = 64 << 20
"""Longest element in characters: a conversation of some ten thousand long messages."""
BLOCK_BYTES = 1 << 16

_WHITE = " \t\r\n"
_WHITE_RUN = re.compile(f"[{_WHITE}]*")
_TOKEN = 16
"""A syntax error this near to the end of what was read may be a token that is cut in two."""
_REST = 2
"""Longest part of a number that isn't read along with what stands before it: ``e+`` without digits."""


class Element(NamedTuple):
    """A document or an element of a list, and where it stands: ``conversations.json[17]``, ``memory.jsonl:3``."""

    place: str
    value: Any


def elements(stream: BinaryIO, name: str, lists: frozenset[str] = frozenset()) -> Iterator[Element]:
    """The elements in order; of an object the elements of its ``lists``, and the object itself when it has none.

    :class:`InvalidInput` names the element or line of what is no JSON; the elements before it have been yielded.
    """
    text = _Text(stream, name)
    if not text.peek():
        raise InvalidInput(f"{name}: the file is empty")
    while first := text.peek():
        if first == "[":
            yield from _array(text, name)
        elif first == "{" and lists:
            yield from _object(text, name, lists)
        else:
            place = text.place
            yield Element(place, text.value(place))


def _array(text: _Text, path: str) -> Iterator[Element]:
    text.take("[", path)
    index = 0
    while text.peek() != "]":
        if index:
            text.take(",", f"{path}[{index}]")
        yield Element(f"{path}[{index}]", text.value(f"{path}[{index}]"))
        index += 1
    text.take("]", path)


def _object(text: _Text, path: str, lists: frozenset[str]) -> Iterator[Element]:
    place, rest, listed, first = text.place, {}, False, True
    text.take("{", path)
    while text.peek() != "}":
        if not first:
            text.take(",", path)
        first = False
        if text.peek() != '"':
            raise text.wrong("a name in quotes is missing", path)
        key = text.value(path)
        text.take(":", f"{path}.{key}")
        if key in lists and text.peek() == "[":
            listed = True
            yield from _array(text, f"{path}.{key}")
        else:
            rest[key] = text.value(f"{path}.{key}")
    text.take("}", path)
    if not listed:
        yield Element(place, rest)


class _Text:
    """The characters of a stream from a position on; as much is held as the element at the position needs."""

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self._stream = stream
        self._name = name
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self._json = json.JSONDecoder()
        self._held = ""
        self._at = 0
        self._lines = 1
        """Number of the line that what is held begins on."""
        self._before = 0
        """Characters of that line before what is held."""
        self._ended = False

    @property
    def place(self) -> str:
        """File and line of the position."""
        return f"{self._name}:{self._line(self._at)}"

    def peek(self) -> str:
        """The next character that is no white space; empty at the end."""
        while True:
            self._at = _WHITE_RUN.match(self._held, self._at).end()  # type: ignore[union-attr]  # it fits anywhere
            if self._at < len(self._held):
                return self._held[self._at]
            if self._ended:
                return ""
            self._read_on()

    def take(self, sign: str, where: str) -> None:
        """Pass over ``sign``."""
        if self.peek() != sign:
            raise self.wrong(f"{sign!r} is missing", where)
        self._at += 1

    def value(self, where: str) -> Any:
        """The JSON value at the position, which moves behind it."""
        self.peek()
        while True:
            try:
                value, end = self._json.raw_decode(self._held, self._at)
            except json.JSONDecodeError as error:
                if self._ended or not self._cut(error):
                    raise self.wrong(error.msg, where, error.pos) from None
            except RecursionError:
                raise InvalidInput(f"{where}: nested too deeply") from None
            except ValueError:  # Python's bound on the digits of a whole number
                raise self.wrong("a number of thousands of digits", where) from None
            else:
                if self._ended or self._held[end - 1] in '}]"' or end + _REST < len(self._held):
                    self._at = end
                    return value
            if len(self._held) - self._at > MAX_ELEMENT:
                raise InvalidInput(f"{where}: longer than {MAX_ELEMENT >> 20} million characters")
            self._read_on()

    def wrong(self, what: str, where: str, at: int | None = None) -> InvalidInput:
        """The error for what stands at a position."""
        at = self._at if at is None else at
        ends = "the file ends too early" if self._ended and at >= len(self._held.rstrip(_WHITE)) else what
        return InvalidInput(f"{where}: not JSON: {ends} (line {self._line(at)}, column {self._column(at) + 1})")

    def _cut(self, error: json.JSONDecodeError) -> bool:
        """Whether more text may mend it."""
        return error.msg.startswith("Unterminated") or error.pos > len(self._held) - _TOKEN

    def _line(self, at: int) -> int:
        return self._lines + self._held.count("\n", 0, at)

    def _column(self, at: int) -> int:
        """Characters of its line before the position."""
        line_start = self._held.rfind("\n", 0, at) + 1
        return at - line_start if line_start else self._before + at

    def _read_on(self) -> None:
        """Read as much again as is held, so that a long element is read in a number of steps like its logarithm."""
        kept = self._held[self._at :]
        self._lines, self._before = self._line(self._at), self._column(self._at)
        try:
            block = self._stream.read(max(BLOCK_BYTES, len(kept)))
            self._held = kept + self._decoder.decode(block, final=not block)
        except UnicodeDecodeError:
            hint = "convert the file to UTF-8 first"
            raise InvalidInput(f"{self._name}: not UTF-8 after line {self._lines}", hint=hint) from None
        except (OSError, EOFError, zipfile.BadZipFile, zlib.error, lzma.LZMAError) as error:
            raise InvalidInput(f"{self._name}: can't be read: {error}") from None
        self._at = 0
        self._ended = not block
