"""Claims by their text, for tests: ``claims("a.x=1", "a.x=2")`` are c0 and c1, recorded a day apart."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from slm.consistency.claim import Claim
from slm.consistency.claim_sheaf import ClaimSheaf
from slm.consistency.grammar import parse
from slm.consistency.valid_time import DAY_NS


def claim(text: str, name: str = "c0", day: int = 0, **fields: Any) -> Claim:
    return replace(parse(text), id=name, memory_id="m" + name, recorded_at=day * DAY_NS, **fields)


def claims(*texts: str) -> list[Claim]:
    return [claim(text, f"c{number}", number) for number, text in enumerate(texts)]


def sheaf(*texts: str, windows: dict[str, float] | None = None) -> ClaimSheaf:
    return ClaimSheaf(claims(*texts), window_of=(windows or {}).get)


def conflicting(found: ClaimSheaf) -> list[set[str]]:
    return [set(conflict.claims) for conflict in found.conflicts()]
