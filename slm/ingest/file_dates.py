"""The day that a note's path names, as daily notes of the common programs do."""

from __future__ import annotations

import re
from datetime import date
from pathlib import PurePosixPath

_NAMED = re.compile(r"(?:^|(?<=[-_. (]))((?:19|20)\d\d)([-_.]?)(\d\d)\2(\d\d)(?!\d)[-_. ]*", re.ASCII)
_FOLDERS = re.compile(r"(?:^|/)(\d{4})/(?:\d{4}-)?(\d\d)/(\d\d)(?!\d)", re.ASCII)
_MONTH = re.compile(r"(\d{4})[-_.](\d\d)", re.ASCII)
_WEEK = re.compile(r"(\d{4})-?[Ww](\d\d)", re.ASCII)


def day_of(path: str) -> str | None:
    """The ISO day of ``2026-03-23.md``, ``2026_03_23.md``, ``Call 2026-03-23.md`` or ``2026/03/23.md``.

    A month or week that a file is wholly named by (``2026-03.md``, ``2026-W13.md``) gives its first day.
    """
    stem = PurePosixPath(path).stem
    for found in (_NAMED.search(stem), _FOLDERS.search(path)):
        if found and (day := _iso(int(found[1]), int(found[found.re.groups - 1]), int(found[found.re.groups]))):
            return day
    if month := _MONTH.fullmatch(stem):
        return _iso(int(month[1]), int(month[2]), 1)
    week = _WEEK.fullmatch(stem)
    try:
        return date.fromisocalendar(int(week[1]), int(week[2]), 1).isoformat() if week else None
    except ValueError:
        return None


def without_day(stem: str) -> str:
    """A file's name without the day in it."""
    return _NAMED.sub("", stem, count=1)


def _iso(year: int, month: int, day: int) -> str | None:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None
