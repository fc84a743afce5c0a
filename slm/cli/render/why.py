"""The answers of why: what a memory is, why a question finds it or not, and the last recall."""

from __future__ import annotations

from typing import Any

from slm.cli.render.audit import conflict_names
from slm.cli.render.hits import explained, hits, nth, number, remark
from slm.cli.render.lifecycle import fading
from slm.cli.render.memory import ID_CELLS, SHORTEST_ID, day, scope_names, whole
from slm.cli.render.text import Layout, columns
from slm.visible import one_line

Result = dict[str, Any]


def about(result: Result, layout: Layout) -> list[str]:
    """Everything about a memory, how it fades, and the last recall that showed it with the terms of its score."""
    lines = whole(result["memory"] | {"history": result["history"]}, layout)
    others = [one_line(flag) for flag in result["flags"] if flag != "superseded"]
    lines += [layout.paint("dim", "  flags  " + ", ".join(others))] if others else []
    lifecycle = result.get("lifecycle")
    names = list(conflict_names(conflict["id"] for conflict in result["conflicts"]).values())
    lines += ["", *fading(lifecycle, result["memory"]["uses"], layout, names)] if lifecycle else []
    recalled = result["recalled"]
    if recalled is None:
        return [*lines, "", "  none of your last recalls showed it"]
    as_what = "a near miss" if recalled["abstained"] else f"the {nth(recalled['hit']['rank'])} hit"
    return [*lines, "", f"  {as_what} for {_asked(recalled, layout)}", *explained(recalled["hit"], recalled, layout)]


def last(result: Result, layout: Layout) -> list[str]:
    """The last recall: what was asked, and its hits with the terms of their scores."""
    lines = [_asked(result, layout)]
    if result["abstained"]:
        lines.append(f"abstained: {one_line(result['reason'])}" + ("; nearest:" if result["hits"] else ""))
    return [*lines, *hits(result, layout, why=True)]


def for_question(result: Result, layout: Layout) -> list[str]:
    """Whether a question finds the memory, what keeps it from being shown, and the terms beside the lowest hit's."""
    memory, indent = result["memory"], " " * ID_CELLS
    title = layout.paint("bold", memory["id"][:SHORTEST_ID]) + "  " + layout.trimmed(memory["text"], ID_CELLS)
    question = f'"{one_line(result["query"])}" in {scope_names(result["scope"])}'
    if result["shown"]:
        verdict = [f"{indent}shown for {question}: {nth(result['rank'])} of {result['searched']}"]
    else:
        verdict = [f"{indent}not shown for {question}", *(_excluded(each, layout) for each in result["excluded"])]
    return [title, *verdict, *_compared(result, layout)]


def _asked(result: Result, layout: Layout) -> str:
    parts = [f'"{one_line(result["query"])}"', day(result["asked_at"], layout), scope_names(result["scope"])]
    return " · ".join(filter(None, parts))


def _excluded(exclusion: dict[str, Any], layout: Layout) -> str:
    name = one_line(exclusion["by"]).replace("_", " ")
    hint = layout.paint("dim", f"  ({one_line(exclusion['hint'])})") if exclusion.get("hint") else ""
    return f"{' ' * ID_CELLS}{name}: {one_line(exclusion['detail'])}{hint}"


def _compared(result: Result, layout: Layout) -> list[str]:
    """The terms beside those of the lowest hit shown, the widest gap first; alone where there is no other hit."""
    lowest = result["lowest"]
    if result["score"] is None:
        return []
    if lowest is None or lowest["id"] == result["memory"]["id"]:
        return explained(result, result, layout)
    rows = []
    for name, gap in sorted(result["gap"].items(), key=lambda term: (-abs(term[1]), term[0])):
        own, other = result["why"].get(name, 0.0), lowest["why"].get(name, 0.0)
        if not number(own) == number(other) == "0.00":
            rows.append((one_line(name), *_triple(own, other, gap), remark(name, result, result)))
    heading = ("", "this", one_line(lowest["id"][:SHORTEST_ID]), "gap", "")
    total = ("sum", *_triple(result["score"], lowest["score"], result["score"] - lowest["score"]), "")
    table = columns([heading, *rows, total], right=frozenset({1, 2, 3}))
    return [layout.paint("dim", "  " + line) for line in table]


def _triple(own: float, lowest: float, gap: float) -> tuple[str, str, str]:
    return number(own), number(lowest), f"{round(gap, 2) + 0.0:+.2f}"
