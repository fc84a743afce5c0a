"""Kinds of answers, read off a question's words."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slm.retrieval.answer_kind import asked_thing, asks_for_several, kind_of

quick = settings(max_examples=150, deadline=None)
ANY_TEXT = st.text(st.characters(codec=None, categories=None), max_size=80)


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("When did the boiler break?", "date"),
        ("when is the audit", "date"),
        ("What year was the house built?", "date"),
        ("In which month does the lease end?", "date"),
        ("Since when is the door blue?", "date"),
        ("How long did the trip take?", "duration"),
        ("How long ago was the storm?", "duration"),
        ("How many weeks does the course last?", "duration"),
        ("How old is the cat?", "duration"),
        ("How many plates were broken?", "number"),
        ("How much was the rent?", "number"),
        ("How often does the bin go out?", "number"),
        ("which port does the api use", "number"),
        ("Is the shop open on Sunday?", "yes/no"),
        ("Did the vet call?", "yes/no"),
        ("Hasn't the parcel come?", "yes/no"),
        ("Isn’t it raining?", "yes/no"),
        ("Would she like a kite?", "yes/no"),
        ("Does he drink tea or coffee?", "choice"),
        ("Would a tent or a cabin suit them?", "choice"),
        ("Why was the fair called off?", "why"),
        ("What motivated the move?", "why"),
        ("What is the reason for the delay?", "why"),
        ("How does he clean the lamp?", "how"),
        ("Where is the spare key?", "place"),
        ("From where does the wool come?", "place"),
        ("Which city has the best museum?", "place"),
        ("Which countries were on the route?", "place"),
        ("Who mended the fence?", "name"),
        ("Whose umbrella is that?", "name"),
        ("What is the name of the dog?", "name"),
        ("What is the ferry called?", "name"),
        ("What book lies on the desk?", "title"),
        ("Which old film made her laugh?", "title"),
        ("What does the sign mean?", "span"),
        ("favourite soup", "span"),
        ("", "span"),
    ],
)
def test_a_kind_is_read_off_the_words_of_a_question(question, kind) -> None:
    """Specification: each kind has its signs."""
    assert kind_of(question) == kind


def test_an_auxiliary_asks_for_yes_or_no_only_at_the_beginning() -> None:
    """Grammar: "what does" and "tell me if it is" are other questions."""
    assert kind_of("What is on the roof?") == "span"
    assert kind_of("Tell me what it is") == "span"
    assert kind_of("  Is it on the roof?") == "yes/no"


def test_a_word_that_begins_with_an_auxiliary_is_none() -> None:
    """Words have borders: "island" is not "is"."""
    assert kind_of("Island with the lighthouse") == "span"
    assert kind_of("Canoe colour") == "span"


def test_more_particular_signs_go_before_more_general_ones() -> None:
    """Specification: "how long" isn't asked as "how", "what time" not as "what"."""
    assert kind_of("How long is the fence?") == "duration"
    assert kind_of("At what time does the film start?") == "date"
    assert kind_of("When did who leave?") == "date"


@pytest.mark.parametrize(
    "question",
    [
        "What instruments does she play?",
        "Which old tools are in the shed?",
        "What are the rules?",
        "Where all did they go?",
        "Who were the guests?",
        "what books has he read",
    ],
)
def test_a_plural_asks_for_several(question) -> None:
    """Grammar of English."""
    assert asks_for_several(question)


@pytest.mark.parametrize(
    "question",
    [
        "What instrument does she play?",
        "Which bus is it?",
        "What was lost?",
        "What does his sister make?",
        "What is this?",
        "What series is on?",
        "Where is the glass?",
        "Who mended the fence?",
        "When is it?",
    ],
)
def test_a_singular_or_another_ending_in_s_asks_for_one(question) -> None:
    """Grammar of English: bus, glass, this, does, his and series are no plurals."""
    assert not asks_for_several(question)


@pytest.mark.parametrize(
    ("question", "thing"),
    [
        ("What kind of dress was sewn?", "dress was sewn"),
        ("Which bridge?", "bridge"),
        ("What colour of paint?", "paint"),
        ("What did they sew?", ""),
        ("What is it?", ""),
        ("Where?", ""),
    ],
)
def test_the_thing_asked_for_follows_what_and_which(question, thing) -> None:
    """Specification; an auxiliary is no thing."""
    assert asked_thing(question) == thing


@quick
@given(ANY_TEXT)
def test_any_text_has_a_kind(text) -> None:
    """Total: lone surrogates, white space and signs too; the same again."""
    assert kind_of(text) == kind_of(text)
    assert asks_for_several(text) in (True, False)
    assert asked_thing(text) in text
