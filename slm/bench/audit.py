"""``slm bench audit``: the write check of the claim sheaf as it grows, and the audit of all claims from nothing."""

from __future__ import annotations

import gc
import resource
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from random import Random
from typing import Any

from slm.consistency.claim import DAY, MONTH, Claim
from slm.consistency.claim_sheaf import ClaimSheaf
from slm.consistency.cohomology import dimensions

MUTABLE = {"city": 90.0, "port": 45.0}
DAY_NS = 86_400_000_000_000
CLAIMS_A_DAY = 200
CLAIMS_AN_ENTITY = 8
MEASURED = 5000
"""How many writes are timed one by one, after the sheaf has its size."""
MOVES = 0.1
"""Part of the claims about a city that tell a move."""
WRONG = 0.01
"""Part of the claims that state something false."""
TO_THE_HUB = 0.002
"""Part of the relations that tie an entity to one and the same other."""

N_CITIES = 200


class _World:
    """Entities with true values, from which claims are made."""

    def __init__(self, n_entities: int, seed: int) -> None:
        self.random = Random(seed)
        self.n_entities = n_entities
        self.names = [f"e{entity}" for entity in range(n_entities + 1)]
        self.cities = [f"city {city}" for city in range(N_CITIES)]
        self.homes = [entity % N_CITIES for entity in range(n_entities)]
        self.kinds: list[tuple[float, Callable[[int, int, bool], dict[str, Any]]]] = [
            (0.30, self._city), (0.45, self._birth), (0.55, self._apart), (0.60, self._years), (0.65, self._older),
            (0.75, self._on), (0.80, self._alike), (0.81, self._twice), (0.90, self._port), (0.91, self._alias),
            (1.00, self._likes),
        ]  # fmt: skip

    def claim(self, number: int) -> Claim:
        random = self.random
        entity = random.randrange(self.n_entities)
        near = 0 if random.random() < TO_THE_HUB else entity ^ 1
        drawn, wrong = random.random(), random.random() < WRONG
        make = next(make for share, make in self.kinds if drawn < share)
        blank = Claim(f"c{number}", f"m{number}", self.names[entity], "", recorded_at=number * DAY_NS // CLAIMS_A_DAY)
        return replace(blank, **make(entity, near, wrong))

    def _city(self, entity: int, _near: int, wrong: bool) -> dict[str, Any]:
        moves = self.random.random() < MOVES
        city = self.random.randrange(N_CITIES) if moves or wrong else self.homes[entity]
        if moves:
            self.homes[entity] = city
        return {"attribute": "city", "value": self.cities[city], "update": moves}

    def _birth(self, entity: int, _near: int, wrong: bool) -> dict[str, Any]:
        return {"attribute": "birth", "interval": (_born(entity) + 400 * wrong,) * 2, "unit": DAY}

    def _apart(self, entity: int, near: int, wrong: bool) -> dict[str, Any]:
        days = _born(entity) - _born(near) + 400 * wrong
        return {
            "attribute": "birth",
            "object": (self.names[near], "birth"),
            "interval": (days - 182, days + 182),
            "unit": DAY,
        }

    def _years(self, entity: int, near: int, wrong: bool) -> dict[str, Any]:
        months = 12 * ((_born(entity) - _born(near)) // 365) + 36 * wrong
        interval = (months - 12, months + 12)
        return {"attribute": "birth", "object": (self.names[near], "birth"), "interval": interval, "unit": MONTH}

    def _older(self, entity: int, near: int, wrong: bool) -> dict[str, Any]:
        before = _born(entity) < _born(near)
        relation = "<=" if before != wrong else ">="
        return {"attribute": "birth", "object": (self.names[near], "birth"), "relation": relation}

    def _on(self, entity: int, _near: int, wrong: bool) -> dict[str, Any]:
        return {"attribute": "on", "value": (entity % 2 == 0) != wrong}

    def _alike(self, entity: int, near: int, wrong: bool) -> dict[str, Any]:
        alike = (near % 2 == entity % 2) != wrong
        return {"attribute": "on", "object": (self.names[near], "on"), "relation": "=" if alike else "!="}

    def _twice(self, entity: int, near: int, _wrong: bool) -> dict[str, Any]:
        return {"attribute": "age", "object": (self.names[max(entity, near)], "age"), "gain": 2, "interval": (0, 0),
                "subject": self.names[min(entity, near)]}  # fmt: skip

    def _port(self, entity: int, _near: int, wrong: bool) -> dict[str, Any]:
        return {"attribute": "port", "interval": (5000 + entity % 1000 + wrong,) * 2}

    def _alias(self, entity: int, _near: int, _wrong: bool) -> dict[str, Any]:
        return {"object": (f"alias of e{entity}", ""), "relation": "=="}

    def _likes(self, _entity: int, _near: int, _wrong: bool) -> dict[str, Any]:
        return {"attribute": "likes", "value": self.random.choice(self.cities), "multi": True}


def _born(entity: int) -> int:
    return entity * 7919 % 20_000 - 10_000


def claims(count: int, seed: int) -> Iterator[Claim]:
    """Made claims in the order of their recording: values that mostly agree, relations, orders, moves and mistakes."""
    world = _World(max(2, count // CLAIMS_AN_ENTITY), seed)
    return (world.claim(number) for number in range(count))


def run(sizes: list[int], seed: int = 7) -> dict[str, Any]:
    """Measure at each size: the write check in microseconds, the audit from nothing in seconds, one thread.

    ``peak_bytes`` is the most that the process has held so far: the made claims are in it, the baseline isn't.
    """
    return {"seed": seed, "sizes": [_measure(size, seed) for size in sizes]}


def _measure(size: int, seed: int) -> dict[str, Any]:
    made = list(claims(size + MEASURED, seed))
    audit_s, sheaf = _audit(made[:size])
    found = {
        "conflicts": len(sheaf.conflicts()),
        "supersessions": len(sheaf.supersessions()),
        "checks": dimensions(sheaf).checks,
    }
    gc.collect()
    gc.freeze()
    times_us = sorted(_timed(sheaf, claim) for claim in made[size:])
    gc.unfreeze()
    peak_bytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    pairwise_s, n_pairwise = _pairwise(made[:size])
    return {
        "claims": size,
        "write_us": {"p50": times_us[MEASURED // 2], "p99": times_us[MEASURED * 99 // 100], "max": times_us[-1]},
        "audit_s": round(audit_s, 2),
        "pairwise_s": round(pairwise_s, 2),
        "pairwise_conflicts": n_pairwise,
        **found,
        "peak_bytes": peak_bytes,
    }


def _audit(made: list[Claim]) -> tuple[float, ClaimSheaf]:
    """Seconds for all claims from nothing, and the sheaf that has them. Collection is off, as while a store loads."""
    gc.collect()
    gc.disable()
    begun = time.perf_counter()
    sheaf = ClaimSheaf(made, window_of=MUTABLE.get)
    elapsed = time.perf_counter() - begun
    gc.enable()
    return elapsed, sheaf


def _timed(sheaf: ClaimSheaf, claim: Claim) -> float:
    begun = time.perf_counter_ns()
    sheaf.assert_claim(claim)
    return (time.perf_counter_ns() - begun) / 1000


def _pairwise(made: list[Claim]) -> tuple[float, int]:
    """The baseline: seconds to find subjects and attributes that have two different values, and how many there are."""
    begun = time.perf_counter()
    values: dict[tuple[str, str], set[object]] = {}
    for claim in made:
        if claim.object is None and not claim.multi:
            values.setdefault((claim.subject, claim.attribute), set()).add((claim.value, claim.interval))
    n_found = sum(len(found) > 1 for found in values.values())
    return time.perf_counter() - begun, n_found


def table(result: dict[str, Any]) -> str:
    """The result for a person."""
    lines = ["   claims   write check p50 / p99 / max     audit   pairwise   conflicts   superseded   checks   peak MB"]
    for row in result["sizes"]:
        times = " / ".join(f"{row['write_us'][name]:,.0f}" for name in ("p50", "p99", "max")) + " µs"
        peak_mb = row["peak_bytes"] / 1e6
        lines.append(
            f"{row['claims']:>9,}   {times:<26} {row['audit_s']:>7.2f} s {row['pairwise_s']:>8.2f} s"
            f"   {row['conflicts']:>9,}   {row['supersessions']:>10,}   {row['checks']:>6,}   {peak_mb:>7,.0f}"
        )
    return "\n".join(lines)
