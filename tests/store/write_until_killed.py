"""A process that commits until it is killed: prints the number of memories after each commit."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from slm.store.scan_files import ScanFiles
from slm.store.store import Store
from slm.store.writer import Writer
from tests.store.samples import DIMS, FINGERPRINT, append, chunks, quantise


def run(folder: Path) -> None:
    """Commits of one to eight memories, with scan files and now and then a replaced memory."""
    with Store.open(folder, FINGERPRINT) as store:
        files = ScanFiles(folder, store.identity.store_id, DIMS)
        files.heal(store, quantise)
        print("ready", flush=True)
        with store.read() as reader:
            n = reader.n_memories
        while True:
            count = n % 8 + 1
            _write_columns(files, n, count)
            files.publish(store.transact(lambda writer, n=n, count=count: _commit(writer, n, count)))
            n += count
            print(n, flush=True)


def _write_columns(files: ScanFiles, n: int, count: int) -> None:
    held = [one for i in range(n, n + count) for one in chunks(i)]
    rows = np.stack([one.mean for one in held])
    files.append(*quantise(rows), rows, [one.codes for one in held])


def _commit(writer: Writer, n: int, count: int) -> int:
    for i in range(n, n + count):
        append(writer, i, lived=True)
    writer.put_meta("last", str(n + count).encode())
    return writer.n_chunks


if __name__ == "__main__":
    run(Path(sys.argv[1]))
