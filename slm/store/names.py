"""Interned names: each kind numbers its names from 1 in the order in which they were first seen."""

from __future__ import annotations

import hashlib
from typing import Literal, get_args

from slm.model import Memory
from slm.store.records import canonical_json

NameKind = Literal["scope", "speaker", "session", "source", "actor", "tags"]
NAME_KINDS: tuple[NameKind, ...] = get_args(NameKind)

NAME_PREFIX = b"n"


def name_of(memory: Memory, kind: NameKind) -> str:
    """What a memory has to intern under a kind; empty for nothing."""
    if kind == "tags":
        return canonical_json(list(memory.tags)).decode("utf-8", "surrogatepass") if memory.tags else ""
    return getattr(memory, kind) or ""


def blank(kind: NameKind) -> str:
    """What stands in the place of a name that nothing carries any more: no memory interns it, and it has no tags."""
    return "[]" if kind == "tags" else ""


def name_key_prefix(kind: NameKind) -> bytes:
    """The first byte of a kind's keys in the table of names."""
    return bytes([NAME_KINDS.index(kind) + 1])


def name_lookup_key(kind: NameKind, value: str) -> bytes:
    """The key under which the number of a name is found. A digest, for paths outgrow LMDB's longest key."""
    digest = hashlib.blake2b(value.encode("utf-8", "surrogatepass"), digest_size=16).digest()
    return NAME_PREFIX + name_key_prefix(kind) + digest
