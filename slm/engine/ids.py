"""Public ids: 60 random bits as twelve base32 characters, and any unique prefix of one."""

from __future__ import annotations

import secrets

from slm.errors import InvalidInput, NotFound
from slm.model import ID_ALPHABET, ID_LENGTH, HeadFlag
from slm.store.reader import Reader

CONFUSED = str.maketrans({"i": "1", "l": "1", "o": "0"})
"""What people type for what they read, as Crockford's base32 has it."""


def new_id(reader: Reader) -> str:
    """An id that this store has never given."""
    while True:
        bits = secrets.randbits(5 * ID_LENGTH)
        made = "".join(ID_ALPHABET[bits >> shift & 31] for shift in range(0, 5 * ID_LENGTH, 5))
        if reader.ordinal_of(made) is None:
            return made


def resolve(reader: Reader, written: str) -> int:
    """The ordinal of the one memory whose id starts with ``written`` (case and a leading ``slm:`` don't matter).

    Raises :class:`NotFound` when there is none, more than one or one that was erased, :class:`InvalidInput` for what
    can't be an id.
    """
    prefix = written.strip().removeprefix("[").removesuffix("]").removeprefix("slm:").lower().translate(CONFUSED)
    if not prefix or len(prefix) > ID_LENGTH or not set(prefix) <= set(ID_ALPHABET):
        raise InvalidInput(
            f"{written!r} is not an id: ids are up to {ID_LENGTH} of {ID_ALPHABET}", hint="slm list shows ids"
        )
    found = reader.with_prefix(prefix)
    if not found:
        raise unknown(written)
    if len(found) > 1:
        names = ", ".join(name for name, _ in found[:5])
        more = " …" if len(found) > 5 else ""
        raise NotFound(f"the id {written} fits several memories: {names}{more}", hint="give more characters of it")
    memory_id, ordinal = found[0]
    if reader.head(ordinal)["flags"] & HeadFlag.ERASED:
        when = reader.memory(ordinal).forgotten_at
        raise NotFound(f"{memory_id} was erased on {(when or '')[:10]}", hint="slm list shows ids")
    return ordinal


def unknown(written: str) -> NotFound:
    """The error for an id that names nothing, or nothing that the caller may see: the two can't be told apart."""
    return NotFound(f"no memory with the id {written}", hint="slm list shows ids; slm recall finds by words")
