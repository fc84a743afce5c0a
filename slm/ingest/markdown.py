"""Markdown files and folders of them: one memory a section, with the headings above it on the first line.

What is read is data: nothing in it is followed, run or obeyed. Symbolic links and hidden files inside a folder are
passed over, and so is, with a warning that names it, what is no UTF-8 text of at most 1 MiB.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from slm.errors import InvalidInput
from slm.ingest.file_dates import day_of, without_day
from slm.ingest.found import tags
from slm.ingest.front_matter import Fields, as_list, split
from slm.ingest.records import check_record
from slm.ingest.sections import Section, merged, sections
from slm.times import MONTHS, from_iso, parse_when

SUFFIXES = frozenset({".md", ".markdown"})
MAX_FILE_BYTES = 1 << 20

Warn = Callable[[str], None]

_MONTH = "(?:" + "|".join(f"{name}|{name[:3]}" for name in MONTHS) + ")"
_HEADING_DATE = re.compile(
    rf"(?i)(?<![\w-])(\d{{4}}-\d\d-\d\d|\d{{1,2}} {_MONTH},? \d{{4}}|{_MONTH} \d{{1,2}},? \d{{4}})(?![\w-])", re.ASCII
)
_HEADING_CLOCK = re.compile(r"(?:^|(?<=\s))([01]\d|2[0-3]):([0-5]\d)(?![\d:])", re.ASCII)


class Note(NamedTuple):
    """One memory of a file: where it stands, the headings above it, the text below them, its checked record.

    ``titled`` is the front matter's title where the record's text shows it: headings, title and body are what a note
    says whatever its file is called.
    """

    origin: str
    headings: tuple[str, ...]
    titled: str
    body: str
    record: dict[str, Any]


def read(root: Path, warn: Warn) -> Iterator[tuple[str, dict[str, Any]]]:
    """Where each memory stands (``journal/2026-03-23.md:14``) and its checked record.

    ``source`` and ``session`` are the file's path below ``root``; the idempotency key depends on source, headings and
    text, so that importing the same notes again adds nothing. :class:`InvalidInput` when there is no such file.
    """
    if not root.exists():
        raise InvalidInput(f"no such file or folder: {root}")
    for path in _files(root, warn) if root.is_dir() else [root]:
        source = path.relative_to(root).as_posix() if root.is_dir() else path.name
        text = text_of(path, source, warn, follow=not root.is_dir())
        if text is not None:
            yield from records(text, source, warn)


def records(text: str, source: str, warn: Warn) -> Iterator[tuple[str, dict[str, Any]]]:
    """The memories of one file: where each stands and its checked record."""
    return ((note.origin, note.record) for note in notes(text, source, warn))


def notes(text: str, source: str, warn: Warn) -> Iterator[Note]:
    """The memories of one file."""
    fields, n_lines = split(text)
    body = text.split("\n", n_lines)[n_lines] if text.count("\n") >= n_lines else ""
    file_day = _day(fields, source)
    found = sections(body, first_line=n_lines + 1)
    titled = "" if isinstance(fields.get("title", []), list) else str(fields["title"])
    common = {"kind": "note", "source": source, "session": source, **_tags(fields)}
    seen: Counter[str] = Counter()
    for section, moment in merged(found, [_moment(section.path, file_day) for section in found]):
        written = _written(section, _title(fields, source))
        if not written:
            continue
        identity = "\0".join((source, " > ".join(section.path), written))
        seen[identity] += 1
        digest = hashlib.sha256(f"{identity}\0{seen[identity]}".encode("utf-8", "surrogatepass")).hexdigest()
        record = {"text": written, **common, "idempotency_key": f"markdown:{digest[:32]}"}
        origin = f"{source}:{section.line}"
        try:
            checked = check_record(record | ({"observed_at": moment} if moment else {}), origin)
        except InvalidInput as error:
            warn(f"{error.message}; passed over")
            continue
        yield Note(origin, section.path, "" if section.path else titled, section.body, checked)


def _files(folder: Path, warn: Warn) -> Iterator[Path]:
    """The Markdown files below a folder in the order of their paths."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        warn(f"{folder}: {error.strerror}; passed over")
        return
    for entry in entries:
        wanted = Path(entry.name).suffix.lower() in SUFFIXES
        if entry.name.startswith(".") or (entry.is_symlink() and not wanted):
            continue
        if entry.is_symlink():
            warn(f"{entry.path}: a symbolic link; passed over")
        elif entry.is_dir():
            yield from _files(Path(entry.path), warn)
        elif wanted and entry.is_file():
            yield Path(entry.path)


def text_of(path: Path, source: str, warn: Warn, *, follow: bool = False) -> str | None:
    """The text of a file with plain line ends; None, and a warning, for what is no UTF-8 text of at most 1 MiB.

    With ``follow`` a link is followed, and what is no file raises :class:`InvalidInput`. Without, the path was listed
    in a folder: what has taken the file's place since is passed over.
    """
    try:
        content = _content(path, follow=follow)
    except OSError as error:
        warn(f"{source}: {error.strerror}; passed over")
        return None
    if content is None and follow:
        raise InvalidInput(f"not a file or folder: {path}")
    problem = _problem(content)
    if content is None or problem:
        warn(f"{source}: {problem}; passed over")
        return None
    return content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")


def _content(path: Path, *, follow: bool) -> bytes | None:
    """A file's bytes, one more than a note may have at most; None for what is no file. Never waits for a pipe."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | (0 if follow else os.O_NOFOLLOW))
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return None
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return file.read(MAX_FILE_BYTES + 1)
    finally:
        os.close(descriptor)


def _problem(content: bytes | None) -> str:
    """Why this is no text that can be taken in; empty when it is one."""
    if content is None:
        return "not a file"
    if len(content) > MAX_FILE_BYTES:
        return f"larger than {MAX_FILE_BYTES >> 20} MiB"
    try:
        return "not a UTF-8 text" if "\0" in content.decode("utf-8-sig") else ""
    except UnicodeDecodeError:
        return "not a UTF-8 text"


def _title(fields: Fields, source: str) -> str:
    """The front matter's title, else the file's name without its date and with spaces."""
    title = fields.get("title")
    stem = without_day(Path(source).stem)
    return " ".join((title if isinstance(title, str) and title else re.sub(r"[-_]+", " ", stem)).split())


def _written(section: Section, title: str) -> str:
    """``Title > Section``, an empty line, the body. The title stands only over what has no headings of its own.

    A section that is nothing but its headings is their line.
    """
    context = " > ".join(section.path) or title
    if not section.body:
        return context if section.path else ""
    return f"{context}\n\n{section.body}" if context else section.body


def _tags(fields: Fields) -> dict[str, list[str]]:
    return {"tags": tags(as_list(fields.get("tags") or fields.get("tag") or ""))}


def _day(fields: Fields, source: str) -> str | None:
    """The time of a whole file: the front matter's date, else the day that its path names."""
    for name in ("date", "created"):
        value = fields.get(name)
        try:
            if isinstance(value, str):
                from_iso(value, UTC)
                return value
        except InvalidInput:
            continue
    return day_of(source)


def _moment(path: tuple[str, ...], file_day: str | None) -> str | None:
    """The time in the nearest dated heading, else the file's; a heading's time of day is added to a day."""
    day = next((found for title in reversed(path) if (found := _heading_day(title))), file_day)
    clock = _HEADING_CLOCK.search(path[-1]) if path else None
    return f"{day}T{clock[0]}" if day and clock and len(day) == len("2026-03-23") else day


def _heading_day(title: str) -> str | None:
    found = _HEADING_DATE.search(title)
    try:
        return parse_when(found[1], datetime(1970, 1, 1, tzinfo=UTC), UTC).date().isoformat() if found else None
    except InvalidInput:
        return None
