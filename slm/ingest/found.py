"""What an importer finds: records with their places, made fit to be stored."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from slm.errors import InvalidInput
from slm.ingest.records import MAX_NAME_BYTES, MAX_TAG_BYTES, MAX_TAGS, check_record
from slm.times import from_iso, iso

Found = tuple[str, dict[str, Any]]
"""Where a record stands (``notes.jsonl:12``, ``conversations.json[3].mapping.a1``), and the checked record."""

Warn = Callable[[str], None]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def take(record: dict[str, Any], where: str, warn: Warn) -> Iterator[Found]:
    """The record, checked; nothing when the store can't take it, which ``warn`` is told."""
    try:
        yield where, check_record({name: value for name, value in record.items() if value is not None}, where)
    except InvalidInput as error:
        warn(f"{error.message}; passed over")


def sound(text: str) -> str:
    """A text of another program without what no store takes: lone surrogates and NUL become U+FFFD."""
    return text.encode("utf-8", "replace").decode().replace("\0", "\ufffd") if _unsound(text) else text


def _unsound(text: str) -> bool:
    return "\0" in text or (not text.isascii() and any("\ud800" <= sign <= "\udfff" for sign in text))


def one_line(text: object, otherwise: str = "") -> str:
    """A name on one line within what a record's field may hold; ``otherwise`` for what is no text or empty."""
    signs = sound(text) if isinstance(text, str) else ""
    plain = "".join(" " if unicodedata.category(sign) in ("Cc", "Zl", "Zp") else sign for sign in signs)
    return " ".join(plain.split()).encode()[: MAX_NAME_BYTES // 2].decode("utf-8", "ignore").strip() or otherwise


def tags(given: Iterable[object]) -> list[str]:
    """The words that slm takes as tags: no leading # or sign, dashes for white space and commas."""
    words = ("-".join(tag.lstrip("#+-").replace(",", " ").split()) for tag in given if isinstance(tag, str))
    fit = (word for word in words if word and word.isprintable() and len(word.encode()) <= MAX_TAG_BYTES)
    return list(dict.fromkeys(fit))[:MAX_TAGS]


def digest(*parts: str) -> str:
    """32 hexadecimal digits of the parts: the same again for the same parts, for idempotency keys."""
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def time_of(value: object) -> str | None:
    """The ISO 8601 form of a time given so or in seconds since 1970; None for anything else."""
    try:
        if isinstance(value, str):
            return iso(from_iso(value, UTC))
        if isinstance(value, int | float) and not isinstance(value, bool):
            return iso(_EPOCH + timedelta(seconds=value))
    except (InvalidInput, OverflowError, ValueError):
        pass
    return None
