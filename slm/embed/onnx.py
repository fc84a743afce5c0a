"""The embedder: texts to normalised vectors and token codes, on the CPU, the same whatever the batch.

Importing this module doesn't import onnxruntime; :meth:`Embedder.load` does.
"""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from slm.embed.checked_files import unavailable
from slm.embed.late_tokens import dropped_ids, kept_positions
from slm.embed.model_files import ModelFiles, resolve
from slm.embed.tokenizer import Tokenizer, load_tokenizer
from slm.geometry.late_interaction import MAX_DIMS

FloatArray = npt.NDArray[np.float32]

TEXTS_PER_RUN = 8
PADDED_TOKENS_PER_RUN = 512
MAX_THREADS = 4
DEFAULT_CHUNK_LIMIT = 128
LEAST_CHUNK_LIMIT = 8
TOKENS_A_QUERY = 32
"""Token states that a remembered query has room for on average: 12 MB for 256 queries in 384 dimensions."""
CONSTANT_STD = 1e-3
PROBES = (
    "An example sentence.", "Rain fell on the harbour all night.", "2 + 2 = 4", "def read(path): return path",
    "Wir treffen uns am Montag.", "the invoice is overdue", "Who won?", "Blue whales sing at low frequencies.",
)  # fmt: skip
"""Texts that show the width of a model's output and the dimensions that never vary."""


class Embedding(NamedTuple):
    """A text's vector and its codes for late interaction.

    ``mean`` float32 (d,), L2-normalised; ``codes`` uint8 (t, d/8), a sign bit a dimension of each kept token's state;
    ``pieces`` uint16 (t,), the kept tokens' ids modulo 65,536; ``n_tokens`` counts the word pieces read.
    """

    mean: FloatArray
    codes: npt.NDArray[np.uint8]
    pieces: npt.NDArray[np.uint16]
    n_tokens: int


class QueryEmbedding(NamedTuple):
    """A query's vector (as in :class:`Embedding`) and its kept token states, float32 (t, d), each L2-normalised.

    The arrays may come from the cache, so they can't be written to.
    """

    mean: FloatArray
    states: FloatArray
    pieces: npt.NDArray[np.uint16]


class Embedder:
    """One loaded model. Thread-safe; the vectors of a text don't depend on the other texts or on the threads."""

    def __init__(self, files: ModelFiles, session: Any, tokenizer: Tokenizer, query_cache: int) -> None:
        self.name, self.sha256 = files.name, files.sha256
        self.warnings, self.batch_invariant = files.warnings, files.batch_invariant
        self.pooling, self.max_tokens, self.query_prefix, self.document_prefix = files.settings
        self.tokenizer = tokenizer
        self._path, self._session = files.onnx, session
        self._inputs = {node.name for node in session.get_inputs()}
        self._output = _token_states(session, files.onnx)
        self._dropped = dropped_ids(tokenizer)
        self._pieces = {number % (1 << 16): piece for piece, number in tokenizer.vocabulary.items()}
        self._queries = _LruCache(query_cache)
        self.dims = 0
        self.dims, self.constant_dims = self._probe(files.constant_dims)
        if self.chunk_limit < LEAST_CHUNK_LIMIT:
            raise unavailable(f"the document prompt leaves no room in {self.max_tokens} tokens", files.onnx)

    @classmethod
    def load(cls, spec: str, threads: int = 0, query_cache: int = 256) -> Embedder:
        """The embedder named by ``embed.model``: ``bundled`` or a folder. Raises ModelUnavailable.

        ``threads`` are those of one run, 0 for the machine's up to four; ``query_cache`` queries are remembered.
        """
        files = resolve(spec)
        tokenizer = load_tokenizer(files)
        session = _open_session(files.onnx, threads or min(MAX_THREADS, os.cpu_count() or 1))
        return cls(files, session, tokenizer, query_cache)

    @property
    def file(self) -> str:
        """The model's file."""
        return str(self._path)

    @property
    def prefix(self) -> str:
        """What is put before queries and documents, as one string for the store's fingerprint."""
        both = (self.query_prefix, self.document_prefix)
        return "|".join(both) if any(both) else ""

    @property
    def chunk_limit(self) -> int:
        """Word pieces of the longest chunk that is read whole, prefix and special tokens included."""
        return min(
            DEFAULT_CHUNK_LIMIT, self.max_tokens - len(self.tokenizer.encode(self.document_prefix, self.max_tokens))
        )

    def piece(self, number: int) -> str:
        """The word piece that embeddings call ``number``; empty for one that isn't in the vocabulary."""
        return self._pieces.get(number, "")

    def count(self, text: str) -> int:
        """How many word pieces the text has: the measure of chunks."""
        return self.tokenizer.count(text)

    def embed(self, texts: Sequence[str]) -> list[Embedding]:
        """The texts' embeddings, in their order. Each text is read up to ``max_tokens``."""
        found: dict[int, Embedding] = {}
        for indices, embeddings in self.slices(texts):
            found.update(zip(indices, embeddings, strict=True))
        return [found[i] for i in range(len(texts))]

    def slices(self, texts: Sequence[str]) -> Iterator[tuple[list[int], list[Embedding]]]:
        """The same in runs of a few texts of like length, each with the texts' indices, so that others get a turn."""
        ids = [self.tokenizer.encode(self.document_prefix + text, self.max_tokens) for text in texts]
        for indices in runs([len(one) for one in ids], self.batch_invariant):
            batch = [ids[i] for i in indices]
            yield indices, [self._embedding(*pair) for pair in zip(batch, self.token_states(batch), strict=True)]

    def embed_query(self, text: str) -> QueryEmbedding:
        """The query's embedding with its token states; repeated queries come from the cache in memory."""
        found = self._queries.get(text)
        if found is None:
            ids = self.tokenizer.encode(self.query_prefix + text, self.max_tokens)
            states = self.token_states([ids])[0]
            kept = kept_positions(ids, self._dropped, self.tokenizer.special_ids, limit=None)
            found = QueryEmbedding(self._mean(states), _normalised(states[kept]), _pieces(ids, kept))
            for array in found:
                array.setflags(write=False)
            self._queries.put(text, found)
        return found

    def forget_queries(self) -> None:
        """Embed every query anew from now on."""
        self._queries.clear()

    def _embedding(self, ids: list[int], states: FloatArray) -> Embedding:
        kept = kept_positions(ids, self._dropped, self.tokenizer.special_ids)
        n_tokens = sum(1 for piece in ids if piece not in self.tokenizer.special_ids)
        return Embedding(self._mean(states), np.packbits(states[kept] > 0, axis=1), _pieces(ids, kept), n_tokens)

    def _mean(self, states: FloatArray) -> FloatArray:
        pooled = states[0].astype(np.float64) if self.pooling == "cls" else states.mean(axis=0, dtype=np.float64)
        norm = float(np.linalg.norm(pooled))
        if not 0.0 < norm < np.inf:
            raise unavailable("the embedder gave a vector that has no direction", self._path)
        mean: FloatArray = (pooled / norm).astype(np.float32)
        return mean

    def token_states(self, batch: list[list[int]]) -> list[FloatArray]:
        """Token states (n, d) of each text, padding cut off."""
        lengths = [len(ids) for ids in batch]
        shape = (len(batch), max(lengths))
        ids, mask = np.full(shape, self.tokenizer.padding, np.int64), np.zeros(shape, np.int64)
        for row, one in enumerate(batch):
            ids[row, : len(one)] = one
            mask[row, : len(one)] = 1
        feed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros(shape, np.int64)}
        try:
            (states,) = self._session.run([self._output], {name: feed[name] for name in self._inputs})
        except Exception as error:
            raise unavailable(f"onnxruntime can't run the model: {str(error).splitlines()[0]}", self._path) from error
        if states.dtype != np.float32 or states.ndim != 3 or states.shape[:2] != shape:
            raise unavailable(f"the embedder gave {states.dtype} states of shape {states.shape}", self._path)
        if self.dims and states.shape[2] != self.dims:
            raise unavailable(f"the embedder gave {states.shape[2]} dimensions, before {self.dims}", self._path)
        return [states[row, :length] for row, length in enumerate(lengths)]

    def _probe(self, constant_dims: tuple[int, ...] | None) -> tuple[int, tuple[int, ...]]:
        """Dimensions, and which of them never vary; a model of unknown make is also tried at its limits."""
        probes = PROBES[:1] if constant_dims is not None else PROBES
        means = np.stack([embedding.mean for embedding in self.embed(probes)])
        dims = means.shape[1]
        if dims % 8 or dims > MAX_DIMS:
            problem = f"the embedder gives {dims} dimensions; at most {MAX_DIMS}, a multiple of 8, can be kept"
            raise unavailable(problem, self._path)
        if constant_dims is None:
            self.token_states([[max(self.tokenizer.vocabulary.values())] * self.max_tokens])
            constant_dims = tuple(int(i) for i in np.flatnonzero(means.std(axis=0) < CONSTANT_STD))
        return dims, constant_dims


class _LruCache:
    """The last ``size`` queries, in memory only; fewer where they are long. Size 0 keeps none."""

    def __init__(self, size: int) -> None:
        self._size, self._room, self._n_tokens = size, size * TOKENS_A_QUERY, 0
        self._entries: OrderedDict[str, QueryEmbedding] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, text: str) -> QueryEmbedding | None:
        with self._lock:
            found = self._entries.get(text)
            if found is not None:
                self._entries.move_to_end(text)
            return found

    def put(self, text: str, found: QueryEmbedding) -> None:
        with self._lock:
            before = self._entries.pop(text, None)
            self._entries[text] = found
            self._n_tokens += len(found.states) - (0 if before is None else len(before.states))
            while len(self._entries) > self._size or self._n_tokens > self._room:
                _, oldest = self._entries.popitem(last=False)
                self._n_tokens -= len(oldest.states)

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()
            self._n_tokens = 0


def runs(lengths: Sequence[int], batch_invariant: bool = True) -> Iterator[list[int]]:
    """Indices of the texts of each run: like lengths together, at most 8 texts and 512 tokens, padding included."""
    texts_per_run = TEXTS_PER_RUN if batch_invariant else 1
    run: list[int] = []
    for i in sorted(range(len(lengths)), key=lambda i: lengths[i]):
        if run and (len(run) == texts_per_run or lengths[i] * (len(run) + 1) > PADDED_TOKENS_PER_RUN):
            yield run
            run = []
        run.append(i)
    if run:
        yield run


def _open_session(path: Path, threads: int) -> Any:
    import onnxruntime

    onnxruntime.disable_telemetry_events()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.enable_mem_pattern = False
    options.log_severity_level = 4
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise unavailable(f"onnxruntime can't load the model: {str(error).splitlines()[0]}", path) from error


def _token_states(session: Any, path: Path) -> str:
    """Name of the output that holds a state a token."""
    unknown = {node.name for node in session.get_inputs()} - {"input_ids", "attention_mask", "token_type_ids"}
    if unknown:
        raise unavailable(f"the model asks for unknown inputs: {', '.join(sorted(unknown))}", path)
    outputs: dict[str, Any] = {node.name: node.shape for node in session.get_outputs()}
    for name in ("last_hidden_state", "token_embeddings", *outputs):
        if len(outputs.get(name) or ()) == 3:
            return name
    raise unavailable("the model gives no token states (batch, sequence, dimensions)", path)


def _normalised(states: FloatArray) -> FloatArray:
    norms = np.linalg.norm(states, axis=1, keepdims=True)
    norms[norms == 0] = 1.0
    rows: FloatArray = states / norms
    return rows


def _pieces(ids: list[int], kept: npt.NDArray[np.intp]) -> npt.NDArray[np.uint16]:
    return (np.asarray(ids)[kept] % (1 << 16)).astype(np.uint16)
