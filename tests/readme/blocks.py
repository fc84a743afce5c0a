"""The fenced blocks of a Markdown text."""

from __future__ import annotations

import re
from dataclasses import dataclass

FENCE = re.compile(r"^```(?P<language>[a-z]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """What stands between two fences, the language named at the first, and where the text begins and ends."""

    language: str
    text: str
    start: int
    end: int


def blocks(markdown: str, *languages: str) -> list[Block]:
    """The blocks of these languages in their order."""
    found = [Block(each["language"], each["text"], *each.span("text")) for each in FENCE.finditer(markdown)]
    return [block for block in found if block.language in languages]
