"""The files that another program's export consists of: one file, those in a folder, or those in a ZIP archive.

Archives are read in place: nothing is unpacked, so no member's name can lead anywhere. Symbolic links inside a folder
are not followed.
"""

from __future__ import annotations

import os
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from slm.errors import InvalidInput

_ZIP = b"PK\x03\x04"


def files(place: str, stdin: BinaryIO, wanted: re.Pattern[str], example: str) -> Iterator[tuple[str, BinaryIO]]:
    """Names and open streams, in the order of their names; the place ``-`` is standard input.

    ``wanted`` fits the paths to take from a folder or an archive, such as ``example``; a file that is named itself is
    taken whatever its name. Raises :class:`InvalidInput` for what can't be read and where nothing fits.
    """
    if place == "-":
        yield "stdin", stdin
        return
    path = Path(place)
    try:
        if path.is_dir():
            yield from _opened(path, [name for name in _below(path) if wanted.fullmatch(name)], example)
            return
        with path.open("rb") as stream:
            if stream.peek(len(_ZIP)).startswith(_ZIP):  # a pipe has no way back
                yield from _members(stream, place, wanted, example)
            else:
                yield place, stream
    except OSError as error:
        raise InvalidInput(f"{place}: {error.strerror or error}") from None


def _opened(folder: Path, names: list[str], example: str) -> Iterator[tuple[str, BinaryIO]]:
    if not names:
        raise _nothing(str(folder), example)
    for name in names:
        with (folder / name).open("rb") as stream:
            yield name, stream


def _below(folder: Path) -> list[str]:
    """The paths of the plain files below a folder, relative to it and sorted; hidden ones are left out."""
    names = []
    for at, folders, found in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        paths = (Path(at, name) for name in found if not name.startswith("."))
        names += [path.relative_to(folder).as_posix() for path in paths if not path.is_symlink() and path.is_file()]
    return sorted(names)


def _members(stream: BinaryIO, place: str, wanted: re.Pattern[str], example: str) -> Iterator[tuple[str, BinaryIO]]:
    try:
        with zipfile.ZipFile(stream) as archive:
            names = sorted(name for name in archive.namelist() if wanted.fullmatch(name))
            if not names:
                raise _nothing(place, example)
            for name in names:
                with archive.open(name) as member:
                    yield name, member  # type: ignore[misc]  # reads as a BinaryIO does
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise InvalidInput(f"{place}: a damaged archive: {error}", hint="download the export again") from None
    except RuntimeError as error:  # how zipfile says that a password is needed
        raise InvalidInput(f"{place}: {error}", hint="unpack it, and import the folder") from None


def _nothing(place: str, example: str) -> InvalidInput:
    return InvalidInput(f"{place}: no {example} in there", hint="name the file itself if it is called otherwise")
