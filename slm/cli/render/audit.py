"""audit: each contradiction as a short story, what was replaced, and how much the claims check one another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from slm.cli.render.cycle import equation, reason
from slm.cli.render.figures import plain, value_of
from slm.cli.render.memory import author, day, scope_names, short_ids
from slm.cli.render.text import Layout, columns, hanging
from slm.counted import MEMORIES, counted
from slm.visible import one_line

SHORTEST_CONFLICT = 3
MIDNIGHT = "T00:00:00"
UNMEASURED = ("name", "truth", "different", "identity")
"""Kinds of contradiction in which no number is off."""
NUMBERS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
MOST_REPLACED = 10
"""Supersessions told in a report of several contradictions; the rest are counted."""

Conflict = dict[str, Any]
Claim = dict[str, Any]


def report(result: dict[str, Any], layout: Layout) -> list[str]:
    """The whole report: contradictions first, then what was replaced."""
    conflicts, replaced = result["conflicts"], result["supersessions"]
    memories = [claim["memory_id"] for conflict in conflicts for claim in conflict["claims"]]
    memories += [each[side]["memory_id"] for each in replaced for side in ("older", "newer")]
    ids = short_ids(memories)
    lines: list[str] = []
    names = conflict_names(conflict["id"] for conflict in conflicts)
    for conflict in conflicts:
        lines += [*story(conflict, names[conflict["id"]], ids, layout), ""]
    more = result["total"] - sum(not conflict.get("accepted") for conflict in conflicts)
    if more > 0:
        lines += [f"{more} more, less severe: --limit {result['total']}", ""]
    lines += _replaced(replaced, result["supersessions_total"], ids, layout)
    return lines


def conflict_names(conflicts: Iterable[str]) -> dict[str, str]:
    """Each conflict as "c:4d1": the shortest prefix, three characters or more, that tells these apart."""
    distinct = sorted(set(conflicts))
    shown = short_ids(distinct)
    taken: dict[str, list[str]] = {}
    for full in distinct:
        taken.setdefault(full[:SHORTEST_CONFLICT], []).append(full)
    alone = {full for sharing in taken.values() if len(sharing) == 1 for full in sharing}
    return {full: "c:" + (full[:SHORTEST_CONFLICT] if full in alone else shown[full]) for full in distinct}


def story(conflict: Conflict, name: str, ids: Mapping[str, str], layout: Layout) -> list[str]:
    """What is said, by whom and when; why it can't all hold; which may be wrong; what settles it."""
    by_memory: dict[str, list[Claim]] = {}
    for claim in in_order(conflict):
        by_memory.setdefault(claim["memory_id"], []).append(claim)
    lines = [layout.paint("bad", name) + "  " + _head(len(by_memory))]
    indent = max(len(ids[memory]) for memory in by_memory) + 4
    for memory, claims in by_memory.items():
        lines += _told(ids[memory], claims, indent, layout)
    lines += ["  " + line for line in layout.wrapped(reason(conflict), 2)]
    lines += ["  " + line for line in layout.wrapped(_suspects(conflict, ids), 2)]
    accepted = "accepted" if conflict.get("accepted") else ""
    facts = [f"severity {conflict['severity']:.2f}", _where(conflict["scope"]), accepted]
    lines.append("  " + layout.paint("dim", layout.trimmed(" · ".join(filter(None, facts)), 2)))
    return lines + hanging("  fix: ", fix(name), layout)


def fix(name: str) -> str:
    """The commands that settle a conflict."""
    return f"slm audit resolve {name} --drop ID, --ends ID DATE or --accept"


def _head(count: int) -> str:
    if count == 1:
        return "This contradicts itself"
    number = NUMBERS[count] if count < len(NUMBERS) else str(count)
    return f"These {number} can't {'both' if count == 2 else 'all'} be true"


def _told(shown: str, claims: list[Claim], indent: int, layout: Layout) -> list[str]:
    """A memory's text, then who said it when, and what is claimed in it."""
    first, *rest = layout.wrapped(claims[0]["text"], indent, most=2)
    margin = " " * indent
    by = ", ".join(filter(None, [author(claims[0]), day(claims[0].get("observed_at"), layout)]))
    about = [by, *(one_line(claim["claim"]) for claim in claims)]
    return [
        "  " + layout.paint("bold", shown) + " " * (indent - 2 - len(shown)) + first,
        *(margin + line for line in rest),
        margin + layout.paint("dim", layout.trimmed(" · ".join(filter(None, about)), indent)),
    ]


def in_order(conflict: Conflict) -> list[Claim]:
    """The claims in the order of the walk, those that aren't on it last."""
    place = {edge["claim"]: i for i, edge in reversed(list(enumerate(conflict["cycle"])))}
    return sorted(conflict["claims"], key=lambda claim: (place.get(claim["id"], len(place)), claim["id"]))


def _where(scope: dict[str, Any]) -> str:
    if scope["within"]:
        return "within one context"
    crossed = [f"{len(values)} {kind}s" for kind, values in scope["across"].items()]
    return "across " + " and ".join(crossed)


def _suspects(conflict: Conflict, ids: Mapping[str, str]) -> str:
    memory = {claim["id"]: ids[claim["memory_id"]] for claim in conflict["claims"]}
    suspects = list(dict.fromkeys(memory[name] for name in conflict["suspects"] if name in memory))
    if len(suspects) == 1:
        return f"Only {suspects[0]} settles it alone: without it the rest agrees"
    everyone = len(conflict["suspects"]) == len(conflict["claims"])
    which = f"One of {', '.join(suspects)}" if not everyone else "Either" if len(suspects) == 2 else "Any one"
    return f"{which} may be wrong, no sum can tell them apart; {_doubt(conflict)}: {suspects[0]}"


def _doubt(conflict: Conflict) -> str:
    """Why the first suspect is named first."""
    claims = {claim["id"]: claim for claim in conflict["claims"]}
    first, *rest = (claims[name] for name in conflict["suspects"])
    if all(first["trust"] < claim["trust"] for claim in rest):
        return "least trusted"
    if all(first["confirmations"] < claim["confirmations"] for claim in rest):
        return "least confirmed"
    if first["tier"] != "explicit" and all(claim["tier"] == "explicit" for claim in rest):
        return "not claimed in so many words"
    return "first to look at"


def _replaced(found: list[dict[str, Any]], total: int, ids: Mapping[str, str], layout: Layout) -> list[str]:
    if not found:
        return []
    lines = ["Replaced by what is newer, no contradiction:"]
    for each in found[:MOST_REPLACED]:
        older, newer = each["older"], each["newer"]
        until = f"until {day(each['at'], layout)}" if each["at"] else "never held"
        lead = f"  {ids[older['memory_id']]}  "
        now = f"now {ids[newer['memory_id']]} {one_line(newer['claim'])}"
        lines += hanging(lead, f"{one_line(older['claim'])}, {until}; {now}", layout)
    if total > MOST_REPLACED:
        lines.append(f"  and {total - MOST_REPLACED} more")
    return [*lines, ""]


def coverage(result: dict[str, Any]) -> str:
    """How much could have been found at all: what isn't checked isn't confirmed."""
    told = result["coverage"]
    parts = [
        f"{counted(told['claims'], 'claim')}, {counted(told['dim_h1'], 'independent check')}",
        f"{told['uncheckable']} of {counted(told['memories'], *MEMORIES)} uncheckable",
        f"{result['accepted']} accepted" if result.get("accepted") else "",
        scope_names(result.get("scope") or ()),
    ]
    line = "; ".join(filter(None, parts))
    return line + ("" if told["dim_h1"] else "; no equality could have conflicted")


def explained(conflict: Conflict, layout: Layout) -> list[str]:
    """The mathematics: vertices, edges with their rows of the coboundary, the cochain, class, holonomy and tension."""
    told = conflict["explain"]
    names = {name: f"e{i}" for i, name in enumerate(told["edges"], 1)}
    edges = {edge["claim"]: edge for edge in conflict["cycle"]}
    rows = [
        (
            names[name],
            equation(edges[name]) if name in edges else one_line(name),
            "(" + " ".join(plain(entry) for entry in row) + ")",
            "" if value is None else "c = " + _cochain(value),
            _tension(told["tension"].get(name)),
        )
        for name, row, value in zip(told["edges"], told["coboundary"], told["cochain"], strict=True)
    ]
    vertices = "x = (" + ", ".join(one_line(vertex) for vertex in told["vertices"]) + ")"
    measured = [f"holonomy {plain(told['holonomy'])}", f"length {told['length']}", f"radius {plain(told['radius'])}"]
    if conflict["kind"] in UNMEASURED:
        measured = [f"length {told['length']}", "no number is off"]
    unit = f" ({one_line(conflict['unit'])})" if conflict["unit"] else ""
    lines = [vertices, *columns(rows), f"class [c] in C¹ / im δ: {told['class']}", ", ".join(measured) + unit]
    return ["    " + layout.paint("dim", layout.wrapped(line, 4, most=1)[0]) for line in lines]


def _cochain(value: Any) -> str:
    if isinstance(value, list):
        return "[" + ", ".join("∞" if end is None else plain(end) for end in value) + "]"
    return value_of(value)


def _tension(value: float | None) -> str:
    return "" if value is None else f"tension {plain(value)}"


def resolved(result: dict[str, Any]) -> list[str]:
    """What became of a conflict, and whether anything is left between its memories."""
    ids = short_ids(claim["memory_id"] for claim in result["claims"])
    names = ", ".join(f"{ids[claim['memory_id']]} ({one_line(claim['claim'])})" for claim in result["claims"])
    until = one_line(result.get("until") or "").partition(MIDNIGHT)[0]
    would = "would " if result.get("dry_run") else ""
    what = {
        "accept": f"{would}accept{'' if would else 'ed'}: it stays so until new evidence",
        "drop": f"{would}drop{'' if would else 'ped'} {names}; the memories stay",
        "end": f"{would}end{'' if would else 'ed'} {names} at {until}",
    }[result["action"]]
    left = [] if result.get("dry_run") else result.get("conflicts") or []
    shown = conflict_names(each["id"] for each in left)
    still = [f"still contradicted: {' '.join(shown.values())}"] if left else []
    return [f"{conflict_names([result['conflict']])[result['conflict']]}  {what}", *still]
