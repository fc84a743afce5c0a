"""What git would ignore in a folder: nested ``.gitignore`` files, those of the folders above, ``info/exclude``.

The user's own ``core.excludesFile`` is not read: what a folder holds decides, whoever runs the daemon.
Source: gitignore(5); the patterns themselves are matched by :mod:`pathspec`.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from pathspec import GitIgnoreSpec
from pathspec.patterns.gitignore import GitIgnorePatternError

MAX_RULES_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Ignores:
    """The rules that hold within one folder, outermost first: each with the folder (and a slash) it was found in."""

    rules: tuple[tuple[str, GitIgnoreSpec], ...] = ()

    @classmethod
    def above(cls, root: str) -> Ignores:
        """The rules that the folders above ``root`` set for it: none outside a repository.

        None either when they ignore ``root`` itself: whoever watches an ignored folder wants what is in it.
        """
        inner: list[str] = []
        for folder in (Path(root), *Path(root).parents):
            if (folder / ".git").exists():
                found = cls()._with(str(folder), os.path.join(folder, ".git", "info", "exclude"))  # noqa: PTH118
                for between in reversed(inner):
                    found = found.within(between)
                return cls() if found.ignored(root, folder=True) else found
            inner.append(str(folder.parent))
        return cls()

    def within(self, folder: str) -> Ignores:
        """The rules within a folder below: these and its own ``.gitignore``."""
        return self._with(folder, folder + "/.gitignore")

    def ignored(self, path: str, *, folder: bool) -> bool:
        """Whether the path is ignored; the nearest file with a rule for it decides."""
        for base, spec in reversed(self.rules):
            if not path.startswith(base):
                continue
            decided = spec.check_file(path[len(base) :] + ("/" if folder else "")).include
            if decided is not None:
                return decided
        return False

    def _with(self, folder: str, file: str) -> Ignores:
        lines = _lines(file)
        if not lines:
            return self
        return Ignores((*self.rules, (folder.rstrip("/") + "/", _spec(lines))))


def _spec(lines: list[str]) -> GitIgnoreSpec:
    """The patterns of the lines; one that can't be read is passed over, as git does."""
    try:
        return GitIgnoreSpec.from_lines(lines)
    except GitIgnorePatternError:
        return GitIgnoreSpec.from_lines([line for line in lines if _readable(line)])


def _readable(line: str) -> bool:
    try:
        GitIgnoreSpec.from_lines([line])
    except GitIgnorePatternError:
        return False
    return True


def _lines(file: str) -> list[str]:
    """The lines of a regular file; none when it can't be read, is longer than 1 MiB or isn't UTF-8."""
    try:
        with open(file, "rb", opener=_open_without_waiting) as stream:
            content = stream.read(MAX_RULES_BYTES + 1) if stat.S_ISREG(os.fstat(stream.fileno()).st_mode) else b""
        return content.decode("utf-8-sig").splitlines() if len(content) <= MAX_RULES_BYTES else []
    except (OSError, UnicodeDecodeError):
        return []


def _open_without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK)
