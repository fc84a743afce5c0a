from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slm.consistency.claim import Claim, check
from slm.consistency.extraction.dates import ordinal
from slm.consistency.extraction.extract import extract, localized
from slm.consistency.extraction.tables import shipped
from tests.consistency.extraction.reading import SAID, blank, claims, clash, sheaf_of, told

YEAR = Fraction(3652425, 10000)


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        ("Ola lives in Turku.", ("ola", "home", "=", "turku")),
        ("I'm based in Turku.", ("owner", "home", "=", "turku")),
        ("Ola lives in Finland.", ("ola", "home_country", "=", "finland")),
        ("Ola works for Fiskars.", ("ola", "employer", "=", "fiskars")),
        ("Ola doesn't work for Fiskars.", ("ola", "employer", "!=", "fiskars")),
        ("Ola is a nurse.", ("ola", "occupation", "=", "nurse")),
        ("Ola reports to Ida.", ("ola", "manager", "=", "ida")),
        ("Ola's boss is Ida.", ("ola", "manager", "=", "ida")),
        ("Our dentist is called Vega.", ("owner", "dentist", "=", "vega")),
        ("My parrot is called Coco.", ("parrot", "name", "=", "coco")),
        ("The gateway listens on port 81.", ("gateway", "port", "=", "81")),
        ("The gateway port: 81", ("gateway", "port", "=", "81")),
        ("The worker runs Ruby 3.3.", ("worker", "version:ruby", "=", "3.3")),
        ("The boat belongs to Liv.", ("boat", "owner", "=", "liv")),
        ("Liv owns the boat.", ("boat", "owner", "=", "liv")),
        ("The default branch is trunk.", ("default", "branch", "=", "trunk")),
        ("My favourite colour is teal.", ("owner", "favourite:colour", "=", "teal")),
        ("The hatch is locked.", ("hatch", "locked", "=", True)),
        ("The hatch is not locked.", ("hatch", "locked", "=", False)),
        ("I can't ski.", ("owner", "can:ski", "=", False)),
        ("Tor and Liv are the same person.", ("tor", "", "==", ("liv", ""))),
        ("Tor is not the same person as Liv.", ("tor", "", "!=", ("liv", ""))),
        ("Tor works at the same company as Liv.", ("tor", "employer", "=", ("liv", "employer"))),
        ("Tor and Liv live in different towns.", ("tor", "home", "!=", ("liv", "home"))),
        ("Tor is older than Liv.", ("tor", "birth", "<", ("liv", "birth"))),
        ("The pier is longer than the dam.", ("pier", "length", ">", ("dam", "length"))),
        ("The trial ended. The audit happened after the trial.", ("audit", "date", ">", ("trial", "date"))),
    ],
)
def test_a_form_becomes_its_claim(text, claim):
    """Specification: the common forms, one sentence each."""
    assert claim in [
        (s, a, r, v.replace("default branch", "default") if isinstance(v, str) else v) for s, a, r, v in told(text)
    ]


def test_a_birth_tells_the_birthday_and_the_day():
    """One sentence, two attributes: the birthday conflicts without its year."""
    day = ordinal(date(1984, 6, 2))

    assert told("Ola was born on 2 June 1984.") == [
        ("ola", "birthday", "=", "06-02"),
        ("ola", "birth", "=", (day, day)),
    ]


def test_an_age_is_kept_as_a_birth_date():
    """Design page: the restriction depends on when it was said, so ageing is automatic."""
    (claim,) = claims("Ola is 30 years old.")
    today = ordinal(SAID)

    assert claim.interval == (today - 31 * YEAR, today - 30 * YEAR)


def test_a_difference_of_ages_is_true_to_half_a_year():
    """Design page: relative ages half a year."""
    (claim,) = claims("Tor is 2 years older than Liv.")

    assert claim.object == ("liv", "birth")
    assert claim.interval == (-2 * YEAR - YEAR / 2, -2 * YEAR + YEAR / 2)


def test_a_gap_between_events_is_exact_in_days():
    """Weeks have seven days."""
    (claim,) = claims("The review is two weeks before the launch.")

    assert (claim.object, claim.interval, claim.unit) == (("launch", "date"), (-14, -14), "day")


def test_a_multiple_of_money_is_said_in_every_currency():
    """Amounts in different currencies don't compare, and the sentence names none."""
    found = claims("Plan Gold costs twice as much as plan Iron.")

    assert {claim.unit for claim in found} == {"", "dollar", "euro", "pound_sterling"}
    assert {claim.gain for claim in found} == {2}


@pytest.mark.parametrize(
    "text",
    [
        "Ola likes.", "Sounds like fun!", "Looks like rain", "Strong support helps.", "Love is all you need.",
        "Can't wait!",
        "It's amazing.", "She lives there.", "My hobbies are chess and go.", "His name is Bo and hers is Mo.",
        "Thanks Ola!",
        "Tor was in Rome.", "The cat is asleep.", "Ola visited Turku.", "Status: done", "- Commit the secrets",
        "Keep going!",
        "Ola is happy.", "Everyone loves it.", "I had 5 meetings.", "I like how you did it.",
    ],
)  # fmt: skip
def test_what_says_too_little_becomes_no_claim(text):
    """Unknown attributes may have several values; a loose reading is worse than none (design page)."""
    assert claims(text) == []


def test_a_second_value_beside_another_is_no_claim():
    """Design page: what may have several values never conflicts; "also" says that it does."""
    assert claims("The gateway also listens on port 82.") == []


def test_every_claim_keeps_its_span_and_tier():
    """Issue: every claim keeps its span in the text and its tier."""
    text = "Some words first. The gateway listens on port 81.\nOla lives in Turku!"

    assert [(text[c.span[0] : c.span[1]], c.tier) for c in claims(text)] == [
        ("The gateway listens on port 81.", "rule"),
        ("Ola lives in Turku!", "rule"),
    ]


def test_ids_number_the_claims_of_a_memory():
    """A conflict's id is the hash of its claims' ids, so they must be stable."""
    text = "Ola lives in Turku. Ola works for Fiskars."

    assert [claim.id for claim in claims(text)] == ["m/1", "m/2"]
    assert claims(text) == claims(text)


def test_a_repeated_sentence_is_one_claim():
    """Design page: a duplicate is a confirmation, not a cycle."""
    assert len(claims("Ola lives in Turku. Ola lives in Turku.")) == 1


def test_project_things_belong_to_their_scope_and_people_dont():
    """Two projects each have a gateway; Ola is one person in both."""
    a, b = claims("The gateway port is 81.", scope="a")[0], claims("The gateway port is 81.", scope="b")[0]
    home = claims("Ola lives in Turku.", scope="a")[0]

    assert a.subject != b.subject
    assert home.subject == "ola"
    assert localized(home, shipped()) == home


@given(st.text(max_size=300))
def test_no_text_breaks_the_extraction(text):
    """Property: any text gives claims that the sheaf takes, with spans inside the text."""
    for claim in extract(text, blank()):
        check(claim)
        assert 0 <= claim.span[0] < claim.span[1] <= len(text)


WORDS = st.sampled_from(
    "I my Ola Liv's the port is lives in Turku 81 3 May 2025 not older than years $ costs : = now until , . ? same as "
    "twice".split()
)


@given(st.lists(WORDS, max_size=14).map(" ".join))
def test_no_salad_of_known_words_breaks_the_extraction(text):
    """Property: the words that patterns are made of, in any order."""
    for claim in extract(text, blank(), "Ola"):
        check(claim)


@pytest.mark.parametrize(
    "texts",
    [
        ("My rent is 400 euros.", "Rent: €430 a month"),
        ("The lift is open on Mondays.", "The lift is closed on Mondays."),
        ("Tor is 40 years old.", "Tor was born in 2001."),
        ("The fair is on 3 May 2025.", "Fair: 5 May 2025"),
        ("I smoke.", "I don't smoke."),
        ("Ola has three sons.", "Ola has two sons."),
        ("Tor is 3 years older than Liv.", "Liv was born in 1990.", "Tor was born in 1994."),
        ("The test runs before the build.", "The build runs before the lint.", "The lint runs before the test."),
        ("Jo is also known as Josefine Lund.", "Jo lives in Turku.", "Josefine Lund lives in Espoo."),
        (
            "The red door is always in the opposite state from the blue door.",
            "The red door is open.",
            "The blue door is open.",
        ),
        ("Mount Aas is 200 m tall.", "Mount Bo is 50 m taller than Mount Aas.", "Mount Bo is 400 m tall."),
        ("Crate A weighs twice as much as crate B.", "Crate B weighs 10 kg.", "Crate A weighs 50 kg."),
    ],
)
def test_a_contradiction_is_found(texts):
    """The sheaf on extracted claims; expectations by arithmetic and logic."""
    assert clash(*texts)


@pytest.mark.parametrize(
    "texts",
    [
        ("My rent is 400 euros.", "Ola's rent is 430 euros."),
        ("The lift is open on Mondays.", "The lift is closed on Sundays."),
        ("I weigh 80 kg.", "I weigh about 176 lbs."),
        ("Fair: 5 May 2025", "The fair is in May 2025."),
        ("Ola lives in Finland.", "Ola lives in Turku."),
        ("Jens lives in Turku.", "Jen lives in Espoo."),
        ("The timeout is 5 s in tests.", "The timeout is 30 s in prod."),
        ("Ola plays chess.", "Ola plays the harp."),
        ("The meeting starts at 9:00.", "The meeting starts at 9am."),
        ("Would the port be 81?", "The port is 82."),
        ("Tor is 3 years older than Liv.", "Liv was born in 1990.", "Tor was born in 1987."),
    ],
)
def test_what_fits_together_is_no_contradiction(texts):
    """Hard negatives: other subject, other qualifier, other unit, coarser value, several values."""
    assert not clash(*texts)


def test_two_speakers_each_have_their_own_things():
    """Design page: "my" belongs to the speaker."""
    first, second = claims("My cat is called Mo.", "Ola"), claims("My cat is called Bo.", "Liv")

    assert first[0].subject != second[0].subject


def test_a_later_word_of_change_supersedes():
    """Design page: supersession is reported apart from contradiction."""
    sheaf = sheaf_of("The port is 81.", "The port is now 82.")

    assert not sheaf.conflicts()
    assert len(sheaf.supersessions()) == 1


def test_a_gap_beyond_the_window_supersedes():
    """Design page: a gap longer than the attribute's persistence window."""
    assert not clash("Ola lives in Turku.", "Ola lives in Espoo.", days_apart=400)
    assert clash("Ola lives in Turku.", "Ola lives in Espoo.", days_apart=2)


def test_a_birth_never_changes():
    """Immutable attributes have one vertex, however far apart they are told."""
    assert clash("Ola was born in 1984.", "Ola was born in 1985.", days_apart=4000)


@pytest.mark.parametrize(
    "text",
    [
        "The budget of billing is N euros.", "The tower is N m tall.", "The tower is N' 5\" tall.", "Alice has N cats.",
        "Ben is N years older than Cleo.", "The timeout is N seconds.",
    ],
)  # fmt: skip
@pytest.mark.parametrize("n_figures", [1, 9, 24, 25, 40, 120])
def test_what_is_read_can_always_be_asserted(text, n_figures):
    """However long its number: a write can't fail because of a figure that a checksum looks like."""
    for claim in extract(text.replace("N", "9" * n_figures), Claim("", "m", "", "")):
        check(claim)
