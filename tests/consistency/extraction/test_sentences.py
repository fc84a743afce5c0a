import pytest

from slm.consistency.extraction.sentences import sentences
from slm.consistency.extraction.tables import shipped


def read(text):
    return list(sentences(text, shipped()))


@pytest.mark.parametrize(
    "text",
    [
        "Does the gateway listen on port 81?", "If I lived in Pisa, I would cycle.", "Maybe the quota is 5 GB.",
        "I want to work at Fairphone.", "Ola said the gateway is closed.", 'He shouted "the gate is locked".',
        "Someone asked whether the lift is broken.", "The README says the timeout is 5 s.",
        "TODO: raise the limit to 9",
        "I wish my rent was 300 euros.", "We should move the launch to 3 May.", "I used to live in Pisa.",
        "My old boss was Ida.",
        "# Release 2025-01-02", "| port | 81 |", "Ideas for names: Rex",
    ],
)  # fmt: skip
def test_hypotheticals_questions_hearsay_and_headings_state_nothing(text):
    """Design page: hypotheticals, questions and quotes yield nothing; past without "since" is not current."""
    assert read(text) == []


def test_fenced_code_states_nothing():
    """An example in a document is no setting of its owner."""
    assert [s.text for s in read("The port is 81.\n```\nport = 99\n```\nThe host is alfa.")] == [
        "The port is 81",
        "The host is alfa",
    ]


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("The hatch isn't open.", "The hatch is open"),
        ("Pia doesn't drink milk.", "Pia drink milk"),
        ("The hatch is no longer open.", "The hatch is open"),
        ("It is not true that Pia lives in Ulm.", "Pia lives in Ulm"),
        ("I can't ski.", "I can ski"),
        ("Never deploy from a laptop.", "deploy from a laptop"),
    ],
)
def test_negation_is_taken_out_of_the_sentence(text, plain):
    """So that a claim and its denial meet in one attribute."""
    (sentence,) = read(text)

    assert (sentence.text, sentence.negated) == (plain, True)


def test_two_negations_cancel():
    """Logic."""
    (sentence,) = read("It is not true that the hatch isn't open.")

    assert not sentence.negated


@pytest.mark.parametrize(
    "text",
    [
        "The port is now 82.",
        "We moved the launch to 3 May 2025.",
        "Actually, the port is 82.",
        "The port is 82 as of today.",
    ],
)
def test_words_of_change_are_an_update(text):
    """Design page: a cue cuts the persistence edge."""
    assert all(sentence.update for sentence in read(text))


def test_a_correction_drops_what_it_denies():
    """Design page: "Actually ..., not X" supersedes."""
    (sentence,) = read("Correction: the lead is Ida, not Olaf.")

    assert sentence.text == "the lead is Ida"


def test_valid_time_is_kept_apart():
    """Design page: an explicit interval is valid time."""
    (until,) = read("Pia lived in Ulm until 2021.")
    (since,) = read("Pia has lived in Bonn since 2022.")

    assert (until.text, until.until) == ("Pia lived in Ulm", "2021")
    assert (since.text, since.since) == ("Pia has lived in Bonn", "2022")


def test_every_sentence_knows_its_place():
    """Every claim keeps its span in the text (issue)."""
    text = "- The port is 81.\n\n  The host is alfa!  And the lead is Ida."

    assert [text[s.span[0] : s.span[1]] for s in read(text)] == [
        "- The port is 81.",
        "The host is alfa!",
        "And the lead is Ida.",
    ]


def test_an_abbreviation_doesnt_end_a_sentence():
    """ "Dr. Vega" and "Acme Inc. is" are in one sentence each."""
    assert len(read("Our vet is Dr. Vega.")) == 1
    assert len(read("The owner of Acme Inc. is Ida.")) == 1


def test_a_request_after_a_statement_leaves_the_statement():
    """The question asks something else than what was stated."""
    assert [s.text for s in read("My train leaves at 9:40, could you call a taxi?")] == ["My train leaves at 9:40"]


def test_a_long_sentence_is_left_alone():
    """A sentence of more than 200 characters says more than one pattern can be faithful to."""
    assert read("The port is 81 " + "and so on " * 30) == []


def test_a_list_item_is_marked():
    """ "Don't:" above a list turns its items round, so rules of conduct aren't read from items."""
    assert [s.listed for s in read("- Deploy on Mondays\nDeploy on Mondays")] == [True, False]
