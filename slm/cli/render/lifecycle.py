"""How a memory fades, on three lines; and the phases of a store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from slm.cli.render.memory import short_ids
from slm.cli.render.text import Layout, columns, hanging
from slm.counted import counted
from slm.visible import one_line

Told = dict[str, Any]

PHASES = ("active", "warm", "cold", "archived")
NEXT_INDENT = "  "


def fading(told: Told, uses: int, layout: Layout, conflicts: Sequence[str] = ()) -> list[str]:
    """The phase and the chance of need, the way to the phases still to come, and what that rests on.

    ``conflicts`` are the names of the unresolved contradictions.
    """
    if told["pinned"]:
        return hanging("  ", "pinned: active whatever happens. Never deleted.", layout)
    chance = f"{_percent(told['chance'])} (±{100 * told['spread']:.0f}) likely needed within 30 days"
    after = told["after_use"]
    turn = "" if after["phase"] == told["phase"] else f" and {one_line(after['phase'])} again"
    return [
        *_painted(one_line(told["phase"]), chance, layout),
        *(layout.paint("dim", line) for line in hanging("    ", _way(told), layout)),
        *("    " + layout.paint("dim", line) for line in layout.wrapped(_grounds(told, uses, conflicts), 4)),
        *hanging("    ", f"use it now: {_percent(after['chance'])}{turn}. Never deleted.", layout),
    ]


def _painted(phase: str, chance: str, layout: Layout) -> list[str]:
    first, *more = hanging("  ", f"{phase}: {chance}", layout)
    return [first.replace(phase, layout.paint("bold", phase), 1), *more]


def _way(told: Told) -> str:
    coming = [f"{name} {_days(told['days_until'][name])}" for name in PHASES if name in told["days_until"]]
    return " ──┊ ".join(["now ●", *coming]) if coming else f"archived since {one_line(told['archived_from'] or 'now')}"


def _grounds(told: Told, uses: int, conflicts: Sequence[str]) -> str:
    idle, confirmed, contradicted = told["idle_days"], told["confirmations"], told["contradictions"]
    last = "today" if idle == 0 else "yesterday" if idle == 1 else f"{idle} days ago"
    named = f" ({' '.join(conflicts)})" if conflicts else ""
    parts = [
        f"used {_times(uses)}, last touched {last}" if uses else f"never used, last touched {last}",
        f"confirmed {_times(confirmed)}" if confirmed else "",
        f"{counted(contradicted, 'unresolved contradiction')}{named}" if contradicted else "",
        f"counts as {told['uses']:.1f} uses, fades {_pace(told['lifetime'])} as a neutral one",
    ]
    return "; ".join(filter(None, parts))


def _pace(lifetime: float) -> str:
    """How much slower or faster than a memory of lifetime 1."""
    return f"{lifetime:.1f} times as slowly" if lifetime >= 1 else f"{1 / lifetime:.1f} times as fast"


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _days(days: float) -> str:
    return f"{days:.0f} d"


def phases(result: Told, layout: Layout) -> list[str]:
    """How many memories are in each phase, what the last weeks did, and what cools next."""
    counts = ", ".join(f"{name} {result['phases'].get(name, 0)}" for name in PHASES)
    lines = [counts + (f"; {result['pinned']} pinned" if result["pinned"] else ""), ""]
    heading = ("week", "new", "used", *(f"to {name}" for name in PHASES[1:]))
    rows = [(one_line(week["until"]), *map(str, _moves(week))) for week in result["weeks"]]
    lines += columns([heading, *rows], right=frozenset(range(1, len(heading))))
    if result["next"]:
        ids = short_ids(each["id"] for each in result["next"])
        table = [(ids[each["id"]], f"{each['phase']} → {each['to']}", _when(each["days"])) for each in result["next"]]
        cells = columns([tuple(map(one_line, row)) for row in table])
        lines += ["", "next to cool"]
        for row, each in zip(cells, result["next"], strict=True):
            head = NEXT_INDENT + row + "  "
            lines.append(head + layout.trimmed(each["text"], len(head)))
    return lines


def _moves(week: Told) -> tuple[int, ...]:
    return (week["remembered"], week["used"], *(week["cooled_to"].get(name, 0) for name in PHASES[1:]))


def _when(days: int) -> str:
    return "any day" if days < 1 else f"in {days} d"
