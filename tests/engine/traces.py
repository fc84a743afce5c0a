"""Every form in which a text could be left in a file, and where such forms are found."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import numpy as np

from slm.engine.live_sheaf import read_of
from slm.engine.text_digest import fold, key_digest, text_digest
from slm.model import Memory
from slm.store.names import NAME_KINDS, name_lookup_key, name_of
from slm.store.reader import Reader
from slm.store.records import encode_mean, encode_memory, encode_tokens

SHORTEST = 6
"""Bytes of a form that can't stand in a file by chance."""


def forms(reader: Reader, store_id: str, ordinal: int) -> dict[str, bytes]:
    """All that is stored or derived of a memory, as bytes by what it is: taken before it is erased."""
    memory = reader.memory(ordinal)
    found = {**_of_text(memory.text), "record": encode_memory(memory)[1:]}
    found["digest"] = text_digest(store_id, memory)
    found["key"] = key_digest(store_id, memory) or b""
    for kind in NAME_KINDS:
        if kind not in ("scope", "actor") and (name := name_of(memory, kind)):
            found[kind] = name.encode()
            found[f"digest of {kind}"] = name_lookup_key(kind, name)[2:]
    for claim in read_of(reader, ordinal):
        found[f"claim {claim.id}"] = claim.id.encode()
        found[f"claims of {claim.subject}"] = (reader.claims(ordinal) or b"").partition(b"\n")[2][1:]
    for i, chunk in enumerate(reader.chunks_of(ordinal)):
        for dtype in ("<f2", "<f4", "<f8"):
            found[f"mean {i} {dtype}"] = np.asarray(chunk.mean, dtype).tobytes()
        found[f"span and mean {i}"] = encode_mean(chunk)
        if len(chunk.pieces) > 1:
            found[f"tokens {i}"] = encode_tokens(chunk)[1:]
            found[f"codes {i}"] = chunk.codes.tobytes()
    return {name: form for name, form in found.items() if len(form) >= SHORTEST}


def left_in(folder: Path, wanted: dict[str, bytes]) -> list[str]:
    """Which forms stand in which file below a folder."""
    files = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    return [f"{name} in {path.name}" for path, body in files.items() for name, form in wanted.items() if form in body]


def words_of(memory: Memory, common: set[str]) -> dict[str, bytes]:
    """The words of a text that no other memory has."""
    rare = {word for word in memory.text.casefold().split() if word not in common and len(word) >= SHORTEST}
    return {f"word {word} {form}": word.encode(form) for word in rare for form in ("utf-8", "utf-16-le", "utf-16-be")}


def _of_text(text: str) -> dict[str, bytes]:
    decomposed = unicodedata.normalize("NFD", text)
    return {
        "text": text.encode(),
        "utf-16": text.encode("utf-16-le"),
        "utf-16 big-endian": text.encode("utf-16-be"),
        "utf-32": text.encode("utf-32-le"),
        "folded": fold(text).encode(),
        "decomposed": decomposed.encode(),
        "json": json.dumps(text)[1:-1].encode(),
        "upper": text.upper().encode(),
    }
