"""Numbers with their nouns."""

from __future__ import annotations

import pytest

from slm.counted import ENTRIES, MEMORIES, counted


@pytest.mark.parametrize(
    ("n", "words", "said"),
    [
        (0, ("use",), "0 uses"), (1, ("use",), "1 use"), (2, ("use",), "2 uses"),
        (1, MEMORIES, "1 memory"), (0, MEMORIES, "0 memories"), (1, ENTRIES, "1 entry"), (12, ENTRIES, "12 entries"),
    ],
)  # fmt: skip
def test_a_noun_follows_its_number(n: int, words: tuple[str, ...], said: str) -> None:
    """English: one thing, no things, many things."""
    assert counted(n, *words) == said
