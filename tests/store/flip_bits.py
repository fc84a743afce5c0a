"""Flips bits of a closed store's data file and reads the copy in a forked process; prints one outcome a flip.

``right``: every answer as written. ``damaged``: StoreDamaged, or an answer that is missing and that the check of the
whole store reports. ``crashed``: the reader died of a signal, and the next start said StoreDamaged. Anything else is
``wrong``.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

from slm.errors import StoreDamaged
from slm.store.reader import Reader
from slm.store.store import Store
from tests.store.samples import FINGERPRINT, chunks, claims, digest, lifecycle, memory, same_chunk

RIGHT, DAMAGED, WRONG = 10, 11, 12
MAP_BYTES = 16 << 20


def run(sound: Path, work: Path, count: int, n_flips: int, seed: int) -> None:
    """Flip ``n_flips`` random bits, each in a fresh copy of ``sound``, a store of ``count`` memories."""
    rng = np.random.default_rng(seed)
    raw = (sound / "store.mdb").read_bytes()
    for _ in range(n_flips):
        bit = int(rng.integers(0, 8 * len(raw)))
        spoilt = bytearray(raw)
        spoilt[bit // 8] ^= 1 << bit % 8
        shutil.rmtree(work, ignore_errors=True)
        shutil.copytree(sound, work)
        (work / "store.mdb").write_bytes(spoilt)
        print(_outcome(work, count), bit, flush=True)


def _outcome(folder: Path, count: int) -> str:
    status = _forked(lambda: _read_all(folder, count))
    if os.WIFSIGNALED(status):
        again = _forked(lambda: _read_all(folder, count))
        told = os.WIFEXITED(again) and os.WEXITSTATUS(again) == DAMAGED
        return "crashed" if told else f"wrong: crashed with {os.WTERMSIG(status)} and then {again}"
    return {RIGHT: "right", DAMAGED: "damaged"}.get(os.WEXITSTATUS(status), "wrong")


def _forked(read: Callable[[], int]) -> int:
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1]
    signal.alarm(20)
    try:
        os._exit(read())
    finally:
        os._exit(WRONG)


def _read_all(folder: Path, count: int) -> int:
    try:
        with Store.open(folder, FINGERPRINT, map_bytes=MAP_BYTES) as store:
            with store.read() as reader:
                right = _is_right(reader, count)
            if right:
                return RIGHT
            store.check()
    except StoreDamaged:
        return DAMAGED
    return WRONG


def _is_right(reader: Reader, count: int) -> bool:
    wanted = [memory(n) for n in range(count)]
    return (
        reader.n_memories == count
        and [reader.memory(n) for n in range(count)] == wanted
        and [reader.ordinal_of(one.id) for one in wanted] == list(range(count))
        and all(n in reader.same_text(digest(one.text)) for n, one in enumerate(wanted))
        and [entry.seq for entry in reader.verify_journal()] == list(range(1, count + 1))
        and [entry.payload["id"] for entry in reader.entries() if entry.payload] == [one.id for one in wanted]
        and all(same_chunk(a, b) for n in range(count) for a, b in zip(reader.chunks_of(n), chunks(n), strict=True))
        and list(reader.all_claims()) == [(n, claims(n)) for n in range(count)]
        and [head["lifecycle"].tobytes() for head in reader.heads()] == [lifecycle(n) for n in range(count)]
        and reader.facet("scope", "global").tolist() == [n for n, one in enumerate(wanted) if one.scope == "global"]
        and reader.facet("tag", "tag1").tolist() == [n for n, one in enumerate(wanted) if "tag1" in one.tags]
    )


if __name__ == "__main__":
    run(Path(sys.argv[1]), Path(sys.argv[2]), *(int(text) for text in sys.argv[3:]))
