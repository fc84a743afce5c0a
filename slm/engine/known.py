"""Whether a memory is known already, and what its coming again means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from slm.engine.text_digest import key_digest, text_digest
from slm.model import Memory
from slm.store.reader import Reader

UNDONE = "undone"
"""Reason of a memory that ``undo`` took back: it was not wrong, so it may come again."""

Meaning = Literal["confirms", "wrong", "same", "merges"]


@dataclass(frozen=True, slots=True)
class Known:
    """The memory at ``ordinal`` is what came again.

    ``confirms``: the same statement, made once more. ``wrong``: it was corrected, forgotten or erased. ``same``: a
    retry with the same idempotency key. ``merges``: the same id, from an export of this or another store.
    """

    meaning: Meaning
    ordinal: int


def find(reader: Reader, store_id: str, memory: Memory, *, force: bool, private: bool = True) -> Known | None:
    """What ``memory`` is to this store; None when it is new. ``force`` takes a known-wrong text as new.

    Without ``private`` what is private is not known: nobody learns of it by saying the same.
    """
    if memory.id and (ordinal := reader.ordinal_of(memory.id)) is not None:
        return Known("wrong" if reader.memory(ordinal).erased else "merges", ordinal)
    key = key_digest(store_id, memory)
    if key is not None and (ordinal := reader.by_key(key)) is not None:
        if private or not reader.memory(ordinal).private:
            return _by_key(reader, ordinal, force=force)
        return None
    return _by_text(reader, store_id, memory, force=force, private=private) if compares_by_text(memory) else None


def compares_by_text(memory: Memory) -> bool:
    """Turns and session memories repeat by right ("yes", "thanks"): they are compared by idempotency key alone."""
    return memory.kind != "turn" and memory.session is None


def _by_key(reader: Reader, ordinal: int, *, force: bool) -> Known | None:
    old = reader.memory(ordinal)
    if old.live:
        return Known("same", ordinal)
    return None if force or old.reason == UNDONE else Known("wrong", ordinal)


def _by_text(reader: Reader, store_id: str, memory: Memory, *, force: bool, private: bool) -> Known | None:
    wrong = None
    for ordinal in reversed(reader.same_text(text_digest(store_id, memory))):
        old = reader.memory(ordinal)
        if old.private and not private:
            continue
        if not compares_by_text(old) or (old.scope, old.speaker) != (memory.scope, memory.speaker):
            continue
        if old.live and old.superseded_by is None:
            return Known("confirms", ordinal)
        if not old.live and old.reason != UNDONE and wrong is None:
            wrong = Known("wrong", ordinal)
    return None if force or memory.id else wrong
