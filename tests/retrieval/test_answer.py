"""Extractive answers from question and memories to text, kind and support."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slm.retrieval.answer import Answer, Evidence, answer
from tests.retrieval.answer_passages import SAID_ON, equal

quick = settings(max_examples=150, deadline=None)
ASKED_ON = date(2024, 6, 1)
ANY_TEXT = st.text(st.characters(codec=None, categories=None), max_size=80)
QUESTIONS = st.lists(
    st.sampled_from(
        "when how long ago many what which where who why is did or kiln Ida book cracks year ? the kinds of".split()
    ),
    max_size=8,
).map(" ".join)
MEMORIES = st.builds(
    Evidence,
    st.lists(st.sampled_from("kiln cracked yesterday 3 since 2016 in Delft not , . because".split()), max_size=12).map(
        " ".join
    ),
    st.sampled_from([None, "Ida", "Bo", ""]),
    st.dates(),
)
WORD_FOR_WORD = {"duration", "number", "why", "how", "name", "place", "title", "span"}


def asked(question: str, *memories: str | tuple[str, str]) -> Answer | None:
    """Memories are texts, or speakers and texts, all said on one day."""
    spoken = [(None, memory) if isinstance(memory, str) else memory for memory in memories]
    return answer(question, [Evidence(text, who, SAID_ON) for who, text in spoken], equal, ASKED_ON)


@pytest.mark.parametrize(
    ("question", "memory", "expected"),
    [
        ("When did Ida see the lighthouse?", "We saw the lighthouse yesterday.", ("14 March 2024", "date")),
        ("When did Ida see the lighthouse?", "We saw the lighthouse.", ("15 March 2024", "told")),
        ("How long ago did Ida sail?", "I sailed two years ago.", ("2 years ago", "elapsed")),
        ("How long did Ida sail?", "I sailed for seven weeks.", ("seven weeks", "duration")),
        ("How many cats does Ida have?", "My 3 neighbours fear our two cats.", ("two", "number")),
        ("Does Ida like anchovies?", "I don't like anchovies.", ("No", "yes/no")),
        ("Does Ida drink tea or coffee?", "Only tea for me.", ("tea", "choice")),
        ("Where did Ida move to?", "I moved to Bergen last summer, it rains.", ("Bergen", "place")),
        ("Who repaired the roof?", "The roof was repaired by Halvard Lund.", ("Halvard Lund", "name")),
        ("Which book did Ida finish?", 'I finished "The Tin Whale".', ("The Tin Whale", "title")),
        ("What kind of dress did Ida sew?", "I sewed a velvet dress.", ("a velvet", "span")),
        ("Why did Ida sell the car?", "I sold it because the gearbox broke.", ("the gearbox broke", "why")),
        ("which port does the api use", "The api listens on 5433 since the move", ("5433", "number")),
    ],
)
def test_each_kind_of_question_has_its_answer(question, memory, expected) -> None:
    """Specification, from question to text and kind."""
    given_ = asked(question, ("Ida", memory))
    assert given_ is not None
    assert (given_.text, given_.kind, given_.support) == (*expected, (0,))


def test_several_are_listed_with_their_memories() -> None:
    """Specification: a plural, more than one memory."""
    given_ = asked("Which instruments does Ida play?", ("Ida", "I play cello."), ("Ida", "I play oboe."))
    assert given_ == Answer("cello, oboe", "list", (0, 1))


def test_a_plural_with_one_thing_is_no_list() -> None:
    """The kind says what the text is."""
    given_ = asked("Which instruments does Ida play?", ("Ida", "I play cello."))
    assert given_ == Answer("cello", "span", (0,))


def test_who_is_named_is_heard_before_others() -> None:
    """Both say the same of themselves."""
    memories = ("Bo", "I keep geese."), ("Ida", "I keep goats.")
    given_ = asked("What does Ida keep?", *memories)
    assert given_ == Answer("goats", "span", (1,))
    assert asked("What does Bo keep?", *memories) == Answer("geese", "span", (0,))


def test_a_question_of_nothing_but_a_name_looks_for_the_name() -> None:
    """Where no other word is left, the name is a word too."""
    given_ = asked("Who is Ida?", ("Bo", "Bread is ready."), ("Bo", "Ida is our carpenter."), ("Ida", "Hello"))
    assert given_ is not None
    assert given_.support == (1,)


def test_memories_without_a_word_of_the_question_are_not_read_beside_others() -> None:
    """Their words can't be the answer by chance."""
    given_ = asked("What did the kiln hold?", "Copper and Silver and Gold!", "The kiln holds chains")
    assert given_ is not None
    assert given_.support == (1,)


def test_where_no_memory_shares_a_word_the_best_is_read() -> None:
    """Recall found it by its meaning."""
    given_ = asked("What pet lives there?", "Our tortoise Otto", "Copper and Silver")
    assert given_ is not None
    assert given_.support == (0,)


@pytest.mark.parametrize("question", ["When is it?", "Where is the kiln?", "Is it?", "", "What?", "a or b?"])
def test_without_memories_there_is_no_answer(question) -> None:
    """An honest no-answer."""
    assert asked(question) is None
    assert asked(question, "", "  ") is None


@pytest.mark.parametrize("question", ["How many kilns?", "How long did the kiln burn?", "Does the ship sail?"])
def test_what_the_memories_do_not_say_is_not_answered(question) -> None:
    """No number, no length of time, nothing about it: none is made up."""
    assert asked(question, "The kiln is old.") is None


@quick
@given(QUESTIONS | ANY_TEXT, st.lists(MEMORIES | st.builds(Evidence, ANY_TEXT, st.none(), st.dates()), max_size=4))
def test_any_question_to_any_memories_gives_the_same_answer_again(question, evidence) -> None:
    """Total and pure; support names evidence, and what is quoted stands in it."""
    given_ = answer(question, evidence, equal, ASKED_ON)
    assert answer(question, list(evidence), equal, ASKED_ON) == given_
    if given_ is not None:
        assert given_.support
        assert all(0 <= i < len(evidence) for i in given_.support)
        assert given_.kind not in WORD_FOR_WORD or given_.text in evidence[given_.support[0]].text


@quick
@given(QUESTIONS, st.lists(MEMORIES, min_size=1, max_size=3), st.sampled_from([0.0, 1e-9, 1e9]))
def test_any_idf_will_do(question, evidence, idf) -> None:
    """A word that every memory holds has idf 0."""
    answer(question, evidence, lambda _term: idf, ASKED_ON)


def test_a_memory_of_many_words_is_read_as_well() -> None:
    """One sentence without an end: the answer still stands where its words are."""
    long = " ".join(f"pot{i}" for i in range(5_000)) + " kiln holds chains"
    given_ = asked("What did the kiln hold?", long)
    assert given_ is not None
    assert given_.text in long


def test_the_day_of_asking_counts_only_for_how_long_ago() -> None:
    """A memory's day resolves its own times, whenever it is asked about."""
    evidence = [Evidence("The kiln cracked yesterday.", None, SAID_ON)]
    answers = {answer("When did the kiln crack?", evidence, equal, ASKED_ON + timedelta(days=i)) for i in range(9)}
    assert len(answers) == 1
