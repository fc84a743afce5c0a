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

    def erased(self) -> JournalEntry:
        """The same link of the chain without what it said."""
        return self._replace(payload=None, salt=b"")


def commit_to(salt: bytes, payload: dict[str, Any]) -> bytes:
    """The commitment of an entry to its payload."""
    return hashlib.sha256(salt + canonical_json(payload)).digest()


def chain_hash(previous: bytes, seq: int, time_ns: int, actor: str, op: str, commitment: bytes) -> bytes:
    """The hash of an entry. Texts carry their length, so that no two entries are the same bytes."""
    texts = b"".join(_LENGTH.pack(len(raw)) + raw for raw in (_utf8(actor), _utf8(op)))
    return hashlib.sha256(previous + _CHAINED.pack(seq, time_ns) + texts + commitment).digest()


def next_entry(
    seq: int, previous: bytes, time_ns: int, actor: str, op: str, payload: dict[str, Any], salt: bytes | None = None
) -> JournalEntry:
    """The entry that follows the one with hash ``previous``. ``salt`` is drawn from the system unless given."""
    if len(_utf8(op)) > MAX_OP_BYTES or len(_utf8(actor)) > MAX_ACTOR_BYTES:
        raise ValueError(f"too long for the journal: op {op[:40]!r} by actor {actor[:40]!r}")
    drawn = os.urandom(SALT_BYTES) if salt is None else salt
    as_read = _parsed(canonical_json(payload))  # keys that aren't text would sort otherwise after reading
    commitment = commit_to(drawn, as_read)
    link = chain_hash(previous, seq, time_ns, actor, op, commitment)
    return JournalEntry(seq, time_ns, actor, op, as_read, drawn, commitment, previous, link)


def encode_entry(entry: JournalEntry) -> bytes:
    """An entry as stored: without its number (the key), its predecessor's hash, and what can be computed again."""
    actor, op = _utf8(entry.actor), _utf8(entry.op)
    form = _ERASED if entry.payload is None else _KEPT
    head = _FIXED.pack(form, entry.time_ns, len(actor), len(op)) + actor + op + entry.hash
    if entry.payload is None:
        return head + entry.commitment
    return head + entry.salt + pack(canonical_json(entry.payload))


def decode_entry(seq: int, previous: bytes, stored: bytes) -> JournalEntry:
    """The entry that :func:`encode_entry` took. It isn't checked against the chain: :func:`verified` does that."""
    form, time_ns, n_actor, n_op = _FIXED.unpack_from(stored)
    texts_end = _FIXED.size + n_actor + n_op
    actor = stored[_FIXED.size : _FIXED.size + n_actor].decode(*_TEXT)
    op = stored[_FIXED.size + n_actor : texts_end].decode(*_TEXT)
    link, rest = stored[texts_end : texts_end + HASH_BYTES], stored[texts_end + HASH_BYTES :]
    if form == _ERASED:
        return JournalEntry(seq, time_ns, actor, op, None, b"", rest, previous, link)
    salt = rest[:SALT_BYTES]
    payload = _parsed(unpack(rest[SALT_BYTES:]))
    return JournalEntry(seq, time_ns, actor, op, payload, salt, commit_to(salt, payload), previous, link)


def stored_hash(stored: bytes) -> bytes:
    """The hash in an encoded entry, without decoding the rest."""
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


def _parsed(body: bytes) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(body.decode(*_TEXT))
    return document
