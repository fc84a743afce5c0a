"""Uses a store on a disk with less and less room, then frees the room; prints one line a round.

Run in a process of its own: a write through a map would end it with a signal on a full disk.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from slm.errors import StorageRefused
from slm.store.postings_files import write_bundle
from slm.store.scan_files import ScanFiles
from slm.store.store import Store
from tests.store.samples import DIMS, FINGERPRINT, chunks, fill, memory, quantise

BLOCK = 4096
BATCH = 6


def run(disk: Path, fullest: int, step: int) -> None:
    """For each amount of free room, from none on: a round on a new store and a round on one that has memories."""
    for free_blocks in range(0, fullest, step):
        for held in (0, BATCH):
            folder = disk / f"store{free_blocks}-{held}"
            if held:
                _use(folder, [])
            stage = _starved(disk, folder, free_blocks, held)
            n_kept = _use(folder, [])
            print(stage, free_blocks, held, n_kept, flush=True)
            for path in sorted(folder.rglob("*"), reverse=True):
                path.rmdir() if path.is_dir() else path.unlink()


def _starved(disk: Path, folder: Path, free_blocks: int, held: int) -> str:
    """The stage at which the store was refused for want of room, "none" when it all went well."""
    stages = ["open"]
    _fill(disk / "filler", free_blocks)
    try:
        _use(folder, stages)
    except StorageRefused as error:
        if "disk space" not in (error.hint or ""):
            raise
    else:
        stages.append("none")
    if held:
        _require_readable(folder, held, stages)
    (disk / "filler").unlink()
    return stages[-1]


def _fill(filler: Path, free_blocks: int) -> None:
    """Take all room but ``free_blocks``."""
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(BLOCK))
        except OSError:
            file.truncate(max(0, file.tell() // BLOCK - free_blocks) * BLOCK)


def _require_readable(folder: Path, held: int, stages: list[str]) -> None:
    """What was stored before is read on the full disk."""
    with Store.open(folder, FINGERPRINT) as store, store.read() as reader:
        assert reader.n_memories in (held, held + BATCH), stages
        assert [reader.memory(n) for n in range(held)] == [memory(n) for n in range(held)]


def _use(folder: Path, stages: list[str]) -> int:
    """Open, heal, append a batch, publish, write a segment; the number of memories afterwards."""
    with Store.open(folder, FINGERPRINT) as store:
        stages.append("heal")
        files = ScanFiles(folder, store.identity.store_id, DIMS)
        try:
            files.heal(store, quantise)
            with store.read() as reader:
                n = reader.n_memories
            stages.append("scan")
            held = [one for i in range(n, n + BATCH) for one in chunks(i)]
            rows = np.stack([one.mean for one in held])
            files.append(*quantise(rows), rows, [one.codes for one in held])
            stages.append("commit")
            fill(store, BATCH, n, lived=True)
            stages.append("publish")
            files.publish(len(files) + len(held))
            stages.append("bundle")
            write_bundle(folder / "postings" / "1", store.identity.store_id, 1, {"x": np.zeros(9000, np.uint8)})
            return store.check().memories
        finally:
            files.close()


if __name__ == "__main__":
    run(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
