"""Wordings that mean the same, told in two ways: what one way says and the other denies is a contradiction."""

from __future__ import annotations

import pytest

from tests.consistency.extraction.reading import clash, told


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
