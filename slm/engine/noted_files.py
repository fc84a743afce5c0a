"""What the store keeps of a watched file: its stamp, and for each of its sections the memory that stands for it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Container, Iterable, Sequence
from typing import NamedTuple

from slm.store.reader import Reader
from slm.store.writer import Writer

Stamp = tuple[int, int, int]
"""Size in bytes, time of the last write in nanoseconds, inode."""


_WATCHED = "watched:"
SEAL = "="
"""Begins a digest that can't be made again from the store alone: a short text could be guessed from the others."""


class Section(NamedTuple):
    """A section as it was last read: digests of all that it says, of its body and of its headings (empty without).

    ``id`` is the memory that stands for it. Nothing of the text itself is kept: it may be erased from the store.
    """

    digest: str
    body: str
    headings: str
    id: str = ""


class NotedFile(NamedTuple):
    """A watched file as it was last read. ``removed`` are sections that it had; a ``gone`` file has none but these.

    ``problem`` says why it couldn't be read; its sections are then those from before.
    """

    path: str
    stamp: Stamp
    sections: tuple[Section, ...] = ()
    removed: tuple[Section, ...] = ()
    problem: str = ""
    gone: bool = False


def digest(store_id: str, *parts: str) -> str:
    """A digest of texts, keyed with the store's id as all digests of texts are."""
    joined = b"\0".join(part.encode("utf-8", "surrogatepass") for part in parts)
    return hashlib.blake2b(joined, digest_size=12, key=store_id.encode()).hexdigest()


def sealed(file: NotedFile, seal: Callable[[str], str], erased: Container[str]) -> NotedFile:
    """The file with the digests of erased memories' sections under a key that isn't in the store."""

    def closed(section: Section) -> Section:
        return section._replace(**{name: SEAL + seal(value) for name, value in _digests(section) if value[0] != SEAL})

    parts = (file.sections, file.removed)
    sections, removed = (tuple(closed(one) if one.id in erased else one for one in part) for part in parts)
    return file._replace(sections=sections, removed=removed)


def unsealed(file: NotedFile, seal: Callable[[str], str], met: Iterable[Section]) -> NotedFile:
    """The file with the digests as they were of those sealed parts that the sections ``met`` say again."""
    known = {SEAL + seal(value): value for section in met for _, value in _digests(section)}

    def opened(section: Section) -> Section:
        return section._replace(**{name: known.get(value, value) for name, value in _digests(section)})

    sections, removed = (tuple(map(opened, part)) for part in (file.sections, file.removed))
    return file._replace(sections=sections, removed=removed)


def has_seals(file: NotedFile) -> bool:
    """Whether any section of the file is sealed."""
    return any(value[0] == SEAL for one in (*file.sections, *file.removed) for _, value in _digests(one))


def seal_files(writer: Writer, seal: Callable[[str], str], erased: Container[str]) -> None:
    """Seal the sections of erased memories in the files of every watch."""
    for name, body in list(writer.metas(_WATCHED)):
        before = _decoded(body)
        after = sealed(before, seal, erased)
        if after != before:
            writer.put_meta(name, _encoded(after))


def _digests(section: Section) -> list[tuple[str, str]]:
    """The digests that a section has, with their fields."""
    parts = (("digest", section.digest), ("body", section.body), ("headings", section.headings))
    return [(name, value) for name, value in parts if value]


def read_files(reader: Reader, number: int) -> dict[str, NotedFile]:
    """The files of watch ``number``, by path."""
    files = (_decoded(body) for _, body in reader.metas(_prefix(number)))
    return {file.path: file for file in files}


def write_files(writer: Writer, number: int, files: Sequence[NotedFile]) -> None:
    """Keep files anew, each under its path."""
    for file in files:
        writer.put_meta(_key(number, file.path), _encoded(file))


def drop_files(writer: Writer, number: int) -> None:
    """Keep nothing of watch ``number`` any more."""
    for name in [name for name, _ in writer.metas(_prefix(number))]:
        writer.drop_meta(name)


def _prefix(number: int) -> str:
    return f"{_WATCHED}{number}:"


def _key(number: int, path: str) -> str:
    """A key of fixed length: a path may be longer than LMDB's keys."""
    return _prefix(number) + hashlib.sha256(path.encode("utf-8", "surrogatepass")).hexdigest()


def _encoded(file: NotedFile) -> bytes:
    return json.dumps(file, separators=(",", ":")).encode()


def _decoded(body: bytes) -> NotedFile:
    path, stamp, sections, removed, problem, gone = json.loads(body)
    size, mtime_ns, inode = stamp
    return NotedFile(path, (size, mtime_ns, inode), _sections(sections), _sections(removed), problem, gone)


def _sections(lists: list[list[str]]) -> tuple[Section, ...]:
    return tuple(Section(*each) for each in lists)
