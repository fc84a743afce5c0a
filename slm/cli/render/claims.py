"""Claims in a line each: the id that commands take, what is claimed, how it was found."""

from __future__ import annotations

from typing import Any

from slm.cli.render.memory import short_ids
from slm.cli.render.text import Layout, columns
from slm.visible import one_line

FOUND = {"explicit": "claimed", "rule": "read", "prototype": "read by likeness"}
Claim = dict[str, Any]


def claim_rows(claims: list[Claim], layout: Layout) -> list[str]:
    """Indented lines: "k3m9q/7c2  api.port=5433  claimed"."""
    names = claim_names(claims)
    rows = [(names[claim["id"]], one_line(claim["claim"]), _state(claim)) for claim in claims]
    return ["  " + layout.paint("dim", layout.wrapped(line, 4, most=1)[0]) for line in columns(rows)]


def claimed(memory: dict[str, Any], layout: Layout) -> list[str]:
    """The claims of a memory that is shown whole; nothing where it makes none."""
    claims = memory.get("all_claims") or []
    return ["", "  claims:", *("  " + line for line in claim_rows(claims, layout))] if claims else []


def claim_names(claims: list[Claim]) -> dict[str, str]:
    """Each claim by the shortest prefixes of its memory's id and of its own that tell these apart."""
    memories = short_ids(claim["memory_id"] for claim in claims)
    own = {claim["id"]: claim["id"].partition("/")[2] for claim in claims}
    shown = short_ids(own.values())
    return {claim["id"]: f"{memories[claim['memory_id']]}/{shown[own[claim['id']]]}" for claim in claims}


def dropped(result: dict[str, Any]) -> list[str]:
    """What was dropped."""
    names = claim_names(result["dropped"])
    return [f"dropped {names[claim['id']]}  {one_line(claim['claim'])}" for claim in result["dropped"]]


def _state(claim: Claim) -> str:
    until = f"until {claim['valid_to'][:10]}" if claim.get("valid_to") else ""
    state = "dropped" if claim.get("dropped") else FOUND.get(claim["tier"], claim["tier"])
    return ", ".join(filter(None, [state, until]))
