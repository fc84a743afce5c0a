"""``slm bench store``: durable writes of whole memories, single and grouped, against a bare fdatasync; bytes on disk.

A memory is a made note with one chunk of 384 random dimensions and twenty tokens, the claim read from it, its lifecycle
and its entry in the journal: what ``remember`` commits, without the embedding. Baselines: 4 KB appended to a file, then
fdatasync; and the same memory with neither claim nor lifecycle. They alternate in one run on the disk that holds the
temporary folder; figures are medians.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from slm.bench.corpus import notes
from slm.consistency.grammar import parse
from slm.engine.claim_codec import digest, encode
from slm.model import Memory
from slm.retrieval.semantic import quantise
from slm.store.identity import Fingerprint
from slm.store.records import LIFECYCLE_BYTES, Chunk, HeadTimes
from slm.store.scan_files import ScanFiles
from slm.store.store import Store
from slm.store.writer import Writer

DIMS, TOKENS = 384, 20
GROUP = 64
ROUNDS = 200
GROUPS_EVERY = 5
EMBEDDER = Fingerprint("bench", "00" * 32, DIMS, "mean", "")
MEMORIES_ON_DISK = 10_000
CLAIM = parse("api.port=5432")
CLAIMS = encode("1:000000000000", [replace(CLAIM, id=digest(CLAIM), tier="rule", span=(4, 24))])
"""What is kept of a text with one claim."""


def run(rounds: int = ROUNDS, memories: int = MEMORIES_ON_DISK, seed: int = 7) -> dict[str, Any]:
    """Measure both; times are milliseconds, ``heads_ms`` that of reading the heads of all memories at a start."""
    with tempfile.TemporaryDirectory() as folder:
        return {
            "rounds": rounds,
            "seed": seed,
            "group": GROUP,
            **_writes(Path(folder), rounds, seed),
            **_disk(Path(folder, "disk"), memories, seed),
        }


def table(result: dict[str, Any]) -> str:
    """The result as a table for people, with the bars beside it."""
    group = f"group of {result['group']}, each"
    return "\n".join(
        [
            f"{result['rounds']} rounds, seed {result['seed']}",
            "",
            "| durable write | ms | ratio | bar |",
            "|---|---|---|---|",
            f"| 4 KB and fdatasync | {result['fdatasync_ms']:.3f} | 1 | |",
            f"| one memory | {result['single_ms']:.3f} | {result['single_to_fdatasync']:.2f} x fdatasync | at most 4 |",
            f"| without claim, lifecycle | {result['bare_ms']:.3f} | {result['single_to_bare']:.2f} x faster | |",
            f"| {group} | {result['grouped_ms']:.3f} | {result['group_rate']:.1f} x the single rate | at least 20 |",
            "",
            f"{result['memories']} memories: {result['bytes_a_memory']['data']:.0f} bytes each in the data file, "
            f"{result['bytes_a_memory']['scan']:.0f} in the scan files (bar: 6,144 together); "
            f"heads read in {result['heads_ms']:.1f} ms",
        ]
    )


class _Notes:
    """Made memories, one after another."""

    def __init__(self, count: int, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self._texts = list(notes(count, seed))
        self._means = rng.standard_normal((500, DIMS)).astype(np.float16)
        self._codes = rng.integers(0, 256, (500, TOKENS, DIMS // 8), dtype=np.uint8)
        self._pieces = rng.integers(0, 30_000, (500, TOKENS)).astype(np.uint16)
        self._n = 0

    def append(self, writer: Writer) -> None:
        """Store the next memory with all that belongs to it."""
        ordinal = self.append_bare(writer)
        writer.put_claims(ordinal, CLAIMS)
        writer.put_lifecycle(ordinal, bytes(LIFECYCLE_BYTES))

    def append_bare(self, writer: Writer) -> int:
        """Store the next memory with its entry in the journal alone."""
        n, self._n = self._n, self._n + 1
        text = self._texts[n % len(self._texts)]
        digest = hashlib.blake2b(f"{n} {text}".encode(), digest_size=16).digest()
        memory = Memory(
            id=digest.hex()[:12],
            text=text,
            scope="acme/api",
            session="bench",
            source="bench.md",
            observed_at="2025-11-03T10:00:00+01:00",
            recorded_at="2025-11-03T09:00:00+00:00",
            actor="bench",
        )
        chunk = Chunk(0, len(text), self._means[n % 500], self._codes[n % 500], self._pieces[n % 500])
        ordinal = writer.append(memory, [chunk], times=HeadTimes(n, n), text_digest=digest)
        writer.journal("remember", "bench", {"id": memory.id, "ordinal": ordinal}, n)
        return ordinal


def _writes(folder: Path, rounds: int, seed: int) -> dict[str, float]:
    fdatasync, single, bare, grouped = [], [], [], []
    made = _Notes(1000, seed)
    block = os.urandom(4096)
    log = os.open(folder / "log", os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)

    def synced() -> None:
        os.write(log, block)
        os.fdatasync(log)

    group = partial(_append_some, made, GROUP)
    with Store.open(folder / "writes", EMBEDDER) as store:
        store.transact(group)
        for i in range(rounds):
            fdatasync.append(_seconds(synced))
            single.append(_seconds(lambda: store.transact(made.append)))
            bare.append(_seconds(lambda: store.transact(made.append_bare)))
            if i % GROUPS_EVERY == 0:
                grouped.append(_seconds(lambda: store.transact(group)) / GROUP)
    os.close(log)
    return {
        "fdatasync_ms": 1e3 * median(fdatasync),
        "single_ms": 1e3 * median(single),
        "bare_ms": 1e3 * median(bare),
        "grouped_ms": 1e3 * median(grouped),
        "single_to_fdatasync": median(single) / median(fdatasync),
        "single_to_bare": median(single) / median(bare),
        "group_rate": median(single) / median(grouped),
    }


def _disk(folder: Path, memories: int, seed: int) -> dict[str, Any]:
    made = _Notes(memories, seed)
    with Store.open(folder, EMBEDDER) as store:
        for start in range(0, memories, GROUP):
            count = min(GROUP, memories - start)
            store.transact(partial(_append_some, made, count))
        scan = ScanFiles(folder, store.identity.store_id, DIMS)
        scan.heal(store, quantise)
        scan.close()
        with store.read() as reader:
            heads_s = min(_seconds(reader.heads) for _ in range(5))
        files = store.disk_files()
    in_scan = sum(size for name, size in files.items() if name.startswith("scan/"))
    return {
        "memories": memories,
        "bytes_a_memory": {"data": (sum(files.values()) - in_scan) / memories, "scan": in_scan / memories},
        "heads_ms": 1e3 * heads_s,
    }


def _append_some(made: _Notes, count: int, writer: Writer) -> None:
    for _ in range(count):
        made.append(writer)


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun
