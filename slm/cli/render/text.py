"""Text as a terminal shows it: lines wrapped by cells rather than characters, hostile characters visible."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from rich.cells import cell_len, chop_cells

from slm.visible import HOSTILE, one_line, visible

TAB = "    "
CODES = {"dim": "2", "bold": "1", "warn": "33", "bad": "31", "good": "32"}
ELLIPSIS = "…"


def json_text(value: Any) -> str:
    """One line of JSON, readable as it stands: only the characters of :data:`HOSTILE` are escaped."""
    return HOSTILE.sub(_json_escape, json.dumps(value, ensure_ascii=False))


def _json_escape(found: re.Match[str]) -> str:
    units = found[0].encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[i : i + 4]}" for i in range(0, len(units), 4))


class Layout(NamedTuple):
    """How text is laid out: cells a line (None: as long as it comes), colour or not, and the reader's clock."""

    width: int | None
    colour: bool
    now: datetime

    def paint(self, style: str, text: str) -> str:
        """The text in a style of :data:`CODES`, or as it is without colour."""
        return f"\x1b[{CODES[style]}m{text}\x1b[0m" if self.colour and text else text

    def wrapped(self, text: str, indent: int, *, most: int | None = None) -> list[str]:
        """The visible text as lines that fit beside ``indent`` cells.

        With ``most`` it is a glimpse: blank lines are left out, and a longer text ends in an ellipsis. Without a
        width nothing is wrapped and nothing left out.
        """
        lines = visible(text).rstrip().lstrip("\n").replace("\t", TAB).split("\n")
        if self.width is None:
            return lines
        room = max(self.width - indent, 10)
        folded = [part for line in lines for part in _folded(line.rstrip(), room)]
        if most is None:
            return folded
        folded = [line for line in folded if line] or [""]
        if len(folded) <= most:
            return folded
        return [*folded[: most - 1], _cut(folded[most - 1], room - 2) + " " + ELLIPSIS]

    def trimmed(self, text: str, indent: int) -> str:
        """The visible text on one line, cut to fit beside ``indent`` cells."""
        return self.cut(one_line(text), indent)

    def cut(self, line: str, indent: int) -> str:
        """A line whose columns are laid out already, cut to fit beside ``indent`` cells."""
        if self.width is None or cell_len(line) <= max(self.width - indent, 10):
            return line
        return _cut(line, max(self.width - indent, 10) - 1) + ELLIPSIS


def _cut(line: str, room: int) -> str:
    return line if cell_len(line) <= room else chop_cells(line, room)[0].rstrip()


def _folded(line: str, room: int) -> list[str]:
    """One line broken between words; a word wider than the room is broken where it must be."""
    if cell_len(line) <= room:
        return [line]
    lines, current = [], ""
    for word in re.findall(r"\s*\S+", line):
        if current and cell_len(current + word) > room:
            lines.append(current)
            current = ""
        current += word if current else (word.lstrip() if lines else word)
        if cell_len(current) > room:
            *full, current = chop_cells(current, room)
            lines += full
    return [*lines, current]


def hanging(lead: str, text: str, layout: Layout) -> list[str]:
    """The text behind a lead, its further lines below its own beginning."""
    first, *rest = layout.wrapped(text, cell_len(lead))
    return [lead + first, *(" " * cell_len(lead) + line for line in rest)]


def padded(text: str, cells: int) -> str:
    """The text with blanks up to ``cells``."""
    return text + " " * (cells - cell_len(text))


def columns(rows: Sequence[tuple[str, ...]], *, gap: str = "  ", right: frozenset[int] = frozenset()) -> list[str]:
    """Rows of visible text with aligned columns; those in ``right`` end together. The last column is ragged."""
    if not rows:
        return []
    widths = [max(cell_len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return [gap.join(_placed(row, i, widths[i], right) for i in range(len(row))).rstrip() for row in rows]


def _placed(row: tuple[str, ...], i: int, cells: int, right: frozenset[int]) -> str:
    return " " * (cells - cell_len(row[i])) + row[i] if i in right else padded(row[i], cells)
