"""watch_add, watch_list, watch_remove: the folders whose notes a profile follows.

Which they are is kept in the store. A mark beside the store tells a starting daemon that there are any, so that it need
not open every profile to find out.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC
from pathlib import Path
from typing import Any

from slm.engine.note_plan import GONE, standing
from slm.engine.noted_files import NotedFile, drop_files, read_files
from slm.engine.request import Request
from slm.engine.transaction import Transaction
from slm.errors import InvalidInput, NotFound
from slm.ingest.records import check_record
from slm.model import HeadFlag
from slm.scope import scope_of
from slm.store.reader import Reader
from slm.store.writer import Writer
from slm.times import iso

DEFAULT_GLOBS = ("*.md", "*.markdown")
MARK = "watched"
"""The file in a profile's folder that says: something is watched for it."""
_KEY = "watches"


@dataclass(frozen=True, slots=True)
class Watch:
    """A folder that is followed: its real path, which of its files, the scope of their memories.

    ``number`` is never given twice within a store. ``mount`` is where its file system is mounted: while another one is,
    the notes are not gone but out of reach.
    """

    number: int
    name: str
    path: str
    globs: tuple[str, ...]
    scope: str
    mount: str

    @property
    def actor(self) -> str:
        """Who the journal says has changed what this watch changes."""
        return f"watch:{self.name}"


def watches(reader: Reader) -> list[Watch]:
    """The watches of a store, in the order they were added."""
    return [Watch(**{**fields, "globs": tuple(fields["globs"])}) for fields in _kept(reader)["watches"]]


def mount_point(path: str) -> str:
    """The folder at which the file system that holds ``path`` is mounted."""
    while not os.path.ismount(path):
        path = os.path.dirname(path)  # noqa: PTH120
    return path


def is_marked(profile: Path) -> bool:
    """Whether a profile's folder says that something is watched for it."""
    return (profile / MARK).exists()


def add(request: Request) -> dict[str, Any]:
    """Follow the notes of a folder from now on; they are taken in by the daemon's own thread."""
    fields = request.fields
    path = _checked_folder(fields["path"], request)
    globs = tuple(fields.get("glob") or DEFAULT_GLOBS)
    if not all(glob.strip() and glob.isprintable() for glob in globs):
        raise InvalidInput("a glob is a printable pattern such as *.md", hint="slm watch add DIR --glob '*.md'")
    scope = request.caller.scope or scope_of(path)

    def change(transaction: Transaction) -> Watch:
        there, kept = watches(transaction.writer), _kept(transaction.writer)
        for other in there:
            _refuse_overlap(path, other)
        taken = {other.name for other in there}
        if fields.get("name") in taken:
            raise InvalidInput(f"a watch is called {fields['name']!r} already", hint="slm watch list")
        name = _name(fields.get("name") or Path(path).name or "root", taken)
        watch = Watch(kept["next"], name, path, globs, scope, mount_point(path))
        _keep(transaction.writer, [*there, watch], following=watch.number + 1)
        transaction.enter("watch", path=path, globs=list(globs), name=name)
        return watch

    watch = request.engine.transact(request.caller.actor, change)
    _mark(request, marked=True)
    request.service.board.changed.set()
    return asdict(watch)


def remove(request: Request) -> dict[str, Any]:
    """Follow a folder no more. Its memories stay, or are forgotten with ``forget``; adding it again takes them up."""
    named = request.fields["watch"]
    forgotten_at = iso(request.now.astimezone(UTC))

    def change(transaction: Transaction) -> dict[str, Any]:
        there = watches(transaction.writer)
        watch = _found(there, named)
        files = read_files(transaction.writer, watch.number)
        hidden = _live(transaction.writer, files) if request.fields.get("forget") else []
        if hidden:
            values = {"forgotten_at": forgotten_at, "reason": f"{GONE}watching {watch.path}"}
            transaction.enter("forget", changes=[transaction.amend(ordinal, **values) for ordinal in hidden])
        drop_files(transaction.writer, watch.number)
        others = [other for other in there if other != watch]
        _keep(transaction.writer, others, following=_kept(transaction.writer)["next"])
        transaction.enter("unwatch", path=watch.path, name=watch.name)
        return {**asdict(watch), "forgotten": len(hidden), "left": len(others)}

    removed = request.engine.transact(request.caller.actor, change)
    _mark(request, marked=bool(removed.pop("left")))
    request.service.board.changed.set()
    return removed


def list_watches(request: Request) -> dict[str, Any]:
    """Every watch of the profile with how it does, its files and its memories."""
    with request.engine.store.read() as reader:
        there = watches(reader)
        shown = [_shown(request, reader, watch) for watch in there]
    if there and not is_marked(request.engine.store.folder):  # restored from a backup
        _mark(request, marked=True)
        request.service.board.changed.set()
    return {"watches": shown}


def _shown(request: Request, reader: Reader, watch: Watch) -> dict[str, Any]:
    files = read_files(reader, watch.number)
    flags = request.engine.index.columns["flags"]
    ids = [section.id for file in files.values() for section in file.sections]
    found = [ordinal for memory_id in ids if (ordinal := reader.ordinal_of(memory_id)) is not None]
    left_out = len(ids) - sum(not flags[i] & HeadFlag.HIDDEN or bool(flags[i] & HeadFlag.SUPERSEDED) for i in found)
    report = request.service.board.report(request.engine.store.folder.name, watch.number)
    return {
        **asdict(watch),
        "files": sum(not file.gone for file in files.values()),
        "memories": len(ids) - left_out,
        "left_out": left_out,
        **report.document(),
    }


def _live(reader: Reader, files: dict[str, NotedFile]) -> list[int]:
    """The ordinals of the live memories of the files, pinned ones excepted."""
    ids = [section.id for file in files.values() for section in file.sections]
    found = dict.fromkeys(ordinal for each in ids if (ordinal := standing(reader, each)) is not None)
    return [o for o in found if (memory := reader.memory(o)).live and not memory.pinned]


def _checked_folder(written: str, request: Request) -> str:
    """The real path of a folder that can be watched. Raises :class:`InvalidInput` for any other."""
    path = os.path.realpath(written)
    if not written.startswith("/") or not Path(path).is_dir():
        raise InvalidInput(f"no such folder: {written}", hint="slm watch add DIR")
    try:
        os.scandir(path).close()
    except OSError as error:
        raise InvalidInput(f"the folder can't be read: {error.strerror}", where={"folder": path}) from None
    check_record({"text": "x", "source": path}, "watch")
    root = os.path.realpath(request.service.root)
    if _inside(path, root):
        raise InvalidInput("slm's own data lie there", where={"folder": path, "data": root})
    return path


def _refuse_overlap(path: str, other: Watch) -> None:
    if path == other.path:
        raise InvalidInput(f"{path} is watched already", hint=f"slm watch remove {other.name}")
    if _inside(path, other.path) or _inside(other.path, path):
        raise InvalidInput(
            f"{path} overlaps with a watched folder",
            where={"watched": other.path},
            hint=f"slm watch remove {other.name}",
        )


def _inside(path: str, folder: str) -> bool:
    return (path + "/").startswith(folder.rstrip("/") + "/")


def _name(wanted: str, taken: set[str]) -> str:
    """The wanted name, checked, with a number behind it where another watch has it."""
    check_record({"text": "x", "actor": wanted}, "watch")
    numbered = (f"{wanted}-{i}" for i in range(2, len(taken) + 3))
    return wanted if wanted not in taken else next(name for name in numbered if name not in taken)


def _found(there: list[Watch], named: str) -> Watch:
    path = os.path.realpath(named)
    for watch in there:
        if watch.name == named or watch.path == path:
            return watch
    known = ", ".join(watch.name for watch in there) or "none"
    raise NotFound(f"nothing is watched as {named}", hint=f"slm watch list; there are: {known}")


def _kept(reader: Reader) -> dict[str, Any]:
    body = reader.meta(_KEY)
    return dict(json.loads(body)) if body is not None else {"next": 1, "watches": []}


def _keep(writer: Writer, there: list[Watch], *, following: int) -> None:
    kept = {"next": following, "watches": [asdict(watch) for watch in there]}
    writer.put_meta(_KEY, json.dumps(kept).encode())


def _mark(request: Request, *, marked: bool) -> None:
    """Say beside the store whether anything is watched; on a full disk the next list says it."""
    mark = request.engine.store.folder / MARK
    with suppress(OSError):
        if marked:
            mark.touch(mode=0o600)
        else:
            mark.unlink(missing_ok=True)
