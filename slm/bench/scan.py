"""``slm bench scan``: top 10 by Fisher-Rao codes with an exact rerank, against a numpy cosine scan in the same run.

Corpus: real sentence embeddings given by the caller. At most 100 of them, spread evenly, are held apart as queries; the
others are extended to the wanted size by convex mixtures: two rows drawn at random, λ uniform in (0, 1),
λ a + (1 − λ) b divided by its length, drawn by numpy's PCG64 with the seed. Rows are kept as float16.

Every size runs in a process of its own, so that the number of BLAS threads can be set through its environment, before
numpy loads. Baseline: ``float32 matrix (n, d) @ query`` alone, without choosing its ten best. Ours: everything from the
query to its ten best. The two alternate, query by query.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from slm.geometry.backend import Kernels, compiled
from slm.geometry.fisher_rao import squared_distances
from slm.geometry.normal import PooledMoments
from slm.geometry.top_k import top_k
from slm.retrieval.recall import POOL
from slm.retrieval.semantic import Epoch, SemanticChannel, quantise

Rows = npt.NDArray[np.float16]
Floats32 = npt.NDArray[np.float32]

N_QUERIES = 100
K = 10
N_BRUTE_FORCE = 64
"""Rows of the float32 brute force that are measured again in float64 to find the true ten best."""
ROWS_A_BLOCK = 8192
DOUBLINGS = (96, 192, 384, 768)
ROWS_OF_A_DOUBLING = 20_000
ROUNDS_OF_A_DOUBLING = 15
BLAS_THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
BLAS_REST = {"OPENBLAS_THREAD_TIMEOUT": "4"}
"""OpenBLAS's idle threads would keep a processor busy for milliseconds after a product, into the other measurement."""


def run(embeddings: Floats32, sizes: list[int], threads: int, seed: int) -> dict[str, Any]:
    """Measure every size; ``embeddings`` (m, d) are unit vectors of real texts, m well over 100.

    Times are milliseconds as ``{"min", "median"}``. What it doesn't do: judge, or keep other processes quiet.
    """
    embeddings = np.ascontiguousarray(embeddings, np.float32)
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "embeddings.npy")
        np.save(source, embeddings)
        rows = [in_own_process(["size", str(source), str(size), str(threads), str(seed)], threads) for size in sizes]
        doublings = in_own_process(["doubling", str(source)], threads)
    return {
        "benchmark": "scan",
        "processor": processor(),
        "threads": threads,
        "seed": seed,
        "real_rows": len(embeddings),
        "sha256": hashlib.sha256(embeddings.tobytes()).hexdigest(),
        "sizes": rows,
        "doubling": doublings,
    }


def table(result: dict[str, Any]) -> str:
    """The result as two tables for people."""
    lines = [
        f"{result['processor']}, {result['threads']} thread(s), seed {result['seed']}, {result['real_rows']} real rows",
        "",
        "| rows | cosine GEMV ms | Fisher-Rao top 10 ms | ratio | recall@10 | bytes a row read | process peak MB |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in result["sizes"]:
        cosine, ours = (
            f"{row[name]['min']:.2f} / {row[name]['median']:.2f}" for name in ("cosine_ms", "fisher_rao_ms")
        )
        reads = f"{row['bytes_a_row']['fisher_rao']} against {row['bytes_a_row']['cosine']}"
        figures = f"{row['ratio']['min']:.2f} / {row['ratio']['median']:.2f} | {row['recall']:.4f}"
        lines.append(f"| {row['n']} | {cosine} | {ours} | {figures} | {reads} | {row['peak_bytes'] / 1e6:.0f} |")
    lines += ["", "Minimum / median over the queries.", "", "| d | ns a row | ns a dimension |", "|---|---|---|"]
    lines += [
        f"| {row['d']} | {row['ns_a_row']:.1f} | {row['ns_a_row'] / row['d']:.4f} |" for row in result["doubling"]
    ]
    return "\n".join(lines)


def in_own_process(arguments: list[str], threads: int) -> Any:
    """The JSON that this module, run with ``arguments`` and that many BLAS threads, prints."""
    environment = {**os.environ, **BLAS_REST, **dict.fromkeys(BLAS_THREADS, str(threads))}
    command = [sys.executable, "-m", "slm.bench.scan", *arguments]
    return json.loads(subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE).stdout)


def processor() -> str:
    """The processor's name as the system gives it."""
    about = Path("/proc/cpuinfo")
    lines = about.read_text().splitlines() if about.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return f"{len(names)} x {names[0]}" if names else platform.processor() or platform.machine()


def hold_queries_apart(embeddings: Floats32) -> tuple[Floats32, Floats32]:
    """``(queries, others)``: at most 100 rows spread evenly, and the rest."""
    chosen = np.unique(np.linspace(0, len(embeddings) - 1, min(N_QUERIES, len(embeddings) // 2)).astype(np.int64))
    return embeddings[chosen], np.delete(embeddings, chosen, axis=0)


def extended(real: Floats32, n: int, seed: int) -> Rows:
    """``n`` rows: the first of ``real``, then convex mixtures of two of them (recipe above), as float16."""
    generator = np.random.default_rng(seed)
    rows = np.empty((n, real.shape[1]), np.float16)
    n_real = min(n, len(real))
    rows[:n_real] = real[:n_real]
    for start in range(n_real, n, ROWS_A_BLOCK):
        size = min(ROWS_A_BLOCK, n - start)
        first, second = generator.integers(len(real), size=(2, size))
        share = generator.random((size, 1), np.float32)
        mixed = share * real[first] + (1 - share) * real[second]
        rows[start : start + size] = mixed / np.linalg.norm(mixed, axis=1, keepdims=True)
    return rows


def channel_of(rows: Rows, kernels: Kernels, threads: int) -> SemanticChannel:
    """The semantic channel over ``rows`` under their own pooled variance."""
    epoch = Epoch.publish(0, PooledMoments.zero(rows.shape[1]).add(rows))
    parts = [quantise(rows[start : start + ROWS_A_BLOCK]) for start in range(0, len(rows), ROWS_A_BLOCK)]
    codes, scales = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    return SemanticChannel(epoch, kernels, codes, scales, rows, threads=threads)


def top_10(channel: SemanticChannel, query: Floats32) -> npt.NDArray[np.int64]:
    """The ten nearest by the exact distance among the proxy's best :data:`POOL`, as recall has them."""
    pool = top_k(channel.screen(query), POOL)
    return pool[top_k(channel.exact(query, channel.rows(pool)), K)]


def true_top_10(channel: SemanticChannel, query: Floats32) -> npt.NDArray[np.int64]:
    """The ten nearest by brute force over all rows: float32 kernel, its best 64 measured again in float64."""
    from slm.geometry import fisher_rao_kernels as kernels

    std = channel.epoch.std
    active = np.isfinite(std)
    stds = np.tile(std[active].astype(np.float32), (ROWS_A_BLOCK, 1))
    distances = np.empty(channel.count, np.float32)
    for start in range(0, channel.count, ROWS_A_BLOCK):
        means = np.ascontiguousarray(channel.vectors[start : start + ROWS_A_BLOCK][:, active], np.float32)
        block = distances[start : start + len(means)]
        kernels.squared_distances(means, stds[: len(means)], query[active], stds[0], block)
    nearest = top_k(-distances, N_BRUTE_FORCE)
    return nearest[top_k(-squared_distances(channel.rows(nearest), query, std), K)]


def elapsed_ms(work: Callable[[], object]) -> float:
    """Wall time of one call, in milliseconds."""
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1e3


def summary(times: list[float]) -> dict[str, float]:
    """The least and the median of ``times``."""
    return {"min": float(np.min(times)), "median": float(np.median(times))}


def measure_size(embeddings: Floats32, n: int, threads: int, seed: int) -> dict[str, Any]:
    """Times, ratio, recall and memory at ``n`` rows."""
    queries, real = hold_queries_apart(embeddings)
    channel = channel_of(extended(real, n, seed), compiled(), threads)
    matrix, scores = channel.vectors.astype(np.float32), np.empty(n, np.float32)
    cosine, ours = [], []
    for query in [queries[0], *queries]:
        cosine.append(elapsed_ms(partial(np.dot, matrix, query, out=scores)))
        ours.append(elapsed_ms(partial(top_10, channel, query)))
    found = [len({*top_10(channel, query)} & {*true_top_10(channel, query)}) for query in queries]
    baseline, measured = summary(cosine[1:]), summary(ours[1:])
    return {
        "n": n,
        "queries": len(queries),
        "cosine_ms": baseline,
        "fisher_rao_ms": measured,
        "ratio": {name: measured[name] / baseline[name] for name in measured},
        "recall": float(np.sum(found)) / (min(K, n) * len(queries)),
        "bytes_a_row": {"fisher_rao": channel.codes.shape[1] + 8, "cosine": 4 * channel.codes.shape[1]},
        "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }


def measure_doubling(embeddings: Floats32) -> list[dict[str, Any]]:
    """Time a row of the exact distance, both std different, as the dimensions double; real coordinates, tiled."""
    from slm.geometry import fisher_rao_kernels as kernels

    results = []
    for d in DOUBLINGS:
        means = np.resize(embeddings, (ROWS_OF_A_DOUBLING, d))
        stds = (1.0 + np.abs(means)).astype(np.float32)
        out = np.empty(len(means), np.float32)
        measured = partial(kernels.squared_distances, means, stds, means[0], stds[0], out)
        times = [elapsed_ms(measured) for _ in range(ROUNDS_OF_A_DOUBLING)]
        results.append({"d": d, "ns_a_row": min(times) * 1e6 / len(means)})
    return results


def main(arguments: list[str]) -> None:
    """What :func:`in_own_process` starts: measure one thing, print it as JSON."""
    what, source, *numbers = arguments
    embeddings = np.load(source)
    result = measure_size(embeddings, *map(int, numbers)) if what == "size" else measure_doubling(embeddings)
    json.dump(result, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1:])
