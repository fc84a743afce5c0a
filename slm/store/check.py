"""Everything a store holds, read and compared: what a person asks for when a disk is in doubt."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from slm.store.faults import damaged
from slm.store.names import NAME_KINDS, NameKind, name_of
from slm.store.reader import Reader


class Checked(NamedTuple):
    """How much was read and found right."""

    memories: int
    chunks: int
    entries: int


def check(reader: Reader, path: str) -> Checked:
    """Read every value, follow every reference, verify the journal's chain; StoreDamaged at the first fault.

    It reads the whole store once, so it takes as long as the disk does.
    """
    heads = reader.heads()
    names = {kind: reader.names(kind) for kind in NAME_KINDS}
    _check_spans(heads, reader, path)
    for ordinal in range(len(heads)):
        _check_memory(reader, ordinal, heads[ordinal], names, path)
    reader.check_lookups()
    n_chunks = sum(1 for _ in reader.chunks())
    if n_chunks != reader.n_chunks:
        raise damaged(f"{n_chunks} of {reader.n_chunks} chunks can be read", path)
    if any(ordinal >= len(heads) for ordinal, _ in reader.all_claims()):
        raise damaged("there are claims of memories that don't exist", path)
    n_entries = sum(1 for _ in reader.verify_journal())
    return Checked(len(heads), n_chunks, n_entries)


def _check_spans(heads: npt.NDArray[np.void], reader: Reader, path: str) -> None:
    """Chunks are given out in the order of memories, without gaps."""
    ends = np.cumsum(heads["n_chunks"], dtype=np.int64)
    starts = heads["first_chunk"].astype(np.int64)
    if len(heads) and not (np.array_equal(starts, ends - heads["n_chunks"]) and ends[-1] == reader.n_chunks):
        raise damaged("the heads' chunks overlap or leave gaps", path)


def _check_memory(reader: Reader, ordinal: int, head: np.void, names: dict[NameKind, list[str]], path: str) -> None:
    memory = reader.memory(ordinal)
    if reader.ordinal_of(memory.id) != ordinal:
        raise damaged(f"memory {memory.id} isn't found by its id", path)
    for kind in NAME_KINDS:
        number = int(head[kind])
        if number >= len(names[kind]) or names[kind][number] != name_of(memory, kind):
            raise damaged(f"memory {memory.id} and its head name another {kind}", path)
