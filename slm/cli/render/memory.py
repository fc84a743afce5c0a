"""One memory, in a line, in two, or with all that is known about it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC
from typing import Any

from slm.cli.render.text import Layout, hanging, padded
from slm.errors import InvalidInput
from slm.scope import short
from slm.times import ago, from_iso
from slm.visible import one_line

SHORTEST_ID = 5
MOST_ALIKE = 9
"""Members of a group of similar memories that are shown below its newest."""
ID_CELLS = 7
"""Cells that a short id and its gap usually take; the lines below a memory are indented by them."""

Record = dict[str, Any]


def short_ids(ids: Iterable[str]) -> dict[str, str]:
    """Each id by the shortest prefix, five characters or more, that no other of these ids shares."""
    distinct = sorted(set(ids))
    shown = {}
    for i, full in enumerate(distinct):
        beside = distinct[max(i - 1, 0) : i] + distinct[i + 1 : i + 2]
        shared = max((_shared(full, other) for other in beside), default=0)
        shown[full] = full[: max(SHORTEST_ID, shared + 1)]
    return shown


def _shared(a: str, b: str) -> int:
    return next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))


def day(text: str | None, layout: Layout) -> str:
    """A record's time as a reader says it; as it is written where it can't be read."""
    if not text:
        return ""
    try:
        return ago(from_iso(text, layout.now.tzinfo or UTC), layout.now)
    except InvalidInput:
        return one_line(text)


def author(memory: Record) -> str:
    """Who said it: the speaker, "you" for what was typed, else the source's last part or the agent."""
    actor = memory.get("actor") or ""
    file = (memory.get("source") or "").rstrip("/").rpartition("/")[2]
    written_by = "you" if actor == "cli" else file or actor.partition(":")[2] or actor
    return one_line(memory.get("speaker") or written_by)


def rows(memories: Sequence[Record], layout: Layout) -> list[str]:
    """A line a memory: id, day, text, cut to the width."""
    ids = short_ids(memory["id"] for memory in memories)
    days = [day(memory.get("observed_at"), layout) for memory in memories]
    id_cells, day_cells = max(map(len, ids.values()), default=0), max(map(len, days), default=0)
    lines = []
    for memory, when in zip(memories, days, strict=True):
        shown = ids[memory["id"]]
        head = layout.paint("bold", shown) + " " * (id_cells - len(shown)) + "  " + when.ljust(day_cells)
        lines.append(head + "  " + layout.trimmed(memory["text"], id_cells + day_cells + 4))
    return lines


def alike(groups: Sequence[dict[str, Any]], layout: Layout) -> list[str]:
    """Groups of similar memories: the newest, and below it the nearest of the others with how near they are."""
    shown_of = [(group, *group["similar"][:MOST_ALIKE]) for group in groups]
    members = [each["memory"] for shown in shown_of for each in shown]
    ids = short_ids(memory["id"] for memory in members)
    days = {memory["id"]: day(memory.get("observed_at"), layout) for memory in members}
    id_cells, day_cells = max(map(len, ids.values()), default=0), max(map(len, days.values()), default=0)
    lines: list[str] = []
    for group, members_shown in zip(groups, shown_of, strict=True):
        lines += [""] * bool(lines)
        for each in members_shown:
            memory = each["memory"]
            shown, near = ids[memory["id"]], f"{each['similarity']:.2f}" if "similarity" in each else ""
            head = layout.paint("bold", shown) + " " * (id_cells - len(shown))
            beside = f"  {near:4}  {days[memory['id']]:{day_cells}}  "
            lines.append(head + beside + layout.trimmed(memory["text"], id_cells + day_cells + 10))
        if hidden := len(group["similar"]) + 1 - len(members_shown):
            lines.append(" " * (id_cells + 2) + layout.paint("dim", f"… and {hidden} more  (--ids, --json: all)"))
    return lines


def whole(memory: Record, layout: Layout) -> list[str]:
    """Everything about one memory: id, text, and a line for each thing known."""
    text = ["  " + line for line in layout.wrapped(memory["text"], 2)]
    facts = [(name, one_line(value)) for name, value in _facts(memory, layout) if value]
    cells = max((len(name) for name, _ in facts), default=0) + 4
    told = [line for name, value in facts for line in hanging("  " + padded(name, cells - 2), value, layout)]
    about = [layout.paint("dim", line) for line in told]
    earlier = _history(memory.get("history") or [], layout) if "history" in memory else []
    return [layout.paint("bold", memory["id"]), *text, "", *about, *earlier]


def _facts(memory: Record, layout: Layout) -> list[tuple[str, str]]:
    until = memory.get("valid_until")
    return [
        ("state", _state(memory)),
        ("kind", memory.get("kind") or ""),
        ("tags", " ".join(f"#{tag}" for tag in memory.get("tags") or ())),
        ("scope", memory.get("scope") or ""),
        ("speaker", memory.get("speaker") or ""),
        ("session", memory.get("session") or ""),
        ("source", memory.get("source") or ""),
        ("actor", memory.get("actor") or ""),
        ("observed", _moment(memory.get("observed_at"), layout)),
        ("recorded", _moment(memory.get("recorded_at"), layout)),
        ("true", " ".join(filter(None, [_edge("from", memory.get("valid_from")), _edge("until", until)]))),
        ("replaces", " ".join(memory.get("supersedes") or ())),
        ("trust", f"{memory['trust']:g}" if "trust" in memory else ""),
        ("importance", f"{memory['importance']:g}" if "importance" in memory else ""),
        ("used", _uses(memory, layout)),
        ("key", memory.get("idempotency_key") or ""),
    ]


def _state(memory: Record) -> str:
    states = [
        f"forgotten {memory['forgotten_at']}" if memory.get("forgotten_at") else "",
        "never true" if memory.get("never_true") else "",
        f"replaced by {memory['superseded_by']}" if memory.get("superseded_by") else "",
        memory.get("reason") or "",
        "pinned" if memory.get("pinned") else "",
        "private" if memory.get("private") else "",
    ]
    return ", ".join(filter(None, states))


def _moment(text: str | None, layout: Layout) -> str:
    return f"{text}  ({day(text, layout)})" if text else ""


def _edge(word: str, text: str | None) -> str:
    return f"{word} {text}" if text else ""


def _uses(memory: Record, layout: Layout) -> str:
    uses, confirmations = memory.get("uses") or 0, memory.get("confirmations") or 0
    last = f", last {day(memory['last_used'], layout)}" if memory.get("last_used") else ""
    again = f"; confirmed {times(confirmations)}" if confirmations else ""
    return f"{times(uses)}{last}{again}" if uses or confirmations else ""


def times(count: int) -> str:
    """How often, in words for the small counts."""
    return {0: "never", 1: "once", 2: "twice"}.get(count, f"{count} times")


def _history(earlier: list[Record], layout: Layout) -> list[str]:
    if not earlier:
        return ["", "  no earlier version"]
    ended = [f"{'never true' if old.get('never_true') else _edge('until', old.get('valid_until'))}" for old in earlier]
    lines = ["", "  before:"]
    for old, end in zip(earlier, ended, strict=True):
        lines.append("  " + layout.paint("bold", old["id"]) + (f"  {one_line(end)}" if end else ""))
        lines += ["    " + line for line in layout.wrapped(old["text"], 4)]
    return lines


def scope_names(scopes: Sequence[str]) -> str:
    """The scopes that were looked at, as a reader knows them."""
    return " + ".join("all scopes" if name == "all" else one_line(short(name)) for name in scopes)
