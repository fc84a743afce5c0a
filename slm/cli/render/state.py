"""status, stats and doctor as short tables."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from typing import Any

from slm.cli.render.memory import day
from slm.cli.render.text import Layout, columns
from slm.counted import ENTRIES, counted
from slm.scope import short
from slm.times import ago, from_iso
from slm.visible import one_line

UNITS = ("B", "kB", "MB", "GB", "TB")
MOST_NAMES = 5
"""Names of a count that are shown one by one; the rest are summed."""
HEAD_DIGITS = 12
STATES = ("superseded", "corrected", "forgotten", "private", "pinned")
TOTALS = ("memories", "words", "chunks", "first", "last")


def size(n_bytes: float) -> str:
    """Bytes in the unit that a person would choose (decimal)."""
    unit = 0
    while n_bytes >= 999.5 and unit < len(UNITS) - 1:
        n_bytes, unit = n_bytes / 1000, unit + 1
    return f"{n_bytes:.1f} {UNITS[unit]}" if unit > 1 and n_bytes < 9.95 else f"{n_bytes:.0f} {UNITS[unit]}"


def duration(seconds: float) -> str:
    """Seconds in the largest unit that fits."""
    for unit, length in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s"


def status(result: dict[str, Any], layout: Layout) -> list[str]:
    """What is remembered and how the daemon does."""
    disk = f"{size(result['disk_bytes'])} in {result.get('root', '')}" if "disk_bytes" in result else ""
    return table(
        [
            ("memories", _memories(result.get("memories") or {}, result.get("phases") or {})),
            ("profile", result.get("profile") or ""),
            ("disk", disk),
            ("model", _model(result.get("model") or {})),
            ("journal", _journal(result.get("journal") or {})),
            ("truth", _truth(result.get("truth") or {})),
            ("backup", _backup(result, layout)),
            ("daemon", _daemon(result)),
            ("watched", _watched(result.get("watches") or {})),
            ("agents", ", ".join(result.get("agents") or ())),
            ("hooks", _hooks(result.get("hooks") or {}, layout)),
            ("socket", result.get("socket") or ""),
            ("notes", "; ".join(result.get("notes") or ())),
        ],
        layout,
    )


def _memories(counts: dict[str, int], phases: dict[str, int]) -> str:
    """The live ones by phase, then what else there is to say of some."""
    faded = ", ".join(f"{name} {count}" for name, count in phases.items() if count)
    others = ", ".join(f"{counts[name]} {name}" for name in STATES if counts.get(name))
    said = "; ".join(filter(None, [faded, others]))
    return f"{counts.get('live', 0)}" + (f": {said}" if said else "")


def _journal(journal: dict[str, Any]) -> str:
    return (
        f"{counted(journal['entries'], *ENTRIES)}, head {journal['head'][:HEAD_DIGITS]}" if "entries" in journal else ""
    )


def _watched(counts: dict[str, int]) -> str:
    total, troubled = counts.get("total", 0), counts.get("troubled", 0)
    folders = counted(total, "folder") if total else ""
    return f"{folders}, {troubled} in trouble: slm watch list" if troubled else folders


def _hooks(counts: dict[str, Any], layout: Layout) -> str:
    if not counts.get("week"):
        return ""
    last = counts.get("last")
    gave_up = f", {counts['gave_up']} gave up (last {day(last['time'], layout)}: {last['reason']})" if last else ""
    return f"{counts['week']} this week{gave_up}"


def _truth(truth: dict[str, Any]) -> str:
    """How many contradictions are open among the claims; nothing where there are no claims."""
    if not truth.get("claims"):
        return ""
    count = truth["contradictions"]
    told = "claims are being read" if count is None else counted(count, "contradiction")
    return f"{told}, {counted(truth['claims'], 'claim')}" + (": slm audit" if count else "")


def _backup(result: dict[str, Any], layout: Layout) -> str:
    """How old the last one is and what it lacks; nothing of a daemon that doesn't tell, or for an empty store."""
    if not (result.get("journal") or {}).get("entries") or "backup" not in result:
        return ""
    last = result["backup"]
    if last is None:
        return "none: slm backup create"
    since = f", {last['entries_since']} changes since" if last["entries_since"] else ""
    return f"{ago(from_iso(last['created'], UTC), layout.now)}{since}, {last['path']}"


def _daemon(result: dict[str, Any]) -> str:
    memory = result.get("memory_bytes") or {}
    parts = [
        f"version {result['version']}" if "version" in result else "",
        f"pid {result['pid']}" if "pid" in result else "",
        f"up {duration(result['uptime_s'])}" if "uptime_s" in result else "",
        f"{size(memory['private'])} of memory" if memory.get("private") else "",
        f"{result['kernels']} kernels" if "kernels" in result else "",
    ]
    return ", ".join(filter(None, parts))


def _model(model: dict[str, Any]) -> str:
    dims = f"{model['dims']} dimensions" if model.get("dims") else ""
    return ", ".join(filter(None, [model.get("name") or "", dims]))


def stats(result: dict[str, Any], layout: Layout) -> list[str]:
    """Counts by what can be counted, and how long operations take."""
    counts = [(name.removeprefix("by_"), _counts(result[name], name)) for name in result if name.startswith("by_")]
    plain = [(name, str(result[name])) for name in TOTALS if result.get(name) is not None]
    disk = ", ".join(f"{name} {size(n_bytes)}" for name, n_bytes in (result.get("disk") or {}).items())
    timings = sorted((result.get("timings_ms") or {}).items())
    calls = [(op, f"{counted(timing['count'], 'call')}, median {timing['median']:.1f} ms") for op, timing in timings]
    return table([*counts, *plain, ("disk", disk), *calls], layout)


def weights(result: dict[str, Any], layout: Layout) -> list[str]:
    """Each term with its weight, what it was at first and how sure it is; then what they were learnt from."""
    rows = [("term", "weight", "default", "drift", "±")]
    for row in result["weights"]:
        drift = f"{row['drift']:+.3f}" if row["drift"] else ""
        error = f"{row['std_error']:.3f}" if row["std_error"] is not None else "not learnt"
        rows.append((row["term"], f"{row['weight']:.3f}", f"{row['default']:.2f}", drift, error))
    learnt = f"learnt from {counted(result['uses'], 'use')}, epoch {result['epoch']}"
    off = "" if result.get("learns", True) else "; learning is off (recall.learn)"
    return [*columns(rows, right=frozenset({1, 2, 3, 4})), layout.paint("dim", learnt + off)]


def _counts(counts: dict[str, int], name: str) -> str:
    """The most frequent names with their counts, the rest in one."""
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    shown = [f"{short(each) if name == 'by_scope' else each or 'none'} {count}" for each, count in ordered[:MOST_NAMES]]
    rest = sum(count for _, count in ordered[MOST_NAMES:])
    return ", ".join(shown) + (f", {len(ordered) - MOST_NAMES} others {rest}" if rest else "")


def checks(found: Sequence[dict[str, Any]], layout: Layout) -> list[str]:
    """Each check of doctor with its outcome, and below it what was mended or what would mend it."""
    widest = max((len(check["name"]) for check in found), default=0)
    indent = widest + 7
    lines = []
    for check in found:
        mark = layout.paint("good", "ok ") if check["ok"] else layout.paint("bad", "BAD")
        first, *more = layout.wrapped(one_line(check["detail"]), indent)
        lines.append(f"{mark}  {one_line(check['name']).ljust(widest)}  {first}")
        lines += [" " * indent + line for line in more]
        if check.get("mended"):
            lines.append("     mended: " + one_line(check["mended"]))
        if not check["ok"] and check.get("fix"):
            lines.append("     fix: " + one_line(check["fix"]))
    return lines


def table(rows: Sequence[tuple[str, str]], layout: Layout) -> list[str]:
    """Names and values in two columns, long values on several lines; what has no value is left out."""
    shown = [(one_line(name), one_line(value)) for name, value in rows if value]
    widest = max((len(name) for name, _ in shown), default=0)
    lines = []
    for name, value in shown:
        first, *more = layout.wrapped(value, widest + 2)
        lines.append(layout.paint("dim", name.ljust(widest)) + "  " + first)
        lines += [" " * (widest + 2) + line for line in more]
    return lines
