"""What a store holds at one moment."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cached_property
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from slm.errors import StoreDamaged
from slm.model import HeadFlag, Memory
from slm.store.faults import damaged
from slm.store.journal import GENESIS, JournalEntry, decode_entry, stored_hash, verified
from slm.store.names import NAME_KINDS, NameKind, blank, name_key_prefix, name_lookup_key
from slm.store.records import HEAD, Chunk, decode_chunk, decode_memory, decode_text
from slm.store.tables import Tables, ordinal_key, ordinal_of_key

FacetKind = Literal["scope", "speaker", "session", "source", "actor", "tag"]

ID_PREFIX, TEXT_PREFIX, KEY_PREFIX = b"i", b"t", b"k"
META_PREFIX = b"m:"
"""Before the engine's own keys in the meta table."""


class Reader:
    """A snapshot of the store within one transaction; it must not outlive it, what it returns may.

    Every value is checked against its checksum: StoreDamaged instead of a wrong value.
    """

    def __init__(self, tables: Tables, txn: Any, path: str, dims: int) -> None:
        self._tables = tables
        self._txn = txn
        self._path = path
        self._dims = dims

    @cached_property
    def n_memories(self) -> int:
        """Number of memories, hidden ones included: ordinals run from 0 to one less."""
        return self._tables.heads.dense(self._txn)

    @cached_property
    def n_chunks(self) -> int:
        """Number of chunks: their ids run from 0 to one less."""
        return self._tables.means.dense(self._txn)

    def memory(self, ordinal: int) -> Memory:
        """The memory of an ordinal; IndexError for an ordinal that was never given out."""
        return decode_memory(self._required("memories", ordinal))

    def text(self, ordinal: int) -> str:
        """The text of :meth:`memory`, at a third of its cost."""
        return decode_text(self._required("memories", ordinal))

    def head(self, ordinal: int) -> np.void:
        """One row of :meth:`heads`."""
        row: np.void = np.frombuffer(self._required("heads", ordinal), HEAD)[0]
        return row

    def heads(self) -> npt.NDArray[np.void]:
        """The heads of all memories, (n_memories,) of :data:`~slm.store.records.HEAD`, read-only."""
        rows = self._tables.heads.rows(self._txn, HEAD)
        if len(rows) != self.n_memories:
            raise self._tables.heads.missing(ordinal_key(len(rows)))
        return rows

    def ordinal_of(self, memory_id: str) -> int | None:
        """The ordinal of a whole id; None when no memory has it."""
        body = self._tables.lookups.get(self._txn, ID_PREFIX + memory_id.encode())
        return None if body is None else ordinal_of_key(body)

    def with_prefix(self, prefix: str, limit: int = 6) -> list[tuple[str, int]]:
        """Ids that start with ``prefix``, in order, at most ``limit`` of them, with their ordinals."""
        found = self._tables.lookups.items(self._txn, ID_PREFIX + prefix.encode())
        return [(key[1:].decode(), ordinal_of_key(body)) for (key, body), _ in zip(found, range(limit), strict=False)]

    def chunk(self, chunk_id: int) -> Chunk:
        """The chunk of an id; IndexError for an id that was never given out."""
        return decode_chunk(self._required("means", chunk_id), self._required("tokens", chunk_id))

    def chunks(self, start: int = 0) -> Iterator[Chunk]:
        """All chunks from the id ``start`` on, in order."""
        means = self._tables.means.items(self._txn, start=ordinal_key(start))
        tokens = self._tables.tokens.items(self._txn, start=ordinal_key(start))
        for (key, mean), (token_key, token) in zip(means, tokens, strict=True):
            if key != token_key:
                raise self._tables.tokens.missing(key)
            yield decode_chunk(mean, token)

    def chunks_of(self, ordinal: int) -> list[Chunk]:
        """The chunks of a memory, in the order of its text."""
        head = self.head(ordinal)
        first = int(head["first_chunk"])
        return [self.chunk(chunk_id) for chunk_id in range(first, first + int(head["n_chunks"]))]

    def names(self, kind: NameKind) -> list[str]:
        """The interned names of a kind: heads hold positions in this list. Position 0 stands for none and is empty.

        A name of kind ``tags`` is the JSON list of a memory's tags. A name that was dropped has left a blank.
        """
        prefix = name_key_prefix(kind)
        held = [body.decode("utf-8", "surrogatepass") for _, body in self._tables.names.items(self._txn, prefix)]
        if len(held) != (self._tables.names.last_ordinal(self._txn, prefix) or 0):
            raise self._tables.names.missing(prefix)
        return ["", *held]

    def tag_sets(self) -> list[list[str]]:
        """The tags that memories have or had together: heads hold positions in this list. Position 0 has none."""
        return [[], *(json.loads(tags) for tags in self.names("tags")[1:])]

    def facet(self, kind: FacetKind, value: str) -> npt.NDArray[np.uint32]:
        """Ordinals of the memories with that scope, speaker, session, source, actor or tag, ascending.

        Looks at every head: for a lookup now and then, not for every query.
        """
        column: NameKind = "tags" if kind == "tag" else kind
        if kind == "tag":
            wanted = [number for number, tags in enumerate(self.tag_sets()) if value in tags]
        else:
            wanted = [number for number, name in enumerate(self.names(column)) if name == value and number]
        hits = np.isin(self.heads()[column], wanted) if wanted else np.zeros(0, bool)
        return np.flatnonzero(hits).astype(np.uint32)

    def same_text(self, text_digest: bytes) -> list[int]:
        """Ordinals of the memories appended with that digest, ascending."""
        return [ordinal_of_key(key) for key, _ in self._tables.lookups.items(self._txn, TEXT_PREFIX + text_digest)]

    def by_key(self, key_digest: bytes) -> int | None:
        """The ordinal appended last with that idempotency digest; None when there is none."""
        body = self._tables.lookups.get(self._txn, KEY_PREFIX + key_digest)
        return None if body is None else ordinal_of_key(body)

    def meta(self, key: str) -> bytes | None:
        """A value that the engine keeps under a name of its own."""
        return self._tables.meta.get(self._txn, META_PREFIX + key.encode())

    def claims(self, ordinal: int) -> bytes | None:
        """What was read from a memory's text, in the engine's own form; None where it wasn't read yet."""
        return self._tables.claims.get(self._txn, ordinal_key(ordinal))

    def all_claims(self, start: int = 0) -> Iterator[tuple[int, bytes]]:
        """Ordinals with what was read from their texts, in order, from the ordinal ``start`` on."""
        for key, body in self._tables.claims.items(self._txn, start=ordinal_key(start)):
            yield ordinal_of_key(key), body

    def metas(self, prefix: str) -> Iterator[tuple[str, bytes]]:
        """The engine's own values whose names start with ``prefix``, in order, with those names."""
        for key, body in self._tables.meta.items(self._txn, META_PREFIX + prefix.encode()):
            yield key[len(META_PREFIX) :].decode(), body

    def journal_head(self) -> tuple[int, bytes]:
        """Number and hash of the last entry; (0, GENESIS) for an empty journal."""
        return self._journal_head

    def entry(self, seq: int) -> JournalEntry:
        """One entry of the journal; IndexError for a number that was never given out."""
        return decode_entry(seq, self._entry_hash(seq - 1), self._required("journal", seq))

    def entries(self, after: int = 0, limit: int | None = None, *, reverse: bool = False) -> Iterator[JournalEntry]:
        """Entries numbered above ``after``, oldest first; with ``reverse`` newest first, below ``after`` unless 0."""
        last, _ = self.journal_head()
        if reverse:
            first = last if not after else min(last, after - 1)
            numbers = range(first, 0, -1)
        else:
            numbers = range(after + 1, last + 1)
        for seq in numbers[:limit]:
            yield self.entry(seq)

    def verify_journal(self, after: int = 0, *, head: bytes | None = None) -> Iterator[JournalEntry]:
        """The entries above ``after``, each checked against the chain; StoreDamaged names the first that is wrong.

        With ``head``, a hash kept elsewhere, the entries given must contain it.
        """
        return verified(self.entries(after), self._path, head=head)

    def check_lookups(self) -> None:
        """StoreDamaged unless each memory is found once by an id and by a text's digest, and each name by itself.

        No text's digest leads to an erased memory, and a name that was dropped isn't found.
        """
        told = np.flatnonzero(self.heads()["flags"] & HeadFlag.ERASED == 0).tolist()
        for prefix, what, wanted in ((ID_PREFIX, "ids", list(range(self.n_memories))), (TEXT_PREFIX, "texts", told)):
            found = sorted(ordinal_of_key(body or key) for key, body in self._tables.lookups.items(self._txn, prefix))
            if found != wanted:
                raise damaged(f"{len(found)} {what} lead to {len(wanted)} memories", self._path)
        for kind in NAME_KINDS:
            for number, name in enumerate(self.names(kind)):
                if self._name_id(kind, name) != (number if name != blank(kind) else 0):
                    raise damaged(f"{kind} {name!r} isn't found by its name", self._path)

    @cached_property
    def _journal_head(self) -> tuple[int, bytes]:
        last = self._tables.journal.dense(self._txn, first=1)
        return last, self._entry_hash(last)

    def _name_id(self, kind: NameKind, value: str) -> int:
        """The number of an interned name; 0 when it isn't interned."""
        body = self._tables.lookups.get(self._txn, name_lookup_key(kind, value))
        return 0 if body is None else ordinal_of_key(body)

    def _entry_hash(self, seq: int) -> bytes:
        return stored_hash(self._required("journal", seq)) if seq > 0 else GENESIS

    def _required(self, table_name: str, ordinal: int) -> bytes:
        """The value under an ordinal of a dense table."""
        table = getattr(self._tables, table_name)
        body: bytes | None = table.get(self._txn, ordinal_key(ordinal)) if 0 <= ordinal < 1 << 32 else None
        if body is None:
            raise self._absent(table_name, ordinal)
        return body

    def _absent(self, table_name: str, ordinal: int) -> StoreDamaged | IndexError:
        if table_name == "journal":
            given_out = 1 <= ordinal <= self._tables.journal.dense(self._txn, first=1)
        else:
            given_out = 0 <= ordinal < (self.n_memories if table_name in ("memories", "heads") else self.n_chunks)
        if not given_out:
            return IndexError(f"no number {ordinal} in {table_name}")
        error: StoreDamaged = getattr(self._tables, table_name).missing(ordinal_key(ordinal))
        return error
