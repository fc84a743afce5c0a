"""The bytes of a memory, of its head and of its chunks. Every form starts with a version byte or has a fixed layout."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Sequence
from operator import attrgetter
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from slm.model import DEFAULTS, FIELDS, KINDS, HeadFlag, Memory

VERSION = 1
_COMPRESSED = 0x80
_WORTH_COMPRESSING = 512
_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
_FIELD_VALUES = attrgetter(*FIELDS)
_FIELD_DEFAULTS = tuple(DEFAULTS[name] for name in FIELDS)


HEAD = np.dtype(
    [
        ("observed_ns", "<i8"),
        ("recorded_ns", "<i8"),
        ("last_used_ns", "<i8"),
        ("first_chunk", "<u4"),
        ("n_words", "<u4"),
        ("scope", "<u4"),
        ("speaker", "<u4"),
        ("session", "<u4"),
        ("source", "<u4"),
        ("actor", "<u4"),
        ("tags", "<u4"),
        ("uses", "<u4"),
        ("n_chunks", "<u2"),
        ("flags", "<u2"),
        ("kind", "u1"),
        ("importance", "u1"),
        ("trust", "u1"),
        ("features", "u1"),
        ("lifecycle", "V28"),
    ]
)
"""The fixed part of a memory that ranking and filters read for every row: 96 bytes, little-endian.

``scope`` to ``tags`` are interned names, 0 for none (``tags`` stands for the whole set of tags); ``kind`` indexes
:data:`slm.model.KINDS`; ``importance`` and ``trust`` are 255ths; ``features`` are
bits that ranking reads off the text, the store only keeps them; so it does with ``lifecycle``, zero until given.
"""
LIFECYCLE_BYTES = 28
_HEAD = struct.Struct(f"<3q9I2H4B{LIFECYCLE_BYTES}s")


class HeadTimes(NamedTuple):
    """Times of a memory in nanoseconds since 1970, UTC; ``last_used_ns`` is 0 for never."""

    observed_ns: int
    recorded_ns: int
    last_used_ns: int = 0


class HeadNames(NamedTuple):
    """The interned names of a head, in its order."""

    scope: int
    speaker: int
    session: int
    source: int
    actor: int
    tags: int


class Chunk(NamedTuple):
    """A stretch ``text[start:stop]`` of a memory with what the embedder made of it.

    ``mean`` float16 (d,); ``codes`` uint8 (t, d / 8), the sign bits of t token states; ``pieces`` uint16 (t,), their
    word pieces.
    """

    start: int
    stop: int
    mean: npt.NDArray[np.float16]
    codes: npt.NDArray[np.uint8]
    pieces: npt.NDArray[np.uint16]


def canonical_json(document: Any) -> bytes:
    """UTF-8 JSON with sorted keys and no spaces: equal documents give equal bytes."""
    return _ENCODER.encode(document).encode("utf-8", "surrogatepass")


def pack(body: bytes) -> bytes:
    """A version byte, then the body, compressed when it is long and that helps."""
    if len(body) > _WORTH_COMPRESSING:
        smaller = zlib.compress(body)
        if len(smaller) < len(body):
            return bytes([VERSION | _COMPRESSED]) + smaller
    return bytes([VERSION]) + body


def unpack(packed: bytes) -> bytes:
    """The body that :func:`pack` took. ValueError for a version this program doesn't know."""
    version, body = packed[0], packed[1:]
    if version & ~_COMPRESSED != VERSION:
        raise ValueError(f"record version {version & ~_COMPRESSED}")
    return zlib.decompress(body) if version & _COMPRESSED else body


def encode_memory(memory: Memory) -> bytes:
    """A memory as its fields that differ from their defaults."""
    rows = zip(FIELDS, _FIELD_VALUES(memory), _FIELD_DEFAULTS, strict=True)
    return pack(canonical_json({name: value for name, value, default in rows if value != default}))


def decode_memory(packed: bytes) -> Memory:
    """The memory that :func:`encode_memory` took."""
    return Memory.from_record(_document(packed))


def decode_text(packed: bytes) -> str:
    """The text alone of the memory that :func:`encode_memory` took."""
    text: str = _document(packed)["text"]
    return text


def _document(packed: bytes) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(unpack(packed).decode("utf-8", "surrogatepass"))
    return document


def encode_head(
    memory: Memory,
    times: HeadTimes,
    names: HeadNames,
    first_chunk: int,
    n_chunks: int,
    features: int,
    lifecycle: bytes = b"",
) -> bytes:
    """The head of a memory, laid out as :data:`HEAD`; a shorter ``lifecycle`` ends in zeros."""
    return _HEAD.pack(
        *times,
        first_chunk,
        len(memory.text.split()),
        *names,
        memory.uses,
        n_chunks,
        flags_of(memory),
        KINDS.index(memory.kind),
        round(255 * memory.importance),
        round(255 * memory.trust),
        features,
        lifecycle,
    )


def with_lifecycle(head: bytes, lifecycle: bytes) -> bytes:
    """The same head with other lifecycle bytes. ValueError: not 28 of them."""
    if len(lifecycle) != LIFECYCLE_BYTES:
        raise ValueError(f"a head keeps {LIFECYCLE_BYTES} bytes of lifecycle, not {len(lifecycle)}")
    return head[:-LIFECYCLE_BYTES] + lifecycle


def with_chunks(head: bytes, first_chunk: int, n_chunks: int) -> bytes:
    """The same head with other chunks."""
    row = np.frombuffer(head, HEAD).copy()
    row["first_chunk"], row["n_chunks"] = first_chunk, n_chunks
    return row.tobytes()


def flags_of(memory: Memory) -> HeadFlag:
    """The flags that a memory's fields amount to."""
    return HeadFlag(
        HeadFlag.FORGOTTEN * (memory.forgotten_at is not None)
        + HeadFlag.NEVER_TRUE * memory.never_true
        + HeadFlag.SUPERSEDED * (memory.superseded_by is not None)
        + HeadFlag.PRIVATE * memory.private
        + HeadFlag.PINNED * memory.pinned
        + HeadFlag.ERASED * memory.erased
    )


_SPAN = struct.Struct("<BII")


def encode_mean(chunk: Chunk) -> bytes:
    """Span and mean of a chunk."""
    return _SPAN.pack(VERSION, chunk.start, chunk.stop) + np.asarray(chunk.mean, "<f2").tobytes()


def encode_tokens(chunk: Chunk) -> bytes:
    """Word pieces and codes of a chunk's tokens. Their number follows from the length."""
    return bytes([VERSION]) + np.asarray(chunk.pieces, "<u2").tobytes() + np.asarray(chunk.codes, np.uint8).tobytes()


def decode_chunk(mean: bytes, tokens: bytes) -> Chunk:
    """The chunk whose two parts :func:`encode_mean` and :func:`encode_tokens` wrote. Its arrays are read-only."""
    version, start, stop = _SPAN.unpack_from(mean)
    if version != VERSION or tokens[0] != VERSION:
        raise ValueError(f"chunk version {version}, {tokens[0]}")
    values = np.frombuffer(mean, "<f2", offset=_SPAN.size)
    code_bytes = len(values) // 8
    n_tokens = (len(tokens) - 1) // (2 + code_bytes)
    pieces = np.frombuffer(tokens, "<u2", n_tokens, 1)
    codes = np.frombuffer(tokens, np.uint8, offset=1 + 2 * n_tokens)
    return Chunk(start, stop, values, codes.reshape(n_tokens, code_bytes), pieces)


def require_shapes(chunks: Sequence[Chunk], dims: int) -> None:
    """ValueError unless every chunk has ``dims`` values, ``dims / 8`` bytes a token and a piece for each token."""
    for chunk in chunks:
        n_tokens = len(chunk.pieces)
        if chunk.mean.shape != (dims,) or chunk.codes.shape != (n_tokens, dims // 8):
            raise ValueError(
                f"a chunk of {dims} dimensions can't have a mean of shape {chunk.mean.shape}, "
                f"codes of shape {chunk.codes.shape} and {n_tokens} pieces"
            )
