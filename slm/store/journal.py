"""The chained record of every change.

``hash = SHA-256(previous || seq || time || actor || op || commitment)`` with lengths before the texts, and
``commitment = SHA-256(salt || payload)``. Erasing an entry's payload deletes its salt too and keeps the commitment:
the chain still verifies, and the erased text can't be guessed from the commitment.

Source: hash chains as in Haber & Stornetta, "How to time-stamp a digital document" (1991); salted commitments.
"""

from __future__ import annotations

import hashlib
import json
import os
import struct
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from slm.store.faults import damaged
from slm.store.records import canonical_json, pack, unpack

SALT_BYTES = 16
HASH_BYTES = 32
GENESIS = bytes(HASH_BYTES)
"""What the first entry carries as the hash before it."""

MAX_OP_BYTES = 255
MAX_ACTOR_BYTES = 65535

_KEPT, _ERASED = 1, 2
_TEXT = ("utf-8", "surrogatepass")
_FIXED = struct.Struct("<BqHB")
_CHAINED = struct.Struct(">Qq")
_LENGTH = struct.Struct(">I")


class JournalEntry(NamedTuple):
    """One change. ``payload`` is None and ``salt`` empty once the entry has been erased."""

    seq: int
    time_ns: int
    actor: str
    op: str
    payload: dict[str, Any] | None
    salt: bytes
    commitment: bytes
    previous: bytes
    hash: bytes


def commit_to(salt: bytes, body: bytes) -> bytes:
    """The commitment of an entry to its payload's bytes."""
    return hashlib.sha256(salt + body).digest()


def chain_hash(previous: bytes, seq: int, time_ns: int, actor: str, op: str, commitment: bytes) -> bytes:
    """The hash of an entry. Texts carry their length, so that no two entries are the same bytes."""
    texts = b"".join(_LENGTH.pack(len(raw)) + raw for raw in (_utf8(actor), _utf8(op)))
    return hashlib.sha256(previous + _CHAINED.pack(seq, time_ns) + texts + commitment).digest()


def encode_entry(
    seq: int, previous: bytes, time_ns: int, actor: str, op: str, payload: dict[str, Any], salt: bytes | None = None
) -> bytes:
    """The stored form of the entry that follows the one with hash ``previous``.

    Its number (the key), the hash before it and what can be computed again aren't in it. ``salt`` is drawn from the
    system unless given. ValueError for an op or actor that is too long.
    """
    if len(_utf8(op)) > MAX_OP_BYTES or len(_utf8(actor)) > MAX_ACTOR_BYTES:
        raise ValueError(f"too long for the journal: op {op[:40]!r} by actor {actor[:40]!r}")
    drawn = os.urandom(SALT_BYTES) if salt is None else salt
    body = canonical_json(payload)
    link = chain_hash(previous, seq, time_ns, actor, op, commit_to(drawn, body))
    return _front(_KEPT, time_ns, actor, op) + link + drawn + pack(body)


def decode_entry(seq: int, previous: bytes, stored: bytes) -> JournalEntry:
    """The entry of a stored form. It isn't checked against the chain: :func:`verified` does that."""
    form, time_ns, actor, op, link, rest = _parts(stored)
    if form == _ERASED:
        return JournalEntry(seq, time_ns, actor, op, None, b"", rest, previous, link)
    salt, body = rest[:SALT_BYTES], unpack(rest[SALT_BYTES:])
    payload = json.loads(body.decode(*_TEXT))
    return JournalEntry(seq, time_ns, actor, op, payload, salt, commit_to(salt, body), previous, link)


def erase(stored: bytes) -> bytes:
    """The stored form of the same link without what it said."""
    form, time_ns, actor, op, link, rest = _parts(stored)
    if form == _ERASED:
        return stored
    return _front(_ERASED, time_ns, actor, op) + link + commit_to(rest[:SALT_BYTES], unpack(rest[SALT_BYTES:]))


def stored_hash(stored: bytes) -> bytes:
    """The hash in a stored form, without decoding the rest."""
    _, _, n_actor, n_op = _FIXED.unpack_from(stored)
    start = _FIXED.size + n_actor + n_op
    return stored[start : start + HASH_BYTES]


def verified(entries: Iterable[JournalEntry], path: str, *, head: bytes | None = None) -> Iterator[JournalEntry]:
    """The entries as they come, each checked against the one before; StoreDamaged names the first that is wrong.

    With ``head``, a hash kept elsewhere, the chain must contain it: a bare chain can be rewritten as a whole.
    """
    met = head is None or head == GENESIS
    expected_seq: int | None = None
    for entry in entries:
        if expected_seq is not None and entry.seq != expected_seq:
            raise damaged(f"journal entry {expected_seq} is missing", path)
        expected = chain_hash(entry.previous, entry.seq, entry.time_ns, entry.actor, entry.op, entry.commitment)
        if entry.hash != expected:
            raise damaged(f"journal entry {entry.seq} doesn't match its hash", path)
        met = met or entry.hash == head
        expected_seq = entry.seq + 1
        yield entry
    if not met:
        raise damaged("the journal doesn't contain the given head: it was rewritten or cut after that", path)


def _utf8(text: str) -> bytes:
    return text.encode(*_TEXT)


def _front(form: int, time_ns: int, actor: str, op: str) -> bytes:
    who, what = _utf8(actor), _utf8(op)
    return _FIXED.pack(form, time_ns, len(who), len(what)) + who + what


def _parts(stored: bytes) -> tuple[int, int, str, str, bytes, bytes]:
    """Form, time, actor, op, hash and the rest of a stored form."""
    form, time_ns, n_actor, n_op = _FIXED.unpack_from(stored)
    op_at = _FIXED.size + n_actor
    hash_at = op_at + n_op
    actor, op = stored[_FIXED.size : op_at].decode(*_TEXT), stored[op_at:hash_at].decode(*_TEXT)
    return form, time_ns, actor, op, stored[hash_at : hash_at + HASH_BYTES], stored[hash_at + HASH_BYTES :]
