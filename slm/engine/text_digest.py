"""When two texts are the same: equal after NFC, case and white-space folding."""

from __future__ import annotations

import hashlib
import unicodedata

from slm.model import Memory


def fold(text: str) -> str:
    """The text with case, composition and white space folded away."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def text_digest(store_id: str, memory: Memory) -> bytes:
    """16 bytes of the folded text, keyed with the store's id so that digests can't be compared across stores."""
    return _keyed(store_id, "text", fold(memory.text))


def key_digest(store_id: str, memory: Memory) -> bytes | None:
    """16 bytes of the idempotency key, None without one."""
    return _keyed(store_id, "key", memory.idempotency_key) if memory.idempotency_key else None


def _keyed(store_id: str, *parts: str) -> bytes:
    joined = "\0".join(parts).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(joined, digest_size=16, key=store_id.encode()).digest()
