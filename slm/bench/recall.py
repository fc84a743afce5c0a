"""``slm bench recall``: every stage of a warm recall but the embedding, against the embedding of a 12-token query."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from slm.bench.stores import CALLER, build, median_ms, questions
from slm.config import Config
from slm.embed.onnx import Embedder
from slm.engine.engine import Engine
from slm.engine.service import Service

N_TOKENS = 12
ROUNDS = 60


def run(memories: int = 100_000, seed: int = 7) -> dict[str, Any]:
    """Measure on a store of ``memories`` notes: one thread, query cache off, embedding and recall in turns.

    What a recall took beyond the embedding of the same question just before is all the rest, reading it included. The
    store is warm: kernels are compiled, and the claims of its memories read in.
    """
    overrides = {"embed.threads": 1, "embed.query_cache": 0}
    config = Config.load(None, overrides)
    with tempfile.TemporaryDirectory() as folder:
        build(Path(folder), memories, seed)
        embedder = Embedder.load(config.embed.model, 1, query_cache=0)
        service = Service(Path(folder), config, load=lambda: embedder)
        try:
            return {"memories": memories, "seed": seed, "threads": 1, **_measure(service, embedder, seed)}
        finally:
            service.close()


def _measure(service: Service, embedder: Embedder, seed: int) -> dict[str, Any]:
    while service.kernels.name != "compiled":
        service.call("status", {}, CALLER)
    service.inspect(Engine.whole_sheaf)
    asked = questions(embedder, ROUNDS, N_TOKENS, seed + 1)
    embeddings, stages = [], []
    for query in asked:
        begun = time.perf_counter()
        embedder.embed_query(query)
        embeddings.append(time.perf_counter() - begun)
        stages.append(service.call("recall", {"query": query, "min_confidence": 0}, CALLER)["timings_ms"])
    embedding_ms = median_ms(embeddings)
    rests = [stage["total"] - 1e3 * embedding for stage, embedding in zip(stages, embeddings, strict=True)]
    rest_ms = round(float(np.median(rests)), 3)
    return {
        "embedding_ms": embedding_ms,
        "rest_ms": rest_ms,
        "ratio": round(rest_ms / embedding_ms, 3),
        "stages_ms": {name: round(float(np.median([s[name] for s in stages])), 3) for name in stages[0]},
        "rounds": len(asked),
    }


def table(result: dict[str, Any]) -> str:
    """The result for a person."""
    stages = ", ".join(f"{name} {ms:.2f}" for name, ms in result["stages_ms"].items())
    return (
        f"{result['memories']:,} memories, one thread, caches off, medians of {result['rounds']}\n"
        f"  embedding of a {N_TOKENS}-token query   {result['embedding_ms']:.2f} ms\n"
        f"  everything else of a recall      {result['rest_ms']:.2f} ms, {result['ratio']:.2f} x\n"
        f"  stages (ms): {stages}"
    )
