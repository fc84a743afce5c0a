"""The inverted index through every pattern of adding, forgetting, flushing and merging, and its views meanwhile."""

import math
import threading
from collections import Counter
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from slm.geometry.backend import NUMPY
from slm.retrieval.lexical import GROWTH, LexicalIndex
from slm.retrieval.segment import Segment
from tests.retrieval.lexical_oracle import (
    COMPILED,
    VOCABULARY,
    Oracle,
    chunks,
    covered,
    in_two_segments,
    index_of,
    query,
    reopened,
)


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
