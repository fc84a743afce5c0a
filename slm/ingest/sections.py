"""Cuts a Markdown text into sections, each with the path of its headings. Code fences are never cut."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

SHORT = 60
"""A body of fewer characters is very short: it is merged with the section that follows under the same heading."""

_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(\S.*)$")
_CLOSING = re.compile(r"[ \t]+#+[ \t]*$")
_UNDERLINE = re.compile(r" {0,3}(=+|-{2,})[ \t]*$")
_PLAIN_START = re.compile(r" {0,3}(?!\d+[.)]\s)[^\s>|#=+*~`<-]")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)$")
_RULE = re.compile(r" {0,3}(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,})$")


class Section(NamedTuple):
    """The headings above, the text below up to the next heading, and the line it starts on (from 1)."""

    path: tuple[str, ...]
    body: str
    line: int


def sections(text: str, first_line: int = 1) -> list[Section]:
    """All sections in order. A heading over nothing but deeper headings has none of its own."""
    found = list(_raw(text.split("\n"), first_line))
    return [
        section
        for section, following in zip(found, [*found[1:], None], strict=True)
        if section.body or (section.path and (following is None or not _under(following.path, section.path)))
    ]


def merged(found: list[Section], dates: list[str | None]) -> list[tuple[Section, str | None]]:
    """The sections with very short ones joined to the next, as long as they share the heading above and the date."""
    out: list[tuple[Section, str | None]] = []
    for section, date in zip(found, dates, strict=True):
        if out and out[-1][1] == date and len(out[-1][0].body) < SHORT and _related(out[-1][0].path, section.path):
            out[-1] = _joined(out[-1][0], section), date
        else:
            out.append((section, date))
    return out


def _under(path: tuple[str, ...], above: tuple[str, ...]) -> bool:
    return len(path) > len(above) and path[: len(above)] == above


def _related(path: tuple[str, ...], following: tuple[str, ...]) -> bool:
    """Whether the next section lies below, or beside under the same heading."""
    return _under(following, path) or (len(path) > 1 and len(following) == len(path) and following[:-1] == path[:-1])


def _joined(first: Section, second: Section) -> Section:
    """Both under the heading they share; what stands before the first heading goes under that heading."""
    if not first.path:
        return Section(second.path, f"{first.body}\n\n{second.body}".rstrip("\n"), first.line)
    shared = first.path if _under(second.path, first.path) else first.path[:-1]
    parts = [_below(section, len(shared)) for section in (first, second)]
    return Section(shared, "\n\n".join(part for part in parts if part), first.line)


def _below(section: Section, depth: int) -> str:
    heading = " > ".join(section.path[depth:])
    return "\n".join(part for part in (heading, section.body) if part)


def _raw(lines: list[str], first_line: int) -> Iterator[Section]:
    path: list[tuple[int, str]] = []
    body: list[str] = []
    start, at = first_line, 0
    fence = ""
    while at < len(lines):
        heading = None if fence else _heading(lines, at)
        if heading is None:
            fence = _fence(lines[at], fence)
            body.append(lines[at])
            at += 1
            continue
        level, title, n_lines = heading
        yield Section(tuple(name for _, name in path), _trimmed(body), start)
        path = [*(above for above in path if above[0] < level), (level, title)]
        body, start = [], first_line + at
        at += n_lines
    yield Section(tuple(name for _, name in path), _trimmed(body), start)


def _heading(lines: list[str], at: int) -> tuple[int, str, int] | None:
    """Level, title and number of lines of a heading that starts here: ``# Title``, or a line that is underlined."""
    if found := _HEADING.match(lines[at]):
        return len(found[1]), _CLOSING.sub("", found[2]).strip(), 1
    alone = at == 0 or not lines[at - 1].strip()
    if alone and at + 1 < len(lines) and _PLAIN_START.match(lines[at]):
        under = _UNDERLINE.match(lines[at + 1])
        return (1 if under[1][0] == "=" else 2, lines[at].strip(), 2) if under else None
    return None


def _fence(line: str, fence: str) -> str:
    """The open fence after this line, empty when none is open."""
    found = _FENCE.match(line)
    if not fence:
        opens = found is not None and not (found[1][0] == "`" and "`" in found[2])
        return found[1] if found is not None and opens else ""
    closes = found is not None and found[1].startswith(fence) and not found[2].strip()
    return "" if closes else fence


def _trimmed(lines: list[str]) -> str:
    """The lines without blank lines and rules at either end."""
    empty = [not line.strip() or _RULE.match(line) is not None for line in lines]
    if all(empty):
        return ""
    first = empty.index(False)
    last = len(lines) - empty[::-1].index(False)
    return "\n".join(line.rstrip() for line in lines[first:last])
