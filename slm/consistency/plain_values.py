"""One variable whose claims give it plain values: two claims contradict or not, and no cycle is longer than that.

Most variables are such, and judging their claims pair by pair costs no slice and no sweep of a tree.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterator, Mapping, Sequence

from slm.consistency.claim import MONTH, Bound, Claim
from slm.consistency.entities import Entities
from slm.consistency.slice import Clash
from slm.consistency.valid_time import Span

Plain = tuple[str, object]
"""Kind and value: claims of one kind agree exactly where their values are equal."""


def plain(claim: Claim, entities: Entities) -> Plain | None:
    """The plain value of a claim, or None for a relation, a range, an order, a denial or one value of several."""
    if claim.object is not None or claim.multi or claim.relation != "=":
        return None
    value = claim.value
    if isinstance(value, bool):
        return "truth", value
    if value is not None:
        return "name", entities.key(value)
    low, high = claim.interval or (None, None)
    return None if low is None or low != high or claim.unit == MONTH else ("=" + claim.unit, low)


def lists(claim: Claim) -> bool:
    """Whether a claim names one of several values, which no other such claim can contradict."""
    return claim.multi and claim.relation == "=" and claim.object is None


def plains(claims: Collection[Claim], entities: Entities) -> dict[str, Plain] | None:
    """The plain value of every claim by its id; None where there is more than one variable, or a claim without."""
    found: dict[str, Plain] = {}
    variable = None
    for claim in claims:
        value = plain(claim, entities)
        variable = variable or (claim.subject, claim.attribute)
        if value is None or variable != (claim.subject, claim.attribute):
            return None
        found[claim.id] = value
    return found


def pairs(ordered: Sequence[Claim], spans: Mapping[str, Span], values: Mapping[str, Plain]) -> list[Clash]:
    """At every moment the first claim that holds (in the order given), with each later one of another value.

    Kinds don't compare. O(n log n) and the pairs, as long as the first doesn't end before the others.
    """
    kinds: dict[str, list[Claim]] = {}
    for claim in ordered:
        kinds.setdefault(values[claim.id][0], []).append(claim)
    found: dict[frozenset[str], Clash] = {}
    for same_kind in kinds.values():
        if len({values[claim.id] for claim in same_kind}) > 1:
            for a, b in _clashing(same_kind, spans, values):
                found.setdefault(frozenset((a.id, b.id)), clash_of(a, b))
    return list(found.values())


def _clashing(
    ordered: Sequence[Claim], spans: Mapping[str, Span], values: Mapping[str, Plain]
) -> Iterator[tuple[Claim, Claim]]:
    """The sweep over the times at which a claim begins or ends: what clashes with the first that holds."""
    held = [(place, claim) for place, claim in enumerate(ordered) if spans[claim.id][0] < spans[claim.id][1]]
    begins: dict[float, list[tuple[int, Claim]]] = {}
    for place, claim in held:
        begins.setdefault(spans[claim.id][0], []).append((place, claim))
    times = sorted({time for _, claim in held for time in spans[claim.id]})
    active: list[tuple[int, Claim]] = []
    first = -1
    for time in times:
        new = begins.get(time, [])
        for entry in new:
            heapq.heappush(active, entry)
        while active and spans[active[0][1].id][1] <= time:
            heapq.heappop(active)
        if not active:
            continue
        place, holder = active[0]
        looked_at = new if place == first else active
        first = place
        for _, claim in looked_at:
            if spans[claim.id][1] > time and values[claim.id] != values[holder.id]:
                yield holder, claim


def _low(claim: Claim) -> Bound:
    return claim.interval[0] if claim.interval else None


def clash_of(a: Claim, b: Claim) -> Clash:
    """The clash of two values: how far two numbers are apart."""
    of_a, of_b = _low(a), _low(b)
    apart = 0 if of_a is None or of_b is None else max(of_a, of_b) - min(of_a, of_b)
    return Clash(frozenset((a.id, b.id)), apart, 2, a.unit if a.interval is not None else "")
