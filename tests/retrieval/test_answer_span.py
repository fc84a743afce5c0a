"""Spans: the stretch of words that is worth most."""

from __future__ import annotations

from itertools import combinations_with_replacement

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slm.retrieval.answer_kind import Kind
from slm.retrieval.answer_span import LISTED, LONGEST, _greatest_sum, several, span
from tests.retrieval.answer_passages import passages_of, sought

quick = settings(max_examples=150, deadline=None)
WORDS = st.lists(
    st.sampled_from(
        'the of kiln crack because by Ida Delft in yesterday , . " [ ] new red-hot not with 1999 -'.split()
    ),
    max_size=25,
).map(" ".join)
KINDS = st.sampled_from(("span", "why", "how", "name", "place", "title"))


def found(question: str, *memories: str, kind: Kind = "span") -> str | None:
    quote = span(passages_of(question, *memories), sought(question), kind)
    assert quote is None or quote.kind == kind
    return quote.text if quote else None


def test_new_words_answer_and_those_of_the_question_do_not() -> None:
    """The asker knows the question's words."""
    assert found("What did the kiln hold?", "The kiln holds rusty chains.") == "rusty chains"


def test_a_span_ends_at_the_border_of_a_clause() -> None:
    """Specification: signs that close one are never crossed."""
    assert found("What did the kiln hold?", "The kiln holds rusty chains (bent)") == "rusty chains"


def test_words_right_after_those_of_the_question_go_before_others() -> None:
    """The object follows its verb; words as rare stand before it, and far behind it."""
    assert (
        found("What did they glaze?", "Ships: they glazed pots; and so they will for us and for you, and all, bread")
        == "pots"
    )


def test_a_hyphen_parts_clauses_only_where_it_stands_alone() -> None:
    """In a word it joins."""
    assert found("What did they glaze?", "They glazed salt-pots - ships") == "salt-pots"


def test_common_words_say_little() -> None:
    """Worth by idf: a word that every memory holds is no answer."""
    question, memory = "What did the kiln hold?", "The kiln holds great chains"
    wanted = sought(question, idf=lambda term: 0.1 if term == "great" else 4.0)
    quote = span(passages_of(question, memory), wanted, "span")
    assert quote is not None
    assert quote.text == "chains"


def test_the_word_before_the_thing_asked_for_is_its_particular() -> None:
    """ "Which dress": the velvet one."""
    question = "What kind of dress was sewn?"
    assert found(question, "A velvet dress was sewn by hand") == "A velvet"


def test_an_article_comes_along() -> None:
    """It reads as people write."""
    assert found("What did the kiln hold?", "The kiln holds a chain") == "a chain"


def test_a_time_is_no_answer_to_another_question() -> None:
    """Whoever wants the time asks when."""
    assert found("What was glazed?", "They glazed last week pots") == "pots"


@pytest.mark.parametrize(
    ("kind", "question", "memory", "text"),
    [
        ("place", "Where was it fired?", "We fired it quickly in Delft without help", "Delft"),
        ("place", "Where was it fired?", "We fired it last Friday in Delft", "Delft"),
        ("name", "Who fired it?", "It was fired rather carefully by Halvard Lund", "Halvard Lund"),
        ("title", "Which book burned?", 'Sadly the good book "A Pot of One" burned', "A Pot of One"),
        ("title", "Which book burned?", "Our “Clay and Fire” burned badly", "Clay and Fire"),
        ("why", "Why was it fired?", "It was fired early because customers waited", "customers waited"),
        ("how", "How is it fired?", "It is fired by burning driftwood", "burning driftwood"),
    ],
)
def test_what_looks_like_the_kind_asked_for_is_taken(kind, question, memory, text) -> None:
    """Capitals and prepositions for places and names, quotation marks for titles, openings for reasons and ways."""
    assert found(question, memory, kind=kind) == text


@pytest.mark.parametrize(
    ("kind", "question", "memory", "text"),
    [
        ("name", "Who quit smoking?", "Hana quit smoking in spring", "Hana"),
        ("name", "Who called the potter?", "Hana Berg called the potter", "Hana Berg"),
        ("name", "Who is allergic to clay?", "Hana is allergic to clay", "Hana"),
        ("name", "Who hasn't glazed?", "Hana hasn't glazed a pot", "Hana"),
        ("place", "Where was it fired?", "Delft fired it first", "Delft"),
        ("name", "Who is met at the kiln?", "Met Ida at the kiln", "Ida"),
        ("name", "Who likes pots?", "Ida likes pots and is known to all", "Ida"),
    ],
)
def test_the_first_word_is_a_name_where_the_questions_word_follows(kind, question, memory, text) -> None:
    """Every sentence has a capital there; a verb of the question after it, or after "is", makes it the subject."""
    assert found(question, memory, kind=kind) == text


def test_the_first_word_is_no_name_where_others_follow() -> None:
    """Not "Sadly": what comes next isn't what the question speaks of."""
    assert found("Who fired it?", "Sadly nobody knows who fired it", kind="name") is None


def test_a_small_word_after_is_or_to_is_no_name() -> None:
    """ "Is Ida" tells a name and "is our potter" a person, "is ready" doesn't."""
    assert found("Who fired it?", "The one who fired it is our potter", kind="name") == "potter"
    assert found("Who fired it?", "The one who fired it is Ida", kind="name") == "Ida"
    assert found("Who fired it?", "The one who fired it is ready", kind="name") is None


def test_the_better_fitting_sentence_is_taken() -> None:
    """Fit goes before worth."""
    memories = ("Ships carry grain and copper.", "The old kiln holds chains.")
    assert found("What did the old kiln hold?", *memories) == "chains"


@pytest.mark.parametrize("memory", ["", "the of and", "...", "kiln kiln"])
def test_nothing_new_gives_no_span(memory) -> None:
    """An honest no-answer."""
    assert found("kiln", memory) is None
    assert several(passages_of("kiln", memory), sought("kiln"), "span") == []


def test_several_memories_give_a_list_without_repetitions() -> None:
    """One a memory, best first, each once in whatever case."""
    question = "Which things were glazed?"
    memories = ("They glazed pots.", "POTS were glazed.", "They glazed plates.", "Ships carry grain.")
    quotes = several(passages_of(question, *memories), sought(question), "span")
    assert [quote.text for quote in quotes] == ["pots", "plates"]
    assert [quote.passage.memory for quote in quotes] == [0, 2]


def test_a_list_is_short() -> None:
    """Specification."""
    memories = [f"They glazed {thing}." for thing in "pots plates bowls vases tiles cups".split()]
    assert len(several(passages_of("Which things were glazed?", *memories), sought("glazed"), "span")) == LISTED


@quick
@given(WORDS, KINDS)
def test_a_span_stands_in_the_memory_word_for_word(memory, kind) -> None:
    """What "extractive" promises."""
    question = "Which new kiln cracked?"
    text = found(question, memory, kind=kind)
    assert text is None or text in memory
    quotes = several(passages_of(question, memory, "The kiln cracked loudly."), sought(question), kind)
    assert all(quote.text in (memory, "The kiln cracked loudly.")[quote.passage.memory] for quote in quotes)


@quick
@given(st.lists(st.integers(-9, 9) | st.just(float("-inf")), min_size=1, max_size=LONGEST + 8))
def test_the_greatest_sum_is_that_of_all_stretches(worths) -> None:
    """Oracle: all stretches summed anew."""
    first, last, total = _greatest_sum(worths)
    stretches = [(a, b) for a, b in combinations_with_replacement(range(len(worths)), 2) if b - a < LONGEST]
    assert total == max(sum(worths[a : b + 1]) for a, b in stretches)
    assert total == float("-inf") or total == sum(worths[first : last + 1])
