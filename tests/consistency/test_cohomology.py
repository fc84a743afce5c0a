"""Dimensions, radius and equations on cases small enough to count by hand."""

from __future__ import annotations

from fractions import Fraction
from random import Random

import numpy as np
import pytest

from slm.consistency.claim_sheaf import ClaimSheaf
from slm.consistency.cohomology import Equation, consistency_radius, dimensions, equations
from slm.consistency.harmonic import harmonic_part
from tests.consistency.claims import claims, sheaf


@pytest.mark.parametrize(
    ("texts", "n_claims", "n_variables", "free", "checks"),
    [
        (("a.x=1",), 1, 1, 0, 0),
        (("a.x=1", "a.x=1"), 1, 1, 0, 0),
        (("a.x=1", "a.x=2"), 2, 1, 0, 1),
        (("a.x=b.x+1",), 1, 2, 1, 0),
        (("a.x=b.x+1", "b.x=c.x+1", "a.x=c.x+2"), 3, 3, 1, 1),
        (("a.x=red", "a.y=red"), 2, 2, 0, 0),
        (("a.x=red!multi",), 0, 0, 0, 0),
        (("a.x<3", "a.x!=4"), 0, 0, 0, 0),
        (("a.x=2*a.x+1",), 1, 1, 0, 0),
        (("a.x=2*b.x", "b.x=2*a.x"), 2, 2, 0, 0),
        (("a.x=b.x", "a.x=red", "a.x=1"), 4, 4, 0, 0),
    ],
)
def test_dimensions_are_counted_as_by_hand(texts, n_claims, n_variables, free, checks):
    """dim H¹ = |E| − |V| + dim H⁰; an untyped equality lies in every fibre, a duplicate in none anew."""
    found = dimensions(sheaf(*texts))

    assert (found.claims, found.variables, found.free, found.checks) == (n_claims, n_variables, free, checks)


def test_nothing_claimed_has_no_dimension():
    """The sum over no components."""
    assert dimensions(ClaimSheaf()).checks == 0


def test_an_epoch_is_a_variable_of_its_own():
    """Design: mutable attributes live on time slices; a replaced value is checked by nothing."""
    moved = sheaf("a.city=oslo@2020..2021", "a.city=bergen@2022..2023")

    assert dimensions(moved).checks == 0
    assert dimensions(moved).variables == 2


def _read(*texts: str, unit: str = "") -> list[Equation]:
    made = claims(*texts)
    return equations(made, unit, ClaimSheaf(made).around)


def test_equations_are_those_of_one_unit_and_equality():
    """Orders are cones and names have no arithmetic."""
    found = _read("a.x=1..2", "a.x<3", "a.x=red", "a.x=3d", "a.x=b.x+1")

    assert [(e.claim, e.low, e.high) for e in found] == [("c0", 1, 2), ("c4", 1, 1)]


def test_months_are_as_many_days_as_they_can_have():
    """One month has 28 to 31 days."""
    [found] = _read("a.date=b.date+1mo", unit="day")

    assert (found.low, found.high) == (28, 31)


@pytest.mark.parametrize(
    ("texts", "radius"),
    [
        (("a.x=1",), 0),
        (("a.x=1", "a.x=3"), 1),
        (("a.x=1", "b.x=a.x+1", "b.x=5"), 1),
        (("a.x=1..2", "a.x=4..5"), 1),
        (("a.x=b.x+1", "b.x=c.x+1", "c.x=a.x+1"), 1),
        (("a.x=1", "a.x=1"), 0),
    ],
)
def test_the_radius_is_holonomy_by_length(texts, radius):
    """By hand: how far each claim of the worst cycle must give way."""
    assert consistency_radius(_read(*texts)) == radius


def test_the_radius_is_exact():
    """A third is a third."""
    assert consistency_radius(_read("a.x=1", "b.x=a.x+1", "b.x=3")) == Fraction(1, 3)


def test_a_radius_over_cycles_is_for_claims_without_a_gain():
    """The greatest mean holonomy is a theorem of differences alone."""
    with pytest.raises(ValueError, match="gain"):
        consistency_radius(_read("a.x=2*b.x"))


def test_the_tension_is_zero_where_nothing_misses_and_shared_where_it_does():
    """Least squares: two values a metre apart pull half a metre each."""
    assert harmonic_part(_read("a.x=1", "b.x=a.x+1")) == {"c0": pytest.approx(0), "c1": pytest.approx(0)}
    assert harmonic_part(_read("a.x=1", "a.x=2")) == {"c0": pytest.approx(-0.5), "c1": pytest.approx(0.5)}


def test_the_tension_is_orthogonal_to_every_coboundary():
    """Hodge: the harmonic part is what δᵀ sends to zero; the oracle is the dense matrix."""
    for seed in range(40):
        random = Random(seed)
        n = random.randint(2, 6)
        texts = [f"v{random.randrange(n)}.x={random.randint(-9, 9)}" for _ in range(3)]
        texts += [f"v{i}.x=v{j}.x+{random.randint(0, 9)}"
                  for i, j in (random.sample(range(n), 2) for _ in range(6))]  # fmt: skip
        found = _read(*texts)
        rest = harmonic_part(found)
        vertices = sorted({v for e in found for v in (e.x, e.y) if v is not None})
        delta = np.zeros((len(found), len(vertices)))
        for row, equation in enumerate(found):
            delta[row, vertices.index(equation.x)] += 1
            if equation.y is not None:
                delta[row, vertices.index(equation.y)] -= 1

        assert np.allclose(delta.T @ np.array([rest[e.claim] for e in found]), 0, atol=1e-6)
