"""Speed of the embedder on notes made from a seed: texts a second by the way of batching, milliseconds by the length.

The ways of batching embed the same texts in turn within one run, as do the lengths; a figure is the median over the
rounds. ``as slm does`` puts at most 8 texts of like length and 512 tokens into a run; the other two are its baselines.
"""

from __future__ import annotations

import platform
import random
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from slm.bench.corpus import notes
from slm.embed.onnx import Embedder

LENGTHS = (12, 20, 128)
UNSORTED = 32
LONG_NOTES = (1, 1, 1, 2, 3, 6)
"""Notes joined into one text: mostly short memories, some as long as a chunk."""

Work = Callable[[], object]


def run(n_texts: int = 128, rounds: int = 3, threads: int = 1, seed: int = 7) -> dict[str, Any]:
    """Texts a second of each way of batching, milliseconds of a query by its tokens, tokenizing, loading, memory."""
    before = private_bytes()
    began = time.perf_counter()
    embedder = Embedder.load("bundled", threads, query_cache=0)
    loaded = time.perf_counter() - began
    texts = mixed(n_texts, seed)
    batching = interleaved(ways(embedder, texts), rounds)
    queries = {n_tokens: of_length(embedder, n_tokens, seed) for n_tokens in LENGTHS}
    by_length = interleaved(
        {str(n_tokens): partial(embedder.embed_query, text) for n_tokens, text in queries.items()}, 10 * rounds
    )
    return {
        "benchmark": "embed",
        "python": platform.python_version(),
        "model": {"name": embedder.name, "sha256": embedder.sha256},
        "n_texts": n_texts,
        "tokens": sum(embedder.count(text) + 2 for text in texts),
        "rounds": rounds,
        "threads": threads,
        "seed": seed,
        "texts_a_second": {way: n_texts / seconds for way, seconds in batching.items()},
        "query_ms": {n_tokens: seconds * 1e3 for n_tokens, seconds in by_length.items()},
        "tokenized_a_second": n_texts / tokenizing(texts, rounds),
        "load_s": loaded,
        "private_bytes": None if before is None else {"before": before, "after": private_bytes()},
    }


def table(result: dict[str, Any]) -> str:
    """The result for people."""
    lines = [
        f"{result['model']['name']}, {result['threads']} thread(s), {result['n_texts']} texts of {result['tokens']} "
        f"tokens, median of {result['rounds']} rounds, seed {result['seed']}",
        "",
        *(f"{way:<28} {rate:8.0f} texts/s" for way, rate in result["texts_a_second"].items()),
        *(f"{f'query of {n_tokens} tokens':<28} {ms:8.1f} ms" for n_tokens, ms in result["query_ms"].items()),
        f"{'word pieces alone, no cache':<28} {result['tokenized_a_second']:8.0f} texts/s",
        f"{'load':<28} {result['load_s']:8.2f} s",
    ]
    memory = result["private_bytes"]
    if memory:
        lines.append(f"{'private memory it adds':<28} {(memory['after'] - memory['before']) / 1e6:8.0f} MB")
    return "\n".join(lines)


def mixed(n_texts: int, seed: int) -> list[str]:
    """Texts of mixed lengths, in no order."""
    draw = random.Random(seed)
    source = notes(n_texts * max(LONG_NOTES), seed)
    return [" ".join(next(source) for _ in range(draw.choice(LONG_NOTES))) for _ in range(n_texts)]


def of_length(embedder: Embedder, n_tokens: int, seed: int) -> str:
    """The words of notes up to exactly ``n_tokens`` tokens, the two ends counted."""
    text = ""
    for word in " ".join(notes(n_tokens, seed)).split():
        longer = f"{text} {word}".strip()
        if embedder.count(longer) + 2 <= n_tokens:
            text = longer
    return text


def ways(embedder: Embedder, texts: Sequence[str]) -> dict[str, Work]:
    """The ways to put the texts into runs."""
    ids = [embedder.tokenizer.encode(text, embedder.max_tokens) for text in texts]
    thirty_twos = [ids[i : i + UNSORTED] for i in range(0, len(ids), UNSORTED)]
    return {
        "as slm does": lambda: embedder.embed(texts),
        "one text a run": lambda: [embedder.token_states([one]) for one in ids],
        f"{UNSORTED} a run, unsorted": lambda: [embedder.token_states(batch) for batch in thirty_twos],
    }


def interleaved(works: dict[str, Work], rounds: int) -> dict[str, float]:
    """Median seconds of each, taken in turn; one round before is not counted."""
    times: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds + 1):
        for name, work in works.items():
            began = time.perf_counter()
            work()
            times[name].append(time.perf_counter() - began)
    return {name: median(measured[1:]) for name, measured in times.items()}


def tokenizing(texts: Sequence[str], rounds: int) -> float:
    """Median seconds to find the word pieces of all texts with a tokenizer that has seen none of them."""
    from slm.embed.model_files import VOCABULARY
    from slm.embed.wordpiece import WordPiece

    tokenizers = iter([WordPiece.from_file(VOCABULARY) for _ in range(rounds + 1)])

    def work() -> None:
        tokenizer = next(tokenizers)
        for text in texts:
            tokenizer.count(text)

    return interleaved({"pieces": work}, rounds)["pieces"]


def private_bytes() -> int | None:
    """Memory of this process that it shares with no other; None where the system doesn't tell."""
    if sys.platform != "linux":
        return None
    lines = (line.split() for line in Path("/proc/self/smaps_rollup").read_text("ascii").splitlines())
    return sum(int(words[1]) * 1024 for words in lines if words[0] in ("Private_Clean:", "Private_Dirty:"))
