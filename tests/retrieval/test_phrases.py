"""The phrases channel: exact to the bit, and a fair guess at what it would say of other chunks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from slm.geometry.backend import NUMPY
from slm.geometry.late_interaction import query_levels
from slm.retrieval.phrases import PhrasesChannel, estimated, token_shares

quick = settings(max_examples=60, deadline=None)
NUMBERS = st.floats(-2, 2, width=32)
NO_IDF = {}


@st.composite
def stores(draw):
    """Token codes and ends of some chunks, a question's states and shares."""
    n_bytes = draw(st.sampled_from([1, 2, 6]))
    sizes = draw(st.lists(st.integers(1, 4), min_size=1, max_size=7))
    tokens = draw(hnp.arrays(np.uint8, (sum(sizes), n_bytes)))
    states = draw(hnp.arrays(np.float32, (draw(st.integers(1, 4)), 8 * n_bytes), elements=NUMBERS))
    shares = draw(hnp.arrays(np.float64, len(states), elements=st.floats(0, 1)))
    return tokens, np.cumsum(sizes).astype(np.uint64), states, shares


def by_brute_force(tokens, ends, states, shares) -> list[float]:
    """Oracle: for each chunk and token of the question the best whole sum over ±1, weighted in reading order."""
    levels, to_cosine = query_levels(states)
    signs = np.where(np.unpackbits(tokens, axis=1), 1, -1).tolist()
    scores = []
    for start, end in zip([0, *ends[:-1].tolist()], ends.tolist(), strict=True):
        total = 0.0
        for level, cosine, share in zip(levels.tolist(), to_cosine.tolist(), shares.tolist(), strict=True):
            best = max(sum(x * s for x, s in zip(level, signs[row], strict=True)) for row in range(start, end))
            total += share * cosine * best
        scores.append(total)
    return scores


@quick
@given(stores(), st.randoms(use_true_random=False))
def test_scores_are_those_of_brute_force_to_the_bit_in_any_order_of_chunks(store, random) -> None:
    """Oracle: naive loops. Exact sums make the bits independent of which chunks are asked for together."""
    tokens, ends, states, shares = store
    asked = random.choices(range(len(ends)), k=random.randint(1, 2 * len(ends)))
    expected = by_brute_force(*store)

    found = PhrasesChannel(tokens, ends, NUMPY).exact(states, shares, np.array(asked))

    assert found.tolist() == [expected[chunk] for chunk in asked]


@quick
@given(stores())
def test_a_part_of_the_chunks_scores_as_among_all(store) -> None:
    """A chunk's score is its own, whoever stands beside it."""
    tokens, ends, states, shares = store
    channel = PhrasesChannel(tokens, ends, NUMPY)
    together = channel.exact(states, shares, np.arange(len(ends)))

    alone = [channel.exact(states, shares, np.array([chunk]))[0] for chunk in range(len(ends))]

    assert alone == together.tolist()


@quick
@given(stores())
def test_scores_stay_within_their_bound(store) -> None:
    """|q|₁ <= √d |q|₂, so a cosine from signs is at most 1/√(2/π); shares that sum to 1 keep it."""
    tokens, ends, states, shares = store
    shares = (shares + 1e-6) / (shares + 1e-6).sum()

    found = PhrasesChannel(tokens, ends, NUMPY).exact(states, shares, np.arange(len(ends)))

    assert np.abs(found).max() <= 1.26


@pytest.mark.parametrize("dtype", [np.int64, np.int32, np.uint32, np.uint64])
def test_chunks_may_be_numbered_in_any_integer(dtype) -> None:
    """The first chunk starts at 0, for unsigned numbers too."""
    rng = np.random.default_rng(2)
    tokens, ends = rng.integers(0, 256, (6, 2), np.uint8), np.array([2, 3, 6], np.uint64)
    states, shares = rng.normal(size=(2, 16)).astype(np.float32), np.array([0.25, 0.75])

    found = PhrasesChannel(tokens, ends, NUMPY).exact(states, shares, np.array([0, 2, 1], dtype))

    expected = by_brute_force(tokens, ends, states, shares)
    assert found.tolist() == [expected[0], expected[2], expected[1]]


def test_a_question_without_tokens_scores_nothing() -> None:
    """Specification: zeros."""
    channel = PhrasesChannel(np.zeros((2, 2), np.uint8), np.array([1, 2], np.uint64), NUMPY)

    assert channel.exact(np.zeros((0, 16), np.float32), np.zeros(0), np.arange(2)).tolist() == [0.0, 0.0]


def test_no_chunks_score_nothing() -> None:
    """An empty store, and a question that no chunk came near."""
    empty = PhrasesChannel(np.zeros((0, 2), np.uint8), np.zeros(0, np.uint64), NUMPY)

    assert empty.exact(np.ones((1, 16), np.float32), np.ones(1), np.zeros(0, np.int64)).tolist() == []


def test_a_chunk_that_repeats_the_question_comes_first() -> None:
    """Its tokens have the signs of the question's."""
    rng = np.random.default_rng(3)
    states = rng.normal(size=(4, 64)).astype(np.float32)
    other = rng.normal(size=(8, 64))
    tokens = np.packbits(np.concatenate([other[:4], states, other[4:]]) > 0, axis=1)
    channel = PhrasesChannel(tokens, np.array([4, 8, 12], np.uint64), NUMPY)

    found = channel.exact(states, np.full(4, 0.25), np.arange(3))

    assert found.argmax() == 1
    assert found[1] == pytest.approx(1.0, abs=0.05)


# --- an estimate for the others


@quick
@example(3, 2)
@given(st.integers(3, 40), st.integers(0, 2**32 - 1))
def test_the_estimate_is_least_squares(n, seed) -> None:
    """Oracle: numpy.linalg.lstsq. Of squares and the 1e-9 |b|² that keep it solvable, no solution leaves less."""
    rng = np.random.default_rng(seed)
    meaning, words, known = rng.normal(size=(3, n))
    design = np.stack([np.ones(n), meaning, words], axis=1)
    oracle, *_ = np.linalg.lstsq(design, known, rcond=None)

    def left(b) -> float:
        return np.square(design @ b - known).sum() + 1e-9 * np.square(b).sum()

    assert left(np.array(estimated(known, meaning, words))) <= left(oracle) * (1 + 1e-6) + 1e-9


def test_a_plane_is_recovered() -> None:
    """Three unknowns, exact data."""
    meaning, words = np.random.default_rng(4).uniform(size=(2, 50))

    assert estimated(0.3 + 0.5 * meaning - 0.2 * words, meaning, words) == pytest.approx((0.3, 0.5, -0.2), abs=1e-6)


@pytest.mark.parametrize(("known", "constant"), [([], 0.0), ([0.4], 0.4), ([0.4, 0.8], 0.6)])
def test_fewer_than_three_chunks_give_their_mean(known, constant) -> None:
    """Three unknowns need three observations."""
    known = np.array(known)

    assert estimated(known, known, known) == pytest.approx((constant, 0.0, 0.0))


def test_chunks_that_are_all_alike_give_what_they_say() -> None:
    """A singular design (no word of the question occurs anywhere, one meaning) still has an answer."""
    constant, per_meaning, per_word = estimated(np.full(9, 0.7), np.full(9, 0.5), np.zeros(9))

    assert constant + 0.5 * per_meaning == pytest.approx(0.7, abs=1e-6)
    assert per_word == 0.0


# --- shares of a question's tokens


def test_pieces_share_the_idf_of_their_word() -> None:
    """Word pieces that go on are part of the word before; its idf is looked up whole."""
    shares = token_shares(["port", "zan", "##zi", "##bar"], {"port": 1.0, "zanzibar": 3.0}.__getitem__)

    assert shares.tolist() == [0.1, 0.3, 0.3, 0.3]


def test_words_without_idf_share_alike() -> None:
    """A question of unknown or common words alone is still compared."""
    assert token_shares(["so", "be", "it", "##s"], lambda word: 0.0).tolist() == [0.25] * 4


def test_a_question_that_begins_inside_a_word_is_read() -> None:
    """Its first word may have been dropped; the mark then belongs to nothing."""
    assert token_shares(["##ing", "port"], {"ing": 1.0, "port": 3.0}.__getitem__).tolist() == [0.25, 0.75]


def test_no_pieces_have_no_shares() -> None:
    """An empty question."""
    assert token_shares([], NO_IDF.__getitem__).tolist() == []


@quick
@given(st.lists(st.tuples(st.sampled_from(["a", "##b", "c", "##d"]), st.floats(0, 12)), min_size=1, max_size=12))
def test_shares_are_a_distribution(pieces) -> None:
    """Shares of a whole: not negative, sum 1."""
    idf = {len(piece): weight for piece, weight in pieces}

    shares = token_shares([piece for piece, _ in pieces], lambda word: idf.get(len(word), 0.5))

    assert (shares >= 0).all()
    assert shares.sum() == pytest.approx(1.0)
