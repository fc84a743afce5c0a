"""backup and restore, and what status says of the last backup."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from slm.engine.request import Request
from slm.errors import InvalidInput
from slm.store.backup import UNFINISHED, Backup, write_backup
from slm.store.reader import Reader
from slm.store.writer import Writer
from slm.times import iso

FOLDER = ".backups"
"""Below the data root, where backups without a name of their own go. No profile can be called so."""
SUFFIX = ".slm"
KEPT = "backups"
MOST_KEPT = 100
"""Backups that the store remembers to have made."""


def create(request: Request) -> dict[str, Any]:
    """Write a backup of this profile and remember where."""
    now = request.now.astimezone(UTC)
    target = _target(request, now)
    written = write_backup(request.engine.store, target)
    made = {"path": str(target), "created": iso(now), **described(written)}

    def keep(writer: Writer) -> None:
        kept = [*made_so_far(writer), {name: made[name] for name in ("path", "created", "journal")}]
        writer.put_meta(KEPT, json.dumps(kept[-MOST_KEPT:]).encode())

    request.engine.store.transact(keep)
    return made


def described(backup: Backup) -> dict[str, Any]:
    """What a backup holds, as the operations tell it."""
    return {
        "memories": backup.memories,
        "journal": {"entries": backup.entries, "head": backup.journal_head.hex()},
        "bytes": backup.n_bytes,
        "model": backup.identity.embedder.name,
    }


def made_so_far(reader: Reader) -> list[dict[str, Any]]:
    """The backups that the store remembers, oldest first: path, time, and journal at that time."""
    kept = reader.meta(KEPT)
    return json.loads(kept) if kept else []


def last(reader: Reader) -> dict[str, Any] | None:
    """The newest backup whose file is still there, with the entries of the journal since; None without one."""
    for made in reversed(made_so_far(reader)):
        if Path(made["path"]).exists():
            since = reader.journal_head()[0] - made["journal"]["entries"]
            return {"path": made["path"], "created": made["created"], "entries_since": since}
    return None


def holding(request: Request, reader: Reader, seq: int) -> list[str]:
    """Files of this store's backups that are still there and hold, or may hold, what journal entry ``seq`` brought."""
    made = {each["path"]: each["journal"]["entries"] for each in made_so_far(reader)}
    own = (request.service.root / FOLDER).glob(f"{request.engine.store.folder.name}-*{SUFFIX}")
    paths = {*made, *map(str, own)}
    return sorted(path for path in paths if made.get(path, seq) >= seq and Path(path).exists())


def _target(request: Request, now: datetime) -> Path:
    named = request.fields.get("path")
    if named is not None:
        if not Path(named).is_absolute():
            raise InvalidInput(f"backup: {named!r} is no absolute path", hint="clients may be in another folder")
        return Path(named)
    folder = request.service.root / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    for broken_off in folder.glob(f"*{UNFINISHED}"):
        broken_off.unlink()
    return folder / f"{request.engine.store.folder.name}-{now:%Y-%m-%dT%H%M%S}{SUFFIX}"
