"""What a change did, in a line or a few."""

from __future__ import annotations

from typing import Any

from slm.cli.render.audit import conflict_names, fix, in_order
from slm.cli.render.cycle import reason
from slm.cli.render.memory import SHORTEST_ID, short_ids
from slm.cli.render.text import Layout, hanging
from slm.visible import one_line

Result = dict[str, Any]
NOT_COMPARED = "not compared with other claims yet, they are still being read: slm audit, in a moment"


def remembered_id(result: Result, layout: Layout) -> str:
    """The id for a person, short, and what became of the text."""
    return layout.paint("bold", result["id"][:SHORTEST_ID]) + "  " + became(result)


def became(result: Result) -> str:
    """What became of the text."""
    if result["status"] == "known_wrong":
        return "not remembered: " + one_line(result.get("message") or "it was found wrong before; --force overrides")
    if result["status"] == "confirmed":
        return "known already: confirmed"
    return one_line(result.get("message") or "remembered")


def beside(result: Result, layout: Layout) -> list[str]:
    """What was taken out of the text, what it replaces, what it resembles."""
    lines = []
    if result.get("redacted"):
        kinds = ", ".join(one_line(kind) for kind in result["redacted"])
        lines.append(f"redacted: {kinds}  (--no-redact keeps it)")
    lines += found_at_write(result, layout)
    similar = result.get("similar") or []
    if similar:
        ids = short_ids(each["id"] for each in similar)
        lines.append("similar, slm correct ID if it is the same fact:")
        lines += [f"  {ids[each['id']]}  " + layout.trimmed(each["text"], 9) for each in similar]
    return lines


def found_at_write(result: Result, layout: Layout) -> list[str]:
    """What a memory replaces, and each contradiction that it brings about: nothing is changed by either."""
    replaced = result.get("supersedes") or []
    ids = short_ids(each["id"] for each in replaced)
    lines = ["replaces " + layout.trimmed(f"{ids[each['id']]}  {each['text']}", 9) for each in replaced]
    if result.get("conflicts", ()) is None:
        lines += [NOT_COMPARED]
    names = conflict_names(conflict["id"] for conflict in result.get("conflicts") or ())
    for conflict in result.get("conflicts") or ():
        others = list({c["memory_id"]: c for c in in_order(conflict) if c["memory_id"] != result["id"]}.values())
        told = short_ids(claim["memory_id"] for claim in others)
        lines.append(layout.paint("warn", "contradicts") + (f" {names[conflict['id']]}" if others else " itself"))
        lines += [f"  {told[claim['memory_id']]}  " + layout.trimmed(claim["text"], 9) for claim in others]
        lines += ["  " + line for line in layout.wrapped(reason(conflict), 2)]
        lines += hanging("  fix: ", fix(names[conflict["id"]]), layout)
    return lines


def corrected(result: Result) -> list[str]:
    """Which memory stands for the corrected one."""
    old, new = result["replaced"][:SHORTEST_ID], result["id"][:SHORTEST_ID]
    since = f"; {old} was true until {one_line(result['from'])}" if result.get("from") else ""
    return [f"{new} replaces {old}{since}"]


def entry(seq: int, op: str, time: str, summary: str) -> str:
    """One journal entry in a line."""
    return f"{seq}  {one_line(time)}  {one_line(op)}  {one_line(summary)}"
