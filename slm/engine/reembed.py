"""reembed: vectors of the configured model for a store that was built with another, some memories a call.

Each call opens the store and its copy and closes them again: a crash costs the batch it was in, and nothing else.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from slm.config import Config
from slm.embed.onnx import Embedder
from slm.engine.chunked import chunked_texts
from slm.engine.engine import fingerprint
from slm.errors import InvalidInput
from slm.geometry.normal import PooledMoments
from slm.model import HeadFlag
from slm.retrieval.semantic import Epoch
from slm.store.identity import Fingerprint
from slm.store.reader import Reader
from slm.store.reembedding import reembedding
from slm.store.writer import Writer

REEMBEDDED_AT_ONCE = 64
"""Others wait for no more: a third of a second with the bundled model."""
MOST_AT_ONCE = 1000
ROWS_AT_ONCE = 4096


def reembed(folder: Path, config: Config, embedder: Embedder, limit: int) -> dict[str, Any]:
    """Embed the next ``limit`` memories; the last call puts the new vectors in the place of the old.

    Says how many are ``done`` of the ``total``, whether that is ``finished`` and whether anything ``changed``. Raises
    :class:`InvalidInput` for a limit out of range, and what :func:`~slm.store.reembedding.reembedding` does.
    """
    if not 1 <= limit <= MOST_AT_ONCE:
        raise InvalidInput(f"reembed: limit is {limit}, a call takes 1 to {MOST_AT_ONCE}")
    with reembedding(folder, fingerprint(embedder), map_bytes=config.store.map_gib << 30) as work:
        if work is None:
            return {"name": folder.name, "done": 0, "total": 0, "changed": False, "finished": True}
        if texts := work.waiting(limit):
            work.add([chunks for _, chunks in chunked_texts(embedder, texts)])
        done, total = work.progress
        if done == total:
            before, after = work.old.identity.embedder, work.copy.identity.embedder
            work.finish(lambda writer: _seal(writer, embedder, before, after))
        return {"name": folder.name, "done": done, "total": total, "changed": True, "finished": done == total}


def _seal(writer: Writer, embedder: Embedder, before: Fingerprint, after: Fingerprint) -> None:
    """What follows from all vectors: the exact sums, a new epoch of their variance, and the entry in the journal."""
    moments = PooledMoments.zero(embedder.dims)
    rows = _live_rows(writer)
    while block := list(islice(rows, ROWS_AT_ONCE)):
        moments = moments.add(np.stack(block))
    stored = writer.meta("epoch")
    number = Epoch.from_bytes(stored).number + 1 if stored else 0
    writer.put_meta("moments", moments.to_bytes())
    writer.put_meta("epoch", Epoch.publish(number, moments, embedder.constant_dims).to_bytes())
    models = {name: print_._asdict() for name, print_ in (("before", before), ("after", after))}
    writer.journal("reembed", "cli", {**models, "memories": writer.n_memories}, time.time_ns())


def _live_rows(reader: Reader) -> Iterator[Any]:
    """The vectors of every chunk that recall may show."""
    chunks = reader.chunks()
    for head in reader.heads():
        for chunk in islice(chunks, int(head["n_chunks"])):
            if not int(head["flags"]) & HeadFlag.HIDDEN:
                yield chunk.mean
