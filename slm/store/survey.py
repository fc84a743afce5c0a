"""Reads every page of a data file and says so with its exit status; run as a script, in a process that may die of it.

Imports nothing of slm: it is started by its path. It looks at the shape of the trees alone; values have checksums.
"""

from __future__ import annotations

import sys
from typing import Any

import lmdb


def survey(path: str) -> int:
    """The number of values in the file at ``path``. lmdb.Error or ValueError when a tree doesn't hold together."""
    n_values = 0
    with (
        lmdb.open(path, subdir=False, readonly=True, lock=False, max_dbs=64) as environment,
        environment.begin(buffers=True) as txn,
    ):
        names = [bytes(name) for name, _ in txn.cursor()]
        for name in names:
            n_values += _walk(txn, environment.open_db(name, txn=txn, create=False), name)
    return n_values


def _walk(txn: Any, handle: Any, name: bytes) -> int:
    before: bytes | None = None
    n_values = 0
    for key, value in txn.cursor(db=handle):
        here = bytes(key)
        if before is not None and here <= before:
            raise ValueError(f"keys of table {name.decode()!r} out of order")
        _ = value[:1], value[-1:]  # the ends of a value: a file cut short faults here
        before = here
        n_values += 1
    if n_values != txn.stat(handle)["entries"]:
        raise ValueError(f"table {name.decode()!r} lost values")
    return n_values


if __name__ == "__main__":
    sys.stdout.write(f"{survey(sys.argv[1])}\n")
