"""What the sheaf reports: conflicts, supersessions, and what a new claim has brought about."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from slm.consistency.claim import Claim, Number
from slm.consistency.slice import Clash
from slm.model import ID_ALPHABET, ID_LENGTH

Kind = Literal["name", "truth", "number", "order", "different", "identity"]


@dataclass(frozen=True, slots=True)
class Conflict:
    """A minimal set of claims that can't all be true: leave one out and the rest can.

    ``miss`` is by how much the cycle's sum fails, in ``unit`` (0 where nothing is measured), ``length`` the number of
    its edges: miss / length is the consistency radius. ``severity`` in [0, 1]. ``crosses`` names the contexts (source,
    session, scope) that hold no contradiction one by one, each with the values that take part; empty where the conflict
    lies within one context of each kind.
    """

    id: str
    kind: Kind
    claims: tuple[str, ...]
    miss: Number
    unit: str
    length: int
    severity: float
    crosses: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Supersession:
    """``older`` holds until ``at`` (nanoseconds since 1970; None: it never held), when ``newer`` takes its place."""

    older: str
    newer: str
    at: int | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a change brought about that wasn't there before."""

    conflicts: tuple[Conflict, ...] = ()
    supersessions: tuple[Supersession, ...] = ()


def conflict_id(claims: Iterable[str]) -> str:
    """Twelve base32 characters of the SHA-256 of the sorted ids: a new set of claims is new evidence."""
    number = int.from_bytes(hashlib.sha256("\n".join(sorted(claims)).encode()).digest()[:8])
    return "".join(ID_ALPHABET[number >> (5 * place) & 31] for place in range(ID_LENGTH))


def conflict_of(clash: Clash, claims: Mapping[str, Claim]) -> Conflict:
    """The report of a clash: kind, severity and contexts, from its claims."""
    members = sorted((claims[name] for name in clash.claims), key=lambda claim: claim.id)
    ids = tuple(claim.id for claim in members)
    return Conflict(
        id=conflict_id(ids),
        kind=_kind(members),
        claims=ids,
        miss=clash.miss,
        unit=clash.unit,
        length=clash.length,
        severity=_severity(clash, members),
        crosses=tuple(_crosses(members)),
    )


def _kind(claims: list[Claim]) -> Kind:
    if all(claim.attribute == "" for claim in claims):
        return "identity"
    if any(claim.relation == "!=" and not isinstance(claim.value, bool) for claim in claims):
        return "different"
    if any(claim.relation in ("<", "<=", ">", ">=") for claim in claims):
        return "order"
    if any(claim.interval is not None for claim in claims):
        return "number"
    return "truth" if any(isinstance(claim.value, bool) for claim in claims) else "name"


def _severity(clash: Clash, claims: list[Claim]) -> float:
    """r / (r + tolerance) with the radius r, times the least trust; where nothing is measured, the trust alone."""
    trust = min(claim.trust for claim in claims)
    if clash.miss == 0:
        return trust
    tolerance = sum(map(_tolerance, claims)) / len(claims)
    radius = float(clash.miss) / clash.length
    return trust * radius / (radius + tolerance)


def _tolerance(claim: Claim) -> float:
    low, high = claim.interval or (0, 0)
    return 0.0 if low is None or high is None else float(high - low) / 2


def _crosses(claims: list[Claim]) -> Iterable[tuple[str, tuple[str, ...]]]:
    for context in ("source", "session", "scope"):
        values = tuple(sorted({getattr(claim, context) for claim in claims}))
        if len(values) > 1:
            yield context, values
