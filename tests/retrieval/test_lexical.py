"""The inverted index against dicts and loops, through every pattern of adding, forgetting, flushing and merging."""

import math
import threading
from collections import Counter
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from slm.geometry.backend import NUMPY, compiled
from slm.retrieval.lexical import GROWTH, K1, PRIOR_CHUNKS, B, LexicalIndex
from slm.retrieval.segment import Segment
from slm.retrieval.word_rates import UNKNOWN_RATE, word_rates
from slm.retrieval.words import query_terms, terms

COMPILED = compiled()
VOCABULARY = ["boat", "harbour", "time", "like", "sail", "2.4.6", "東京", "я"]
"""Rare words and common ones, which have a rate of their own, and terms of several bytes a character."""

chunks = st.lists(st.sampled_from(VOCABULARY), max_size=8)
query = st.lists(st.sampled_from([*VOCABULARY, "absent"]), max_size=5)


class Oracle:
    """Every chunk's counts in a list, the dead ones in a set; each score computed from scratch."""

    def __init__(self):
        self.chunks = []
        self.dead = set()

    def live(self):
        return [counts for i, counts in enumerate(self.chunks) if i not in self.dead]

    def document_frequency(self, term):
        return sum(term in counts for counts in self.live())

    def idf(self, term):
        n = len(self.live()) + PRIOR_CHUNKS
        df = self.document_frequency(term) + PRIOR_CHUNKS * word_rates().get(term, UNKNOWN_RATE)
        return math.log(1.0 + (n - df + 0.5) / (df + 0.5))

    def weights(self, wanted):
        return {term: count * self.idf(term) for term, count in sorted(Counter(wanted).items())}

    def score(self, chunk, wanted):
        if chunk in self.dead:
            return 0.0
        lengths = [counts.total() for counts in self.live()]
        average = sum(lengths) / len(lengths) if sum(lengths) else 1.0
        counts, score = self.chunks[chunk], 0.0
        for term, weight in self.weights(wanted).items():
            if term in counts:
                gain, tf = weight * (K1 + 1.0), counts[term]
                score += gain * tf / (tf + (K1 * (1.0 - B) + K1 * B / average * counts.total()))
        return score

    def scores(self, wanted):
        return [self.score(chunk, wanted) for chunk in range(len(self.chunks))]

    def mass(self, wanted):
        mass = 0.0
        for weight in self.weights(wanted).values():
            mass += weight
        return (K1 + 1.0) * mass

    def coverage(self, wanted, chunk):
        weights = self.weights(wanted)
        held = [weight for term, weight in weights.items() if term in self.chunks[chunk]]
        return sum(held) / sum(weights.values()) if weights else 0.0


def covered(index, wanted, chunks):
    """The coverage of chunks by a query, through the terms that they hold."""
    view = index.view()
    return view.coverage(wanted, view.held(wanted, chunks))


def index_of(*texts):
    index = LexicalIndex()
    for i, text in enumerate(texts):
        index.add(i, terms(text))
    return index


def in_two_segments(*texts):
    index = LexicalIndex()
    for i, text in enumerate(texts):
        index.add(i, terms(text))
        if i == len(texts) // 2:
            index.flush()
    index.flush()
    return index


def reopened(index):
    """What a restart does: write the arrays, map them read-only, name the dead."""
    written = [{name: array.tobytes() for name, array in segment.arrays().items()} for segment in index.segments]
    dtypes = [{name: array.dtype for name, array in segment.arrays().items()} for segment in index.segments]
    mapped = [
        {name: np.frombuffer(data, kinds[name]) for name, data in arrays.items()}
        for arrays, kinds in zip(written, dtypes, strict=True)
    ]
    return LexicalIndex.from_arrays(mapped, np.flatnonzero(index.view().dead), index.kernels)


class AnyOrderOfChanges(RuleBasedStateMachine):
    """Whatever happens to the index, it scores like the oracle: the same bits, with either backend."""

    @initialize()
    def empty(self):
        self.index, self.oracle = LexicalIndex(), Oracle()

    @rule(added=st.lists(chunks, min_size=1, max_size=4))
    def add(self, added):
        for words in added:
            self.index.add(len(self.oracle.chunks), words)
            self.oracle.chunks.append(Counter(words))

    @precondition(lambda self: self.oracle.live())
    @rule(data=st.data())
    def forget(self, data):
        live = sorted(set(range(len(self.oracle.chunks))) - self.oracle.dead)
        chosen = data.draw(st.lists(st.sampled_from(live), min_size=1, max_size=3, unique=True))
        self.index.remove(chosen)
        self.oracle.dead.update(chosen)

    @precondition(lambda self: self.oracle.dead)
    @rule(data=st.data())
    def undo(self, data):
        chosen = data.draw(st.lists(st.sampled_from(sorted(self.oracle.dead)), min_size=1, max_size=3, unique=True))
        self.index.restore(chosen)
        self.oracle.dead.difference_update(chosen)

    @precondition(lambda self: self.oracle.chunks)
    @rule(data=st.data())
    def purge(self, data):
        every = st.integers(0, len(self.oracle.chunks) - 1)
        chosen = data.draw(st.lists(every, min_size=1, max_size=3, unique=True))
        self.index.purge(np.array(sorted(chosen), np.int64))
        self.oracle.dead.update(chosen)
        for chunk in chosen:
            self.oracle.chunks[chunk] = Counter()

    @rule()
    def flush(self):
        self.index.flush()

    @rule()
    def merge(self):
        self.index.merge()

    @rule()
    def restart(self):
        self.index.flush()
        self.index = reopened(self.index)

    @rule(kernels=st.sampled_from([NUMPY, COMPILED]))
    def change_backend(self, kernels):
        self.index.kernels = kernels

    @rule(wanted=query)
    def ask(self, wanted):
        found = self.index.scores(wanted)

        assert found.scores.tobytes() == np.array(self.oracle.scores(wanted), np.float64).tobytes()
        assert found.mass == self.oracle.mass(wanted)

    @rule(wanted=query)
    def ask_for_coverage(self, wanted):
        everything = np.arange(len(self.oracle.chunks))
        found = covered(self.index, wanted, everything)

        assert found == pytest.approx([self.oracle.coverage(wanted, chunk) for chunk in everything])

    @invariant()
    def counts_are_exact(self):
        live = self.oracle.live()

        assert self.index.n_live == len(live)
        assert self.index.total_length == sum(counts.total() for counts in live)
        for term in VOCABULARY[:3]:
            assert self.index.document_frequency(term) == self.oracle.document_frequency(term)


AnyOrderOfChanges.TestCase.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
TestAnyOrderOfChanges = AnyOrderOfChanges.TestCase


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


# --- forgetting


def test_a_forgotten_chunk_scores_nothing_and_counts_in_nothing():
    """As if it had never been added, but for its place."""
    index, without = in_two_segments("boat sail", "boat harbour"), in_two_segments("boat sail")
    index.remove([1])

    assert index.scores(["boat", "harbour"]).scores[1] == 0.0
    assert index.scores(["boat", "harbour"]).scores[0] == without.scores(["boat", "harbour"]).scores[0]
    assert index.document_frequency("harbour") == 0


@pytest.mark.parametrize("wrong", [[0, 1], [5], [-1], [0, 5]])
def test_only_live_chunks_can_be_forgotten(wrong):
    """Counts would go wrong otherwise; nothing changes."""
    index = index_of("boat", "sail")
    index.remove([1])

    with pytest.raises(ValueError, match="not all of these chunks are live"):
        index.remove(wrong)
    assert index.n_live == 1


def test_only_forgotten_chunks_can_be_restored():
    """The same for undo."""
    index = index_of("boat", "sail")

    with pytest.raises(ValueError, match="not all of these chunks are forgotten"):
        index.restore([0])


def test_forgetting_no_chunks_is_no_change():
    """A memory may have been empty."""
    index = index_of("boat")
    index.remove([])

    assert index.n_live == 1


def test_everything_may_be_forgotten():
    """No live chunk is left to take an average of."""
    index = in_two_segments("boat", "sail")
    index.remove(range(2))

    assert index.scores(["boat"]).scores.tolist() == [0.0, 0.0]


# --- growing


@pytest.mark.parametrize("wrong", [0, 3, -1])
def test_chunks_are_added_in_order_without_gaps(wrong):
    """Ids are positions."""
    index = index_of("boat", "sail")

    with pytest.raises(ValueError, match="the next chunk is 2"):
        index.add(wrong, ["harbour"])
    assert index.document_frequency("harbour") == 0


def test_a_chunk_without_terms_has_its_place():
    """An emoji is a memory, too."""
    index = in_two_segments("boat", "🎉", "boat")

    assert index.count == 3
    assert index.scores(["boat"]).scores[1] == 0.0


def test_a_flush_without_new_chunks_makes_no_segment():
    """Nothing to write."""
    index = index_of("boat")
    index.flush()
    index.flush()

    assert len(index.segments) == 1


def test_a_thousand_flushes_leave_few_segments_and_copy_each_posting_few_times():
    """Geometric growth: at most log2(n) + 1 segments; copies a posting bounded by the same."""
    index, copied = LexicalIndex(), 0
    for i in range(1000):
        index.add(i, ["boat", "sail"])
        index.flush()
        before = set(index.segments)
        index.merge()
        copied += sum(segment.size for segment in set(index.segments) - before)

    sizes = [segment.size for segment in index.segments]
    assert len(sizes) <= math.log2(1000) + 1
    assert all(a >= GROWTH * b for a, b in pairwise(sizes))
    assert copied / sum(sizes) <= 2 * math.log2(1000)


def test_segments_must_follow_one_another():
    """A missing file must not shift the chunks after it."""
    first, second = in_two_segments("boat", "sail", "harbour").segments

    with pytest.raises(ValueError, match="follow one another"):
        LexicalIndex([second])
    with pytest.raises(ValueError, match="follow one another"):
        LexicalIndex([first, first])


# --- views


def test_a_view_does_not_see_what_happens_later():
    """A snapshot: adding, forgetting, flushing and merging leave it as it was."""
    index = in_two_segments("boat sail", "boat harbour", "sail")
    index.add(3, ["boat"])
    index.remove([1])
    view, unread, wanted = index.view(), index.view(), ["boat", "sail"]
    before = view.scores(wanted)
    index.remove([0])
    for i in range(4, 3000):
        index.add(i, ["boat", "time"])
    index.remove([2])
    index.flush()
    index.merge()

    for one in (view, unread):
        assert one.scores(wanted).scores.tobytes() == before.scores.tobytes()
        assert one.scores(wanted).mass == before.mass
        assert one.document_frequency("boat") == 2
    assert index.document_frequency("boat") == 2997


def test_a_view_looks_a_term_up_once(monkeypatch):
    """Its idf, its scores and who holds it come from one search of the segments."""
    index, searched = in_two_segments("boat sail", "boat harbour", "sail"), []
    find = Segment.find
    monkeypatch.setattr(Segment, "find", lambda segment, term: (searched.append(term), find(segment, term))[1])
    view = index.view()
    view.idf("boat")
    view.scores(["boat", "boat", "sail"])
    view.coverage(["boat", "sail"], view.held(["boat", "sail"], np.arange(3)))

    assert Counter(searched) == {"boat": len(index.segments), "sail": len(index.segments)}


def test_what_is_held_is_told_term_by_term():
    """Oracle: by eye. One row a distinct term, sorted; a forgotten chunk still holds what it held."""
    index = in_two_segments("boat sail", "harbour", "sail sail")
    index.remove([2])

    held = index.view().held(["sail", "boat", "sail", "absent"], np.array([2, 0, 1]))

    assert held.tolist() == [[False, False, False], [False, True, False], [True, True, False]]


def test_a_view_may_be_read_while_the_owner_writes():
    """Four readers compare the same view with itself during 4,000 additions."""
    index = index_of("boat sail", "boat")
    view = index.view()
    expected = view.scores(["boat"]).scores.tobytes()
    wrong = []
    done = threading.Event()

    def read():
        while not done.is_set():
            if replace(view, _found={}).scores(["boat"]).scores.tobytes() != expected:
                wrong.append(True)

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    for i in range(2, 4002):
        index.add(i, ["boat", f"w{i}"])
        if i % 500 == 0:
            index.flush()
            index.merge()
    done.set()
    for reader in readers:
        reader.join()

    assert not wrong


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
