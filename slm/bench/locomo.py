"""``slm bench locomo``: is the turn that holds the answer among the first k? One store a conversation."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from slm.bench.collections import Collection, Question, locomo, sha256
from slm.bench.stores import batches
from slm.config import Config
from slm.embed.onnx import Embedder
from slm.engine.engine import Engine
from slm.engine.service import Service
from slm.geometry.top_k import top_k
from slm.model import Caller
from slm.retrieval.words import query_terms

DEPTH = 20
CALLER = Caller(actor="import:locomo", scope="global")
RESAMPLES = 2000
Ranked = list[int]
RankAll = Callable[[str], Ranked]


def run(path: Path, conversation: str | None = None, seed: int = 7) -> dict[str, Any]:
    """Ingest every conversation (or one) into a store of its own and ask its answerable questions."""
    chosen = [c for c in locomo(path) if conversation in (None, c.name)]
    embedder = Embedder.load("bundled", 0)
    found: dict[str, list[tuple[Question, Ranked]]] = {}
    for collection in chosen:
        with tempfile.TemporaryDirectory() as folder:
            service = Service(Path(folder), Config(), load=lambda: embedder)
            try:
                for name, ranked in _ask(service, collection, embedder).items():
                    found.setdefault(name, []).extend(ranked)
            finally:
                service.close()
    return {
        "conversations": [c.name for c in chosen],
        "turns": sum(len(c.records) for c in chosen),
        "questions": len(found["slm recall"]),
        "sha256": sha256(path),
        "rows": {name: _scores(ranked, seed) for name, ranked in found.items()},
    }


def _ask(service: Service, collection: Collection, embedder: Embedder) -> dict[str, list[tuple[Question, Ranked]]]:
    for batch in batches(collection.records, 256):
        service.call("remember", {"batch": list(batch)}, CALLER)
    answerable = [question for question in collection.questions if question.gold]
    position = {record["idempotency_key"]: i for i, record in enumerate(collection.records)}

    def through_recall(text: str) -> Ranked:
        answer = service.call("recall", {"query": text, "limit": DEPTH, "min_confidence": 0}, CALLER)
        return [position[hit["memory"]["idempotency_key"]] for hit in answer["hits"]]

    ways = {"slm recall": through_recall, **service.inspect(lambda engine: _single_channels(engine, embedder))}
    return {name: [(question, rank(question.text)) for question in answerable] for name, rank in ways.items()}


def _single_channels(engine: Engine, embedder: Embedder) -> dict[str, RankAll]:
    """Each channel alone, exactly, over all turns."""
    semantic, lexical, columns = engine.index.semantic, engine.index.lexical, engine.index.columns
    firsts = columns["first_chunk"]

    def ranked(chunk_scores: npt.NDArray[np.floating]) -> Ranked:
        return [int(i) for i in top_k(np.maximum.reduceat(chunk_scores, firsts), DEPTH)]

    return {
        "words alone (BM25)": lambda text: ranked(lexical.scores(query_terms(text)).scores),
        "meaning alone (Fisher-Rao)": lambda text: ranked(
            semantic.exact(embedder.embed_query(text).mean, semantic.vectors)
        ),
        "meaning alone (cosine)": lambda text: ranked(
            semantic.cosine(embedder.embed_query(text).mean, semantic.vectors)
        ),
    }


def _scores(ranked: Sequence[tuple[Question, Ranked]], seed: int) -> dict[str, Any]:
    recalls = {k: np.array([len(q.gold & set(r[:k])) / len(q.gold) for q, r in ranked]) for k in (5, 10, 20)}
    categories = sorted({question.category for question, _ in ranked})
    of_category = {c: [i for i, (q, _) in enumerate(ranked) if q.category == c] for c in categories}
    return {
        **{f"R@{k}": round(100 * float(values.mean()), 1) for k, values in recalls.items()},
        "R@10 95 %": [round(100 * edge, 1) for edge in _interval(recalls[10], seed)],
        "nDCG@10": round(100 * float(np.mean([_ndcg(q, r) for q, r in ranked])), 1),
        "R@10 by category": {c: round(100 * float(recalls[10][i].mean()), 1) for c, i in of_category.items()},
    }


def _ndcg(question: Question, ranked: Ranked, k: int = 10) -> float:
    discounts = 1.0 / np.log2(np.arange(2, k + 2))
    gained = sum(discounts[i] for i, turn in enumerate(ranked[:k]) if turn in question.gold)
    return float(gained / discounts[: min(k, len(question.gold))].sum())


def _interval(values: npt.NDArray[np.float64], seed: int) -> tuple[float, float]:
    """95 % bootstrap interval of the mean, over questions."""
    draw = np.random.default_rng(seed)
    means = values[draw.integers(len(values), size=(RESAMPLES, len(values)))].mean(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)


def table(result: dict[str, Any]) -> str:
    """The result for a person."""
    lines = [
        f"LoCoMo, {len(result['conversations'])} conversations, {result['turns']} turns, "
        f"{result['questions']} answerable questions, data sha256 {result['sha256'][:12]}…",
        f"{'':28}{'R@5':>6}{'R@10':>6}{'  (95 %)':<14}{'R@20':>6}{'nDCG@10':>9}",
    ]
    for name, row in result["rows"].items():
        low, high = row["R@10 95 %"]
        interval = f"  ({low}–{high})"
        lines.append(f"{name:28}{row['R@5']:6}{row['R@10']:6}{interval:<14}{row['R@20']:6}{row['nDCG@10']:9}")
    return "\n".join(lines)
