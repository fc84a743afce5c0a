"""The searchable state of one store: scan files, postings, columns and the published variance, in step with LMDB.

LMDB is the truth. What lies here is derived: it is written beside the store to start fast, and rebuilt where it is
missing, damaged or behind.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import partial

import numpy as np
import numpy.typing as npt

from slm.counted import counted
from slm.engine.added import Added
from slm.engine.lifecycles import Lifecycles, origin_of
from slm.engine.postings import load_postings, save_postings
from slm.errors import StorageRefused
from slm.geometry.backend import Kernels
from slm.geometry.normal import PooledMoments
from slm.retrieval.columns import Columns
from slm.retrieval.phrases import PhrasesChannel
from slm.retrieval.recall import Ranker
from slm.retrieval.semantic import Epoch, Metric, SemanticChannel, quantise
from slm.retrieval.session_lift import pairs, session_lift
from slm.retrieval.session_order import SessionOrder
from slm.retrieval.weights import DEFAULT_WEIGHTS, Weights
from slm.store.reader import Reader
from slm.store.rewrite import Between
from slm.store.scan_files import ScanFiles
from slm.store.store import Store
from slm.store.writer import Writer

TAIL_CHUNKS = 2048
"""Chunks that the mutable tail of the postings holds before it becomes a segment on disk."""


class Index:
    """Owned by the numeric worker. A change is staged inside its transaction and followed after its commit."""

    def __init__(
        self,
        store: Store,
        kernels: Kernels,
        *,
        constant: tuple[int, ...],
        metric: Metric,
        threads: int,
        lifecycle: bool,
        between: Between = lambda: None,
    ) -> None:
        """Read what the store has; ``between`` is called now and then while files are made anew."""
        self.store_id = store.identity.store_id
        self._folder = store.folder
        self._constant = constant
        self._new_channel = partial(SemanticChannel, metric=metric, threads=threads)
        dims = store.identity.embedder.dims
        self.scan = ScanFiles(store.folder, self.store_id, dims)
        healed = self.scan.heal(store, quantise, between)
        self.healed = [healed] if healed else []
        with store.read() as reader:
            heads = reader.heads()
            self.columns = Columns(heads)
            self.lifecycles = Lifecycles(origin_of(store.identity), heads, kernels.noise, enabled=lifecycle)
            self.speakers = reader.names("speaker")
            self.moments = _moments(reader, dims)
            self.epoch = _epoch(reader, self.moments, constant)
            self.lexical, analysed = load_postings(reader, self._folder, self.store_id, self.columns, kernels)
        if analysed:
            self.healed.append(f"postings of {counted(analysed, 'chunk')} were analysed anew")
        self._saved_chunks = self.lexical.count - analysed
        self.sessions = SessionOrder(*(self.columns[name] for name in ("scope", "session", "observed_ns")))
        self.weights: Weights = DEFAULT_WEIGHTS
        self._lift = (0, 1.0)
        self._released = False
        self._staged: tuple[PooledMoments, Epoch | None] = (self.moments, None)
        self.semantic = self._channel(kernels)

    def ranker(self, day: int) -> Ranker:
        """Ranks what is searchable now, with the attention that memories have on a UTC ``day`` counted from 1970."""
        view = self.scan.view
        phrases = PhrasesChannel(view.tokens, view.token_ends, self.semantic.kernels)
        lift = self._session_lift()
        attention = self.lifecycles.attention(day)
        return Ranker(self.columns, self.semantic, self.lexical, phrases, self.sessions, self.weights, lift, attention)

    def memories_with(self, terms: Sequence[str]) -> npt.NDArray[np.int64]:
        """The live memories with a chunk that holds every one of ``terms``, ascending."""
        chunks = self.lexical.view().holders(terms)
        return np.unique(np.searchsorted(self.columns["first_chunk"], chunks, side="right") - 1)

    @property
    def n_live(self) -> int:
        """Memories that recall may show."""
        return int(self.columns.live().sum())

    def live_by_scope(self, reader: Reader) -> dict[str, int]:
        """Live memories of each scope that has any."""
        counts = np.bincount(self.columns["scope"][self.columns.live()])
        return {name: int(n) for name, n in zip(reader.names("scope"), counts, strict=False) if n}

    def stage(
        self, writer: Writer, added: Sequence[Added], turned: Sequence[tuple[int, bool]], *, publish: bool = False
    ) -> Epoch | None:
        """Write the scan rows and the exact sums of a change that is about to commit; the epoch, if it publishes one.

        It does where the store has outgrown the last one, and with ``publish`` in any case.
        Raises :class:`StorageRefused` when the disk is full: nothing was changed then.
        """
        self.scan.discard()
        moments = self.moments
        for new in added:
            moments = moments.add(new.prepared.rows) if new.memory.live else moments
        for ordinal, live in turned:
            rows = np.stack([chunk.mean for chunk in writer.chunks_of(ordinal)])
            moments = moments.add(rows) if live else moments.subtract(rows)
        if added:
            rows = np.concatenate([new.prepared.rows for new in added])
            self.scan.append(*quantise(rows), rows, [chunk.codes for new in added for chunk in new.prepared.chunks])
        epoch = None
        if publish or self.epoch.outgrown(moments.count):
            epoch = Epoch.publish(self.epoch.number + 1, moments, self._constant)
            writer.put_meta("epoch", epoch.to_bytes())
        writer.put_meta("moments", moments.to_bytes())
        self._staged = (moments, epoch)
        return epoch

    def follow(
        self, reader: Reader, added: Sequence[Added], amended: Iterable[int], turned: Sequence[tuple[int, bool]]
    ) -> None:
        """Take up a change that was committed; ``amended`` are the memories whose heads were written anew."""
        self.moments, epoch = self._staged
        for new in added:
            head = reader.head(new.ordinal)
            self.columns.append(head)
            self.lifecycles.append(head)
            self.sessions.append(*(int(head[name]) for name in ("scope", "session", "observed_ns")))
            for terms in new.prepared.terms:
                self.lexical.add(self.lexical.count, terms)
        for ordinal in amended:
            head = reader.head(ordinal)
            self.columns.replace(ordinal, head)
            self.lifecycles.replace(ordinal, head)
        hidden = [new.ordinal for new in added if not new.memory.live]
        self.lexical.remove(self._chunks([*hidden, *(ordinal for ordinal, live in turned if not live)]))
        self.lexical.restore(self._chunks([ordinal for ordinal, live in turned if live]))
        if added:
            self.scan.publish(self.lexical.count)
            self.speakers = reader.names("speaker")
        if epoch is not None:
            self.epoch = epoch
            self.semantic = self._channel(self.semantic.kernels)
        elif added:
            self.semantic = self.semantic.extended(self.scan.codes, self.scan.scales, self.scan.rows)
        if self.lexical.count - self._saved_chunks >= TAIL_CHUNKS:
            self.save()

    def use_kernels(self, kernels: Kernels) -> None:
        """Go on with another implementation of the same kernels: the same scores to the bit."""
        self.lexical.kernels = kernels
        self.lifecycles.noise = kernels.noise
        self.semantic = self.semantic.with_kernels(kernels)

    def save(self) -> None:
        """Write the postings of the tail, so that the next start need not analyse its texts again.

        On a full disk it does without: what they are derived from is stored.
        """
        self.lexical.flush()
        self.lexical.merge()
        with suppress(StorageRefused, OSError):
            save_postings(self.lexical, self._folder, self.store_id)
        self._saved_chunks = self.lexical.count

    def close(self) -> None:
        """Save, and release the scan files. Nothing happens after :meth:`release`."""
        if not self._released:
            self.save()
            self.release()

    def purge(self, ordinals: Sequence[int]) -> None:
        """Keep no word of the memories' texts: their chunks are as if they had been empty."""
        self.lexical.purge(self._chunks(ordinals))

    def release(self) -> None:
        """Release the scan files and save nothing: what lies here is about to be made anew.

        What was asked for before can still be asked: the arrays stay where they are.
        """
        self._released = True
        self.scan.close()

    def _session_lift(self) -> float:
        """How far session context counts, for the memories there are."""
        count, lift = self._lift
        if count != self.columns.count:
            turns = pairs(self.sessions.after(np.arange(self.columns.count)))
            firsts = self.columns["first_chunk"]
            lift = session_lift(*(self.semantic.rows(firsts[one]) for one in turns))
            self._lift = (self.columns.count, lift)
        return lift

    def _channel(self, kernels: Kernels) -> SemanticChannel:
        return self._new_channel(self.epoch, kernels, self.scan.codes, self.scan.scales, self.scan.rows)

    def _chunks(self, ordinals: Sequence[int]) -> npt.NDArray[np.int64]:
        first, sizes = self.columns["first_chunk"], self.columns["n_chunks"]
        runs = [np.arange(int(first[i]), int(first[i]) + int(sizes[i])) for i in ordinals]
        return np.concatenate([np.zeros(0, np.int64), *runs])


def _moments(reader: Reader, dims: int) -> PooledMoments:
    stored = reader.meta("moments")
    return PooledMoments.from_bytes(stored) if stored else PooledMoments.zero(dims)


def _epoch(reader: Reader, moments: PooledMoments, constant: tuple[int, ...]) -> Epoch:
    stored = reader.meta("epoch")
    return Epoch.from_bytes(stored) if stored else Epoch.publish(0, moments, constant)
