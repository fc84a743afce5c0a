"""Sentences of memories, and how well they fit a question."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slm.retrieval.answer_passage import OTHER_SPEAKER, PER_RANK, REST, passages, terms_of, words_of
from tests.retrieval.answer_passages import SAID_ON, passages_of, sought

quick = settings(max_examples=150, deadline=None)
ANY_TEXT = st.text(st.characters(codec=None, categories=None), max_size=120)


def texts(memory: str) -> list[str]:
    return [one.text.strip() for one in passages_of("anything", memory)]


@pytest.mark.parametrize(
    ("memory", "sentences"),
    [
        ("The kiln is hot. Don't touch it!", ["The kiln is hot.", "Don't touch it!"]),
        ("Really?! Yes.", ["Really?!", "Yes."]),
        ("It costs 3.50 at shop.example today", ["It costs 3.50 at shop.example today"]),
        ("One line\nanother line", ["One line", "another line"]),
        ("Look here [a photo of a kiln]", ["Look here", "a photo of a kiln"]),
        ('He said "stop." Then he left.', ['He said "stop."', "Then he left."]),
        ("Wait... what", ["Wait...", "what"]),
        ("no full stop", ["no full stop"]),
        ("", []),
        ("  \n ", []),
    ],
)
def test_a_memory_falls_into_its_sentences(memory, sentences) -> None:
    """Specification: at closing signs before white space, at line breaks and brackets; not within numbers and names."""
    assert texts(memory) == sentences


@quick
@given(ANY_TEXT)
def test_sentences_stand_in_the_memory_word_for_word(memory) -> None:
    """What is quoted later is a quotation: every sentence is a stretch of the text, in order and without overlap."""
    at = 0
    for passage in passages_of("anything", memory):
        at = memory.index(passage.text, at) + len(passage.text)


@quick
@given(ANY_TEXT)
def test_words_are_stretches_of_their_sentence_in_order(text) -> None:
    """Offsets are those of the text, none inside another."""
    words = words_of(text)
    assert all(0 <= word.start < word.end <= len(text) for word in words)
    assert all(one.end <= other.start for one, other in pairwise(words))


def test_grammar_and_signs_have_no_terms() -> None:
    """Specification: stop words are never indexed."""
    of, sign, kilns = words_of("of , kilns")
    assert (of.terms, sign.terms) == ((), ())
    assert kilns.terms == ("kiln",)
    assert terms_of([of, kilns]) == {"kiln"}


def test_a_sentence_with_every_word_of_the_question_fits_with_one() -> None:
    """Definition of fit, for the best memory."""
    [passage] = passages_of("blue kiln", "Our kilns are blue.")
    assert passage.fit == passage.share == pytest.approx(1.0)


def test_a_sentence_without_a_word_of_the_question_does_not_fit() -> None:
    """Definition of fit."""
    [passage] = passages_of("blue kiln", "The bread is ready.")
    assert passage.fit == passage.share == 0.0


def test_words_in_the_rest_of_the_memory_count_in_part() -> None:
    """Definition of fit: the neighbour of a matching sentence often answers."""
    first, second = passages_of("blue kiln", "The kiln is blue. We fired it in Delft.")
    assert first.fit == pytest.approx(1.0)
    assert second.fit == pytest.approx(REST)
    assert first.share == second.share


def test_rarer_words_of_the_question_weigh_more() -> None:
    """Weighted by idf: a quarter of the weight fits by a quarter."""
    wanted = sought("blue kiln", idf=lambda term: 3.0 if term == "kiln" else 1.0)
    [with_kiln] = passages("A kiln.", None, SAID_ON, 0, wanted)
    [with_blue] = passages("Something blue.", None, SAID_ON, 0, wanted)
    assert (with_kiln.fit, with_blue.fit) == (pytest.approx(0.75), pytest.approx(0.25))


def test_a_worse_rank_costs_a_little() -> None:
    """What recall found better goes before what fits equally well."""
    first, second = passages_of("kiln", "A kiln.", "A kiln.")
    assert first.fit - second.fit == pytest.approx(PER_RANK)
    assert (first.memory, second.memory) == (0, 1)


def test_another_speaker_than_the_one_named_costs_fit() -> None:
    """Who is asked about mostly tells of themselves; without a name nobody is another."""
    named, nobody = sought("kiln", "Ida"), sought("kiln")
    fits = [
        next(passages("A kiln.", speaker, SAID_ON, 0, wanted)).fit
        for speaker, wanted in (("Ida", named), ("Bo", named), (None, named), ("Bo", nobody))
    ]
    assert fits == [pytest.approx(1.0), pytest.approx(1.0 - OTHER_SPEAKER), fits[1], pytest.approx(1.0)]


@pytest.mark.parametrize("weight", [0.0, 5e-324, 1e300])
def test_a_share_stays_within_zero_and_one(weight) -> None:
    """A share is one whatever the idf; without weight nothing is covered."""
    wanted = sought("kiln", idf=lambda _term: weight)
    assert wanted.share(frozenset({"kiln"})) == (1.0 if weight else 0.0)
    assert wanted.share(frozenset()) == 0.0
