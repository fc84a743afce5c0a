import pytest

from slm.consistency.extraction.entities import OWNER, Names, stem, value
from slm.consistency.extraction.tables import shipped

OWN, IDA = Names(shipped()), Names(shipped(), "Ida")


@pytest.mark.parametrize("phrase", ["I", "me", "we", "the user", "User"])
def test_the_first_person_is_the_owner_where_no_speaker_is_told(phrase):
    """Design page: speaker none means the owner."""
    assert OWN.subject(phrase) == OWNER


def test_the_first_person_is_the_speaker():
    """Design page: "my" belongs to the speaker."""
    assert IDA.subject("I") == "ida"
    assert IDA.subject("my parrot") == "ida's parrot"
    assert IDA.subject("the user") == OWNER


def test_the_owners_things_need_no_owner_but_kin_do():
    """ "My budget" and "the budget" are one thing in one's own notes; "my sister" is not just any sister."""
    assert OWN.subject("my boat") == OWN.subject("the boat") == "boat"
    assert OWN.subject("my sister") == "owner's sister"


@pytest.mark.parametrize(
    "phrase", ["it", "they", "he", "nobody", "there", "running late", "what I said", "", "this is", "to be"]
)
def test_pronouns_and_clauses_name_nothing(phrase):
    """What a pronoun stands for is not guessed."""
    assert OWN.subject(phrase) is None


def test_word_order_number_and_kind_of_thing_dont_matter():
    """A key is the content words: "project Falcon" is "Falcon", "servers" are "server"."""
    assert OWN.subject("Project Falcon") == OWN.subject("Falcon")
    assert OWN.subject("the red boats") == OWN.subject("boat red")


def test_qualifiers_are_part_of_the_key():
    """Design page: qualifiers are part of the key."""
    assert OWN.subject("the staging gateway") != OWN.subject("the prod gateway")
    assert OWN.subject("Jo from sales") != OWN.subject("Jo from support")


def test_a_possession_keeps_whose_it_is():
    """ "Tor's boat" and "Liv's boat" are two boats."""
    assert OWN.subject("Tor's boat") == "tor's boat"
    assert OWN.subject("the mother of Tor") == "tor's mother"


@pytest.mark.parametrize(
    ("a", "b"), [("mushroom", "mushrooms"), ("city", "cities"), ("class", "classes"), ("house", "houses")]
)
def test_a_stem_is_the_same_in_singular_and_plural(a, b):
    """Specification of the stem."""
    assert stem(a) == stem(b)


def test_values_are_folded_and_aliases_resolved():
    """NYC is New York; article, title and company form are no part of a name."""
    tables = shipped()

    assert value("NYC", tables) == value("New York City", tables) == "new york"
    assert value("Acme Inc.", tables) == value("the Acme", tables) == "acme"
