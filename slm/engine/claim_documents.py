"""Claims, conflicts and supersessions as the JSON of ``audit``, ``remember``, ``claims`` and ``show``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from slm.consistency.claim import Bound, Claim, Number
from slm.consistency.claim_sheaf import ClaimSheaf
from slm.consistency.conflict import Conflict, Supersession
from slm.consistency.repair import advice, suspects
from slm.engine.claims import ClaimReader, Told
from slm.engine.ids import CONFUSED, resolve
from slm.engine.live_sheaf import read_of
from slm.errors import NotFound
from slm.model import Memory
from slm.store.reader import Reader
from slm.times import from_ns, iso

GROUND = ""
"""The vertex of a claim that names a value: known, the same for all."""


@dataclass(slots=True)
class Documents:
    """Writes documents from one snapshot of the store; memories that several of them name are read once."""

    reader: Reader
    claims: ClaimReader
    _told: dict[str, tuple[Memory, dict[str, Told]]] = field(default_factory=dict)

    def of_memory(self, memory_id: str) -> list[dict[str, Any]]:
        """Every claim of a memory, in the order of its text, those given with it first."""
        memory, told = self._all(memory_id)
        return [_claim(memory, one) for one in told.values()]

    def claim(self, name: str) -> dict[str, Any]:
        """The document of a claim by its id. KeyError: no such claim."""
        memory, told = self._all(memory_of(name))
        return _claim(memory, told[name])

    def conflict(self, sheaf: ClaimSheaf, conflict: Conflict) -> dict[str, Any]:
        """A conflict of ``sheaf``: the cycle that doesn't close, which claims may be wrong, and what to take back."""
        members = [sheaf.claims[name] for name in conflict.claims]
        retract = advice(sheaf, conflict)
        return {
            "id": conflict.id,
            "kind": conflict.kind,
            "severity": round(conflict.severity, 3),
            "scope": {
                "within": not conflict.crosses,
                "across": {name: list(values) for name, values in conflict.crosses},
            },
            "claims": [self.claim(name) for name in conflict.claims],
            "cycle": [edge(claim, forward) for claim, forward in cycle(members)],
            "residual": plain(conflict.miss),
            "unit": conflict.unit,
            "length": conflict.length,
            "tolerance": round(sum(_half_width(claim) for claim in members) / len(members), 6),
            "radius": plain(radius_of(conflict)),
            "suspects": suspects(sheaf, conflict),
            "advice": {"claims": list(retract.claims), "exact": retract.exact},
        }

    def supersession(self, found: Supersession) -> dict[str, Any]:
        """The claim that held, the one that took its place, and when; null where the older never held."""
        return {"older": self.claim(found.older), "newer": self.claim(found.newer), "at": moment(found.at)}

    def _all(self, memory_id: str) -> tuple[Memory, dict[str, Told]]:
        if memory_id not in self._told:
            ordinal = self.reader.ordinal_of(memory_id)
            if ordinal is None:
                raise KeyError(memory_id)
            memory = self.reader.memory(ordinal)
            told = self.claims.told(memory, ordinal, read_of(self.reader, ordinal))
            self._told[memory_id] = memory, {one.claim.id: one for one in told}
        return self._told[memory_id]


def named(reader: Reader, written: str, among: Sequence[str]) -> list[str]:
    """The claims ``among`` those given that an id stands for: all of a memory, or with "memory/claim" a single one.

    Raises :class:`NotFound` where there is none, or more than one.
    """
    memory, _, claim = written.strip().partition("/")
    prefix = f"{reader.memory(resolve(reader, memory)).id}/{claim.lower().translate(CONFUSED)}"
    found = [name for name in among if name.startswith(prefix)]
    if not found or (claim and len(found) > 1):
        raise NotFound(f"{written} names no claim here", hint=f"there are {', '.join(among)}")
    return found


def memory_of(name: str) -> str:
    """The id of a claim's memory, with which the claim's own begins."""
    return name.partition("/")[0]


def edge(claim: Claim, forward: bool) -> dict[str, Any]:
    """A claim as an edge: ``to`` = gain · ``from`` + [low, high]; ``forward``: it is walked in that direction."""
    tail, head = ends(claim)
    low, high = claim.interval or (None, None)
    return {
        "claim": claim.id,
        "from": tail,
        "to": head,
        "relation": claim.relation,
        "gain": plain(claim.gain),
        "value": claim.value,
        "low": plain(low),
        "high": plain(high),
        "unit": claim.unit,
        "forward": forward,
    }


def ends(claim: Claim) -> tuple[str, str]:
    """The vertices of a claim's edge: where it comes from, ground for a value, and what it is about."""
    head = f"{claim.subject}.{claim.attribute}" if claim.attribute else claim.subject
    if claim.object is None:
        return GROUND, head
    return (".".join(claim.object) if claim.object[1] else claim.object[0]), head


def cycle(claims: Sequence[Claim]) -> list[tuple[Claim, bool]]:
    """The claims in the order of one walk along their edges, each with its direction; what has no place comes last.

    Where there is a choice the walk takes the claim recorded first, so a story goes the way in which it was told.
    """
    left, walk = sorted(claims, key=lambda claim: (claim.recorded_at, claim.id)), list[tuple[Claim, bool]]()
    here = GROUND if any(claim.object is None for claim in left) else ends(left[0])[0]
    while left:
        following = next((claim for claim in left if here in ends(claim)), left[0])
        left.remove(following)
        tail, head = ends(following)
        forward = here != head or tail == head
        walk.append((following, forward))
        here = head if forward else tail
    return walk


def plain(number: Bound) -> int | float | None:
    """An exact number as JSON has it: whole ones stay whole."""
    if number is None:
        return None
    return number.numerator if number.denominator == 1 else round(float(number), 9)


def moment(ns: int | None) -> str | None:
    """Nanoseconds since 1970 as a time, exact to the microsecond; None also for what lies beyond all calendars."""
    try:
        return None if ns is None else iso(from_ns(ns))
    except OverflowError:
        return None


def _claim(memory: Memory, told: Told) -> dict[str, Any]:
    claim = told.claim
    return {
        "id": claim.id,
        "memory_id": memory.id,
        "claim": told.text,
        "tier": claim.tier,
        "text": memory.text,
        "span": list(claim.span) if claim.span else None,
        **{name: getattr(memory, name) for name in ("source", "actor", "speaker", "session", "scope")},
        **{name: getattr(memory, name) for name in ("recorded_at", "observed_at", "trust", "confirmations")},
        "valid_from": moment(claim.valid_from),
        "valid_to": moment(claim.valid_to),
        "update": claim.update,
        "dropped": told.dropped,
    }


def _half_width(claim: Claim) -> float:
    low, high = claim.interval or (0, 0)
    return 0.0 if low is None or high is None else float(high - low) / 2


def radius_of(conflict: Conflict) -> Number:
    """By how much at least one claim of a conflict is missed, whatever is true: |holonomy| / length of its cycle."""
    return Fraction(conflict.miss) / conflict.length
