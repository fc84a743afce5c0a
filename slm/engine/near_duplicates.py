"""Memories that say nearly the same, in groups, for a person who tidies: nothing is merged or hidden by itself."""

from __future__ import annotations

from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt

from slm.engine.look import matching, page_limit
from slm.engine.request import Request
from slm.engine.similar import NEAR
from slm.model import Memory
from slm.retrieval.near_groups import near_groups
from slm.retrieval.semantic import unit


def run(request: Request) -> dict[str, Any]:
    """Groups of the memories that match every filter of ``list``, those with the nearest pair first.

    The first of a group is its newest memory, the others come with their ``similarity`` to it. Superseded memories,
    which resemble their successors, are left out. Waiting queries are served meanwhile.
    """
    engine = request.engine
    limit = page_limit("similar", request.fields)
    with engine.store.read() as reader:
        found = [pair for pair in matching(request, reader, reader.n_memories) if pair[1].superseded_by is None]
    vectors = _vectors(request, [ordinal for ordinal, _ in found])
    groups = near_groups(vectors, NEAR, engine.others_first)
    memories = [memory for _, memory in found]
    groups.sort(key=lambda group: (-round(group.others[0][1], 3), group.first))
    shown = [_document(memories, group.first, group.others) for group in islice(groups, limit)]
    return {"groups": shown, "total": len(groups), "compared": len(found)}


def _vectors(request: Request, ordinals: list[int]) -> npt.NDArray[np.float32]:
    """The direction (n, d) of each memory: the mean of its chunks at length 1."""
    index = request.engine.index
    firsts, sizes = index.columns["first_chunk"][ordinals], index.columns["n_chunks"][ordinals]
    rows = index.scan.rows
    vectors = np.zeros((len(ordinals), rows.shape[1]), np.float32)
    single = sizes == 1
    vectors[single] = rows[firsts[single].astype(np.int64)]
    for i in np.flatnonzero(~single).tolist():
        vectors[i] = rows[int(firsts[i]) : int(firsts[i]) + int(sizes[i])].astype(np.float32).mean(axis=0)
    return unit(vectors).astype(np.float32)


def _document(memories: list[Memory], first: int, others: list[tuple[int, float]]) -> dict[str, Any]:
    return {
        "memory": memories[first].record(),
        "similar": [{"similarity": round(cosine, 3), "memory": memories[i].record()} for i, cosine in others],
    }
