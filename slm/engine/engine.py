"""One open profile: its store, its index and the embedder, and the one way to change them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np

from slm.config import Config
from slm.counted import counted
from slm.embed.onnx import Embedder
from slm.engine.added import Prepared
from slm.engine.audited import Audited
from slm.engine.chunked import chunked_texts
from slm.engine.claim_codec import encode
from slm.engine.claims import ClaimReader
from slm.engine.contradictions import Contradictions
from slm.engine.erased import Erased
from slm.engine.erasing import Beside, Doomed, Erasing, doomed, erase_memories, finish, require_room
from slm.engine.exports import Exports, Record, exported
from slm.engine.index import Index
from slm.engine.learning import Learning
from slm.engine.live_sheaf import LiveSheaf
from slm.engine.lives import Lives
from slm.engine.recalls import Recalls
from slm.engine.transaction import Transaction
from slm.engine.worker import Worker
from slm.errors import SlmError, StorageRefused
from slm.geometry.backend import Kernels
from slm.model import Memory
from slm.retrieval.semantic import Metric
from slm.retrieval.text_features import outdated, text_features
from slm.retrieval.words import terms
from slm.store.identity import Fingerprint
from slm.store.names import NameKind
from slm.store.reader import Reader
from slm.store.store import Store
from slm.store.writer import Writer

Result = TypeVar("Result")

REPLAYED_AT_ONCE = 256
"""Memories whose claims are all read before the first answer: some ten milliseconds."""
WAITED_FOR = 1024
"""Memories of a store that a write waits for to be compared with, while their claims are read: a tenth of a second."""


class Engine:
    """Owned by the numeric worker: every method runs on its thread."""

    def __init__(self, folder: Path, config: Config, embedder: Embedder, worker: Worker, kernels: Kernels) -> None:
        """Open or create the profile in ``folder``.

        Raises :class:`ModelUnavailable` when the store was built with another embedder, :class:`StoreDamaged`,
        :class:`StoreTooNew` and :class:`StorageRefused` for what their names say; nothing is changed then.
        """
        self.config = config
        self.embedder = embedder
        self.recalls = Recalls()
        self.audited = Audited()
        self.exports = Exports()
        self._worker = worker
        self._opened = self._changing = False
        self.store = Store.open(folder, fingerprint(embedder), map_bytes=config.store.map_gib << 30)
        metric: Metric = "cosine" if config.recall.metric == "cosine" else "fisher_rao"
        try:
            self.erased = Erased(folder.parent, self.store.identity.store_id)
            unfinished = _left(partial(finish, self.store, self.erased))
            self._make_index = partial(
                Index,
                self.store,
                constant=embedder.constant_dims,
                metric=metric,
                threads=1,
                lifecycle=config.lifecycle.enabled,
            )
            self.index = self._make_index(kernels)
            self.index.healed += unfinished
            self._read_texts_anew()
            self.claims = ClaimReader(config, embedder)
            self.sheaf = LiveSheaf(self.store, self.claims)
            self._begin_lifecycles()
            self._contradictions = Contradictions(self.index.lifecycles, self.sheaf)
            with self.store.read() as reader:
                self.use_weights(Learning.load(reader))
            self._erase_again()
            self._begin_replay(self.index.columns.count)
            self._opened = True
        except BaseException:
            self.store.close()
            raise

    def whole_sheaf(self) -> LiveSheaf:
        """The sheaf with every claim of the store in it; waiting queries are served until it is."""
        while self.read_claims():
            self.others_first()
        return self.sheaf

    def sheaf_at_hand(self) -> LiveSheaf | None:
        """:meth:`whole_sheaf` for a write, which doesn't wait for the claims of a large store to be read: None then."""
        waits = self.sheaf.ready or self.index.columns.count <= WAITED_FOR
        return self.whole_sheaf() if waits else None

    def read_claims(self) -> bool:
        """Go on for a few milliseconds with the claims that aren't in yet; whether there are more."""
        if self.sheaf.ready:
            return False
        more = self.sheaf.step()
        if not more:
            self._count_contradictions()
        return more

    def _count_contradictions(self) -> None:
        """Put right what the store says of contradictions; a full disk does not hold up what is asked."""
        if self._contradictions.outdated():
            with suppress(StorageRefused):
                self.transact("slm", lambda _: None)

    def others_first(self) -> None:
        """Serve the queries that wait: for what takes long.

        Not within a transaction, as a query may need one itself; not before the profile is open, as it would open it.
        """
        if self._opened and not self._changing:
            self._worker.serve_queries()

    def _begin_replay(self, n_memories: int) -> None:
        """Fill the sheaf: at once where that takes no time, else a step at a time between what is asked meanwhile."""
        if n_memories <= REPLAYED_AT_ONCE:
            while self.read_claims():
                pass
            return

        def replay() -> None:
            with suppress(SlmError):  # closed meanwhile, or damaged: whoever needs the sheaf is told
                while self._worker.write(self.read_claims):
                    pass

        threading.Thread(target=replay, name="slm-claims", daemon=True).start()

    def prepare(self, memories: Sequence[Memory]) -> list[Prepared]:
        """Chunk, embed, analyse and read the texts of memories to be; waiting queries are served in between."""
        chunked = chunked_texts(self.embedder, [memory.text for memory in memories], self.others_first)
        prepared = []
        for memory, (pieces, chunks) in zip(memories, chunked, strict=True):
            claims = encode(self.claims.stamp, self.claims.read(memory, self.others_first))
            prepared.append(Prepared(chunks, [terms(piece) for piece in pieces], text_features(memory.text), claims))
        return prepared

    def _read_texts_anew(self) -> None:
        """Bring the bits that ranking reads off texts up to the rules of this program."""
        old = np.flatnonzero(outdated(self.index.columns["features"])).tolist()
        if not old:
            return

        def read(writer: Writer) -> None:
            for ordinal in old:
                memory = writer.memory(ordinal)
                writer.replace(ordinal, memory, features=text_features(memory.text))

        self.store.transact(read)
        with self.store.read() as reader:
            for ordinal in old:
                self.index.columns.replace(ordinal, reader.head(ordinal))
        self.index.healed.append(f"{counted(len(old), 'text was', 'texts were')} read by new rules")

    def _begin_lifecycles(self) -> None:
        """Give memories of a store that knew no lifecycle the one that their records amount to."""
        old = np.flatnonzero(self.index.lifecycles.rows["counter"] == 0).tolist()
        if not old:
            return

        def begin(writer: Writer) -> None:
            lives = Lives(writer, self.index.lifecycles)
            for ordinal in old:
                lives.begin(ordinal, writer.memory(ordinal))
            lives.seal()

        self.store.transact(begin)
        with self.store.read() as reader:
            for ordinal in old:
                self.index.lifecycles.replace(ordinal, reader.head(ordinal))
        self.index.healed.append(f"{counted(len(old), 'memory was', 'memories were')} given a lifecycle")

    def transact(self, actor: str, body: Callable[[Transaction], Result]) -> Result:
        """Run ``body`` in one durable transaction; the index follows only after its commit."""

        def attempt(writer: Writer) -> tuple[Transaction, Result]:
            transaction = Transaction(writer, self.index, actor, time.time_ns())
            result = body(transaction)
            touched[:] = transaction.touched()
            self.sheaf.follow(writer, touched)
            self._contradictions.write(transaction)
            transaction.seal()
            return transaction, result

        touched: list[int] = []
        self._changing = True
        try:
            transaction, result = self.store.transact(attempt)
        except BaseException:
            with self.store.read() as reader:
                self.sheaf.follow(reader, touched)
            raise
        finally:
            self._changing = False
        with self.store.read() as reader:
            rewritten = transaction.amended.keys() | transaction.lives.states.keys()
            self.exports.keep(rewritten, partial(self._as_it_was, reader, transaction))
            self.index.follow(reader, transaction.added, rewritten, transaction.turned())
        self._contradictions.committed()
        self.audited.forget()
        return result

    def _as_it_was(self, reader: Reader, transaction: Transaction, ordinal: int) -> Record:
        """What an export says of a memory that a committed change has touched, while the index knows it as it was."""
        amended = transaction.amended.get(ordinal)
        return exported(self.index.lifecycles, amended[0] if amended else reader.memory(ordinal), ordinal)

    def doomed(self, ordinals: Sequence[int]) -> Doomed:
        """What an erasing of memories would take; waiting queries are served while it is looked for."""
        sheaf = self.whole_sheaf()
        with self.store.read() as reader:
            return doomed(reader, sheaf, ordinals, self.others_first)

    def erase(self, going: Doomed, actor: str) -> Erasing:
        """Remove what was found to be :meth:`doomed` in this very turn from every file, and make the index anew.

        Waiting queries are served meanwhile, of what is left. StorageRefused when there is no room to write the store
        anew, before anything is changed; should the room run out meanwhile, the memories are erased, and their bytes go
        at the next start. Ids of recalls end here.
        """
        require_room(self.store)
        with self._worker.occupied("memories are being erased"):
            done = self._take_out(going, actor)
            self._make_anew(done.ordinals)
        return done

    def _take_out(self, going: Doomed, actor: str) -> Erasing:
        """Erase memories from what is stored, and hide them from queries; their bytes are still in the files then."""
        done = erase_memories(self.store, Beside(self.index, self.whole_sheaf(), self.erased), going, actor)
        self.recalls, self.exports = Recalls(), Exports()
        self.audited.forget()
        with self.store.read() as reader:
            self.sheaf.follow(reader, done.touched)
            self.index.follow(reader, (), done.touched, done.turned)
        return done

    def _make_anew(self, erased: Sequence[int]) -> None:
        """Let no byte of what was erased stay in the files. Postings of other texts are kept: analysing takes long.

        Waiting queries are served meanwhile, by the old index until there is a new one.
        """
        old = self.index
        old.purge(erased)
        old.release()
        try:
            finish(self.store, self.erased, self.others_first)
            old.save()
        finally:
            self.index = self._make_index(old.semantic.kernels, between=self.others_first)
            self.index.use_kernels(old.semantic.kernels)  # compiled ones may have come meanwhile
            self.index.healed, self.index.weights = old.healed, old.weights
            self._contradictions = Contradictions(self.index.lifecycles, self.sheaf)
        self._count_contradictions()

    def _erase_again(self) -> None:
        """Erase what an older data file, put back, has brought again."""
        with self.store.read() as reader:
            known = [reader.ordinal_of(memory_id) for memory_id in sorted(self.erased.ids)]
            back = [ordinal for ordinal in known if ordinal is not None and not reader.memory(ordinal).erased]
        if not back:
            return
        while self.read_claims():
            pass
        done = self._take_out(self.doomed(back), "restore")
        again = counted(len(back), "memory that had been erased was", "memories that had been erased were")
        self.index.healed.append(f"{again} erased again")
        self.index.healed += _left(partial(self._make_anew, done.ordinals))

    def later(self, job: Callable[[], object]) -> None:
        """Have ``job`` run after the writes that wait: a query may leave behind what it must not wait for."""
        self._worker.later(job)

    def use_weights(self, learning: Learning) -> None:
        """Rank by the weights published last."""
        self.learning = learning
        self.moved = learning.moved()
        self.index.weights = learning.weights

    @property
    def used(self) -> bool:
        """Whether anything was ever written into the store: its journal says so even when all is forgotten."""
        with self.store.read() as reader:
            return reader.journal_head()[0] > 0

    def name_ids(self, reader: Reader, kind: NameKind, names: Sequence[str]) -> list[int]:
        """The interned numbers of those names that the store knows."""
        known = reader.names(kind)
        return [known.index(name) for name in names if name in known]

    def use_kernels(self, kernels: Kernels) -> None:
        """Go on with other implementations of the same kernels."""
        self.index.use_kernels(kernels)

    def close(self) -> None:
        """Write what makes the next start fast, and release the store."""
        self.sheaf.stop()
        try:
            self.index.close()
        finally:
            self.store.close()


def _left(finish_erasing: Callable[[], None]) -> list[str]:
    """End an erasing; a note when there is no room for that yet: the profile is served all the same."""
    try:
        finish_erasing()
    except StorageRefused as error:
        return [f"bytes of erased memories are still in the files: {error.message}"]
    return []


def fingerprint(embedder: Embedder) -> Fingerprint:
    """What the store remembers of the embedder that made its vectors."""
    return Fingerprint(embedder.name, embedder.sha256, embedder.dims, embedder.pooling, embedder.prefix)
