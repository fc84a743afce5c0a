"""Sentences about one subject: names, truths, versions, counts, roles."""

from __future__ import annotations

import pytest

from tests.consistency.extraction.reading import clash, told


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I work as a nurse.", ("owner", "occupation", "=", "nurse")),
        ("Ann works at Orbis.", ("ann", "employer", "=", "orbis")),
        ("Ann moved to Oslo.", ("ann", "home", "=", "oslo")),
        ("Ann is an electrician.", ("ann", "occupation", "=", "electrician")),
        ("My cat is called Mimi.", ("cat", "name", "=", "mimi")),
        ("Our plumber is called Oskar.", ("owner", "plumber", "=", "oskar")),
        ("Ann owns the cabin.", ("cabin", "owner", "=", "ann")),
        ("The api runs on port 8080.", ("api", "port", "=", "8080")),
        ("The API listens on 5433.", ("api", "port", "=", "5433")),
        ("The api uses Python 3.11.", ("api", "version:python", "=", "3.11")),
        ("Our server runs Ubuntu 22.04.", ("server", "version:ubuntu", "=", "22.04")),
        ("Ann has three kids.", ("ann", "count:kid", "=", (3, 3))),
        ("The room seats 12 people.", ("room", "capacity", "=", (12, 12))),
    ],
)
def test_a_fact_is_subject_attribute_and_value(text, expected):
    """By hand."""
    assert told(text) == [expected]


@pytest.mark.parametrize(
    ("text", "attribute", "value"),
    [
        ("I like tea.", "likes:tea", True),
        ("I hate cilantro.", "likes:cilantro", False),
        ("I can swim.", "can:swim", True),
        ("I can't drive.", "can:drive", False),
        ("I don't smoke.", "habit:smoke", False),
        ("I am allergic to peanuts.", "allergic:peanut", True),
        ("I'm a vegetarian.", "vegetarian", True),
        ("I'm single.", "married", False),
    ],
)
def test_what_is_true_or_false_of_the_speaker(text, attribute, value):
    """No speaker is the owner of the memory."""
    assert told(text) == [("owner", attribute, "=", value)]


def test_the_speaker_is_who_says_it():
    """ "My" belongs to the speaker: two people may like different things."""
    assert told("I like tea.", "Ann") == [("ann", "likes:tea", "=", True)]
    assert not clash("I like tea.", "Ben dislikes tea.")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("I like tea.", "I don't like tea."),
        ("I can swim.", "I can't swim."),
        ("Ann works at Orbis.", "Ann works at Lumen."),
        ("The api runs on port 8080.", "The api runs on port 8081."),
        ("Ann has three kids.", "Ann has two kids."),
    ],
)
def test_two_facts_that_differ_clash_and_two_that_agree_do_not(one, other):
    """A duplicate is a confirmation."""
    assert clash(one, other)
    assert not clash(one, one)


@pytest.mark.parametrize(
    "text",
    ["I like it.", "Sounds like fun.", "I love how you did it.", "The api uses port about 80."],
)  # fmt: skip
def test_what_only_a_conversation_knows_is_no_fact(text):
    """Pronouns point at something that no other memory can mean."""
    assert told(text) == []


def test_versions_of_two_programs_are_two_attributes():
    """Python 3.11 and Postgres 16 run side by side."""
    assert not clash("The api uses Python 3.11.", "The api uses Postgres 16.2.")
    assert clash("The api uses Python 3.11.", "The api uses Python 3.12.")


def test_a_liking_of_two_things_is_no_contradiction():
    """Unknown and multi-valued attributes never conflict."""
    assert not clash("I like tea.", "I like coffee.")
