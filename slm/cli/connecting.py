"""Agents' files on the disk: read, backed up, replaced in one step, and put back as they were.

``connected.json`` in the data root keeps, for each file, the agent, where its backup lies (none for a file that slm
made) and the digest of what slm wrote. While the file is still that, removing puts the backup's bytes back; a file that
was changed since loses slm's own entries only.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from slm.cli.agent_files import connected, disconnected, is_empty
from slm.cli.agents import Change, Target
from slm.errors import InvalidInput, StorageRefused
from slm.paths import CONNECTED, make_private

MAX_FILE_BYTES = 64 << 20
BACKUP = ".before-slm"


class Edit(NamedTuple):
    """A file that is to change: its bytes now and then, None for no file; ``exact`` when they are the backup's."""

    file: Path
    before: bytes | None
    after: bytes | None
    exact: bool = False

    def diff(self) -> list[str]:
        """The change as a unified diff."""
        texts = [(each or b"").decode("utf-8", "replace").splitlines() for each in (self.before, self.after)]
        names = [str(self.file) if each is not None else os.devnull for each in (self.before, self.after)]
        return list(difflib.unified_diff(texts[0], texts[1], names[0], names[1], lineterm=""))


@dataclass(slots=True)
class Records:
    """What is known of the files of connected agents, by path: agent, backup, digest."""

    path: Path
    files: dict[str, dict[str, Any]]

    @classmethod
    def load(cls, data: str) -> Records:
        """The records of a data root; none when there is no file of them, or it can't be read."""
        path = Path(data, CONNECTED)
        try:
            files = json.loads(path.read_text("utf-8"))["files"]
        except (OSError, ValueError, KeyError, TypeError):
            files = {}
        return cls(path, files if isinstance(files, dict) else {})

    def save(self) -> None:
        """Write them; the last one's end removes the file."""
        make_private(str(self.path.parent))
        if self.files:
            _write(self.path, json.dumps({"files": self.files}, indent=1).encode(), 0o600)
        else:
            self.path.unlink(missing_ok=True)


def to_connect(targets: Iterable[Target]) -> list[Edit]:
    """The edits that connect an agent; none where everything is there already.

    Raises :class:`StorageRefused` for a file that its owner may not write: it is so because somebody wants it so.
    """
    edits = [edit for file, changes in _by_file(targets) if (edit := _edit(file, changes, connected)) is not None]
    return _writable(edits)


def to_remove(targets: Iterable[Target], records: Records) -> list[Edit]:
    """The edits that take slm out again."""
    edits = []
    for file, changes in _by_file(targets):
        now, record = _read(file), records.files.get(str(file), {})
        if now is not None and record.get("digest") == _digest(now) and (old := _backup(record)) is not None:
            edits.append(Edit(file, now, old[0], exact=True))
        elif (edit := _edit(file, changes, disconnected)) is not None:
            made_by_us = bool(record) and record["backup"] is None and is_empty((edit.after or b"").decode())
            edits.append(edit._replace(after=None) if made_by_us else edit)
    return _writable(edits)


def carry_out(edits: Iterable[Edit], agent: str, records: Records) -> list[str]:
    """Make the edits of connecting, each file backed up before; the paths of the backups.

    Raises :class:`StorageRefused` where a file can't be written: that one is not recorded, and has no backup.
    """
    backups = []
    for edit in edits:
        name, old = str(edit.file), records.files.get(str(edit.file))
        if old is None:
            backup = None if edit.before is None else _back_up(edit.file, edit.before)
            record = {"agent": agent, "backup": backup, "digest": ""}
            backups += [backup] if backup else []
        else:
            record = dict(old)
        assert edit.after is not None, "connecting removes no file"
        still_ours = old is None or edit.before is None or old["digest"] == _digest(edit.before)
        record["digest"] = _digest(edit.after) if still_ours else ""
        records.files[name] = record
        records.save()  # first: of a change that nobody knows the file before would be lost
        try:
            _write(edit.file, edit.after, 0o600)
        except StorageRefused:
            _take_back(records, name, old)
            raise
    return backups


def _take_back(records: Records, name: str, old: dict[str, Any] | None) -> None:
    """What is known of a file becomes ``old`` again; a backup that was made for it goes."""
    record = records.files.pop(name)
    if old is not None:
        records.files[name] = old
    elif record["backup"]:
        Path(record["backup"]).unlink(missing_ok=True)
    records.save()


def undo(edits: Iterable[Edit], targets: Iterable[Target], records: Records) -> list[str]:
    """Make the edits of removing; the paths of the backups that are kept, because a file was changed since."""
    kept = []
    exact = set()
    for edit in edits:
        if edit.after is None:
            edit.file.unlink(missing_ok=True)
        else:
            _write(edit.file, edit.after, 0o600)
        exact |= {str(edit.file)} if edit.exact else set()
    for file, _ in _by_file(targets):
        backup = records.files.pop(str(file), {}).get("backup")
        if backup and str(file) in exact:
            Path(backup).unlink(missing_ok=True)
        elif backup and Path(backup).exists():
            kept.append(backup)
    records.save()
    return kept


def _by_file(targets: Iterable[Target]) -> list[tuple[Path, list[Change]]]:
    """The changes of each file, links followed; two targets may be one file."""
    found: dict[Path, list[Change]] = {}
    for target in targets:
        found.setdefault(Path(os.path.realpath(target.file)), []).extend(target.changes)
    return list(found.items())


def _writable(edits: list[Edit]) -> list[Edit]:
    """The edits again. Raises :class:`StorageRefused` for one of a file that is read-only."""
    for edit in edits:
        if edit.before is not None and not edit.file.stat().st_mode & 0o222:
            hint = f"chmod u+w {edit.file}     (or add the entry where the file is made: slm connect … --dry-run)"
            raise StorageRefused("the agent's file is read-only", where={"file": str(edit.file)}, hint=hint)
    return edits


def _edit(file: Path, changes: list[Change], change: Callable[[str, list[Change]], str]) -> Edit | None:
    before = _read(file)
    if before is None and change is disconnected:
        return None
    try:
        text = (before or b"").decode("utf-8")
        after = change(text, changes)
    except ValueError as error:
        problem = f"the agent's file can't be changed: {error}"
        raise InvalidInput(problem, where={"file": str(file)}, hint="mend the file; nothing was changed") from None
    return None if after == text and before is not None else Edit(file, before, after.encode("utf-8"))


def _read(file: Path) -> bytes | None:
    try:
        if file.stat().st_size > MAX_FILE_BYTES:
            raise InvalidInput("the agent's file is larger than 64 MiB", where={"file": str(file)})
        return file.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise InvalidInput(f"the agent's file can't be read: {error.strerror}", where={"file": str(file)}) from None


def _back_up(file: Path, content: bytes) -> str:
    """A copy beside the file, for its owner alone; an older copy is not written over."""
    names = (file.with_name(f"{file.name}{BACKUP}{f'-{i}' if i else ''}") for i in range(1000))
    path = next(name for name in names if not name.exists())
    _write(path, content, 0o600)
    return str(path)


def _backup(record: dict[str, Any]) -> tuple[bytes | None] | None:
    """The bytes that a file had before, within a tuple: None in it for no file. None when they are lost."""
    if record["backup"] is None:
        return (None,)
    try:
        return (Path(record["backup"]).read_bytes(),)
    except OSError:
        return None


def _write(file: Path, content: bytes, mode: int) -> None:
    """Replace a file in one step; it keeps its mode, a new one gets ``mode``."""
    temporary = None
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        kept = file.stat().st_mode & 0o777 if file.exists() else mode
        with tempfile.NamedTemporaryFile("wb", dir=file.parent, prefix=f".{file.name}-", delete=False) as stream:
            temporary = Path(stream.name)
            stream.write(content)
            stream.flush()
            os.fchmod(stream.fileno(), kept)
            os.fsync(stream.fileno())
        temporary.replace(file)
    except OSError as error:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
        raise StorageRefused(f"the file can't be written: {error.strerror}", where={"file": str(file)}) from error


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
