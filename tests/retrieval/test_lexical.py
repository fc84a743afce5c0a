"""Scores of the inverted index: small stores, bounds and real sentences. The oracle is made of dicts and loops."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slm.retrieval.lexical import LexicalIndex
from slm.retrieval.words import query_terms
from tests.retrieval.lexical_oracle import (
    chunks,
    covered,
    in_two_segments,
    index_of,
    query,
)

# --- small stores


def test_an_empty_store_has_no_scores_and_still_a_mass():
    """A query can be normalised before anything is remembered."""
    found = LexicalIndex().scores(["boat"])

    assert len(found.scores) == 0
    assert found.mass > 0


def test_a_store_of_one_memory_finds_it_with_a_positive_score():
    """Plain idf of a term in the only document is ln(4/3): the prior makes it a rare word."""
    index = index_of("The boat lies in the harbour")

    assert index.view().idf("boat") > 2.0
    assert index.scores(query_terms("boat")).scores[0] > 0


@pytest.mark.parametrize("n_memories", [1, 3, 10])
def test_in_a_small_store_a_common_word_says_less_than_a_rare_one(n_memories):
    """Each occurs in one memory; only the prior can tell them apart."""
    index = index_of("like the harbour", *["something else entirely"] * (n_memories - 1))

    assert index.view().idf("like") < 0.75 * index.view().idf("harbour")


def test_with_many_memories_the_prior_is_invisible():
    """Counts of the store outweigh the imagined chunks."""
    index = LexicalIndex()
    for i in range(4000):
        index.add(i, ["like"] if i % 2 else ["other"])
    plain = math.log(1 + (4000 - 2000 + 0.5) / (2000 + 0.5))

    assert index.view().idf("like") == pytest.approx(plain, rel=0.01)


def test_a_word_nobody_wrote_counts_in_mass_and_coverage():
    """A query about something unknown must not look answered."""
    index = index_of("the boat lies in the harbour")
    known, unknown = index.scores(["boat"]), index.scores(["boat", "zeppelin"])

    assert unknown.mass > 2 * known.mass
    assert unknown.scores.tolist() == known.scores.tolist()
    assert covered(index, ["boat", "zeppelin"], np.array([0]))[0] < 0.5


# --- scores


@given(st.lists(chunks, min_size=1, max_size=8), query, st.randoms())
def test_the_order_of_query_terms_makes_no_difference_to_the_bits(texts, wanted, random):
    """Terms are added up in sorted order."""
    index = LexicalIndex()
    for i, words in enumerate(texts):
        index.add(i, words)
    shuffled = random.sample(wanted, len(wanted))

    assert index.scores(wanted).scores.tobytes() == index.scores(shuffled).scores.tobytes()
    assert index.scores(wanted).mass == index.scores(shuffled).mass


@given(st.lists(chunks, min_size=1, max_size=8), query)
def test_no_score_reaches_the_mass(texts, wanted):
    """tf (k1 + 1) / (tf + positive) < k1 + 1: the share that enters the sum stays in [0, 1)."""
    index = LexicalIndex()
    for i, words in enumerate(texts):
        index.add(i, words)
    found = index.scores(wanted)

    assert (found.scores >= 0).all()
    assert (found.scores < found.mass).all() or not wanted


def test_a_term_asked_for_twice_weighs_twice():
    """Repetitions in the query are counted, as in the query itself."""
    index = index_of("boat", "harbour")
    once, twice = index.scores(["boat"]), index.scores(["boat", "boat"])

    assert twice.mass == 2 * once.mass
    assert twice.scores.tolist() == (2 * once.scores).tolist()


def test_a_query_of_grammar_alone_scores_nothing():
    """No terms: no mass, and shares need no division."""
    found = index_of("the boat").scores(query_terms("what was that"))

    assert found.mass == 0.0
    assert found.scores.tolist() == [0.0]


def test_coverage_is_one_where_all_terms_are_held():
    """Share of the idf mass, in chunks given in any order."""
    index = in_two_segments("boat", "boat harbour", "sail", "harbour boat boat")

    assert covered(index, ["harbour", "boat"], np.array([3, 2, 1])).tolist() == [1.0, 0.0, 1.0]


def test_coverage_of_no_chunks_is_empty():
    """A recall without candidates."""
    assert covered(index_of("boat"), ["boat"], np.empty(0, np.int64)).shape == (0,)


def test_frequencies_beyond_sixteen_bits_are_cut():
    """BM25 is flat there: 65,535 and 70,000 differ by less than one part in ten thousand."""
    index = LexicalIndex()
    index.add(0, ["boat"] * 70_000)
    index.flush()

    assert index.total_length == 70_000
    assert index.scores(["boat"]).scores[0] > 0


# --- real sentences


def test_identifiers_win_over_their_parts():
    """Whole forms are rarer than parts, hence heavier."""
    index = in_two_segments(
        "Set max_map_count to 262144 on the host",
        "The map shows the count of visitors, at most",
        "Postgres listens on port 5433",
        "Postgres used to listen on port 5432",
    )

    assert index.scores(query_terms("max_map_count")).scores.argmax() == 0
    assert index.scores(query_terms("which database is on 5432?")).scores.argmax() == 3


def test_a_version_is_found_by_its_beginning():
    """``2.4`` finds ``2.4.6`` and not ``2.5.0``."""
    index = index_of("we run 2.5.0", "we run 2.4.6")
    scores = index.scores(query_terms("version 2.4")).scores

    assert scores.argmax() == 1


def test_holders_are_the_live_chunks_with_every_term() -> None:
    """Oracle: a loop over the texts; across a segment, the tail and forgotten chunks."""
    texts = [["ana", "lee"], ["ana"], ["lee", "ana", "ana"], ["lee"], ["ana", "lee"]]
    index = LexicalIndex()
    for i, words in enumerate(texts):
        index.add(i, words)
        if i == 2:
            index.flush()
    index.remove([2])

    view = index.view()

    assert view.holders(["ana", "lee"]).tolist() == [0, 4]
    assert view.holders(["ana"]).tolist() == [0, 1, 4]
    assert view.holders(["nobody", "ana"]).tolist() == view.holders([]).tolist() == []


# --- a circle of chunks


def test_within_a_circle_terms_are_as_rare_as_in_an_index_of_it_alone() -> None:
    """Oracle: the index of those chunks and no others; the scores of the chunks are theirs, too, to the bit."""
    texts = ["the dog barks at night", "my dog sleeps", "a bank opens", "the bank closes", "night falls on the bank"]
    circle = np.array([True, True, False, False, True])
    wanted = query_terms("dog bank night zeppelin")
    alone = index_of(*(text for text, inside in zip(texts, circle, strict=True) if inside)).view()

    within = index_of(*texts).view().within(circle)

    assert [within.idf(term) for term in wanted] == [alone.idf(term) for term in wanted]
    assert within.scores(wanted).mass == alone.scores(wanted).mass
    assert within.scores(wanted).scores[circle].tolist() == alone.scores(wanted).scores.tolist()


def test_what_lies_outside_a_circle_is_scored_as_well() -> None:
    """The circle says what a word tells apart, not what may be found."""
    within = index_of("the dog barks", "a bank opens").view().within(np.array([True, False]))

    assert within.scores(["bank"]).scores[1] > 0


def test_a_circle_of_everything_changes_no_bit() -> None:
    """A store of one conversation ranks as if there were no circle."""
    view = index_of("the dog barks", "a bank opens", "my dog sleeps").view()

    everything = view.within(np.ones(3, np.bool_))

    assert everything.scores(["dog", "bank"]).scores.tolist() == view.scores(["dog", "bank"]).scores.tolist()
    assert everything.idf("dog") == view.idf("dog")


def test_forgotten_chunks_count_in_no_circle() -> None:
    """Forgetting leaves nothing behind: the same rarity as where the chunk had never been in the circle."""
    index = index_of("the dog barks", "my dog sleeps", "a bank opens")
    before = index.view().within(np.array([True, False, True]))
    index.remove([1])

    after = index.view().within(np.ones(3, np.bool_))

    assert after.idf("dog") == before.idf("dog")
    assert after.scores(["dog"]).scores.tolist() == [before.scores(["dog"]).scores[0], 0.0, 0.0]
