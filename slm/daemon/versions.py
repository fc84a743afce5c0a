"""Which of two versions of slm is the newer one."""

from __future__ import annotations


def newer(version: str, than: str) -> bool:
    """Whether one version is newer than another; what is no version is not newer."""
    try:
        theirs, ours = ([int(part) for part in v.split(".")] for v in (version, than))
    except ValueError:
        return False
    return theirs > ours
