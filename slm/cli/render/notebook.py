"""An export that people read: Markdown with the projects as chapters and the days below them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC
from itertools import groupby
from typing import Any, NamedTuple

from slm.times import MONTHS, from_iso, to_ns
from slm.visible import one_line, visible


class Entry(NamedTuple):
    """A memory on its page: sorted by scope, then by the time it was observed."""

    scope: str
    observed_ns: int
    day: str
    text: str


def notebook(records: Iterable[dict[str, Any]], title: str) -> Iterator[str]:
    """The lines of the document. What was forgotten or never true is left out, what was replaced says by what.

    Holds all texts at once, for they are sorted.
    """
    entries = sorted(_entry(record) for record in records if _stands(record))
    yield f"# {title}"
    for scope, within in groupby(entries, key=lambda entry: entry.scope):
        yield from ("", f"## {one_line(scope)}")
        for day, written in groupby(within, key=lambda entry: entry.day):
            yield from ("", f"### {day}", "")
            for entry in written:
                yield from entry.text.split("\n")


def _stands(record: dict[str, Any]) -> bool:
    return not record.get("forgotten_at") and not record.get("never_true")


def _entry(record: dict[str, Any]) -> Entry:
    moment = from_iso(record["observed_at"], UTC)
    day = f"{moment.day} {MONTHS[moment.month - 1].capitalize()} {moment.year}"
    first, *more = visible(record["text"]).strip().split("\n")
    lines = [f"- {first}", *(f"  {line}".rstrip() for line in more), f"  *{' · '.join(_about(record))}*"]
    return Entry(record["scope"], to_ns(moment), day, "\n".join(lines))


def _about(record: dict[str, Any]) -> list[str]:
    """What is known of the memory, the id first."""
    said_by = record.get("speaker") or record["actor"]
    replaced = record.get("superseded_by")
    parts = [
        record["id"],
        record["kind"],
        one_line(said_by),
        f"from {one_line(record['source'])}" if record.get("source") else "",
        " ".join(f"#{one_line(tag)}" for tag in record["tags"]),
        "pinned" if record["pinned"] else "",
        "private" if record["private"] else "",
        f"replaced by {replaced}" if replaced else "",
    ]
    return [part.replace("*", r"\*") for part in parts if part]
