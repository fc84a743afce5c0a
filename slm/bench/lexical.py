"""Speed of the lexical channel on synthetic text, beside SQLite's FTS5 and, where installed, bm25s.

Documents have 8 to 39 words drawn from a Zipf law (exponent 1.05) over a vocabulary of 50,000; a query is five words of
one document. All engines see the same words and answer the same queries in turn within one run, on one thread.
"""

from __future__ import annotations

import importlib.util
import sqlite3
import time
from collections.abc import Callable, Sequence
from statistics import median
from typing import Any

import numpy as np

from slm.geometry.backend import NUMPY, compiled
from slm.geometry.top_k import top_k
from slm.retrieval.lexical import LexicalIndex
from slm.retrieval.segment import Segment

VOCABULARY = 50_000
EXPONENT = 1.05
FLUSH_EVERY = 4096
LIMIT = 10

Search = Callable[[list[str]], object]


def documents(n_documents: int, seed: int) -> list[list[str]]:
    """Synthetic documents as lists of words."""
    random = np.random.default_rng(seed)
    rates = np.arange(1, VOCABULARY + 1) ** -EXPONENT
    lengths = random.integers(8, 40, n_documents)
    words = random.choice(VOCABULARY, lengths.sum(), p=rates / rates.sum())
    return [[f"w{word}" for word in part] for part in np.split(words, np.cumsum(lengths)[:-1])]


def queries(texts: Sequence[list[str]], n_queries: int, seed: int) -> list[list[str]]:
    """Five distinct words of a random document each."""
    random = np.random.default_rng(seed)
    chosen = (sorted(set(texts[i])) for i in random.integers(0, len(texts), n_queries))
    return [[str(word) for word in random.choice(words, min(5, len(words)), replace=False)] for words in chosen]


def run(n_documents: int = 100_000, n_queries: int = 60, seed: int = 0) -> dict[str, Any]:
    """Milliseconds a query of each engine (score all documents, best ten), and the index's build and opening times."""
    texts = documents(n_documents, seed)
    began = time.perf_counter()
    index = build_index(texts)
    built = time.perf_counter() - began
    arrays = [segment.arrays() for segment in index.segments]
    began = time.perf_counter()
    LexicalIndex.from_arrays(arrays)
    opened = time.perf_counter() - began
    engines = {**slm_engines(arrays), "SQLite FTS5": fts5(texts), **bm25s_engine(texts)}
    return {
        "n_documents": n_documents,
        "seed": seed,
        "documents_per_s": n_documents / built,
        "index_bytes": sum(array.nbytes for bundle in arrays for array in bundle.values()),
        "n_segments": len(arrays),
        "open_ms": 1e3 * opened,
        "query_ms": interleaved(engines, queries(texts, n_queries, seed + 1)),
    }


def table(result: dict[str, Any]) -> str:
    """The result as lines of text."""
    head = (
        f"{result['n_documents']:,} documents, seed {result['seed']}: {result['documents_per_s']:,.0f} indexed "
        f"a second, {result['index_bytes'] / result['n_documents']:.0f} bytes each, {result['n_segments']} segments "
        f"opened in {result['open_ms']:.1f} ms"
    )
    rows = [f"{name:<24} {ms['median']:8.3f} {ms['min']:8.3f}" for name, ms in result["query_ms"].items()]
    return "\n".join([head, f"{'ms for five terms':<24} {'median':>8} {'min':>8}", *rows])


def build_index(texts: Sequence[list[str]]) -> LexicalIndex:
    """All texts added as a store would, with a flush and a merge now and then."""
    index = LexicalIndex()
    for chunk_id, words in enumerate(texts):
        index.add(chunk_id, words)
        if chunk_id % FLUSH_EVERY == FLUSH_EVERY - 1:
            index.flush()
            index.merge()
    index.flush()
    index.merge()
    return index


def slm_engines(arrays: list[dict[str, Any]]) -> dict[str, Search]:
    """The same segments with each backend."""
    indexes = {kernels.name: LexicalIndex(map(Segment, arrays), kernels=kernels) for kernels in (compiled(), NUMPY)}

    def searching(index: LexicalIndex) -> Search:
        return lambda terms: top_k(index.scores(terms).scores, LIMIT)

    return {f"slm, {name}": searching(index) for name, index in indexes.items()}


def fts5(texts: Sequence[list[str]]) -> Search:
    """SQLite's full-text index in memory, any of the words, ordered by its BM25."""
    database = sqlite3.connect(":memory:")
    database.execute("create virtual table texts using fts5(words, content='')")
    rows = ((i, " ".join(words)) for i, words in enumerate(texts))
    database.executemany("insert into texts(rowid, words) values (?, ?)", rows)
    ask = f"select rowid from texts where texts match ? order by rank limit {LIMIT}"
    return lambda terms: database.execute(ask, (" OR ".join(terms),)).fetchall()


def bm25s_engine(texts: Sequence[list[str]]) -> dict[str, Search]:
    """bm25s with its numpy backend; nothing where it isn't installed."""
    if importlib.util.find_spec("bm25s") is None:
        return {}
    engine: Any = importlib.import_module("bm25s").BM25()
    engine.index(list(texts), show_progress=False)
    return {"bm25s": lambda terms: engine.retrieve([terms], k=LIMIT, show_progress=False)}


def interleaved(engines: dict[str, Search], asked: Sequence[list[str]]) -> dict[str, dict[str, float]]:
    """Each query to each engine in turn, after five queries of warming up."""
    spent: dict[str, list[float]] = {name: [] for name in engines}
    for terms in (*asked[:5], *asked):
        for name, search in engines.items():
            began = time.perf_counter()
            search(terms)
            spent[name].append(1e3 * (time.perf_counter() - began))
    return {name: {"median": median(all_ms[5:]), "min": min(all_ms[5:])} for name, all_ms in spent.items()}
