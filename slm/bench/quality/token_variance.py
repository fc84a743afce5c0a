"""Baseline: Fisher-Rao between normals whose std is that of a text's own token states, which recall doesn't store."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from slm.bench.quality.metrics import Floats
from slm.embed.onnx import Embedder, runs
from slm.engine.engine import Engine
from slm.geometry.fisher_rao import squared_arccosh
from slm.retrieval.entity import named_authors, without_names

LEAST_STD = 1e-3
"""Under the std of any coordinate that varies, for vectors of length 1."""
ROWS_A_BLOCK = 256


def normals(embedder: Embedder, ids: Sequence[list[int]]) -> tuple[Floats, Floats]:
    """Means and stds (n, d) of the token states of texts given by their word pieces, scaled so that |mean| = 1."""
    means, stds = (np.empty((len(ids), embedder.dims)) for _ in range(2))
    for indices in runs([len(one) for one in ids], embedder.batch_invariant):
        states = embedder.token_states([ids[i] for i in indices])
        for i, rows in zip(indices, states, strict=True):
            wide = rows.astype(np.float64)
            mean = wide.mean(axis=0)
            scale = np.linalg.norm(mean)
            means[i] = mean / scale
            stds[i] = np.maximum(wide.std(axis=0) / scale, LEAST_STD)
    return means, stds


def squared_distances(means: Floats, stds: Floats, mean: Floats, std: Floats) -> Floats:
    """Squared Fisher-Rao distances (n,) of the normals ``means``, ``stds`` (n, d) to ``mean``, ``std`` (d,)."""
    totals = np.empty(len(means))
    for start in range(0, len(means), ROWS_A_BLOCK):
        rows = slice(start, start + ROWS_A_BLOCK)
        shift, spread = means[rows] - mean, stds[rows] - std
        excess = (shift * shift + 2.0 * spread * spread) / (4.0 * stds[rows] * std)
        totals[rows] = 2.0 * squared_arccosh(excess).sum(axis=1)
    return totals


def token_variance(engine: Engine, embedder: Embedder) -> Callable[[Engine, str], Floats]:
    """The scores (n,) of all memories of ``engine`` for a question, the texts of the store embedded once more."""
    active = np.setdiff1d(np.arange(embedder.dims), embedder.constant_dims)
    means, stds = normals(embedder, [_ids(embedder, text) for text in _chunk_texts(engine)])
    means, stds = means[:, active], stds[:, active]

    def scores(engine: Engine, text: str) -> Floats:
        asked = without_names(text, named_authors(text, engine.index.speakers))
        mean, std = normals(embedder, [_ids(embedder, asked)])
        nearness = -squared_distances(means, stds, mean[0, active], std[0, active])
        return np.maximum.reduceat(nearness, _first_chunks(engine))

    return scores


def _chunk_texts(engine: Engine) -> list[str]:
    with engine.store.read() as reader:
        return [
            reader.memory(ordinal).text[chunk.start : chunk.stop]
            for ordinal in range(reader.n_memories)
            for chunk in reader.chunks_of(ordinal)
        ]


def _first_chunks(engine: Engine) -> npt.NDArray[np.uint32]:
    firsts: npt.NDArray[np.uint32] = engine.index.columns["first_chunk"]
    return firsts


def _ids(embedder: Embedder, text: str) -> list[int]:
    return embedder.tokenizer.encode(text, embedder.max_tokens)
