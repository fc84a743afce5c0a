"""An embedder without a model: a text's vector is the normalised sum of its words' vectors."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from slm.embed.onnx import Embedding, QueryEmbedding

DIMS = 64
SLICE = 8


class StubEmbedder:
    """Deterministic in the text alone. Two texts are as near as the words they share.

    ``between_slices`` is called before each slice but the first; ``embedded`` counts the texts.
    """

    name, sha256, dims, pooling, prefix = "stub", "0" * 64, DIMS, "mean", ""
    constant_dims: tuple[int, ...] = ()
    warnings: tuple[str, ...] = ()
    chunk_limit = 128
    file = "/models/stub.onnx"

    def __init__(self) -> None:
        self.between_slices: Callable[[], object] = lambda: None
        self.embedded = 0

    def piece(self, number: int) -> str:
        return f"piece{number}"

    def count(self, text: str) -> int:
        return len(text.split())

    def embed_query(self, text: str) -> QueryEmbedding:
        return QueryEmbedding(vector(text), np.zeros((0, DIMS), np.float32), np.zeros(0, np.uint16))

    def slices(self, texts: Sequence[str]) -> Iterator[tuple[list[int], list[Embedding]]]:
        for start in range(0, len(texts), SLICE):
            if start:
                self.between_slices()
            positions = list(range(start, min(start + SLICE, len(texts))))
            self.embedded += len(positions)
            yield positions, [embedding(texts[i]) for i in positions]


def embedding(text: str) -> Embedding:
    mean = vector(text)
    return Embedding(mean, np.packbits(mean[None, :] > 0, axis=1), np.zeros(1, np.uint16), len(text.split()))


def vector(text: str) -> npt.NDArray[np.float32]:
    total = sum((_word(word) for word in re.findall(r"\w+", text.casefold()) or [text]), np.zeros(DIMS))
    return (total / np.linalg.norm(total)).astype(np.float32)


def _word(word: str) -> npt.NDArray[np.float64]:
    seed = int.from_bytes(hashlib.sha256(word.encode("utf-8", "surrogatepass")).digest()[:8], "big")
    return np.random.default_rng(seed).standard_normal(DIMS)
