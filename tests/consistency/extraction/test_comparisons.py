"""Sentences that tie two subjects together: each read by hand."""

from __future__ import annotations

from fractions import Fraction

import pytest

from tests.consistency.extraction.reading import claims, clash, told

YEAR = Fraction(3652425, 10000)


@pytest.mark.parametrize(
    ("text", "left", "attribute", "right", "low", "high"),
    [
        ("Ben is two years older than Cleo.", "ben", "birth", "cleo", -5 * YEAR / 2, -3 * YEAR / 2),
        ("Cleo is 3 years younger than Ben.", "cleo", "birth", "ben", 5 * YEAR / 2, 7 * YEAR / 2),
        ("The launch is 3 weeks after the review.", "launch", "date", "review", 21, 21),
        ("The review is two days before the launch.", "review", "date", "launch", -2, -2),
        ("Ann and Ben are twins.", "ann", "birth", "ben", -1, 1),
        ("Ann and Ben are the same age.", "ann", "birth", "ben", -YEAR, YEAR),
        ("Hana was two when Milo was born.", "hana", "birth", "milo", -3 * YEAR, -2 * YEAR),
        ("The red bag is 2 kg heavier than the blue bag.", "bag red", "weight", "bag blue", 1.5, 2.5),
        ("Ben is 5 cm shorter than Cleo.", "ben", "height", "cleo", Fraction(-55, 1000), Fraction(-45, 1000)),
    ],
)
def test_a_distance_is_an_interval_between_two_variables(text, left, attribute, right, low, high):
    """Design: relative ages to half a year, days exact, measured quantities to half the last digit."""
    [found] = claims(text)

    assert (found.subject, found.attribute, found.object) == (left, attribute, (right, attribute))
    assert found.interval == (low, high)
    assert found.relation == "="


@pytest.mark.parametrize(
    ("text", "attribute", "relation"),
    [
        ("Ben is older than Cleo.", "birth", "<"),
        ("Ben is younger than Cleo.", "birth", ">"),
        ("Ben is taller than Cleo.", "height", ">"),
        ("Ben is shorter than Cleo.", "height", "<"),
        ("Ben is Cleo's big brother.", "birth", "<"),
        ("Ben is Cleo's little brother.", "birth", ">"),
    ],
)
def test_a_comparative_says_what_it_compares(text, attribute, relation):
    """Being taller says nothing of being older."""
    [found] = claims(text)

    assert (found.attribute, found.relation, found.object) == (attribute, relation, ("cleo", attribute))


@pytest.mark.parametrize(
    ("text", "attribute", "relation"),
    [
        ("The red bag is heavier than the blue bag.", "weight", ">"),
        ("The red bag is cheaper than the blue bag.", "price", "<"),
        ("The red bag is more expensive than the blue bag.", "price", ">"),
        ("The red bag is smaller than the blue bag.", "size", "<"),
    ],
)
def test_things_are_compared_by_weight_price_and_size(text, attribute, relation):
    """By hand."""
    [found] = claims(text)

    assert (found.subject, found.attribute, found.relation) == ("bag red", attribute, relation)


def test_taller_and_older_the_other_way_round_are_no_contradiction():
    """Two orders of two attributes."""
    assert not clash("Ben is taller than Cleo.", "Cleo is older than Ben.")
    assert clash("Ben is taller than Cleo.", "Cleo is taller than Ben.")


def test_a_multiple_is_a_gain():
    """x = 2 y: the shelf's length, whatever the unit."""
    [found] = claims("The blue shelf is twice as long as the red shelf.")

    assert (found.gain, found.interval, found.unit) == (2, (0, 0), "length")
    assert clash("The blue shelf is twice as long as the red shelf.", "The red shelf is 2 m long.",
                 "The blue shelf is 9 m long.")  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ann lives in the same city as Ben.", ("ann", "home", "=", ("ben", "home"))),
        ("Ann and Ben work for the same company.", ("ann", "employer", "=", ("ben", "employer"))),
        ("Annie is short for Ann.", ("annie", "", "==", ("ann", ""))),
        ("Atlas is also known as Project Hydra.", ("atlas", "", "==", ("hydra", ""))),
    ],
)
def test_sameness_ties_two_subjects(text, expected):
    """An equality without arithmetic, or an identity of two names."""
    assert told(text) == [expected]


def test_preferences_are_an_order_and_go_round_in_no_circle():
    """tea over coffee, coffee over cocoa, cocoa over tea: an order that closes."""
    texts = ["I prefer tea to coffee.", "I prefer coffee to cocoa.", "I prefer cocoa to tea."]

    assert clash(*texts)
    assert not clash(*texts[:2])


def test_a_denied_relation_is_not_kept():
    """Not older may be younger or as old: what isn't said isn't guessed."""
    assert told("Ben is not two years older than Cleo.") == []
