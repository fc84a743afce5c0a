"""Which section of a file's new text continues which of the old one."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Sequence

from slm.engine.noted_files import Section

SAME_BY: tuple[Callable[[Section], str], ...] = (
    lambda section: section.digest,
    lambda section: section.headings or "the text above the first heading",
    lambda section: section.body,
)
"""What makes two sections one, the surest first: all that they say, their headings, the text below them if any."""


def continued(old: Sequence[Section], new: Sequence[Section]) -> list[int | None]:
    """For each new section the position of the old one that it continues, None for one without a past.

    Sections that are alike keep their order. A section whose headings and text have both changed is another one: only
    digests of the old text are kept, so how near the two are can't be told.
    """
    found: list[int | None] = [None] * len(new)
    left = list(range(len(old)))
    for same_by in SAME_BY:
        waiting: defaultdict[str, deque[int]] = defaultdict(deque)
        for position in left:
            waiting[same_by(old[position])].append(position)
        for i, section in enumerate(new):
            if found[i] is None and (key := same_by(section)) and (queue := waiting.get(key)):
                found[i] = queue.popleft()
        taken = set(found)
        left = [position for position in left if position not in taken]
    return found
