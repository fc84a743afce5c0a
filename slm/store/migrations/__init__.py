"""Schema versions: one file for each step, each applied in one transaction.

A step is a module with ``migrate(environment, txn)``, registered under the schema it starts from. It works on the raw
LMDB environment, so that later changes of the store's code don't change what an old step does.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from types import ModuleType
from typing import Any

import lmdb

from slm.store.migrations import table_of_claims

SCHEMA = 2
"""The schema this program writes."""

MIGRATIONS: dict[int, ModuleType] = {1: table_of_claims}
"""The step from each older schema to the next."""

SCHEMA_KEY = b"schema"
_SCHEMA = struct.Struct("<II")


def encode_schema(schema: int) -> bytes:
    """The schema's number with a CRC32: a form that never changes, so that any program can read it."""
    return _SCHEMA.pack(schema, zlib.crc32(schema.to_bytes(4, "little")))


def decode_schema(raw: bytes) -> int:
    """The number that :func:`encode_schema` took. ValueError when it is damaged."""
    if len(raw) != _SCHEMA.size:
        raise ValueError("the schema's number has the wrong length")
    schema, crc = _SCHEMA.unpack(raw)
    if crc != zlib.crc32(schema.to_bytes(4, "little")):
        raise ValueError("the schema's number doesn't match its checksum")
    return int(schema)


def read_schema(environment: lmdb.Environment, txn: Any) -> int:
    """The schema of an open data file."""
    raw = txn.get(SCHEMA_KEY, db=environment.open_db(b"schema", txn=txn, create=False))
    if raw is None:
        raise ValueError("the schema's number is missing")
    return decode_schema(bytes(raw))


def write_schema(environment: lmdb.Environment, txn: Any, schema: int) -> None:
    """Set the schema within a write transaction."""
    txn.put(SCHEMA_KEY, encode_schema(schema), db=environment.open_db(b"schema", txn=txn))


def bring_up(environment: lmdb.Environment, write: Callable[[], AbstractContextManager[Any]], schema: int) -> None:
    """Take an open data file from its schema to :data:`SCHEMA`, each step in one transaction of ``write``.

    KeyError when a step is missing.
    """
    for older in range(schema, SCHEMA):
        with write() as txn:
            MIGRATIONS[older].migrate(environment, txn)
            write_schema(environment, txn, older + 1)
