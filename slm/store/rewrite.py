"""A data file written anew from what another one holds: no byte of what was deleted there gets into it.

LMDB's own compacted copy takes whole pages: behind the end of a value on pages of its own may stand what an earlier
transaction left in the memory that they were written from. Here every value passes by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import lmdb

from slm.store.faults import refused, translated

Between = Callable[[], object]
"""Called now and then while much is read or written: the thread may do what it likes but write into the store."""

_COMMIT_BYTES = 4 << 20
"""Written in one transaction: some hundredths of a second."""
_BYTES_A_VALUE = 64
"""What a value counts for beside its own bytes: small ones take time as well."""


def write_anew(source: lmdb.Environment, target: Path, between: Between = lambda: None) -> None:
    """Write every table of ``source`` as of its last commit into a new file, durable when this returns.

    Values are taken as they stand, with their checksums. A file of that name is written over. StorageRefused when
    there is no room.
    """
    try:
        target.unlink(missing_ok=True)
        with lmdb.open(
            str(target),
            subdir=False,
            map_size=source.info()["map_size"],
            mode=0o600,
            max_dbs=64,
            lock=False,
            metasync=False,
            sync=False,
        ) as environment:
            with source.begin(buffers=True) as txn:
                for name in [bytes(key) for key in txn.cursor().iternext(values=False)]:
                    _copy(txn, source.open_db(name, txn=txn, create=False), environment, name, between)
            environment.sync(True)
    except OSError as error:
        raise refused(error, target) from error
    except lmdb.Error as error:
        raise translated(error, target) from error


def _copy(txn: Any, table: Any, environment: lmdb.Environment, name: bytes, between: Between) -> None:
    """One table, its values in the order of their keys."""
    copied = environment.open_db(name)
    with txn.cursor(db=table) as cursor:
        items = iter(cursor)
        more = True
        while more:
            with environment.begin(write=True, db=copied) as out:
                more = False
                for key, value in _portion(items):
                    out.put(key, value, append=True)
                    more = True
            between()


def _portion(items: Iterator[tuple[Any, Any]]) -> Iterator[tuple[Any, Any]]:
    """The next values, until they are as many bytes as one transaction takes."""
    n_bytes = 0
    for key, value in items:
        yield key, value
        n_bytes += len(value) + _BYTES_A_VALUE
        if n_bytes > _COMMIT_BYTES:
            return
