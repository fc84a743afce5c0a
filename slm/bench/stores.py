"""Large stores for benchmarks: the real ingestion of made notes, with vectors mixed from a few thousand real ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeVar, cast

import numpy as np

from slm.bench.corpus import notes
from slm.config import Config
from slm.embed.onnx import Embedder, Embedding
from slm.engine.service import Service
from slm.model import Caller

Item = TypeVar("Item")

BATCH = 512
SAMPLE = 2000
CALLER = Caller(actor="cli")


class MixtureEmbedder:
    """Stands in for the embedder while a large store is built; everything but the vectors is the real path.

    A text gets λ a + (1 − λ) b of two real embeddings drawn at random, divided by its length, and a's token codes.
    """

    def __init__(self, real: Embedder, seed: int) -> None:
        self._sample = real.embed(list(notes(SAMPLE, seed)))
        self._means = np.stack([embedding.mean for embedding in self._sample])
        self._draw = np.random.default_rng(seed)
        self._real = real

    def __getattr__(self, name: str) -> object:
        return getattr(self._real, name)

    def slices(self, texts: Sequence[str]) -> Iterator[tuple[list[int], list[Embedding]]]:
        """Mixtures for ``texts``, all in one slice."""
        first, second = self._draw.integers(len(self._sample), size=(2, len(texts)))
        share = self._draw.random((len(texts), 1), dtype=np.float32)
        mixed = share * self._means[first] + (1 - share) * self._means[second]
        mixed /= np.linalg.norm(mixed, axis=1, keepdims=True)
        made = [self._sample[i]._replace(mean=mean) for i, mean in zip(first, mixed, strict=True)]
        yield list(range(len(texts))), made


def build(root: Path, count: int, seed: int = 7) -> None:
    """Fill the default profile below ``root`` with ``count`` notes."""
    config = Config()
    real = Embedder.load(config.embed.model, config.embed.threads)
    mixtures = cast("Embedder", MixtureEmbedder(real, seed))
    service = Service(root, config, load=lambda: mixtures, compile_kernels=False)
    try:
        for batch in batches(list(notes(count, seed)), BATCH):
            service.call("remember", {"batch": [{"text": text} for text in batch]}, Caller(actor="import:bench"))
    finally:
        service.close()


def batches(texts: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    """Consecutive runs of at most ``size``."""
    for start in range(0, len(texts), size):
        yield texts[start : start + size]


def questions(embedder: Embedder, count: int, n_tokens: int, seed: int) -> list[str]:
    """``count`` questions of exactly ``n_tokens`` tokens, the model's own two included, cut from made notes."""
    asked: list[str] = []
    for text in notes(20 * count, seed):
        words = ("where " + text).split()
        while words and embedder.count(" ".join(words)) > n_tokens - 2:
            words.pop()
        if embedder.count(" ".join(words)) == n_tokens - 2 and len(asked) < count:
            asked.append(" ".join(words))
    return asked


def median_ms(times_s: Sequence[float]) -> float:
    """The median of times in seconds, in milliseconds."""
    return round(float(np.median(times_s)) * 1e3, 3)
