"""Foreign text made harmless: characters that act on a terminal, hide, or end a line where none should end.

Standard library only.
"""

from __future__ import annotations

import re

HOSTILE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # control characters but tab and newline: escape sequences, bells, overprinting
    "\u061c\u200e\u200f\u202a-\u202e\u2060-\u206f"  # bidirectional and invisible controls
    "\u2028\u2029\ufeff\ufff9-\ufffb\ud800-\udfff"  # line separators, marks, halves of characters
    "\U000e0000-\U000e007f]"  # tags: text that no reader sees
)


def visible(text: str) -> str:
    """The text with every character that could act on a terminal or hide written as its escape, ``\\x1b``."""
    return HOSTILE.sub(lambda found: _escape(found[0]), text.replace("\r\n", "\n"))


def one_line(text: str) -> str:
    """The visible text with its white space folded into single spaces."""
    return " ".join(visible(text).split())


def _escape(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
