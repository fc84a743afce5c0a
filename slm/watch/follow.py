"""One round for one watch: look, read what has changed, hand it to the engine in batches."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from slm.engine.added import Prepared
from slm.engine.note_changes import Batch, Key, key_of, take_in, to_prepare
from slm.engine.note_plan import FileRead
from slm.engine.noted_files import NotedFile, read_files
from slm.engine.request import Request
from slm.engine.service import Service
from slm.engine.watches import Watch, mount_point, watches
from slm.ingest.markdown import MAX_FILE_BYTES, notes, text_of
from slm.model import Caller, Memory
from slm.watch.tree import FolderGone, Stamp, Tree, look
from slm.zone import zone_name

MOST_NOTES = 1024
"""Notes of a batch; a file is never split."""
MOST_BYTES = 4 << 20
SLICE_NOTES, SLICE_BYTES = 64, 32 << 10
"""Embedded at once: other writes, and the daemon's end, wait for no more than that."""
FRESH_NS = 50_000_000
"""A file written that shortly before it was read may be written again within the same tick of its clock."""

Progress = Callable[[int, int], None]
"""Told how many of how many changed files are remembered."""


class WatchRemoved(Exception):
    """The watch isn't in the store any more."""


class Stopped(Exception):
    """The daemon leaves; what wasn't committed is taken in after its next start."""


class Follow:
    """The notes of one watch, brought into the store by :meth:`round`. Not for more than one thread at a time."""

    def __init__(
        self, service: Service, profile: str, watch: Watch, stopped: Callable[[], bool] = lambda: False
    ) -> None:
        self.watch = watch
        self._stopped = stopped
        self._service = service
        self._caller = Caller(watch.actor, profile, watch.scope, zone=zone_name(os.environ))
        self.look_s = 0.0
        """How long the last look at the folder took."""
        self._known: dict[str, NotedFile] | None = None

    def round(self, settle: Callable[[], bool], progress: Progress) -> Tree:
        """Bring the store up to what the folder holds now, and return that.

        ``settle`` waits a moment before files that are missing are given up: an editor may be replacing them; what it
        returns says whether to go on. Raises :class:`FolderGone`, :class:`WatchRemoved`, :class:`Stopped` and what the
        engine raises.
        """
        known = self._files()
        tree = self._look()
        missing = self._missing(tree, known)
        if missing and settle():
            tree = self._look()
            missing = self._missing(tree, known)
        changed = [path for path, stamp in sorted(tree.files.items()) if _changed(known.get(path), stamp)]
        if changed or missing:
            self._take_in(changed, tree, missing, progress)
        problems = {path: file.problem for path, file in self._files().items() if file.problem and path in tree.files}
        tree.problems.update(problems)
        return tree

    def _look(self) -> Tree:
        if Path(self.watch.path).is_dir() and mount_point(self.watch.path) != self.watch.mount:
            raise FolderGone(f"the file system at {self.watch.mount} isn't mounted")
        begun = time.monotonic()
        tree = look(self.watch.path, self.watch.globs)
        self.look_s = time.monotonic() - begun
        return tree

    def _files(self) -> dict[str, NotedFile]:
        if self._known is None:
            self._known = self._service.change(self._caller, self._stored)
        return self._known

    def _stored(self, request: Request) -> dict[str, NotedFile]:
        with request.engine.store.read() as reader:
            if self.watch not in watches(reader):
                raise WatchRemoved
            return read_files(reader, self.watch.number)

    @staticmethod
    def _missing(tree: Tree, known: dict[str, NotedFile]) -> list[str]:
        return [path for path, file in known.items() if not file.gone and tree.lacks(path)]

    def _take_in(self, changed: Sequence[str], tree: Tree, missing: Sequence[str], progress: Progress) -> None:
        group, done = f"watch-{secrets.token_hex(6)}", 0
        progress(0, len(changed))
        for files, last in self._batches(changed, tree):
            batch = Batch(self.watch.number, self.watch.path, group, files, missing, last)
            self._known, known = None, self._files()  # what a failure leaves is read from the store again
            outcome = self._service.change(self._caller, partial(self._change, batch, self._prepared(batch)))
            self._known = {**known, **outcome}
            done += len(files)
            progress(done, len(changed))

    def _prepared(self, batch: Batch) -> dict[Key, Prepared]:
        """The batch's new memories with their vectors, embedded a slice at a time between the writes of others."""
        waiting = self._service.change(self._caller, lambda request: to_prepare(request, batch))[::-1]
        prepared: dict[Key, Prepared] = {}
        while waiting:
            memories = [waiting.pop()]
            size = len(memories[0].text)
            while waiting and len(memories) < SLICE_NOTES and size + len(waiting[-1].text) <= SLICE_BYTES:
                memories.append(waiting.pop())
                size += len(memories[-1].text)
            if self._stopped():
                raise Stopped
            prepared.update(self._service.change(self._caller, partial(_embedded, memories)))
        return prepared

    def _change(self, batch: Batch, prepared: dict[Key, Prepared], request: Request) -> dict[str, NotedFile]:
        with request.engine.store.read() as reader:
            if self.watch not in watches(reader):
                raise WatchRemoved
        return dict(take_in(request, batch, prepared).files)

    def _batches(self, changed: Sequence[str], tree: Tree) -> Iterator[tuple[list[FileRead], bool]]:
        """The files read, in batches, each with whether it is the last; one batch even where nothing changed."""
        batch: list[FileRead] = []
        n_notes = n_bytes = 0
        for path in changed:
            file = self._read(path, tree.files[path])
            size = sum(len(note.body) for note in file.notes)
            if batch and (n_notes + len(file.notes) > MOST_NOTES or n_bytes + size > MOST_BYTES):
                yield batch, False
                batch, n_notes, n_bytes = [], 0, 0
            batch.append(file)
            n_notes, n_bytes = n_notes + len(file.notes), n_bytes + size
        yield batch, True

    def _read(self, path: str, stamp: Stamp) -> FileRead:
        problems: list[str] = []
        kept = stamp if time.time_ns() - stamp.mtime_ns > FRESH_NS else stamp._replace(size=-1)
        if stamp.size > MAX_FILE_BYTES:
            return FileRead(path, kept, problem=f"larger than {MAX_FILE_BYTES >> 20} MiB")
        text = text_of(Path(self.watch.path, path), path, problems.append)
        found = () if text is None else tuple(notes(text, path, problems.append))
        said = problems[0].removeprefix(f"{path}: ").removesuffix("; passed over") if problems else ""
        return FileRead(path, kept, found, said if text is None or not found else "")


def _changed(known: NotedFile | None, stamp: Stamp) -> bool:
    return known is None or known.gone or known.stamp != stamp


def _embedded(memories: Sequence[Memory], request: Request) -> dict[Key, Prepared]:
    return dict(zip(map(key_of, memories), request.engine.prepare(memories), strict=True))
