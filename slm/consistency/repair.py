"""Which claims may be wrong, and what to take back: suspects, retraction advice and the resolutions of a person."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from slm.consistency.claim import TIERS, Claim
from slm.consistency.claim_sheaf import ClaimSheaf
from slm.consistency.conflict import Conflict, Outcome
from slm.consistency.entities import Entities
from slm.consistency.judgement import Surroundings, judge
from slm.consistency.valid_time import order_key

MAX_EXACT = 20
"""Most claims among which the least set to retract is looked for exactly."""

Set = frozenset[str]


@dataclass(frozen=True, slots=True)
class Advice:
    """Claims whose retraction leaves no conflict; ``exact``: no smaller set does, else it was gathered greedily."""

    claims: tuple[str, ...]
    exact: bool


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a person decided about a conflict: live with it, drop claims, or end them ``at`` (ns since 1970 UTC)."""

    action: Literal["accept", "drop", "end"]
    conflict: str
    claims: tuple[str, ...] = ()
    at: int | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """The conflicts that were accepted. They stay so: new evidence is another set of claims, with another id."""

    accepted: frozenset[str] = field(default_factory=frozenset)

    def open(self, conflicts: Iterable[Conflict]) -> list[Conflict]:
        """The conflicts that nobody has accepted."""
        return [conflict for conflict in conflicts if conflict.id not in self.accepted]


def settle(sheaf: ClaimSheaf, settled: Settled, resolution: Resolution) -> tuple[Settled, Outcome]:
    """Carry out a resolution in the sheaf. KeyError: no such claim; ValueError: it doesn't hold before ``at``."""
    if resolution.action == "accept":
        return Settled(settled.accepted | {resolution.conflict}), Outcome()
    ended = []
    if resolution.action == "end":
        ended = [replace(sheaf.claims[name], valid_to=resolution.at) for name in resolution.claims]
        if resolution.at is None or any((claim.valid_from or resolution.at - 1) >= resolution.at for claim in ended):
            raise ValueError("a claim can end only after it has begun to hold")
    outcomes = [sheaf.retract(resolution.claims), *(sheaf.assert_claim(claim) for claim in ended)]
    return settled, Outcome(
        tuple(conflict for outcome in outcomes for conflict in outcome.conflicts),
        tuple(found for outcome in outcomes for found in outcome.supersessions),
    )


def suspects(sheaf: ClaimSheaf, conflict: Conflict) -> list[str]:
    """The claims of a conflict without any one of which its component has no conflict; all of them where none does.

    Claims in series on a cycle can't be told apart, so all of the series are named: least trusted first, then least
    confirmed, then by tier from prototype to explicit, then the oldest.
    """
    found_without = trial(sheaf, conflict)
    single = [name for name in conflict.claims if not found_without(frozenset((name,)))]
    return sorted(single or conflict.claims, key=lambda name: _doubt(sheaf.claims[name]))


def advice(sheaf: ClaimSheaf, conflict: Conflict) -> Advice:
    """What to retract so that the conflict's component has none left: as few claims as possible, then least trusted."""
    found_without = trial(sheaf, conflict)
    sets: dict[Set, None] = {}
    chosen: Set = frozenset()
    exact = True
    while left := found_without(chosen):
        sets.update(dict.fromkeys(left))
        exact = len(frozenset().union(*sets)) <= MAX_EXACT
        chosen = (smallest_cover if exact else greedy_cover)(list(sets), lambda name: _doubt(sheaf.claims[name]))
    return Advice(tuple(sorted(chosen)), exact)


def trial(sheaf: ClaimSheaf, conflict: Conflict) -> Callable[[Set], list[Set]]:
    """A function that gives the conflicts of a conflict's component without some claims; the sheaf stays as it is."""
    members = [sheaf.claims[name] for name in conflict.claims]
    component = next(filter(None, (sheaf.component_of(claim.id) for claim in members)), None)
    about: Collection[Claim] = component.claims if component is not None else ()
    around = sheaf.around
    own = (claim for claim in members if not claim.attribute)
    identities = sorted({*identities_about(about, around.entities), *own}, key=order_key)

    def found_without(gone: Set) -> list[Set]:
        entities, found = Entities(), []
        for claim in identities:
            reasons = entities.add(claim) if claim.id not in gone else None
            if reasons is not None:
                found.append(frozenset(reasons))
        left = [claim for claim in about if claim.id not in gone]
        clashes = judge(left, Surroundings(entities, around.truths, around.window_of)).clashes
        return found + [clash.claims for clash in clashes]

    return found_without


def identities_about(claims: Collection[Claim], entities: Entities) -> Iterator[Claim]:
    """The claims of identity about the names in ``claims``, which take part in whatever these contradict."""
    if not len(entities):
        return
    names = {claim.subject for claim in claims} | {claim.value for claim in claims if isinstance(claim.value, str)}
    names |= {claim.object[0] for claim in claims if claim.object is not None}
    keys = {entities.key(name) for name in names if isinstance(name, str)}
    yield from (claim for claim in entities.claims.values() if entities.key(claim.subject) in keys)


def _doubt(claim: Claim) -> tuple[float, int, int, int, str]:
    """The most doubtful claim is the least."""
    return claim.trust, claim.confirmations, -TIERS.index(claim.tier), claim.recorded_at, claim.id


def smallest_cover(sets: Sequence[Set], doubt: Callable[[str], tuple[object, ...]]) -> Set:
    """The smallest set that meets all ``sets``, of these the one with the most doubtful claims. Exponential."""
    order = sorted(frozenset().union(*sets), key=doubt)
    rank = {name: place for place, name in enumerate(order)}
    best: list[str] = order

    def search(chosen: list[str]) -> None:
        nonlocal best
        missed = next((found for found in sets if found.isdisjoint(chosen)), None)
        if missed is None:
            best = min(best, chosen, key=lambda names: (len(names), sorted(rank[name] for name in names)))
        elif len(chosen) < len(best):
            for name in sorted(missed, key=rank.__getitem__):
                search([*chosen, name])

    search([])
    return frozenset(best)


def greedy_cover(sets: Sequence[Set], doubt: Callable[[str], tuple[object, ...]]) -> Set:
    """A set that meets all ``sets``: again and again the claim that meets most of the rest, the most doubtful first."""
    left, chosen = list(sets), set[str]()
    while left:
        counts: Mapping[str, int] = {name: sum(name in found for found in left) for found in left for name in found}
        name = min(counts, key=lambda name: (-counts[name], doubt(name)))
        chosen.add(name)
        left = [found for found in left if name not in found]
    return frozenset(chosen)
