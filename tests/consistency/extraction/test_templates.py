import pytest

from tests.consistency.extraction.reading import claims, clash


@pytest.mark.parametrize(
    "template",
    [
        "{} was painted by {}.", "The capital of {} is {}.", "{} was born in the city of {}.", "{} is a citizen of {}.",
        "The composer of {} is {}.", "{} is associated with the sport of {}.",
        "The school where {} was educated is {}.",
        "{} died in the city of {}.", "{} was written in the language of {}.",
    ],
)  # fmt: skip
def test_one_slot_of_the_same_sentence_can_hold_one_value(template):
    """Design page: same-template sentences that differ in one slot are the commonest real conflict."""
    assert clash(template.format("Borealis", "Vega"), template.format("Borealis", "Lyra"))
    assert not clash(template.format("Borealis", "Vega"), template.format("Australis", "Lyra"))
    assert not clash(template.format("Borealis", "Vega"), template.format("Borealis", "Vega"))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Ola was visited by Tor.", "Ola was visited by Liv."),
        ("Ola was seen in Rome.", "Ola was seen in Bonn."),
        ("The members of Borealis are Tor.", "The members of Borealis are Liv."),
        ("The tool is used by Tor.", "The tool is used by Liv."),
    ],
)
def test_a_wording_that_several_values_complete_takes_no_part(first, second):
    """The gate: only unique participles and single nouns."""
    assert not clash(first, second)


def test_a_template_claim_keeps_its_wording_as_attribute():
    """Two wordings of one relation are two attributes: nothing is guessed about their meaning."""
    (claim,) = claims("Borealis was composed by Vega.")

    assert (claim.subject, claim.attribute, claim.value) == ("borealis", "template:was composed by", "vega")
