"""When claims hold, and the sweep over time against each moment by itself."""

from __future__ import annotations

import math
from dataclasses import replace
from random import Random

from slm.consistency.claim_sheaf import ClaimSheaf
from slm.consistency.judgement import new_slice
from slm.consistency.valid_time import ALWAYS, DAY_NS, order_key, overlap, span_of, sweep
from tests.consistency.claims import claim
from tests.consistency.random_claims import timeless

CITY = {"city": 90.0}


def test_a_claim_holds_as_it_says_else_by_its_attribute() -> None:
    """What can change holds from when it was recorded, what can't always; an explicit time overrides both."""
    assert span_of(claim("a.city=Paris", day=5), CITY.get) == (5 * DAY_NS, math.inf)
    assert span_of(claim("a.birthplace=Paris", day=5), CITY.get) == ALWAYS
    explicit = replace(claim("a.city=Paris", day=5), valid_from=1, valid_to=9)
    assert span_of(explicit, CITY.get) == (1, 9)
    assert span_of(replace(explicit, valid_from=None), CITY.get) == (-math.inf, 9)


def test_claims_are_read_by_when_they_begin_then_by_when_they_were_recorded() -> None:
    """An old diary that is imported late is still old."""
    late_diary = replace(claim("a.city=Paris", "c0", 9), valid_from=2 * DAY_NS)

    assert order_key(late_diary) < order_key(claim("a.city=Rome", "c1", 3))
    assert order_key(claim("a.n=1", "c0", 3)) < order_key(claim("a.n=1", "c1", 3))


def test_the_sweep_finds_a_clash_at_exactly_the_moments_that_have_one() -> None:
    """Oracle: a sheaf of the claims that hold at each moment alone. The slice is left as it came."""
    for seed in range(150):
        random = Random(seed)
        made = timeless(random, ("name", "interval", "order")[seed % 3], 8)
        spans = {c.id: (start, start + random.randint(1, 6)) for c in made for start in [random.randrange(8)]}
        around = ClaimSheaf(made).around
        slice_ = new_slice(made, (), around, keep_trail=True)
        clashes = [clash.claims for clash in sweep(made, spans, slice_)]

        assert slice_.trail == []
        assert all(start < end for start, end in (overlap([spans[name] for name in clash]) for clash in clashes))
        for moment in range(15):
            held = [c for c in made if spans[c.id][0] <= moment < spans[c.id][1]]
            found = any(clash <= {c.id for c in held} for clash in clashes)
            assert found == bool(ClaimSheaf(held).conflicts())
