"""A journal entry in a line."""

from __future__ import annotations

from typing import Any

from slm.counted import MEMORIES, counted
from slm.store.journal import JournalEntry

WIDTH = 60
MOST_NAMED = 5


def summary(entry: JournalEntry) -> str:
    """What an entry did, for ``log`` and ``undo``; a payload that was erased says so."""
    if entry.payload is None:
        return "(erased)"
    payload = entry.payload
    parts = [_created(payload), _changed(payload)]
    if entry.op == "use":
        parts.append(" ".join(payload["ids"]))
    if entry.op == "undo":
        parts.insert(
            0, "of entry " + ", ".join(map(str, payload["entries"][:3])) + " " + "…" * (len(payload["entries"]) > 3)
        )
    if entry.op == "reembed":
        parts.append(
            f"{counted(payload['memories'], *MEMORIES)}: {payload['before']['name']} → {payload['after']['name']}"
        )
    if entry.op == "scope_rename":
        parts.append(f"{payload['from']} → {payload['to']}")
    if entry.op == "disclose":
        parts.append(f"{counted(len(payload['ids']), *MEMORIES)} sent to {payload['to']}")
    if entry.op == "erase":
        ids = payload["ids"]
        parts.append(f"{counted(len(ids), *MEMORIES)}: {' '.join(ids[:MOST_NAMED])}{' …' * (len(ids) > MOST_NAMED)}")
    if entry.op in ("watch", "unwatch"):
        parts.append(payload["path"])
    if entry.op == "weights_reset":
        parts.append("what was learnt from use is forgotten")
    if entry.op == "resolve":
        parts.insert(0, f"c:{payload['conflict'][:5]} {payload['action']}")
    if entry.op == "weights_restore":
        parts.append(f"what was learnt elsewhere from {counted(payload['learnt']['uses'], 'use')}")
    if entry.op == "contradicted":
        parts.append(", ".join(f"{name[:5]} {count}" for name, count in payload["counts"].items()))
    if entry.op == "epoch":
        parts.append(f"variance published at {counted(payload['memories'], *MEMORIES)}")
    return " ".join(part.strip() for part in parts if part)


def _created(payload: dict[str, Any]) -> str:
    return "; ".join(f"{record['id'][:5]} {_short(record['text'])}" for record in payload.get("created", ()))


def _changed(payload: dict[str, Any]) -> str:
    changes = payload.get("changes", ())
    if payload.get("created"):
        return f"(replaces {', '.join(change['id'][:5] for change in changes)})" if changes else ""
    shown = ", ".join(f"{change['id'][:5]} {' '.join(change['after'])}" for change in changes[:3])
    return shown + (f" and {len(changes) - 3} more" if len(changes) > 3 else "")


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= WIDTH else line[: WIDTH - 1] + "…"
