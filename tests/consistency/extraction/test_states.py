"""What is true or false of things: opposite words, trades, habits, rules of conduct."""

from __future__ import annotations

import pytest

from tests.consistency.extraction.reading import clash, told


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The shop is open.", ("shop", "open", "=", True)),
        ("The door is locked.", ("door", "locked", "=", True)),
        ("The build is failing.", ("build", "passing", "=", False)),
        ("Dark mode is disabled.", ("dark mode", "enabled", "=", False)),
        ("Ann is left-handed.", ("ann", "handed", "=", True)),
        ("Ann is not married.", ("ann", "married", "=", False)),
        ("The office is closed on Fridays.", ("office", "open:friday", "=", False)),
        ("Ann speaks Dutch.", ("ann", "habit:speak dutch", "=", True)),
        ("Never commit to main.", ("", "do:commit main", "=", False)),
    ],
)
def test_opposite_words_are_one_dimension(text, expected):
    """Boolean, negation and opposites: a stalk of Z2."""
    assert told(text) == [expected]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The shop is open.", "The shop is closed."),
        ("The shop is open.", "The shop isn't open."),
        ("The repo is public.", "The repo is private."),
        ("The field is required.", "The field is optional."),
        ("Ann is left-handed.", "Ann is right-handed."),
        ("Ann speaks Dutch.", "Ann doesn't speak Dutch."),
        ("The disk is encrypted.", "The disk is unencrypted."),
    ],
)
def test_a_word_and_its_opposite_clash(one, other):
    """One of the two."""
    assert clash(one, other)
    assert not clash(other, other)


def test_a_state_with_a_qualifier_is_another_attribute():
    """Design: qualifiers are part of the key: closed on Fridays isn't closed on Mondays."""
    assert not clash("The office is closed on Fridays.", "The office is open on Mondays.")
    assert clash("The office is closed on Fridays.", "The office is open on Fridays.")


@pytest.mark.parametrize(
    "text", ["I'm free.", "It is open.", "That is closed.", "I can imagine that.", "I had a blast."]
)
def test_what_people_say_of_themselves_in_passing_is_no_state(text):
    """States of machines are moods of people."""
    assert told(text) == []


def test_negation_twice_is_none():
    """Z2: 1 + 1 = 0."""
    assert told("It is not true that Ann is not married.") == told("Ann is married.")


def test_a_colour_is_no_state_of_a_build():
    """Red is what fails where something is built or tested; a bag that is red is only red."""
    assert told("The gym bag is red.") == []
    assert clash("The build is red.", "The build is green.")
