import pytest

from slm.consistency.extraction.extract import extract
from slm.consistency.extraction.tables import shipped
from slm.errors import InvalidInput
from tests.consistency.extraction.reading import blank, claims


def test_no_noun_is_in_both_tables():
    """A noun has one value at a time or it may have several."""
    nouns = shipped().nouns

    assert not nouns["functional"] & nouns["multi"]


def test_what_never_changes_has_no_window():
    """Design page: immutable attributes have one vertex."""
    assert shipped().persistence_days("birth") is None
    assert shipped().persistence_days("home") == 90
    assert shipped().persistence_days("version:python") == shipped().default_persistence_days


def test_opposites_share_a_dimension():
    """Z2: "locked" and "unlocked" are the two values of one attribute."""
    opposites = shipped().opposites

    assert opposites["locked"][0] == opposites["unlocked"][0]
    assert opposites["locked"][1] is not opposites["unlocked"][1]


def test_a_users_noun_becomes_single_valued():
    """Issue: the tables are extensible in the user's config."""
    tables = shipped().extended({"functional": ["Mascot"]})

    assert claims("The mascot is Otto.") == []
    assert [c.value for c in extract("The mascot is Otto.", blank(), tables=tables)] == ["otto"]


def test_a_users_noun_becomes_multi_valued():
    """A noun moves to the table that the user adds it to."""
    tables = shipped().extended({"multi": ["port"]})

    assert extract("The port is 81.", blank(), tables=tables) == ()


def test_a_users_window_and_opposites_are_used():
    """Issue: persistence windows and opposites, too."""
    tables = shipped().extended({"persistence_days": {"Home": 7}, "opposites": {"armed": ["armed", "disarmed"]}})
    (claim,) = extract("The alarm is disarmed.", blank(), tables=tables)

    assert tables.persistence_days("home") == 7.0
    assert (claim.attribute, claim.value) == ("armed", False)


@pytest.mark.parametrize(
    "additions",
    [
        {"verbs": []}, {"functional": "port"}, {"functional": [3]}, {"persistence_days": {"home": -1}},
        {"persistence_days": []}, {"opposites": {"armed": ["armed"]}}, {"opposites": ["armed"]},
    ],
)  # fmt: skip
def test_a_wrong_addition_is_an_error_that_names_its_table(additions):
    """Users' mistakes never show a traceback (style): InvalidInput."""
    with pytest.raises(InvalidInput, match=min(additions)):
        shipped().extended(additions)
