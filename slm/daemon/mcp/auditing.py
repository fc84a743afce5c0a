"""The tool that tells contradictions: an agent reads them and passes them on; it can settle none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from slm.counted import counted
from slm.daemon.mcp import shown
from slm.daemon.mcp.asking import Ask, Said
from slm.engine.fence import shortened, tokens
from slm.visible import one_line

OF_A_CLAIM = ("id", "claim", "memory_id", "text", "source", "recorded_at", "tier")
OF_A_CONFLICT = ("id", "kind", "severity", "scope", "residual", "unit", "tolerance", "suspects", "advice")
TEXTS_A_BUDGET = 4
"""No text takes more than this part of the budget, so that both sides of a contradiction are heard."""

Conflict = Mapping[str, Any]


def audit(ask: Ask, given: dict[str, Any]) -> Said:
    """The most severe contradictions, as many as the budget holds, and how much could be checked at all."""
    ask, budget = ask.within(given.get("scope")), given["budget_tokens"]
    found = ask(
        "audit", limit=given["limit"], as_of=given.get("as_of"), tag=given.get("tags"), kind=given.get("kind"),
        source=given.get("source"),
    )  # fmt: skip
    most = budget // TEXTS_A_BUDGET
    kept = shown.fitting(found["conflicts"], [_cost(conflict, most) for conflict in found["conflicts"]], budget)
    document = {
        "conflicts": [_lean(conflict, most) for conflict in kept],
        "total": found["total"],
        "supersessions": found["supersessions_total"],
        "coverage": found["coverage"],
        "scope": found["scope"],
        "scope_from": ask.scope_from,
    }
    return Said(document, "\n".join(_told(document, kept, most)))


def _cost(conflict: Conflict, most: int) -> int:
    return sum(shown.cost(record, most) for record in _memories([conflict])) + tokens(_line(conflict))


def _lean(conflict: Conflict, most: int) -> dict[str, Any]:
    claims = [{name: claim[name] for name in OF_A_CLAIM} for claim in conflict["claims"]]
    for claim in claims:
        claim["text"], _ = shortened(claim["text"], most)
    return {**{name: conflict[name] for name in OF_A_CONFLICT}, "claims": claims}


def _memories(conflicts: Sequence[Conflict]) -> list[dict[str, Any]]:
    """What is known of the memories that take part, each once, as a fenced block needs it."""
    found = {claim["memory_id"]: claim for conflict in conflicts for claim in conflict["claims"]}
    return [{**claim, "id": memory_id} for memory_id, claim in found.items()]


def _told(document: Mapping[str, Any], conflicts: Sequence[Conflict], most: int) -> list[str]:
    coverage, where = document["coverage"], " + ".join(map(one_line, document["scope"]))
    checked = f"{counted(coverage['claims'], 'claim')}, {counted(coverage['dim_h1'], 'independent check')}, in {where}"
    if not conflicts:
        return [f"No contradictions: {checked}. What makes no claim can't be checked."]
    n_more = document["total"] - len(conflicts)
    return [
        *map(_line, conflicts),
        *([f"{n_more} more: ask with a greater limit and budget_tokens"] if n_more > 0 else []),
        shown.block(_memories(conflicts), most),
        f"{checked}. Tell the user, who alone can settle this (slm audit); rely on neither side until then.",
    ]


def _line(conflict: Conflict) -> str:
    ids = dict.fromkeys(claim["memory_id"] for claim in conflict["claims"])
    cited = " ".join(f"[slm:{memory_id}]" for memory_id in ids)
    verdict = "contradicts itself" if len(ids) == 1 else "can't all be true"
    miss = f" (off by {abs(conflict['residual']):g} {one_line(conflict['unit'])}".rstrip() + ")"
    return f"c:{conflict['id'][:5]} {cited} {verdict}" + (miss if conflict["residual"] else "")
