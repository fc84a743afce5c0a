"""Texts that are hard on a tokenizer: every script's tricks, as a strategy and by the thousand from a seed."""

from __future__ import annotations

import random

from hypothesis import strategies as st

VOCABULARY_SIZE = 30_522
SPECIAL = ["[CLS]", "[SEP]", "[PAD]", "[UNK]", "[MASK]"]
SPACES = [" ", "\t", "\n", "\r\n", "\u00a0", "\u1680", "\u2003", "\u2028", "\u2029", "\u202f", "\u3000", "\u180e"]
FORMATS = ["\0", "\x07", "\x1c", "\x1f", "\x7f", "\x85", "\u00ad", "\u200b", "\u200d", "\u2060", "\ufeff", "\ufffd"]
MARKS = [
    "\u0301",
    "\u0308",
    "\u0323",
    "\u05b7",
    "\u064e",
    "\u093f",
    "\u0e31",
    "\u302a",
    "\ufe0f",
    "\U0001d165",
    "\u0898",
]
EMOJI = ["🙂", "👩‍👩‍👧‍👦", "🏳️‍🌈", "🇵🇹", "👍🏽", "1️⃣", "🫠"]  # fmt: skip
WORDS = [
    "memory", "Remember", "UNAFFABLE", "naïve", "İstanbul", "ΣΊΣΥΦΟΣ", "straße", "ﬁne", "Ǆ", "e\u0301t\u00e9", "don't",
    "3.14159", "https://a.b/c?d=e&f", "snake_case", "x" * 99, "y" * 100, "z" * 101, "é" * 60, "ab-" * 50, "##ing",
    "[CLS", "C++", "東京都", "汉字", "한국어", "ไทย", "हिन्दी", "עִבְרִית", "العربية", "ㄱㄴ", "𠀀𫝀", "𛀀", "\ue000",
    "\U0010fffd", "\u0378", "\U000e0041", "ꙮ", "①", "½", "™", "…", "—", "„“", "、", "。", "¿", "፠", "‿", "⸺", "𑁍",
    "\u2e52", "\u061d", "\u1fc0", "\u1fef", "\u212b", "\u00c5",
]  # fmt: skip
FRAGMENTS = [*SPECIAL, *SPACES, *FORMATS, *MARKS, *EMOJI, *WORDS]


def texts() -> st.SearchStrategy[str]:
    """Any code point but surrogates, mixed with the fragments that decide something."""
    anything = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
    return st.lists(st.one_of(st.sampled_from(FRAGMENTS), anything), max_size=12).map("".join)


def fuzzed(count: int, seed: int) -> list[str]:
    """``count`` texts from a seed: fragments, words of one script and code points from anywhere, spaced or not."""
    draw = random.Random(seed)
    return ["".join(_part(draw) for _ in range(draw.randint(1, 14))) for _ in range(count)]


def _part(draw: random.Random) -> str:
    kind = draw.random()
    if kind < 0.4:
        return draw.choice(FRAGMENTS)
    if kind < 0.6:
        return " "
    if kind < 0.8:
        return "".join(draw.choices("etaoinshrdlu ETAOIN'-.,", k=draw.randint(1, 12)))
    first = draw.choice(
        [0x20, 0xA0, 0x300, 0x370, 0x530, 0x900, 0x1E00, 0x2000, 0x3000, 0xA000, 0xF900, 0x10000, 0x1F000]
    )
    return "".join(chr(first + draw.randrange(0x400)) for _ in range(draw.randint(1, 6)))
