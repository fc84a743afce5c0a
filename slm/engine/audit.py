"""audit: what the memories that a caller sees contradict, what replaced what, and how much could be checked at all."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from slm.consistency.claim import Number
from slm.consistency.claim_sheaf import ClaimSheaf
from slm.consistency.cohomology import consistency_radius, dimensions, equations, held_at_conflict
from slm.consistency.conflict import Conflict, Supersession
from slm.consistency.harmonic import harmonic_part
from slm.consistency.valid_time import span_of
from slm.engine.audited import Unfinished, read
from slm.engine.claim_documents import GROUND, Documents, cycle, edge, ends, plain, radius_of
from slm.engine.eligible import Mask, visible
from slm.engine.request import Request
from slm.errors import InvalidInput
from slm.model import KINDS
from slm.store.reader import Reader
from slm.times import to_ns

SHOWN = 100
"""Conflicts and supersessions told in full unless the limit says otherwise."""
MOST_EXACT = 200
"""Claims of a component up to which its radius is the greatest over all cycles, beyond them over those found."""


def run(request: Request) -> dict[str, Any]:
    """Answer the ``audit`` operation; with ``patience_s`` only how far it is, if that takes longer."""
    engine, fields = request.engine, request.fields
    limit: int = fields.get("limit", SHOWN)
    if limit < 1:
        raise InvalidInput(f"audit: limit is {limit}, at least 1 is shown")
    patience_s: float = fields.get("patience_s", math.inf)
    if (unfinished := read(engine, patience_s)) is not None:
        return {"unfinished": unfinished._asdict()}
    live, every_scope = engine.sheaf, bool(fields.get("all_scopes"))
    with engine.store.read() as reader:
        mask = looked_at(request, reader)
        sheaf = engine.audited.sheaf(engine, mask, patience_s)
        if isinstance(sheaf, Unfinished):
            return {"unfinished": sheaf._asdict()}
        held = _held_at(request, sheaf)
        every = [conflict for conflict in sheaf.conflicts() if all(map(held, conflict.claims))]
        unresolved = live.open(every)
        told = every if fields.get("accepted") else unresolved
        told = sorted(told, key=lambda conflict: (-conflict.severity, conflict.id))
        supersessions = [found for found in sheaf.supersessions() if _by_then(request, found)]
        documents = Documents(reader, engine.claims)
        open_ids = {conflict.id for conflict in unresolved}
        return {
            "conflicts": [
                _document(request, documents, sheaf, conflict) | {"accepted": conflict.id not in open_ids}
                for conflict in told[:limit]
            ],
            "total": len(unresolved),
            "accepted": len(every) - len(unresolved),
            "supersessions": [documents.supersession(found) for found in supersessions[:limit]],
            "supersessions_total": len(supersessions),
            "coverage": _coverage(sheaf, int(mask.sum())),
            "consistency_radius": _radii(sheaf, unresolved),
            "scope": ["all"] if every_scope else request.scopes,
        }


def looked_at(request: Request, reader: Reader) -> Mask:
    """The memories (n,) that the audit is about: visible to the caller, and within the exact filters."""
    fields = request.fields
    mask = visible(request, reader, every_scope=bool(fields.get("all_scopes")))
    for tag in fields.get("tag", ()):
        mask = mask & _among(reader.facet("tag", tag), len(mask))
    if "source" in fields:
        mask = mask & _among(reader.facet("source", fields["source"]), len(mask))
    if "by_actor" in fields:
        mask = mask & _among(reader.facet("actor", fields["by_actor"]), len(mask))
    if (kind := fields.get("kind")) is not None:
        if kind not in KINDS:
            raise InvalidInput(f"kind: {kind!r} is none of {', '.join(KINDS)}")
        mask = mask & (reader.heads()["kind"] == KINDS.index(kind))
    return mask


def _among(ordinals: npt.NDArray[np.uint32], count: int) -> Mask:
    mask = np.zeros(count, dtype=np.bool_)
    mask[ordinals] = True
    return mask


def _held_at(request: Request, sheaf: ClaimSheaf) -> Callable[[str], bool]:
    """Whether a claim held at the moment asked about; every claim where none is."""
    as_of = request.when("as_of", end=True)
    if as_of is None:
        return lambda _: True
    asked_ns = to_ns(as_of)

    def held(name: str) -> bool:
        claim, component = sheaf.claims[name], sheaf.component_of(name)
        if component is None:
            return True
        start, end = span_of(claim, sheaf.around.window_of)
        cuts = [found.at for found in component.supersessions if found.older == name]
        return start <= asked_ns < end and all(at is not None and asked_ns < at for at in cuts)

    return held


def _by_then(request: Request, found: Supersession) -> bool:
    as_of = request.when("as_of", end=True)
    return as_of is None or found.at is None or found.at <= to_ns(as_of)


def _coverage(sheaf: ClaimSheaf, n_memories: int) -> dict[str, int]:
    """How much was looked at, and how much of it could have been found wrong.

    ``claims`` counts as ``status`` does; ``distinct`` are those equalities that say something new, which is |E| in
    dim H¹ = |E| − |V| + dim H⁰, with ``variables`` for |V| and ``free`` for dim H⁰.
    """
    found = dimensions(sheaf)
    told = len({claim.memory_id for claim in sheaf.claims.values()})
    return {
        "memories": n_memories,
        "uncheckable": n_memories - told,
        "claims": len(sheaf.claims),
        "distinct": found.claims,
        "variables": found.variables,
        "free": found.free,
        "dim_h1": found.checks,
        "components": sum(1 for _ in sheaf.components()),
    }


def _radii(sheaf: ClaimSheaf, conflicts: Sequence[Conflict]) -> dict[str, int | float | None]:
    """For each unit in which something is missed, by how much at least one claim is, whatever is true."""
    radii: dict[str, Number] = {}
    for conflict in conflicts:
        if conflict.miss:
            radii[conflict.unit] = max(radii.get(conflict.unit, 0), _radius(sheaf, conflict))
    return {unit: plain(radius) for unit, radius in sorted(radii.items())}


def _radius(sheaf: ClaimSheaf, conflict: Conflict) -> Number:
    held = held_at_conflict(sheaf, conflict.claims)
    if len(held) <= MOST_EXACT and all(claim.gain == 1 for claim in held):
        return max(radius_of(conflict), consistency_radius(equations(held, conflict.unit, sheaf.around)))
    return radius_of(conflict)


def _document(request: Request, documents: Documents, sheaf: ClaimSheaf, conflict: Conflict) -> dict[str, Any]:
    document = documents.conflict(sheaf, conflict)
    return document | {"explain": explained(sheaf, conflict)} if request.fields.get("explain") else document


def explained(sheaf: ClaimSheaf, conflict: Conflict) -> dict[str, Any]:
    """The cycle as a cochain that no assignment accounts for: (δx)_e = x_to − gain · x_from, ground being zero."""
    walk = [claim for claim, _ in cycle([sheaf.claims[name] for name in conflict.claims])]
    vertices = [vertex for vertex in dict.fromkeys(end for claim in walk for end in ends(claim)) if vertex != GROUND]
    rows = []
    for claim in walk:
        tail, head = ends(claim)
        row = dict.fromkeys(vertices, Fraction(0))
        row[head] += 1
        if tail != GROUND:
            row[tail] -= claim.gain
        rows.append([plain(number) for number in row.values()])
    tension = harmonic_part(equations(held_at_conflict(sheaf, conflict.claims), conflict.unit, sheaf.around))
    return {
        "vertices": vertices,
        "edges": [claim.id for claim in walk],
        "coboundary": rows,
        "cochain": [
            [edge(claim, forward=True)[bound] for bound in ("low", "high")] if claim.interval else claim.value
            for claim in walk
        ],
        "class": "nonzero",
        "holonomy": plain(conflict.miss),
        "length": conflict.length,
        "radius": plain(_radius(sheaf, conflict)),
        "tension": {name: round(tension[name], 9) for name in conflict.claims if name in tension},
    }
