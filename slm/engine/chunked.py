"""Texts to chunks with their vectors and token codes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from slm.embed.onnx import Embedder, Embedding
from slm.ingest.chunk import split
from slm.store.records import Chunk


def chunked_texts(
    embedder: Embedder, texts: Sequence[str], between: Callable[[], object] = lambda: None
) -> list[tuple[list[str], list[Chunk]]]:
    """Each text's pieces and their chunks; ``between`` is called after every run of the model."""
    spans = [split(text, embedder.count, embedder.chunk_limit) for text in texts]
    pieces = [[text[start:stop] for start, stop in found] for text, found in zip(texts, spans, strict=True)]
    embedded: dict[int, Embedding] = {}
    for positions, embeddings in embedder.slices([piece for of_text in pieces for piece in of_text]):
        embedded.update(zip(positions, embeddings, strict=True))
        between()
    chunked, first = [], 0
    for found, of_text in zip(spans, pieces, strict=True):
        run = [embedded[i] for i in range(first, first + len(found))]
        chunks = [
            Chunk(start, stop, one.mean.astype("float16"), one.codes, one.pieces)
            for (start, stop), one in zip(found, run, strict=True)
        ]
        chunked.append((of_text, chunks))
        first += len(found)
    return chunked
