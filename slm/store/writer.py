"""Changes to a store within one transaction."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np

from slm.model import Memory
from slm.store.journal import encode_entry, erase, stored_hash
from slm.store.names import NAME_KINDS, NameKind, blank, name_key_prefix, name_lookup_key, name_of
from slm.store.reader import ID_PREFIX, KEY_PREFIX, META_PREFIX, TEXT_PREFIX, Reader
from slm.store.records import (
    Chunk,
    HeadNames,
    HeadTimes,
    encode_head,
    encode_mean,
    encode_memory,
    encode_tokens,
    require_shapes,
    with_lifecycle,
)
from slm.store.tables import Tables, ordinal_key, ordinal_of_key

DIGEST_BYTES = 16
_NO_PIECES = np.zeros(0, np.uint16)

KindAndName = tuple[NameKind, str]


class Writer(Reader):
    """A reader that sees its own changes; they are durable once its transaction ends well, and gone otherwise."""

    def __init__(self, tables: Tables, txn: Any, path: str, dims: int, known_names: Mapping[KindAndName, int]) -> None:
        super().__init__(tables, txn, path, dims)
        self._known_names = known_names
        self.seen_names: dict[KindAndName, int] = {}
        """Numbers of the names met in this transaction: true for good once it has been committed."""
        self.dropped_names = False
        """Whether numbers that were known before this transaction stand for nothing now."""

    def append(
        self,
        memory: Memory,
        chunks: Sequence[Chunk],
        *,
        times: HeadTimes,
        text_digest: bytes,
        key_digest: bytes | None = None,
        features: int = 0,
    ) -> int:
        """Store a memory with its chunks and return its ordinal. ValueError for a taken id or a wrong shape."""
        require_shapes(chunks, self._dims)
        self._require_free(memory.id, text_digest, key_digest)
        ordinal, first_chunk = self.n_memories, self.n_chunks
        self.n_memories, self.n_chunks = ordinal + 1, first_chunk + len(chunks)
        key = ordinal_key(ordinal)
        head = encode_head(memory, times, self._interned(memory), first_chunk, len(chunks), features)
        self._tables.memories.put(self._txn, key, encode_memory(memory), append=True)
        self._tables.heads.put(self._txn, key, head, append=True)
        self._put_chunks(first_chunk, chunks)
        self._tables.lookups.put(self._txn, ID_PREFIX + memory.id.encode(), key)
        self._tables.lookups.put(self._txn, TEXT_PREFIX + text_digest + key, b"")
        if key_digest is not None:
            self._tables.lookups.put(self._txn, KEY_PREFIX + key_digest, key)
        return ordinal

    def append_vectors(self, head: bytes, chunks: Sequence[Chunk]) -> None:
        """Give the next memory of a store without vectors its head and its chunks. ValueError for a wrong shape."""
        require_shapes(chunks, self._dims)
        ordinal, first_chunk = self.n_memories, self.n_chunks
        self.n_memories, self.n_chunks = ordinal + 1, first_chunk + len(chunks)
        self._tables.heads.put(self._txn, ordinal_key(ordinal), head, append=True)
        self._put_chunks(first_chunk, chunks)

    def _put_chunks(self, first_chunk: int, chunks: Sequence[Chunk]) -> None:
        for chunk_id, chunk in enumerate(chunks, first_chunk):
            self._tables.means.put(self._txn, ordinal_key(chunk_id), encode_mean(chunk), append=True)
            self._tables.tokens.put(self._txn, ordinal_key(chunk_id), encode_tokens(chunk), append=True)

    def replace(
        self, ordinal: int, memory: Memory, *, times: HeadTimes | None = None, features: int | None = None
    ) -> None:
        """Write the fields of a memory anew. Its chunks and digests stay, its times and features unless given, and
        its lifecycle. ValueError when it has another id.
        """
        if self.ordinal_of(memory.id) != ordinal:
            raise ValueError(f"memory {memory.id} isn't number {ordinal}")
        old = self.head(ordinal)
        kept = HeadTimes(*(int(old[field]) for field in HeadTimes._fields))
        head = encode_head(
            memory,
            times or kept,
            self._interned(memory),
            int(old["first_chunk"]),
            int(old["n_chunks"]),
            int(old["features"]) if features is None else features,
            old["lifecycle"].tobytes(),
        )
        self._tables.memories.put(self._txn, ordinal_key(ordinal), encode_memory(memory))
        self._tables.heads.put(self._txn, ordinal_key(ordinal), head)

    def put_lifecycle(self, ordinal: int, lifecycle: bytes) -> None:
        """Keep the lifecycle bytes of a memory, see :data:`~slm.store.records.HEAD`. ValueError: not 28 of them."""
        head = with_lifecycle(self._required("heads", ordinal), lifecycle)
        self._tables.heads.put(self._txn, ordinal_key(ordinal), head)

    def erase_memories(self, stubs: Mapping[int, tuple[Memory, HeadTimes]], features: int, claims: bytes) -> None:
        """Keep nothing of memories but their place: each stub has the memory's id and no text.

        ``features`` and ``claims`` are those of no text. The chunks stay as empty rows, so that all later ones keep
        their ids. The journal is left as it is: see :meth:`erase_entry`. ValueError for a stub that has a text.
        """
        empty = Chunk(0, 0, np.zeros(self._dims, np.float16), np.zeros((0, self._dims // 8), np.uint8), _NO_PIECES)
        for ordinal, (stub, times) in stubs.items():
            if not stub.erased:
                raise ValueError(f"the stub of {stub.id} has a text")
            head = self.head(ordinal)
            for chunk_id in range(int(head["first_chunk"]), int(head["first_chunk"]) + int(head["n_chunks"])):
                self._tables.means.put(self._txn, ordinal_key(chunk_id), encode_mean(empty))
                self._tables.tokens.put(self._txn, ordinal_key(chunk_id), encode_tokens(empty))
            self.replace(ordinal, stub, times=times, features=features)
            self.put_claims(ordinal, claims)
        self._drop_digests(stubs)

    def drop_unused_names(self) -> int:
        """Blank the names that no memory carries any more, and return their number."""
        heads, dropped = self.heads(), 0
        for kind in NAME_KINDS:
            used = set(heads[kind].tolist())
            for number, name in enumerate(self.names(kind)):
                if number and number not in used and name != blank(kind):
                    self._tables.names.put(self._txn, name_key_prefix(kind) + ordinal_key(number), blank(kind).encode())
                    self._tables.lookups.drop(self._txn, name_lookup_key(kind, name))
                    dropped += 1
        self.dropped_names = self.dropped_names or dropped > 0
        self.seen_names, self._known_names = {}, {}
        return dropped

    def journal(self, op: str, actor: str, payload: dict[str, Any], time_ns: int) -> int:
        """Add an entry to the chain and return its number."""
        last, previous = self.journal_head()
        seq = last + 1
        stored = encode_entry(seq, previous, time_ns, actor, op, payload)
        self._tables.journal.put(self._txn, ordinal_key(seq), stored, append=True)
        self._journal_head = seq, stored_hash(stored)
        return seq

    def erase_entry(self, seq: int) -> None:
        """Delete what an entry of the journal said, salt included. The chain still verifies."""
        self._tables.journal.put(self._txn, ordinal_key(seq), erase(self._required("journal", seq)))

    def put_claims(self, ordinal: int, body: bytes) -> None:
        """Keep what was read from a memory's text, in place of what was read before."""
        self._tables.claims.put(self._txn, ordinal_key(ordinal), body)

    def put_meta(self, key: str, value: bytes) -> None:
        """Keep a value under a name of the engine's own."""
        self._tables.meta.put(self._txn, META_PREFIX + key.encode(), value)

    def drop_meta(self, key: str) -> None:
        """Forget what was kept under a name of the engine's own."""
        self._tables.meta.drop(self._txn, META_PREFIX + key.encode())

    def _drop_digests(self, ordinals: Collection[int]) -> None:
        """Delete the digests of texts and idempotency keys that lead to these memories."""
        for prefix in (TEXT_PREFIX, KEY_PREFIX):
            found = list(self._tables.lookups.items(self._txn, prefix))
            for key, body in found:
                if ordinal_of_key(body or key) in ordinals:
                    self._tables.lookups.drop(self._txn, key)

    def _interned(self, memory: Memory) -> HeadNames:
        return HeadNames(*[self._intern(kind, name_of(memory, kind)) for kind in NAME_KINDS])

    def _intern(self, kind: NameKind, value: str) -> int:
        """The number of a name, given out now when it is new; 0 for no name."""
        if not value:
            return 0
        number = self._known_names.get((kind, value)) or self.seen_names.get((kind, value))
        if number is None:
            number = self._name_id(kind, value) or self._new_name(kind, value)
            self.seen_names[kind, value] = number
        return number

    def _new_name(self, kind: NameKind, value: str) -> int:
        prefix = name_key_prefix(kind)
        number = (self._tables.names.last_ordinal(self._txn, prefix) or 0) + 1
        self._tables.names.put(self._txn, prefix + ordinal_key(number), value.encode("utf-8", "surrogatepass"))
        self._tables.lookups.put(self._txn, name_lookup_key(kind, value), ordinal_key(number))
        return number

    def _require_free(self, memory_id: str, text_digest: bytes, key_digest: bytes | None) -> None:
        if self.ordinal_of(memory_id) is not None:
            raise ValueError(f"a memory with id {memory_id} exists")
        for digest in (text_digest, key_digest):
            if digest is not None and len(digest) != DIGEST_BYTES:
                raise ValueError(f"a digest has {DIGEST_BYTES} bytes, not {len(digest)}")
