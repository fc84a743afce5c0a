"""What files that were read anew amount to, worked out before anything is embedded or written.

A section is linked to the memory that stands for it already: of the same file, of the file that was renamed, of another
file that it was moved from, of one that is gone, or one that an import brought. Then each link says what to do.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from slm.engine.known import UNDONE, find
from slm.engine.noted_files import NotedFile, Section, Stamp, digest
from slm.engine.section_match import continued
from slm.engine.text_digest import fold, text_digest
from slm.ingest.markdown import Note
from slm.model import Memory
from slm.store.reader import Reader

GONE, EDITED = "gone from ", "edited in "
"""How the reasons begin that watching gives: what was hidden because it was gone may come back."""

Place = tuple[str, int]
"""A section: its file's path and its position there."""


class FileRead(NamedTuple):
    """A file that was read: its path below the root, its stamp before reading, its notes; or why it can't be read."""

    path: str
    stamp: Stamp
    notes: Sequence[Note] = ()
    problem: str = ""


@dataclass(slots=True)
class Plan:
    """``files`` are the next states by path; the ids of their sections stand in ``ids`` as far as there are memories.

    ``new`` sections become memories, ``edited`` ones correct the memory of an ordinal, ``moved`` and ``returned`` are
    the changes of memories by ordinal, ``hidden`` the memories to forget, with the path they are gone from.
    """

    files: dict[str, NotedFile] = field(default_factory=dict)
    ids: dict[Place, str] = field(default_factory=dict)
    new: list[Place] = field(default_factory=list)
    edited: dict[Place, int] = field(default_factory=dict)
    moved: dict[int, dict[str, Any]] = field(default_factory=dict)
    returned: dict[int, dict[str, Any]] = field(default_factory=dict)
    hidden: dict[int, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Loose:
    """A section that the file at ``path`` has no more; ``taken`` once another place continues it."""

    path: str
    section: Section
    taken: bool = False


class Planner:
    """Works out one batch. ``drafts`` are the memories that the notes of each file would be, by path.

    ``erased`` gives the id of the erased memory that a draft would be again.
    """

    def __init__(
        self,
        reader: Reader,
        store_id: str,
        known: Mapping[str, NotedFile],
        missing: Sequence[str],
        drafts: Mapping[str, Sequence[Memory]],
        erased: Callable[[Memory], str | None],
    ) -> None:
        self._reader = reader
        self._store_id = store_id
        self._known = known
        self._missing = {path: known[path] for path in missing if path in known and not known[path].gone}
        self._drafts = drafts
        self._erased = erased
        self._plan = Plan()
        self._same: dict[Place, bool] = {}  # linked places, and whether they say what they said
        self._orphans: list[_Loose] = []
        self._linked = {section.id for file in known.values() for section in (*file.sections, *file.removed)}

    def plan(self, files: Sequence[FileRead], *, last: bool) -> Plan:
        """The plan; with ``last`` the missing files that nothing continues are gone."""
        missing_by = _Missing(self._missing)
        homeless: list[Place] = []
        for file in files:
            if file.problem:
                before = self._known.get(file.path) or NotedFile(file.path, file.stamp)
                self._plan.files[file.path] = before._replace(stamp=file.stamp, problem=file.problem)
            else:
                homeless += self._link_within(file, missing_by)
        left = [_Loose(path, section) for path, file in self._missing.items() for section in file.sections]
        removed = [_Loose(path, section) for path, file in self._known.items() for section in file.removed]
        pool: defaultdict[str, deque[_Loose]] = defaultdict(deque)
        for loose in (*self._orphans, *left, *removed):
            pool[loose.section.digest].append(loose)
        for place in homeless:
            self._link_elsewhere(place, pool)
        for place, same in self._same.items():
            self._settle(place, same=same)
        self._unbury(removed)
        self._bury(left, last=last)
        return self._plan

    def _link_within(self, file: FileRead, missing_by: _Missing) -> list[Place]:
        """Link the sections to the ones before of this file, or of the one it was; return those left over."""
        sections = [section_of(self._store_id, note) for note in file.notes]
        old = self._known.get(file.path)
        if old is None or old.gone:
            old = self._renamed(missing_by.take(file.stamp, sections)) or old
        before = old.sections if old is not None else ()
        links = continued(before, sections)
        taken = set(links)
        self._orphans += [_Loose(file.path, section) for i, section in enumerate(before) if i not in taken]
        for at, link in enumerate(links):
            if link is not None:
                self._plan.ids[file.path, at] = before[link].id
                self._same[file.path, at] = before[link].digest == sections[at].digest
        removed = old.removed if old is not None and old.path == file.path else ()
        self._plan.files[file.path] = NotedFile(file.path, file.stamp, tuple(sections), removed)
        return [(file.path, at) for at, link in enumerate(links) if link is None]

    def _renamed(self, path: str | None) -> NotedFile | None:
        """The missing file at ``path``, which goes on under another name."""
        if path is None:
            return None
        old = self._missing.pop(path)
        self._plan.files[path] = NotedFile(path, old.stamp, removed=old.removed, gone=True)
        return old

    def _link_elsewhere(self, place: Place, pool: Mapping[str, deque[_Loose]]) -> None:
        """Link a section to the memory that said the same in another file, or before it was gone, or by an import."""
        path, at = place
        waiting = pool.get(self._plan.files[path].sections[at].digest)
        if waiting:
            loose = waiting.popleft()
            loose.taken = True
            memory_id: str | None = loose.section.id
        else:
            draft = self._drafts[path][at]
            memory_id = self._from_store(draft) or self._erased(draft)
        if memory_id is None:
            self._plan.new.append(place)
        else:
            self._linked.add(memory_id)
            self._plan.ids[place] = memory_id
            self._same[place] = True

    def _from_store(self, draft: Memory) -> str | None:
        """A memory of the same note that no section stands for: from an import, or an earlier watch of the folder."""
        by_key = find(self._reader, self._store_id, draft, force=False)
        ordinals = [by_key.ordinal] if by_key is not None else []
        same = reversed(self._reader.same_text(text_digest(self._store_id, draft)))
        ordinals += [ordinal for ordinal in same if self._reader.memory(ordinal).source == draft.source]
        for memory in map(self._reader.memory, ordinals):
            replaced_by_watching = memory.never_true and (memory.reason or "").startswith(EDITED)
            if memory.id not in self._linked and not replaced_by_watching and memory.reason != UNDONE:
                return memory.id
        return None

    def _settle(self, place: Place, *, same: bool) -> None:
        """Say what becomes of the memory that a section is linked to."""
        path, at = place
        draft, ordinal = self._drafts[path][at], standing(self._reader, self._plan.ids[place])
        memory = None if ordinal is None else self._reader.memory(ordinal)
        if ordinal is None or memory is None or not (memory.live or was_gone(memory)):
            return  # erased, or hidden by the user
        if not same and fold(memory.text) != fold(draft.text):
            self._plan.edited[place] = ordinal
            return
        place_of = {} if memory.source == draft.source else {"source": draft.source, "session": draft.session}
        if not memory.live:
            self._plan.returned[ordinal] = {"forgotten_at": None, "reason": None, **place_of}
        elif place_of:
            self._plan.moved[ordinal] = place_of

    def _unbury(self, removed: Sequence[_Loose]) -> None:
        """Let files forget the removed sections that came back elsewhere."""
        kept: defaultdict[str, list[Section]] = defaultdict(list)
        for loose in removed:
            if not loose.taken:
                kept[loose.path].append(loose.section)
        for path in {loose.path for loose in removed if loose.taken}:
            file = self._plan.files.get(path) or self._known[path]
            self._plan.files[path] = file._replace(removed=tuple(kept[path]))

    def _bury(self, left: Sequence[_Loose], *, last: bool) -> None:
        """Hide the sections that no file has any more, and with ``last`` those of the files that are gone."""
        buried: defaultdict[str, list[Section]] = defaultdict(list)
        for loose in (*self._orphans, *(left if last else ())):
            if not loose.taken:
                self._hide(loose.path, loose.section)
                buried[loose.path].append(loose.section)
        for path, sections in buried.items():
            file = self._plan.files.get(path) or self._known[path]
            self._plan.files[path] = file._replace(removed=(*file.removed, *sections))
        stays: defaultdict[str, list[Section]] = defaultdict(list)
        for loose in left:
            if not last and not loose.taken:
                stays[loose.path].append(loose.section)
        for path, before in self._missing.items():
            if last or len(stays[path]) < len(before.sections):
                file = self._plan.files.get(path, before)
                self._plan.files[path] = file._replace(sections=tuple(stays[path]), gone=last)

    def _hide(self, path: str, section: Section) -> None:
        """Forget a section's memory, unless the user pinned it or forgot it before."""
        ordinal = standing(self._reader, section.id)
        if ordinal is not None:
            memory = self._reader.memory(ordinal)
            if memory.live and not memory.pinned:
                self._plan.hidden[ordinal] = path


class _Missing:
    """Files that are missing now, found by what a rename leaves: the place on the disk, or all that they say."""

    def __init__(self, files: Mapping[str, NotedFile]) -> None:
        self._files = dict(files)
        self._by_inode = {file.stamp[2]: path for path, file in files.items()}
        self._by_text: defaultdict[tuple[str, ...], deque[str]] = defaultdict(deque)
        for path, file in files.items():
            self._by_text[_digests(file.sections)].append(path)

    def take(self, stamp: Stamp, sections: Sequence[Section]) -> str | None:
        """The path of the missing file that is here now, each only once.

        A place on the disk is given to the next file soon, so the two must also share a section or a heading.
        """
        path = self._by_inode.get(stamp[2])
        if path is not None and path in self._files and _related(self._files[path].sections, sections):
            del self._files[path]
            return path
        waiting = self._by_text.get(_digests(sections)) if sections else None
        while waiting:
            path = waiting.popleft()
            if self._files.pop(path, None) is not None:
                return path
        return None


def _digests(sections: Sequence[Section]) -> tuple[str, ...]:
    return tuple(section.digest for section in sections)


def _related(old: Sequence[Section], new: Sequence[Section]) -> bool:
    names = [{name for section in each for name in (section.digest, section.headings) if name} for each in (old, new)]
    return not names[0].isdisjoint(names[1])


def standing(reader: Reader, memory_id: str) -> int | None:
    """The ordinal of the memory that an id stands for today: its last successor that wasn't undone.

    None when there is none, because it was erased.
    """
    ordinal, seen = reader.ordinal_of(memory_id), set[int]()
    while ordinal is not None and ordinal not in seen:
        seen.add(ordinal)
        memory = reader.memory(ordinal)
        if memory.reason == UNDONE and memory.supersedes:
            following = reader.ordinal_of(memory.supersedes[0])
        elif memory.superseded_by is not None:
            following = reader.ordinal_of(memory.superseded_by)
        else:
            return ordinal
        if following is None:
            return ordinal
        ordinal = following
    return ordinal


def was_gone(memory: Memory) -> bool:
    """Whether watching hid the memory because its section was gone."""
    return memory.forgotten_at is not None and not memory.never_true and (memory.reason or "").startswith(GONE)


def section_of(store_id: str, note: Note) -> Section:
    """What is kept of a note, before there is a memory of it."""
    return Section(
        digest(store_id, note.titled, *note.headings, note.body),
        digest(store_id, note.body) if note.body else "",
        digest(store_id, *note.headings) if note.headings else "",
    )
