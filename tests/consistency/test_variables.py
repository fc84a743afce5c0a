"""Variables and the components that claims make of them."""

from __future__ import annotations

from collections import Counter

from slm.consistency.entities import Entities
from slm.consistency.judgement import Surroundings
from slm.consistency.variables import Variables
from tests.consistency.claims import claim


def variables(*identities: str) -> Variables:
    entities = Entities()
    for n, text in enumerate(identities):
        entities.add(claim(text, f"i{n}", n))
    return Variables(Surroundings(entities, Counter(), lambda _: None))


def test_a_relation_joins_the_components_of_its_variables():
    """Claims that share variables form components."""
    found = variables()
    a, b = found.seat(claim("a.x=1", "m0", 0)), found.seat(claim("b.x=2", "m1", 1))
    assert a is not b

    joined = found.seat(claim("a.x=b.x", "m2", 2))

    assert set(joined.variables) == {("a", "x"), ("b", "x")}
    assert found.component["a", "x"] is found.component["b", "x"] is joined


def test_an_identity_brings_the_same_attribute_of_two_names_together():
    """Congruence: what is so of Ann is so of Anna."""
    found = variables("ann==anna")

    for n, text in enumerate(("ann.city=Paris", "anna.city=Rome")):
        found.seat(claim(text, f"m{n}", n))

    assert found.component["ann", "city"] is found.component["anna", "city"]
    assert found.seat(claim("anna.port=1", "m2", 2)) is not found.component["anna", "city"]


def test_values_and_comparisons_are_found_by_what_they_hold():
    """An identity of two values, or an attribute that turns out to be true or false, concerns these."""
    found = variables()
    found.seat(claim("a.city=Paris", "m0", 0))
    found.seat(claim("a.on!=b.on", "m1", 1))

    assert list(found.holders["paris"]) == [("a", "city")]
    assert set(found.untyped["on"]) == {("a", "on"), ("b", "on")}


def test_a_variable_that_was_forgotten_is_nowhere():
    """A component is taken apart before it is put together anew."""
    found = variables()
    found.seat(claim("a.on!=b.on", "m1", 1))
    found.forget(("a", "on"))

    assert ("a", "on") not in found.component
    assert ("a", "on") not in found.untyped["on"]
    assert found.components([("a", "on"), ("b", "on")]) == [found.component["b", "on"]]
