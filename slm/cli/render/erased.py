"""What an erasing takes, and the receipt of one."""

from __future__ import annotations

from typing import Any

from slm.cli.render.memory import rows, short_ids
from slm.cli.render.text import Layout
from slm.counted import ENTRIES, MEMORIES, counted
from slm.visible import one_line

Result = dict[str, Any]


def about_to(found: Result, layout: Layout, most: int) -> list[str]:
    """The memories that would go, at most so many of them, and what the reader should know before."""
    memories = found["memories"]
    lines = rows(memories[:most], layout)
    if len(memories) > most:
        lines.append(f"… and {len(memories) - most} more")
    with_it = sum(not memory["named"] for memory in memories)
    if with_it:
        versions = counted(with_it, "is an earlier or later version", "are earlier or later versions")
        lines.append(f"{versions} of the same")
    if found["pinned"]:
        ids = short_ids(memory["id"] for memory in memories)
        lines.append("pinned: " + ", ".join(ids[memory_id] for memory_id in found["pinned"]))
    return [*lines, *beyond(found)]


def receipt(result: Result) -> list[str]:
    """What was erased, in how many places, and the head of the journal after it."""
    ids = short_ids(result["erased"])
    parts = [
        counted(len(ids), *MEMORIES),
        counted(result["chunks"], "passage"),
        counted(result["entries"], "journal entry", "journal entries"),
        counted(result["names"], "name"),
    ]
    return [
        "erased " + ", ".join(parts),
        "ids: " + " ".join(result["erased"]),
        f"journal: {counted(result['journal']['entries'], *ENTRIES)}, head {result['journal']['head']}",
        *beyond(result),
    ]


def beyond(result: Result) -> list[str]:
    """What keeps the text all the same."""
    lines = [f"backup that holds it: {one_line(path)}" for path in result["backups"]]
    lines += [f"source that may hold it: {one_line(source)}" for source in result["sources"]]
    if result["same_text"]:
        lines.append("the same text stays in: " + " ".join(short_ids(result["same_text"]).values()))
    return [*lines, "out of reach: " + "; ".join(result["out_of_reach"])]
