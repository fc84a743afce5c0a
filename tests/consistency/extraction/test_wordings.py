"""Wordings that mean the same, told in two ways: what one way says and the other denies is a contradiction."""

from __future__ import annotations

import pytest

from tests.consistency.extraction.reading import clash, sheaf_of, told


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Mara's anniversary is on 2 June.", "Mara's anniversary: 12 June"),
        ("My seat is 14C.", "seat: 22A"),
        ("The neighbour's cat is called Mimi.", "Neighbour's cat: named Kiki"),
        ("I work for Škoda.", "I work for Orbis."),
        ("I live in Łódź.", "I live in Żywiec."),
        ("I can't skate.", "I can skate, taught by my aunt."),
        ("Autosave is enabled by default.", "Autosave is disabled by default."),
        ("The oven is set to 180 °C.", "We keep the oven at 200 °C."),
        ("Comments are limited to 500 KB.", "Comments are capped at 800 KB."),
        ("The retention period for build logs is 5 days.", "Build logs are kept for 9 days."),
        ("The heat pump was installed in 2015.", "They put in the heat pump in 2019."),
        ("The oak was planted in 1990.", "We planted the oak in 1999."),
        ("Version 3 launches on 3 May 2025.", "Version 3 comes out on 9 May 2025."),
        ("The estimate comes to 300 euros.", "The estimate amounts to 400 euros."),
        ("The rent is 700 euros.", "We pay 800 euros rent per month."),
        ("Ada is the supervisor of Tom.", "Tom's supervisor is Eve."),
        ("Grandma's birthplace was Bath.", "Grandma was born in Leeds."),
        ("Nell has an allergy to nuts.", "Nell has no allergy to nuts."),
        ("Abel speaks Dutch.", "Abel speaks no Dutch at all."),
        ("The bakery closes at 18:00 on Mondays.", "On Mondays the bakery shuts at 16:00."),
        ("The bus to Ely leaves at 9:10.", "Bus to Ely: departure 9:40."),
        ("Jobs time out after 30 min.", "The job timeout is 2 hours."),
        ("Backups run every 6 hours.", "backups run every 12 hours"),
        ("The feature flag beta_ui is on in staging.", "beta_ui is off in staging."),
        ("Canary uses Kafka 3.1.", "On canary we run Kafka 2.8."),
    ],
)
def test_two_wordings_of_one_attribute_clash(one, other):
    """Each pair differs in form and value alone (made for this test)."""
    assert clash(one, other)
    assert not clash(one, one)


def test_the_same_tag_of_two_images_is_a_chain_of_three():
    """Words before the head noun belong to its holder: the image tag of staging is staging's image tag."""
    texts = ["Staging uses the same image tag as production.", "Staging's image tag is v12."]

    assert clash(*texts, "Production's image tag is v11.")
    assert not clash(*texts, "Production's image tag is v12.")
    assert not clash(*texts, "Production's base tag is v11.")


@pytest.mark.parametrize("letter", ["Š", "Č", "Ł", "Ő", "Ж", "Ω", "Ø"])
def test_a_name_begins_with_any_capital(letter):
    """Names aren't ASCII."""
    assert told(f"I live in {letter}ano.") == [("owner", "home", "=", f"{letter}ano".lower())]


@pytest.mark.parametrize("text", ["Ana was born in Oslo.", "Moved to Oslo, given the rents, I suppose?"])
def test_a_trailing_clause_is_cut_off_after_a_comma_only(text):
    """In its own words "born in Oslo" is what is said, ", taught by my aunt" how it came."""
    assert ("ana", "birth_place", "=", "oslo") in told(text) or "?" in text


@pytest.mark.parametrize("text", ["My seat is 20 minutes from here.", "The room is 20 degrees."])
def test_a_figure_with_a_unit_is_not_taken_for_a_code(text):
    """A seat is a code only where it reads like one."""
    assert all(value != "20" for _, _, _, value in told(text))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The proxy listens on port 81 in the lab.", "The proxy listens on port 91 in the office."),
        ("The bus to Ely leaves at 9:10.", "The bus to Wells leaves at 9:40."),
        ("The bakery closes at 18:00 on Mondays.", "The bakery closes at 14:00 on Fridays."),
        ("In winter I live in Rome.", "In summer I live in Oslo."),
        ("Jo is Swedish.", "Jo lives in Oslo."),
    ],
)
def test_where_when_and_whereto_are_parts_of_what_a_thing_is(one, other):
    """design page: qualifiers are part of the key (pairs made for this test)."""
    assert not clash(one, other)


def test_a_short_name_is_the_name_in_full_that_it_begins():
    """A person is told by both: three memories that no two of them contradict."""
    texts = ["Alex is Alexander Reed.", "Alex lives in Bath."]

    assert clash(*texts, "Alexander Reed lives in York.")
    assert not clash("Alex is Martin Reed.", "Alex lives in Bath.", "Martin Reed lives in York.")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("The main branch is trunk.", "The main branch has been renamed to stable."),
        ("My phone number is 555 0101.", "I have a new phone number: 555 0199."),
        ("Ute works at Acme.", "Ute left Acme and joined Orbis."),
    ],
)
def test_words_of_change_replace_and_contradict_nothing(old, new):
    """A change that is told is no contradiction."""
    assert not clash(old, new)
    assert sheaf_of(old, new).supersessions()
