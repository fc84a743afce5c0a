"""Words of the turns beside, against loops and by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slm.geometry.backend import NUMPY, compiled
from slm.retrieval.columns import DTYPES, Columns
from slm.retrieval.lexical import LexicalIndex
from slm.retrieval.nearby import words_nearby
from slm.retrieval.session_order import SessionOrder

ASKED = ["boat", "harbour"]
COMPILED = compiled()
texts = st.lists(st.sampled_from(["boat", "harbour", "sail"]), max_size=4)


class Talk:
    """One memory a list of chunks, in the sessions given, each with so many words."""

    def __init__(self, memories: list[list[list[str]]], session: list[int], n_words: list[int]) -> None:
        heads = np.zeros(len(memories), np.dtype(list(DTYPES.items())))
        sizes = [len(chunks) for chunks in memories]
        heads["n_chunks"], heads["first_chunk"] = sizes, np.cumsum([0, *sizes])[: len(sizes)]
        heads["session"], heads["n_words"], heads["observed_ns"] = session, n_words, np.arange(len(memories))
        self.memories = memories
        self.columns = Columns(heads)
        self.sessions = SessionOrder(heads["scope"], heads["session"], heads["observed_ns"])
        self.lexical = LexicalIndex(kernels=NUMPY)
        for i, terms in enumerate(terms for chunks in memories for terms in chunks):
            self.lexical.add(i, terms)

    def lacking(self, asked: list[str], eligible: list[bool] | None = None, at: list[int] | None = None) -> list[float]:
        mask = np.ones(len(self.memories), bool) if eligible is None else np.array(eligible, bool)
        places = np.arange(len(self.memories)) if at is None else np.array(at, np.int64)
        return words_nearby(self.lexical.view(), asked, places, mask, self.columns, self.sessions).tolist()

    def share(self, memory: int, term: str, asked: list[str]) -> float:
        """Of the ``words`` channel, from the scores of one term alone."""
        first = int(self.columns["first_chunk"][memory])
        scores = self.lexical.scores([term] * asked.count(term)).scores
        return float(max(scores[first : first + len(self.memories[memory])])) / self.lexical.scores(asked).mass


def test_a_reply_borrows_the_words_that_it_lacks_from_the_turn_before() -> None:
    """ "Twice, in May" answers what was asked about the boat; it gets just what the boat gave the question."""
    talk = Talk([[["boat"]], [["twice"]], [["sail"]]], [1, 1, 1], [5, 5, 5])

    boat = talk.share(0, "boat", ASKED)

    assert boat > 0
    assert talk.lacking(ASKED) == [0.0, pytest.approx(boat), 0.0]


def test_words_that_a_memory_has_itself_are_not_counted_again() -> None:
    """What neighbours share with the memory is in its own score already."""
    talk = Talk([[["boat"]], [["boat"]], [["harbour"]]], [1, 1, 1], [5, 5, 5])

    assert talk.lacking(ASKED) == [0.0, pytest.approx(talk.share(2, "harbour", ASKED)), talk.share(1, "boat", ASKED)]


def test_turns_on_both_sides_that_say_the_same_count_once() -> None:
    """The better of the two lends: a window has a word or hasn't."""
    talk = Talk([[["boat"]], [["twice"]], [["boat"]]], [1, 1, 1], [5, 5, 5])

    assert talk.lacking(ASKED)[1] == pytest.approx(talk.share(0, "boat", ASKED))


def test_long_memories_borrow_less() -> None:
    """min(1, 30 / words), as in the context of a session."""
    short, long = (Talk([[["boat"]], [["twice"]]], [1, 1], [5, n]).lacking(ASKED)[1] for n in (30, 60))

    assert long == pytest.approx(short / 2)


@pytest.mark.parametrize("session", [[1, 2], [0, 0]], ids=["two sessions", "no session"])
def test_only_turns_of_the_same_session_lend(session: list[int]) -> None:
    """A memory without a session has no neighbours."""
    assert Talk([[["boat"]], [["twice"]]], session, [5, 5]).lacking(ASKED) == [0.0, 0.0]


def test_memories_that_are_not_eligible_lend_nothing() -> None:
    """ARCHITECTURE.md: what is forgotten, private or of another scope can't move a score."""
    talk = Talk([[["boat"]], [["twice"]]], [1, 1], [5, 5])

    assert talk.lacking(ASKED, eligible=[False, True]) == [0.0, 0.0]


@pytest.mark.parametrize("asked", [[], ["absent"]], ids=["no terms", "a word nobody wrote"])
def test_a_question_without_known_words_borrows_nothing(asked: list[str]) -> None:
    """No mass, or nothing to lack."""
    assert Talk([[["boat"]], [["twice"]]], [1, 1], [5, 5]).lacking(asked) == [0.0, 0.0]


def test_no_candidates_lack_nothing() -> None:
    """Nothing eligible."""
    assert Talk([[["boat"]]], [1], [5]).lacking(ASKED, at=[]) == []


@given(
    st.lists(st.tuples(st.lists(texts, min_size=1, max_size=3), st.integers(0, 2)), min_size=1, max_size=8),
    st.lists(st.sampled_from(["boat", "harbour", "absent"]), max_size=4),
    st.data(),
)
def test_it_is_the_definition_computed_the_slow_way(
    memories: list[tuple[list[list[str]], int]], asked: list[str], data: st.DataObject
) -> None:
    """Σ_t max(0, best neighbour − own), a memory and a term at a time."""
    talk = Talk([chunks for chunks, _ in memories], [session for _, session in memories], [40] * len(memories))
    eligible = data.draw(st.lists(st.booleans(), min_size=len(memories), max_size=len(memories)))
    expected = []
    for i, (_, session) in enumerate(memories):
        turns = [j for j, (_, other) in enumerate(memories) if other == session and session] or [i]
        place = turns.index(i)
        near = [j for j in turns[max(0, place - 1) : place] + turns[place + 1 : place + 2] if eligible[j]]
        beyond = [
            max([talk.share(j, term, asked) for j in near], default=0.0) - talk.share(i, term, asked)
            for term in set(asked)
            if talk.lexical.scores(asked).mass
        ]
        expected.append(30 / 40 * sum(max(0.0, one) for one in beyond))

    assert talk.lacking(asked, eligible) == pytest.approx(expected, abs=1e-12)


@given(st.lists(texts, min_size=1, max_size=8), st.lists(st.sampled_from(["boat", "sail", "absent"]), max_size=4))
def test_shares_of_terms_add_up_to_the_score_on_both_backends(chunks: list[list[str]], asked: list[str]) -> None:
    """``scores / mass`` is their sum, for chunks in any order; numpy and numba give the same bits."""
    indexes = [LexicalIndex(kernels=kernels) for kernels in (NUMPY, COMPILED)]
    for index in indexes:
        for i, terms in enumerate(chunks):
            index.add(i, terms)
            if i == 1:
                index.flush()
    backwards = np.arange(len(chunks))[::-1]
    found, compiled_ones = (list(index.view().shares(asked, backwards)) for index in indexes)
    whole = indexes[0].scores(asked)

    assert [share.tobytes() for share in found] == [share.tobytes() for share in compiled_ones]
    assert len(found) == sum(any(term in terms for terms in chunks) for term in set(asked))
    assert sum(found, np.zeros(len(chunks))) * whole.mass == pytest.approx(whole.scores[::-1])
