"""A page of the manual as man(7) source, and as plain text where there is no man to show it."""

from __future__ import annotations

import re
import textwrap

import slm
from slm.cli.docs.pages import Item, Page, Section
from slm.cli.render.text import Layout

INDENT = 7
WIDTH = 64
"""Characters a line of source; names of characters make it longer."""
NAMED = {"\\": "\\e", "-": "\\-", "'": "\\(aq", "`": "\\(ga", "^": "\\(ha", "~": "\\(ti", '"': "\\(dq"}


def roff(page: Page) -> str:
    """The page as man(7) source, in ASCII."""
    name = escaped(page.name.upper())
    lines = [f'.TH "{name}" "1" "{slm.__released__}" "slm {slm.__version__}" "slm"']
    for section in page.sections:
        lines.append(f'.SH "{escaped(section.heading)}"')
        lines += _body(section)
    return "\n".join(lines) + "\n"


def _body(section: Section) -> list[str]:
    lines: list[str] = []
    for i, paragraph in enumerate(section.paragraphs):
        if i:
            lines.append(".br" if section.heading == "SYNOPSIS" else ".PP")
        lines += [_name(paragraph)] if section.heading == "NAME" else _lines(paragraph)
    for item in section.items:
        lines += [".TP", f"\\fB{escaped(item.term)}\\fR", *(_lines(item.text) or ["\\&"])]
    return lines


def _name(paragraph: str) -> str:
    """The line that apropos reads: name, backslash-dash, summary."""
    name, _, summary = paragraph.partition(" - ")
    return f"{escaped(name)} \\- {escaped(summary)}"


def _lines(text: str) -> list[str]:
    """Text as lines of source; one that begins like a request is kept from being one."""
    lines = [escaped(line) for line in textwrap.wrap(text, WIDTH, break_long_words=False, break_on_hyphens=False)]
    return ["\\&" + line if line.startswith((".", "\\(aq")) else line for line in lines]


def escaped(text: str) -> str:
    """The text with every character that means something to roff, or isn't ASCII, by its name."""
    return re.sub(r"[^ -~]|[\\\-'`^~\"]", lambda found: NAMED.get(found[0]) or f"\\[u{ord(found[0]):04X}]", text)


def plain(page: Page, layout: Layout) -> list[str]:
    """The page as lines of text, indented as a manual is."""
    lines: list[str] = []
    for section in page.sections:
        lines += [layout.paint("bold", section.heading)]
        for paragraph in section.paragraphs:
            lines += _indented(paragraph, INDENT, layout)
            lines += [] if section.heading in ("SYNOPSIS", "NAME") else [""]
        for item in section.items:
            lines += _listed(item, layout)
        lines += [""] if lines[-1] else []
    return lines[:-1]


def _listed(item: Item, layout: Layout) -> list[str]:
    return [" " * INDENT + item.term, *_indented(item.text, 2 * INDENT, layout)]


def _indented(text: str, indent: int, layout: Layout) -> list[str]:
    return [" " * indent + line for line in layout.wrapped(" ".join(text.split()), indent)]
