"""Made-up memories, each decided by its number: what a child process wrote, its parent knows."""

from __future__ import annotations

import hashlib

import numpy as np

from slm.model import KINDS, Memory
from slm.store.identity import Fingerprint
from slm.store.records import Chunk, HeadTimes
from slm.store.store import Store
from slm.store.writer import Writer

DIMS = 16
FINGERPRINT = Fingerprint("tiny", "5a" * 32, DIMS, "mean", "")
WORDS = ["the", "api", "listens", "on", "port", "5433", "since", "move", "and", "owner", "likes", "dark", "in", "März"]


def memory(n: int) -> Memory:
    rng = np.random.default_rng(n)
    return Memory(
        id=f"{n:08d}k3m9",
        text=f"{n}: " + " ".join(rng.choice(WORDS, size=int(rng.integers(3, 150)))),
        kind=KINDS[n % len(KINDS)],
        tags=tuple(sorted({f"tag{n % 3}", f"tag{n % 5}"})) if n % 4 else (),
        speaker=f"speaker{n % 2}" if n % 3 else None,
        session=f"session{n // 10}",
        scope="global" if n % 2 else "acme/api",
        source=f"notes/{n % 7}.md" if n % 6 else None,
        observed_at="2025-11-03T10:00:00+01:00",
        recorded_at="2025-11-03T09:00:00+00:00",
        pinned=n % 8 == 0,
        private=n % 9 == 0,
    )


def chunks(n: int) -> list[Chunk]:
    rng = np.random.default_rng(n + 1_000_000)
    return [chunk(rng, start) for start in range(0, 10 * (n % 3 + 1), 10)]


def chunk(rng: np.random.Generator, start: int = 0) -> Chunk:
    n_tokens = int(rng.integers(0, 6))
    return Chunk(
        start,
        start + 10,
        rng.standard_normal(DIMS).astype(np.float16),
        rng.integers(0, 256, (n_tokens, DIMS // 8), dtype=np.uint8),
        rng.integers(0, 30_000, n_tokens).astype(np.uint16),
    )


def times(n: int) -> HeadTimes:
    return HeadTimes(1_000 + n, 2_000 + n, 3_000 + n if n % 2 else 0)


def claims(n: int) -> bytes:
    """What was read from the text of memory ``n``, in no form that the store knows of."""
    return f"claims of {n}".encode()


def lifecycle(n: int) -> bytes:
    return hashlib.sha256(b"lifecycle %d" % n).digest()[:28]


def digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


def append(writer: Writer, n: int, *, lived: bool = False) -> int:
    """Append memory ``n`` with its entry in the journal, with claims and a lifecycle if it has ``lived``."""
    one = memory(n)
    ordinal = writer.append(
        one, chunks(n), times=times(n), text_digest=digest(one.text), key_digest=digest(f"key {n}") if n % 2 else None
    )
    if lived:
        writer.put_claims(ordinal, claims(n))
        writer.put_lifecycle(ordinal, lifecycle(n))
    writer.journal("remember", "script", {"id": one.id, "ordinal": ordinal, "text": one.text}, 10_000 + n)
    return ordinal


def fill(store: Store, count: int, start: int = 0, *, lived: bool = False) -> None:
    """Append memories ``start`` to ``start + count - 1`` in one commit."""

    def change(writer: Writer) -> None:
        for n in range(start, start + count):
            append(writer, n, lived=lived)

    store.transact(change)


def same_chunk(one: Chunk, other: Chunk) -> bool:
    return (one.start, one.stop) == (other.start, other.stop) and all(
        a.shape == b.shape and a.tobytes() == b.tobytes() for a, b in zip(one[2:], other[2:], strict=True)
    )


def quantise(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Row-wise int8 codes."""
    wide = rows.astype(np.float32)
    scales = np.maximum(np.abs(wide).max(axis=1), 1e-6) / 127
    return np.round(wide / scales[:, None]).astype(np.int8), scales.astype(np.float32)
