"""The theorems that make the claim sheaf more than a heuristic, each on its smallest and on random cases."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import combinations
from random import Random

import numpy as np
import pytest

from slm.consistency.claim import Claim
from slm.consistency.claim_sheaf import ClaimSheaf
from slm.consistency.cohomology import Equation, consistency_radius, dimensions, equations
from slm.consistency.harmonic import harmonic_part
from slm.consistency.valid_time import DAY_NS
from tests.consistency.claims import claim, claims, conflicting, sheaf


def _relations(random: Random, n_variables: int, n_edges: int, spread: int = 0) -> list[Claim]:
    """Differences along random edges, true of hidden values but for ``spread``."""
    values = [random.randint(-9, 9) for _ in range(n_variables)]
    made = []
    for number in range(n_edges):
        x, y = random.sample(range(n_variables), 2)
        offset = values[x] - values[y] + random.randint(-spread, spread)
        made.append(Claim(f"c{number:02}", "m", f"v{x}", "n", object=(f"v{y}", "n"), interval=(offset, offset)))
    return made


def _equations(made: list[Claim]) -> list[Equation]:
    return equations(made, "", ClaimSheaf(made).around)


def _matrix(found: list[Equation]) -> tuple[np.ndarray, np.ndarray]:
    """The coboundary as a dense matrix and the cochain of the claims."""
    vertices = sorted({v for e in found for v in (e.x, e.y) if v is not None})
    delta = np.zeros((len(found), len(vertices)))
    for row, e in enumerate(found):
        delta[row, vertices.index(e.x)] += 1
        if e.y is not None:
            delta[row, vertices.index(e.y)] -= float(e.gain)
    return delta, np.array([float(e.low + e.high) / 2 for e in found])


def test_the_class_is_zero_exactly_when_an_assignment_exists() -> None:
    """Theorem: c in im δ iff δx = c has a solution. Oracle: least squares over a dense coboundary."""
    zero = 0
    for seed in range(200):
        random = Random(seed)
        made = _relations(random, random.randint(2, 6), random.randint(1, 8), spread=seed % 2)
        delta, cochain = _matrix(_equations(made))
        solution = np.linalg.lstsq(delta, cochain, rcond=None)[0]
        solvable = np.allclose(delta @ solution, cochain, atol=1e-9)
        zero += solvable

        assert (ClaimSheaf(made).conflicts() == []) == solvable
    assert 50 < zero < 200


def test_a_cohomology_that_is_not_zero_is_no_contradiction() -> None:
    """dim H¹ counts the checks; the class of these claims in it is zero."""
    found = sheaf("a.n=1", "b.n=a.n+1", "b.n=2")

    assert dimensions(found).checks == 1
    assert found.conflicts() == []


def test_trees_can_not_contradict() -> None:
    """Theorem: a tree has no cycle, so H¹ = 0 and every cochain is a coboundary."""
    for seed in range(100):
        random = Random(seed)
        made = [claim(f"v{n}.n=v{random.randrange(n)}.n+{random.randint(0, 9)}", f"c{n}") for n in range(1, 10)]
        found = ClaimSheaf(made)

        assert found.conflicts() == []
        assert dimensions(found).checks == 0


def test_every_conflict_of_relations_is_a_cycle() -> None:
    """A minimal set of unbalanced edges is a simple cycle: every vertex of it meets exactly two of its edges."""
    cycles = 0
    for seed in range(100):
        random = Random(seed)
        made = _relations(random, 5, 9, spread=1)
        by_id = {c.id: c for c in made}
        for conflict in ClaimSheaf(made).conflicts():
            ends = [end for name in conflict.claims for end in (by_id[name].subject, by_id[name].object[0])]
            cycles += 1

            assert all(ends.count(end) == 2 for end in ends)
            assert conflict.length == len(conflict.claims)
    assert cycles > 50


def test_the_dimension_is_that_of_the_dense_coboundary() -> None:
    """dim H¹ = |E| − |V| + dim H⁰. Oracle: the rank of the matrix, gains included."""
    for seed in range(200):
        random = Random(seed)
        made = _relations(random, random.randint(2, 6), random.randint(1, 9), spread=1)
        made = [replace(c, gain=random.choice((1, 1, 2))) for c in made]
        made += [claim(f"v{n}.n={n}", f"g{n}") for n in range(2) if random.random() < 0.4]
        distinct = list({(c.subject, c.object, c.interval, c.gain): c for c in made}.values())
        delta, _ = _matrix(_equations(distinct))

        assert dimensions(ClaimSheaf(made)).checks == len(distinct) - np.linalg.matrix_rank(delta)


def test_the_radius_is_the_greatest_mean_holonomy_of_a_cycle() -> None:
    """min over x of ‖c − δx‖∞ = max over simple cycles |holonomy| / length. Oracle: every cycle of a small graph."""
    for seed in range(60):
        random = Random(seed)
        found = [
            Equation(f"c{u}{v}", (("v", str(v)), 0), (("v", str(u)), 0), 1, offset, offset)
            for u, v in combinations(range(5), 2)
            if random.random() < 0.7 and (offset := random.randint(-5, 5)) is not None
        ]

        assert consistency_radius(found) == _greatest_mean(found)


def _greatest_mean(found: list[Equation]) -> Fraction:
    arcs: dict = {}
    for e in found:
        arcs.setdefault(e.y, []).append((e.x, e.low))
        arcs.setdefault(e.x, []).append((e.y, -e.low))
    best = Fraction(0)

    def walk(start, here, seen, total):
        nonlocal best
        for there, offset in arcs.get(here, ()):
            if there == start and len(seen) > 2:
                best = max(best, Fraction(abs(total + offset), len(seen)))
            elif there not in seen:
                walk(start, there, [*seen, there], total + offset)

    for vertex in arcs:
        walk(vertex, vertex, [vertex], 0)
    return best


def test_the_harmonic_part_is_the_projection_off_the_image() -> None:
    """Hodge: c = δx + h with δᵀh = 0. Oracle: dense least squares; zero exactly where the class is."""
    for seed in range(60):
        random = Random(seed)
        made = _relations(random, random.randint(3, 8), random.randint(3, 14), spread=seed % 3)
        found = _equations(made)
        delta, cochain = _matrix(found)
        expected = cochain - delta @ np.linalg.lstsq(delta, cochain, rcond=None)[0]

        assert list(harmonic_part(found).values()) == pytest.approx(expected.tolist(), abs=1e-7)


def test_no_equations_have_no_tension() -> None:
    """The empty complex."""
    assert harmonic_part([]) == {}
    assert consistency_radius([]) == 0


def test_a_loop_with_a_gain_pins_its_value_and_is_no_contradiction() -> None:
    """x = 2y + 1 and y = x have the solution −1; only another value for x contradicts."""
    assert conflicting(sheaf("x.n=2*y.n+1", "y.n=1*x.n")) == []
    assert conflicting(sheaf("x.n=2*y.n+1", "y.n=1*x.n", "x.n=-1")) == []
    assert conflicting(sheaf("x.n=2*y.n+1", "y.n=1*x.n", "x.n=0")) == [{"c0", "c1", "c2"}]


def test_cutting_the_persistence_edge_makes_a_supersession_vanish() -> None:
    """Paris then Rome: contradictory while Paris persists, no obstruction once it ends where Rome begins."""
    early, late = claim("a.city=Paris", "c0", 0), claim("a.city=Rome", "c1", 10)
    together = ClaimSheaf([early, late], window_of={"city": 90.0}.get)
    moved = ClaimSheaf([early, replace(late, update=True)], window_of={"city": 90.0}.get)

    assert conflicting(together) == [{"c0", "c1"}]
    assert moved.conflicts() == []
    assert [(s.older, s.newer, s.at) for s in moved.supersessions()] == [("c0", "c1", 10 * DAY_NS)]
    assert ClaimSheaf([replace(early, valid_to=10 * DAY_NS), late], window_of={"city": 90.0}.get).conflicts() == []


def test_a_conflict_crosses_contexts_exactly_when_each_alone_is_consistent() -> None:
    """ker(H¹(X) → ⊕ H¹(Uᵢ)). Oracle: the claims of each context in a sheaf of their own."""
    crossing = within = 0
    for seed in range(100):
        random = Random(seed)
        made = [replace(c, source=random.choice("pq")) for c in _relations(random, 4, 7, spread=1)]
        for conflict in ClaimSheaf(made).conflicts():
            members = [c for c in made if c.id in conflict.claims]
            alone = all(ClaimSheaf([c for c in members if c.source == source]).conflicts() == [] for source in "pq")
            crosses = "source" in dict(conflict.crosses)
            crossing, within = crossing + crosses, within + (not crosses)

            assert crosses == alone
    assert crossing > 20
    assert within > 5


def test_a_conflict_needs_a_moment_at_which_all_its_claims_hold() -> None:
    """Helly on the line: what overlaps pairwise overlaps; what doesn't can't contradict."""
    texts = ["a.city=b.city@2020..2022", "b.city=Rome@2021..2023", "a.city=Paris@2023..2024"]

    assert conflicting(sheaf(*texts)) == []
    assert conflicting(sheaf(*texts[:2], "a.city=Paris@..2021")) == [{"c0", "c1", "c2"}]


def test_equal_claims_give_equal_conflicts_in_any_order() -> None:
    """A conflict's id is the hash of its set of claims, and the set is a function of the claims."""
    made = claims("a.n=1", "b.n=a.n+1", "b.n=3", "a==d", "d.n=4", "c.n<b.n", "c.n=9")
    expected = ClaimSheaf(made).conflicts()
    random = Random(5)
    for _ in range(30):
        found = ClaimSheaf()
        for c in random.sample(made, len(made)):
            found.assert_claim(c)

        assert found.conflicts() == expected
