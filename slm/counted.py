"""Numbers with their nouns. Standard library only."""

from __future__ import annotations

MEMORIES = ("memory", "memories")
ENTRIES = ("entry", "entries")


def counted(n: int, one: str, many: str = "") -> str:
    """A number with its noun: ``one`` for 1, else ``many``, which is ``one`` with an s unless given."""
    return f"{n} {one if n == 1 else many or one + 's'}"
