"""The commonest form of a fact: the NOUN of SUBJECT is VALUE, however it is put."""

from __future__ import annotations

import pytest

from slm.consistency.extraction.extract import extract
from slm.consistency.extraction.tables import shipped
from tests.consistency.extraction.reading import blank, clash, told


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("My favourite colour is blue.", ("owner", "favourite:colour", "=", "blue")),
        ("Ann's favourite food is ramen.", ("ann", "favourite:food", "=", "ramen")),
        ("The staging port is 8081.", ("staging", "port", "=", "8081")),
        ("The CEO of Orbis is Ann Holm.", ("orbis", "chief executive officer", "=", "ann holm")),
        ("The licence is MIT.", ("owner", "license", "=", "mit")),
        ("Our database is Postgres.", ("owner", "database", "=", "postgresql")),
        ("The owner of the repo is Ann.", ("owner", "owner", "=", "ann")),
    ],
)
def test_a_noun_names_the_attribute(text, expected):
    """By hand."""
    assert told(text) == [expected]


@pytest.mark.parametrize(
    "texts",
    [
        ("The staging port is 8081.", "The port of staging is 8081.", "staging port: 8081", "Staging's port is 8081."),
        ("My favourite colour is blue.", "favourite colour: blue"),
        ("Our database is Postgres.", "The database is PostgreSQL."),
    ],
)
def test_all_ways_to_put_it_are_one_variable(texts):
    """What is said differently is confirmed, not contradicted."""
    assert len({told(text)[0] for text in texts}) == 1


@pytest.mark.parametrize(
    "text",
    ["My friend is Ben.", "The idea is tea.", "The question is how.", "My colour is nice.", "The best part is fun."],
)  # fmt: skip
def test_a_noun_of_which_there_are_many_makes_no_claim(text):
    """Design: unknown attributes default to multi-valued; they never conflict."""
    assert all(attribute not in ("friend", "idea", "question", "part") for _, attribute, _, _ in told(text))


@pytest.mark.parametrize("text", ["Status: done", "Version = 2", "Date: 2024-05-01", "Author: Ann"])
def test_a_label_is_of_its_document(text):
    """Every file has a status of its own."""
    assert told(text) == []


def test_qualifiers_are_part_of_the_key():
    """Design: prod and staging have ports of their own."""
    assert not clash("The staging port is 8081.", "The production port is 8080.")
    assert clash("The staging port is 8081.", "The staging port is 8080.")


def test_users_nouns_add_to_the_tables():
    """The configuration: functional and multi, persistence, opposites."""
    tables = shipped().extended(
        {
            "functional": ["sprint"],
            "multi": ["port"],
            "persistence_days": {"sprint": 14},
            "opposites": {"dry": ["dry", "wet"]},
        }
    )
    read = [claim for text in ("The sprint is Mercury.", "The staging port is 8081.", "The cellar is wet.")
            for claim in extract(text, blank(), tables=tables)]  # fmt: skip

    assert [(claim.attribute, claim.value) for claim in read] == [("sprint", "mercury"), ("dry", False)]
    assert tables.persistence_days("sprint") == 14
    assert told("The sprint is Mercury.") == []
