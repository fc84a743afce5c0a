"""BM25 of one term: the formula, its limits, and the two twins bit for bit."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slm.geometry import bm25, bm25_kernels
from slm.geometry.bm25 import inverse_document_frequency

TWINS = [bm25.accumulate, bm25_kernels.accumulate]
K1, B = 0.9, 0.4


def scores(accumulate, ids, frequencies, lengths, weight=1.0, k1=K1, b=B, dtype=np.float64):
    out = np.zeros(len(lengths), dtype)
    lengths = np.asarray(lengths, np.int32)
    average = float(lengths.mean())
    accumulate(np.asarray(ids, np.int32), np.asarray(frequencies, np.uint16), weight, k1, b, lengths, average, out)
    return out


def oracle(ids, frequencies, lengths, weight, k1, b):
    average = sum(lengths) / len(lengths)
    out = [0.0] * len(lengths)
    for document, tf in zip(ids, frequencies, strict=True):
        out[document] += weight * (k1 + 1.0) * tf / (tf + (k1 * (1.0 - b) + k1 * b / average * lengths[document]))
    return out


@st.composite
def postings(draw):
    lengths = draw(st.lists(st.integers(1, 2**31 - 1), min_size=1, max_size=30))
    ids = sorted(draw(st.sets(st.integers(0, len(lengths) - 1))))
    frequencies = draw(st.lists(st.integers(1, 65535), min_size=len(ids), max_size=len(ids)))
    return ids, frequencies, lengths


@pytest.mark.parametrize("accumulate", TWINS)
def test_a_document_of_average_length_that_holds_the_term_once_scores_the_weight(accumulate):
    """Closed form: 1 (k1 + 1) / (1 + k1) = 1."""
    assert scores(accumulate, [1], [1], [7, 7, 7], weight=2.5).tolist() == [0.0, 2.5, 0.0]


@pytest.mark.parametrize("accumulate", TWINS)
def test_the_score_stays_below_k1_plus_one_weights_however_often_the_term_occurs(accumulate):
    """Limit of the formula for tf towards infinity: the mass a channel is normalised by."""
    score = scores(accumulate, [0], [65535], [1, 1], weight=3.0)[0]

    assert 3.0 * (K1 + 1) * 0.9999 < score < 3.0 * (K1 + 1)


@pytest.mark.parametrize("accumulate", TWINS)
def test_of_two_documents_that_hold_the_term_once_the_shorter_scores_higher(accumulate):
    """The meaning of b > 0."""
    short, long = scores(accumulate, [0, 1], [1, 1], [5, 50])

    assert short > long


@pytest.mark.parametrize("accumulate", TWINS)
def test_scores_are_added_to_what_is_there(accumulate):
    """Terms are accumulated one after the other into the same array."""
    out = np.array([1.0, 1.0])

    accumulate(np.array([1], np.int32), np.array([1], np.uint16), 0.5, K1, B, np.array([3, 3], np.int32), 3.0, out)

    assert out.tolist() == [1.0, 1.5]


@given(postings(), st.floats(0.01, 20), st.floats(0.1, 3), st.floats(0, 1))
@settings(max_examples=150, deadline=None)
def test_numpy_and_compiled_give_the_bits_of_a_plain_python_loop(postings, weight, k1, b):
    """Oracle: the formula in Python floats, one operation after the other."""
    ids, frequencies, lengths = postings
    expected = np.array(oracle(ids, frequencies, lengths, weight, k1, b))

    for accumulate in TWINS:
        assert scores(accumulate, ids, frequencies, lengths, weight, k1, b).tobytes() == expected.tobytes()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("width", [np.uint8, np.uint16])
def test_twins_agree_for_every_supported_type(dtype, width):
    """Both widths of frequencies, both widths of scores, 500 random postings: equal bytes."""
    random = np.random.default_rng(3)
    ids = np.flatnonzero(random.random(1000) < 0.5).astype(np.int32)
    frequencies = random.integers(1, 200, len(ids)).astype(width)
    lengths = random.integers(1, 90, 1000).astype(np.int32)
    results = []
    for accumulate in TWINS:
        out = np.ones(1000, dtype)
        accumulate(ids, frequencies, 1.7, K1, B, lengths, float(lengths.mean()), out)
        results.append(out.tobytes())

    assert results[0] == results[1]


@pytest.mark.parametrize("accumulate", TWINS)
def test_postings_may_be_read_only(accumulate):
    """They are views of files mapped for reading."""
    arrays = [np.array([0], np.int32), np.array([2], np.uint16), np.array([4], np.int32)]
    for array in arrays:
        array.flags.writeable = False
    out = np.zeros(1)

    accumulate(arrays[0], arrays[1], 1.0, K1, B, arrays[2], 4.0, out)

    assert out[0] == pytest.approx(2 * 1.9 / 2.9)


def test_compiled_kernel_has_its_four_signatures_and_makes_no_more():
    """A call with mapped arrays must not compile on a user's time."""
    before = len(bm25_kernels.accumulate.signatures)
    scores(bm25_kernels.accumulate, [0], [1], [1])

    assert before == len(bm25_kernels.accumulate.signatures) == 4


@given(st.floats(0, 1e7), st.floats(0, 1))
def test_idf_is_positive_and_falls_as_more_documents_hold_the_term(n_documents, share):
    """Property of this form of idf: never negative, not even for a term of every document."""
    df = n_documents * share

    assert inverse_document_frequency(n_documents, df) > 0
    assert inverse_document_frequency(n_documents, df) >= inverse_document_frequency(n_documents, n_documents)


def test_idf_of_a_term_in_one_of_three_documents():
    """Closed form: ln(1 + 2.5 / 1.5)."""
    assert inverse_document_frequency(3, 1) == math.log(1 + 2.5 / 1.5)
