"""Values of one variable judged pair by pair: against a look at every moment."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from slm.consistency.claim import DAY, MONTH, Claim
from slm.consistency.entities import Entities
from slm.consistency.plain_values import clash_of, pairs, plain, plains
from tests.consistency.claims import claim

BLANK = Claim("", "m", "a", "x", value="red")
VALUES = [
    *({"value": value} for value in ("red", "green", True, False)),
    *({"value": None, "interval": (n, n), "unit": unit} for n in (1, 2) for unit in ("", DAY)),
]


@st.composite
def told(draw):
    """Claims of one variable in their order, with the times at which they hold."""
    chosen = draw(st.lists(st.sampled_from(VALUES), min_size=1, max_size=9))
    made = [replace(BLANK, id=f"c{i}", **fields) for i, fields in enumerate(chosen)]
    ends = st.sampled_from([-math.inf, *range(5), math.inf])
    return made, {one.id: tuple(sorted((draw(ends), draw(ends)))) for one in made}


def clashing(a: Claim, b: Claim, values) -> bool:
    return values[a.id][0] == values[b.id][0] and values[a.id] != values[b.id]


@given(told())
def test_every_pair_disagrees_and_holds_at_one_time(made_and_spans):
    """Definition of a conflict: its claims can't all be true at a moment at which all of them hold."""
    made, spans = made_and_spans
    values = plains(made, Entities())
    named = {one.id: one for one in made}

    for clash in pairs(made, spans, values):
        a, b = (named[name] for name in clash.claims)
        assert clashing(a, b, values)
        assert max(spans[a.id][0], spans[b.id][0]) < min(spans[a.id][1], spans[b.id][1])


@given(told())
def test_every_moment_that_is_contradicted_has_a_pair(made_and_spans):
    """Oracle: each moment by itself, its claims two by two."""
    made, spans = made_and_spans
    values = plains(made, Entities())
    found = [clash.claims for clash in pairs(made, spans, values)]

    for moment in (-9, 0.5, 1.5, 2.5, 3.5, 9):
        held = [one for one in made if spans[one.id][0] <= moment < spans[one.id][1]]
        for kind in {values[one.id][0] for one in held}:
            of_kind = [one for one in held if values[one.id][0] == kind]
            contradicted = any(clashing(a, b, values) for a, b in combinations(of_kind, 2))
            assert contradicted == any(pair <= {one.id for one in of_kind} for pair in found)


def test_confirmations_make_no_further_pairs():
    """Design: a duplicate is a confirmation; one contradiction of five confirmations is one conflict."""
    made = [claim("a.x=red", f"c{i}", i) for i in range(5)] + [claim("a.x=green", "c5", 5)]
    always = dict.fromkeys((one.id for one in made), (-math.inf, math.inf))

    assert [clash.claims for clash in pairs(made, always, plains(made, Entities()))] == [{"c0", "c5"}]


def test_what_is_no_plain_value_is_left_to_the_slice():
    """Ranges, orders, denials, months and one value of several have more to them than being equal or not."""
    for text in ("a.x=1..2", "a.x<3", "a.x!=red", "a.x=b.x", "a.x=3mo", "a.x=red!multi"):
        assert plain(claim(text), Entities()) is None
    assert claim("a.x=3mo").unit == MONTH


def test_values_of_two_variables_are_not_one_list():
    """Pairs across variables say nothing."""
    assert plains([claim("a.x=1", "c0"), claim("b.x=1", "c1")], Entities()) is None


def test_names_of_one_thing_are_one_value():
    """An identity lifts to values: red and crimson agree once they are the same."""
    entities = Entities()
    entities.add(claim("red==crimson", "i"))

    assert plain(claim("a.x=red"), entities) == plain(claim("a.x=crimson"), entities)


def test_the_clash_of_numbers_says_how_far_they_are_apart():
    """A cycle of two edges misses zero by the difference of their values."""
    clash = clash_of(claim("a.x=5432", "c0"), claim("a.x=5433", "c1"))

    assert (clash.miss, clash.length, clash.claims) == (1, 2, {"c0", "c1"})
    assert clash_of(claim("a.x=red", "c0"), claim("a.x=green", "c1")).miss == 0
