"""One look at a watched folder: which notes it holds now, by path and stamp, and what couldn't be looked at.

Symbolic links are never followed, so a loop of them can't be met. Hidden files, what git ignores and what editors leave
while they work are not notes.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from pathspec import GitIgnoreSpec

from slm.watch.ignores import Ignores

PASSING = GitIgnoreSpec.from_lines(
    ["*~", "\\#*#", "~$*", "*.sw?", "*.tmp", "*.temp", "*.bak", "*.part", "*.crdownload", "*___jb_*___", "4913"]
)
"""Files that editors and downloads make and remove again: Emacs, Vim, Office, JetBrains, browsers."""


class Stamp(NamedTuple):
    """What changes when a file is written: its size in bytes, the time of the write, its place on the disk."""

    size: int
    mtime_ns: int
    inode: int


class FolderGone(Exception):
    """The folder itself isn't there, or isn't the one that is meant; the message says why."""


@dataclass(slots=True)
class Tree:
    """The notes found, by their path below the root.

    ``unseen`` are folders (with a slash) that couldn't be looked into, so nothing is known of the files below them.
    ``problems`` says why, by path. ``n_folders`` were looked into.
    """

    files: dict[str, Stamp] = field(default_factory=dict)
    unseen: list[str] = field(default_factory=list)
    problems: dict[str, str] = field(default_factory=dict)
    n_folders: int = 0

    def lacks(self, path: str) -> bool:
        """Whether the file isn't there any more, as far as could be seen."""
        return path not in self.files and not any(path.startswith(folder) for folder in self.unseen)


def look(root: str, globs: Sequence[str]) -> Tree:
    """The notes below ``root`` whose names or paths fit one of ``globs`` (patterns as in ``.gitignore``).

    Raises :class:`FolderGone` when the root can't be looked into.
    """
    tree, wanted = Tree(), GitIgnoreSpec.from_lines(globs)
    waiting: list[tuple[str, Ignores]] = [("", Ignores.above(root))]
    while waiting:
        below, ignores = waiting.pop()
        folder = os.path.join(root, below).rstrip("/")  # noqa: PTH118 - strings are thrice as fast
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            if not below:
                raise FolderGone(error.strerror or str(error)) from error
            if not isinstance(error, FileNotFoundError):
                tree.unseen.append(below)
                tree.problems[below] = error.strerror or str(error)
            continue
        tree.n_folders += 1
        waiting += _sort_in(tree, entries, below, ignores.within(folder), wanted)
    return tree


def _sort_in(
    tree: Tree, entries: Sequence[os.DirEntry[str]], below: str, ignores: Ignores, wanted: GitIgnoreSpec
) -> list[tuple[str, Ignores]]:
    """Take the notes among the entries into ``tree`` and return the folders among them."""
    folders = []
    for entry in entries:
        path = below + entry.name
        if entry.name.startswith("."):
            continue
        if entry.is_dir(follow_symlinks=False):
            if not ignores.ignored(entry.path, folder=True):
                folders.append((path + "/", ignores))
        elif (
            wanted.match_file(path)
            and not PASSING.match_file(entry.name)
            and not ignores.ignored(entry.path, folder=False)
        ):
            _take(tree, entry, path)
    return folders


def _take(tree: Tree, entry: os.DirEntry[str], path: str) -> None:
    try:
        if entry.is_symlink():
            tree.problems[path] = "a symbolic link, not followed"
        elif entry.is_file(follow_symlinks=False):
            found = entry.stat(follow_symlinks=False)
            tree.files[path] = Stamp(found.st_size, found.st_mtime_ns, found.st_ino)
        else:
            tree.problems[path] = "not a file"
    except FileNotFoundError:
        return  # removed meanwhile
