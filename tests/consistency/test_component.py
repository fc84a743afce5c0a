"""What a component is spared: slices, and looking at claims that can't be concerned."""

from __future__ import annotations

from itertools import product
from random import Random

import pytest

from slm.consistency.claim import says_the_same, statement
from slm.consistency.claim_sheaf import ClaimSheaf
from tests.consistency.claims import claim, sheaf
from tests.consistency.random_claims import KINDS, timed


def only(found: ClaimSheaf):
    [component] = found.components()
    return component


def test_confirmations_need_no_slice():
    """Cost: a value that is said again costs a comparison."""
    assert only(sheaf(*["a.x=red"] * 20)).slice is None


def test_one_of_several_values_needs_no_slice():
    """What a thing likes can't clash with what else it likes."""
    assert only(sheaf("a.likes=tea!multi", "a.likes=coffee!multi", "a.likes=rum!multi")).slice is None


def test_a_chain_of_moves_needs_no_slice():
    """Each value takes the place of the one before it, by comparing two."""
    moved = [claim(f"a.city=c{i}", f"m{i}", i, update=True) for i in range(6)]
    found = ClaimSheaf(moved)

    assert only(found).slice is None
    assert len(found.supersessions()) == 5


def test_a_denial_of_one_of_several_values_is_still_found():
    """The slice is built when something comes that it is needed for."""
    found = sheaf("a.likes=tea!multi", "a.likes=coffee!multi", "a.likes!=tea!multi")

    assert [set(conflict.claims) for conflict in found.conflicts()] == [{"c0", "c2"}]


def test_a_confirmation_of_what_was_contradicted_is_contradicted_too():
    """A claim outside the slice isn't confirmed by one that was refused."""
    found = sheaf("a.x=red", "a.x=green", "a.x=green")

    assert {frozenset(conflict.claims) for conflict in found.conflicts()} == {
        frozenset({"c0", "c1"}),
        frozenset({"c0", "c2"}),
    }


def test_many_values_of_one_variable_are_compared_by_a_slice():
    """Beyond the few that are compared one by one, the answer is the same."""
    texts = [f"a.x={i % 2}" for i in range(80)]
    found = sheaf(*texts)

    assert len(found.conflicts()) == 40
    assert all("c0" in conflict.claims for conflict in found.conflicts())


def test_another_identity_within_a_class_explains_by_the_shorter_chain():
    """Pinned: explanations have the fewest claims, however late an identity came."""
    late = [
        claim("a==b", "i0", 0), claim("b==c", "i1", 1), claim("a.x=red", "c0", 2), claim("a==c", "i2", 3),
        claim("c.x=green", "c1", 4),
    ]  # fmt: skip
    [conflict] = ClaimSheaf(late).conflicts()

    assert set(conflict.claims) == {"c0", "c1", "i2"}


def test_an_attribute_that_is_learnt_to_be_true_keeps_new_variables_linked():
    """Found by Z3's harness: a truth that came with a new name of a known entity lost the link between the two."""
    found = sheaf("d==a", "e.on=a.on", "d.on=false", "d.on!=a.on")

    assert [set(conflict.claims) for conflict in found.conflicts()] == [{"c0", "c3"}]


def test_a_conflict_that_is_explained_in_another_unit_is_told_in_that():
    """Found by Z3's harness: what is judged anew gives what judging it from nothing gives, whole."""
    made = [
        claim("d.size=-1*c.size+2", "c02", 2), claim("a.size=d.size", "c03", 3), claim("b==d", "c04", 4),
        claim("d.size=a.date+30d", "c05", 5), claim("a.size>b.size", "c06", 6),
    ]  # fmt: skip
    shuffled = ClaimSheaf()
    for name in ("c05", "c03", "c04", "c06", "c02"):
        shuffled.assert_claim(next(one for one in made if one.id == name))

    assert shuffled.conflicts() == ClaimSheaf(made).conflicts()
    assert len(shuffled.conflicts()) == 1


def test_one_slice_is_kept_where_all_claims_hold_at_one_time():
    """Cost: what was needed to judge a relation serves the next claim about it."""
    found = sheaf("a.x=b.x", "a.x=red", "b.x=blue")

    assert only(found).slice is not None
    assert len(found.conflicts()) == 1


def test_a_denial_that_is_told_again_and_refused_again_is_a_conflict_each_time():
    """Only what the slice has accepted is confirmed by saying it again."""
    found = sheaf("a.x=b.x", "a.x=red", "b.x=blue", "b.x=blue")

    assert len(found.conflicts()) == 2


def test_components_without_conflicts_hold_nothing_of_their_own_for_them():
    """Cost: most components have no conflict, no end and no gain, and a million of them are kept."""
    one, other = sheaf("a.x=red", "b.x=1", "b.x=1").components()

    assert one.conflicts is other.conflicts
    assert one.ended is other.ended
    assert one.gained is other.gained


def test_conflicts_that_were_asked_for_stay_as_they_were():
    """What a write brings about is told by comparing with the conflicts before it."""
    found = sheaf("a.x=1", "b.x=1", "a.x=b.x", "a.x=2")
    before = only(found).conflicts

    outcome = found.assert_claim(claim("b.x=3", "c4", 4))

    assert len(before) == 1
    assert {conflict.id for conflict in outcome.conflicts} == only(found).conflicts.keys() - before.keys()


@pytest.mark.parametrize("kind", KINDS)
def test_a_confirmation_is_what_states_the_same(kind):
    """One rule in two places, of which one is quick: all pairs of two hundred claims, some of them equal."""
    claims = timed(Random(1), kind, 200)
    pairs = [(one, other, statement(one) == statement(other)) for one, other in product(claims, claims)]

    assert all(says_the_same(one, other) == same for one, other, same in pairs)
    assert any(same and one is not other for one, other, same in pairs)
    assert not all(same for *_, same in pairs)
