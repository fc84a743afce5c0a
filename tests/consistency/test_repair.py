"""Suspects, the least retraction, and what a person decides."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from random import Random

import pytest

from slm.consistency.claim import Claim
from slm.consistency.claim_sheaf import ClaimSheaf
from slm.consistency.repair import Resolution, Settled, advice, greedy_cover, settle, smallest_cover, suspects
from slm.consistency.valid_time import DAY_NS
from tests.consistency.claims import claim, claims, sheaf


def _doubt(name: str) -> tuple[str]:
    return (name,)


def _planted(random: Random) -> tuple[ClaimSheaf, str]:
    """True relations over hidden values, and one that is false."""
    values = [random.randint(-9, 9) for _ in range(6)]
    made = []
    for number in range(14):
        x, y = random.sample(range(6), 2)
        offset = values[x] - values[y]
        made.append(Claim(f"c{number:02}", "m", f"v{x}", "n", object=(f"v{y}", "n"), interval=(offset, offset)))
    wrong = random.randrange(14)
    low = made[wrong].interval[0] + random.choice((-3, 2, 5))
    made[wrong] = replace(made[wrong], interval=(low, low))
    return ClaimSheaf(made), made[wrong].id


def test_the_suspects_contain_the_one_planted_error() -> None:
    """Theorem: without the error nothing contradicts, so it is among those whose removal alone suffices."""
    unique = found = 0
    for seed in range(100):
        planted, culprit = _planted(Random(seed))
        for conflict in planted.conflicts():
            names = suspects(planted, conflict)
            found += 1
            unique += len(names) == 1

            assert culprit in names
            assert len(names) > 1 or names == [culprit]
    assert found > 80
    assert unique > 30


def test_claims_in_series_are_all_suspects_the_least_trusted_first() -> None:
    """On one cycle nothing tells its claims apart but trust, confirmations, tier and age."""
    made = claims("a.n=1", "b.n=a.n+1", "c.n=b.n+1", "c.n=5")
    made[1] = replace(made[1], trust=0.3)
    made[2] = replace(made[2], tier="prototype")
    made[0] = replace(made[0], confirmations=2)
    found = ClaimSheaf(made)

    assert suspects(found, found.conflicts()[0]) == ["c1", "c2", "c3", "c0"]


def test_suspects_of_an_identity_contain_the_identity() -> None:
    """The claim that two names are one may be what is wrong."""
    found = sheaf("ann==anna", "ann.city=Paris", "anna.city=Rome", "ann.port=1", "anna.port=2")

    for conflict in found.conflicts():
        assert "c0" in suspects(found, conflict)


def test_an_identity_that_is_denied_can_be_mended_by_any_of_its_claims() -> None:
    """Conflicts among identities belong to no component of variables."""
    found = sheaf("a==b", "b==c", "a!=c")
    [conflict] = found.conflicts()

    assert set(suspects(found, conflict)) == {"c0", "c1", "c2"}
    assert len(advice(found, conflict).claims) == 1


def test_retracting_what_is_advised_leaves_no_conflict_and_nothing_smaller_does() -> None:
    """Oracle: every smaller set of claims, retracted from a sheaf of its own."""
    larger = 0
    for seed in range(60):
        random = Random(seed)
        made = [claim(f"{random.choice('ab')}.n={random.randint(1, 3)}", f"c{n}", n) for n in range(6)]
        made += [claim("a.n=b.n", "c6", 6), claim("a.n<b.n+1", "c7", 7)]
        found = ClaimSheaf(made)
        if not found.conflicts():
            continue
        advised = advice(found, found.conflicts()[0])
        larger += len(advised.claims) > 1

        assert advised.exact
        assert ClaimSheaf([c for c in made if c.id not in advised.claims]).conflicts() == []
        for smaller in combinations([c.id for c in made], len(advised.claims) - 1):
            assert ClaimSheaf([c for c in made if c.id not in smaller]).conflicts()
    assert larger > 20


def test_advice_over_many_claims_says_that_it_was_gathered_greedily() -> None:
    """Beyond twenty claims no smallest set is promised; what is advised still leaves no conflict."""
    made = [claim(f"a.n={n % 12}", f"c{n:02}", n) for n in range(30)]
    found = ClaimSheaf(made)
    advised = advice(found, found.conflicts()[0])

    assert not advised.exact
    assert ClaimSheaf([c for c in made if c.id not in advised.claims]).conflicts() == []


def test_the_smallest_cover_is_the_smallest_and_the_greedy_one_covers() -> None:
    """Oracle: all subsets by size; among equals the most doubtful."""
    for seed in range(100):
        random = Random(seed)
        sets = [frozenset(random.sample("abcdefg", random.randint(1, 3))) for _ in range(6)]
        best = next(
            frozenset(chosen)
            for size in range(8)
            for chosen in combinations("abcdefg", size)
            if all(found & set(chosen) for found in sets)
        )

        assert smallest_cover(sets, _doubt) == best
        assert all(found & greedy_cover(sets, _doubt) for found in sets)


def test_an_accepted_conflict_stays_accepted_until_there_is_new_evidence() -> None:
    """The id is the set of claims; a further claim makes another set."""
    found = sheaf("a.n=1", "a.n=2")
    [conflict] = found.conflicts()
    settled, outcome = settle(found, Settled(), Resolution("accept", conflict.id))
    assert settled.open(found.conflicts()) == []
    assert outcome.conflicts == ()

    found.assert_claim(claim("a.n=3", "c2", 2))
    assert [set(c.claims) for c in settled.open(found.conflicts())] == [{"c0", "c2"}]


def test_dropping_and_ending_claims_settles_a_conflict() -> None:
    """``--drop`` retracts; ``--ends`` says until when the older claim held."""
    found = sheaf("a.n=1", "a.n=2")
    settle(found, Settled(), Resolution("drop", found.conflicts()[0].id, ("c0",)))
    assert found.conflicts() == []
    assert list(found.claims) == ["c1"]

    moved = sheaf("a.city=Paris", "a.city=Rome", windows={"city": 90.0})
    settle(moved, Settled(), Resolution("end", moved.conflicts()[0].id, ("c0",), at=DAY_NS))
    assert moved.conflicts() == []
    assert moved.claims["c0"].valid_to == DAY_NS


def test_a_claim_can_not_end_before_it_begins() -> None:
    """Nothing is changed by a resolution that makes no sense."""
    found = sheaf("a.city=Paris@2023..", "a.city=Rome@2023..")
    with pytest.raises(ValueError, match="begun"):
        settle(found, Settled(), Resolution("end", "c", ("c0",), at=DAY_NS))

    assert set(found.claims) == {"c0", "c1"}
