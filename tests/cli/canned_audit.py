"""Documents of audit and claims as the engine writes them."""

from __future__ import annotations

from typing import Any

Document = dict[str, Any]


def claim(memory_id: str, text: str, written: str, **more: Any) -> Document:
    """A claim of a memory; its own part of the id is eight times the first letter of the memory's."""
    fields = {
        "id": f"{memory_id}/{memory_id[0] * 8}", "memory_id": memory_id, "claim": written, "tier": "rule",
        "text": text, "span": [0, len(text)], "source": None, "actor": "cli", "speaker": None, "session": None,
        "scope": "global", "recorded_at": "2024-11-03T09:00:00Z", "observed_at": "2024-11-03T10:00:00+01:00",
        "trust": 0.9, "confirmations": 0, "valid_from": None, "valid_to": None, "update": False, "dropped": False,
    }  # fmt: skip
    return fields | more


def edge(of: Document, head: str, tail: str = "", **more: Any) -> Document:
    """A claim's edge, walked forwards unless told otherwise: ``head`` = gain · ``tail`` + [low, high]."""
    fields = {
        "claim": of["id"], "from": tail, "to": head, "relation": "=", "gain": 1, "value": None, "low": None,
        "high": None, "unit": "", "forward": True,
    }  # fmt: skip
    if "at" in more:
        fields["low"] = fields["high"] = more.pop("at")
    return fields | more


DEPLOY = claim("k3m9q0000000", "Deploy is 2 days before the audit", "deploy.date=audit.date-2d")
AUDIT = claim("b2v8n0000000", "Audit is on 14 March", "audit.date=2025-03-14", actor="mcp:claude-code", trust=0.5)
MARCH = claim(
    "w8c4t0000000", "Deploy is on 10 March", "deploy.date=2025-03-10", source="notes/plan.md", actor="import:md"
)
CYCLE = [
    edge(AUDIT, "audit.date", at=20161, unit="day"),
    edge(DEPLOY, "deploy.date", "audit.date", at=-2, unit="day"),
    edge(MARCH, "deploy.date", at=20157, unit="day", forward=False),
]


def conflict(**more: Any) -> Document:
    """Three memories whose days don't add up."""
    fields = {
        "id": "4d1xxxxxxxxx", "kind": "number", "severity": 0.5,
        "scope": {"within": False, "across": {"source": ["", "notes/plan.md"]}},
        "claims": [DEPLOY, AUDIT, MARCH], "cycle": CYCLE, "residual": 2, "unit": "day", "length": 3, "tolerance": 0.0,
        "radius": 0.666666667, "suspects": [AUDIT["id"], DEPLOY["id"], MARCH["id"]],
        "advice": {"claims": [AUDIT["id"]], "exact": True}, "accepted": False,
    }  # fmt: skip
    return fields | more


EXPLAIN = {
    "vertices": ["audit.date", "deploy.date"], "edges": [AUDIT["id"], DEPLOY["id"], MARCH["id"]],
    "coboundary": [[1, 0], [-1, 1], [0, 1]], "cochain": [[20161, 20161], [-2, -2], [20157, 20157]],
    "class": "nonzero", "holonomy": 2, "length": 3, "radius": 0.666666667, "tension": {AUDIT["id"]: 0.666666667},
}  # fmt: skip

VIM = claim("zw0wh0000000", "My editor is Vim", "owner.editor=vim")
EMACS = claim("c4y0y0000000", "I switched to Emacs", "owner.editor=emacs")
REPLACED = {"older": VIM, "newer": EMACS, "at": "2024-11-03T10:00:00+01:00"}


def audited(*conflicts: Document, **more: Any) -> Document:
    """A result of audit."""
    coverage = {
        "memories": 912, "uncheckable": 781, "claims": 214, "distinct": 214, "variables": 180, "free": 0, "dim_h1": 34,
        "components": 9,
    }  # fmt: skip
    fields = {
        "conflicts": list(conflicts), "total": len(conflicts), "accepted": 0, "supersessions": [],
        "supersessions_total": 0, "coverage": coverage, "consistency_radius": {"day": 0.67},
        "scope": ["acme", "global"],
    }  # fmt: skip
    return fields | more
