"""Changes one key of a TOML text and leaves every other line as it was.

tomli reads but neither writes nor tells lines, so the statements are found by asking it: the shortest run of lines that
is TOML by itself is one statement.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import tomli


class Statement(NamedTuple):
    """Lines ``first`` to ``last`` (from 0): a header or an assignment, the section it is in, the keys it sets."""

    first: int
    last: int
    section: str
    keys: tuple[str, ...]
    header: bool


def statements(text: str) -> Iterator[Statement]:
    """The statements of a valid TOML text: the shortest runs of lines that are TOML by themselves."""
    lines = text.replace("\r\n", "\n").split("\n")
    section, first = "", 0
    for last in range(len(lines)):
        chunk = "\n".join(lines[first : last + 1])
        try:
            document = tomli.loads(chunk)
        except tomli.TOMLDecodeError:
            continue
        if document and chunk.lstrip().startswith("["):
            section = ".".join(_header(document))
            yield Statement(first, last, section, (section,), header=True)
        elif document:
            inner = flat({section: document}) if section else flat(document)
            yield Statement(first, last, section, tuple(dotted for dotted, _ in inner), header=False)
        first = last + 1


def _header(document: Any) -> list[str]:
    path = []
    while document:
        document = document[0] if isinstance(document, list) else document
        for name, inner in document.items():
            path.append(name)
            document = inner
    return path


def edited(text: str, dotted: str, value: str) -> str:
    """The text with one key changed or added. Whether it worked is checked by the caller."""
    if "\r\n" in text:
        return edited(text.replace("\r\n", "\n"), dotted, value).replace("\n", "\r\n")
    lines = text.split("\n")
    found = list(statements(text))
    section, _, leaf = dotted.rpartition(".")
    for statement in found:
        if statement.keys == (dotted,) and not statement.header:
            chunk = "\n".join(lines[statement.first : statement.last + 1])
            new = f"{chunk[: chunk.index('=')].rstrip()} = {value}{_remark(chunk)}"
            return "\n".join([*lines[: statement.first], new, *lines[statement.last + 1 :]])
    dotted_above = [
        each.last + 1 for each in found if not each.section and each.keys and each.keys[0].startswith(f"{section}.")
    ]
    if section and dotted_above:
        return "\n".join([*lines[: dotted_above[-1]], f"{dotted} = {value}", *lines[dotted_above[-1] :]])
    new = f"{leaf} = {value}"
    at = _insertion(lines, found, section, leaf)
    if at is not None:
        return "\n".join([*lines[:at], new, *lines[at:]])
    gap = "" if not text else "\n" if text.endswith("\n") else "\n\n"
    return f"{text}{gap}[{section}]\n{new}\n"


def _insertion(lines: list[str], statements: list[Statement], section: str, leaf: str) -> int | None:
    """The line to put a new key at: below its commented-out default, else below the section's last statement."""
    inside = [statement for statement in statements if statement.section == section]
    if section and not any(statement.header for statement in inside):
        return None
    begin = inside[0].last + 1 if section else 0
    later = [statement.first for statement in statements if statement.header and statement.first >= begin]
    end = min(later, default=len(lines))
    commented = re.compile(rf"#\s*{re.escape(leaf)}\s*=")
    for at in range(begin, end):
        if commented.match(lines[at]):
            return at + 1
    return max((statement.last + 1 for statement in inside), default=begin)


def _remark(chunk: str) -> str:
    """The comment that ends a statement, with the space before it."""
    whole = tomli.loads(chunk)
    for at in (match.start() for match in re.finditer("#", chunk)):
        try:
            if tomli.loads(chunk[:at]) == whole:
                return chunk[len(chunk[:at].rstrip()) :]
        except tomli.TOMLDecodeError:
            continue
    return ""


def flat(document: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Dotted keys and values; a table two levels down is a value."""
    for name, value in document.items():
        if isinstance(value, dict):
            yield from ((f"{name}.{leaf}", inner) for leaf, inner in value.items())
        else:
            yield name, value


def dump(value: Any) -> str:
    """A value as TOML; a named tuple becomes an inline table."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if hasattr(value, "_asdict"):
        value = value._asdict()
    if isinstance(value, list | tuple):
        return "[" + ", ".join(dump(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name} = {dump(inner)}" for name, inner in value.items()) + "}"
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")
