"""The semantic channel: codes, epochs, screen and exact terms, growth, threads, the cosine beside it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from slm.geometry.backend import NUMPY, compiled
from slm.geometry.fisher_rao import squared_distance
from slm.geometry.normal import DiagonalNormal, PooledMoments
from slm.geometry.top_k import top_k
from slm.retrieval import semantic
from slm.retrieval.semantic import UNRELATED, Epoch, SemanticChannel, quantise, similarity_of_chord

quick = settings(max_examples=60, deadline=None)
DIMS = 96


def unit_rows(n, d=DIMS, seed=0, n_topics=12) -> np.ndarray:
    """Unit vectors as float16, in loose topics as texts are."""
    generator = np.random.default_rng(seed)
    topics = generator.normal(size=(n_topics, d))
    rows = topics[generator.integers(n_topics, size=n)] + generator.normal(size=(n, d))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float16)


def epoch_of(rows, constant=()) -> Epoch:
    """The epoch published over ``rows``."""
    return Epoch.publish(1, PooledMoments.zero(rows.shape[1]).add(rows), constant)


def channel_of(rows, epoch=None, kernels=NUMPY, **options) -> SemanticChannel:
    """A channel over ``rows`` under their own epoch."""
    return SemanticChannel(epoch or epoch_of(rows), kernels, *quantise(rows), rows, **options)


def queries(n, seed=100) -> np.ndarray:
    """float32 unit vectors from the topics of the rows."""
    return unit_rows(n, seed=seed).astype(np.float32)


@pytest.fixture(scope="module")
def rows() -> np.ndarray:
    """A thousand chunks."""
    return unit_rows(1000)


# codes


@quick
@given(hnp.arrays(np.float16, st.tuples(st.integers(0, 6), st.integers(1, 9)), elements=st.floats(-1, 1, width=16)))
def test_a_code_is_at_most_half_a_step_off(rows) -> None:
    """Specification: row ≈ code × scale, codes within ±127."""
    codes, scales = quantise(rows)
    wide = rows.astype(np.float64)

    assert codes.dtype == np.int8
    assert scales.dtype == np.float32
    assert np.abs(codes.astype(int)).max(initial=0) <= 127
    assert np.all(np.abs(codes * scales[:, None].astype(np.float64) - wide) <= 0.50001 * scales[:, None])


def test_the_largest_entry_of_a_row_takes_the_largest_code() -> None:
    """Specification: every row uses the whole range."""
    codes, _ = quantise(unit_rows(50))

    assert np.abs(codes.astype(int)).max(axis=1).tolist() == [127] * 50


def test_a_row_of_zeros_has_codes_and_scale_of_zero() -> None:
    """Edge: nothing to scale by."""
    codes, scales = quantise(np.zeros((2, 3), np.float16))

    assert not codes.any()
    assert not scales.any()


def test_a_row_is_quantised_alike_in_any_company() -> None:
    """Determinism: a store filled at once and one filled row by row hold the same codes."""
    rows = unit_rows(20)
    together = quantise(rows)

    for i in range(20):
        alone = quantise(rows[i : i + 1])
        assert np.array_equal(alone[0][0], together[0][i])
        assert alone[1][0] == together[1][i]


def test_half_rows_and_their_float32_copies_have_the_same_codes() -> None:
    """Healing a scan file from float16 rows must give the codes that were written."""
    rows = unit_rows(20)

    assert np.array_equal(quantise(rows)[0], quantise(rows.astype(np.float32))[0])


# epochs


def test_an_epoch_masks_what_it_is_told_and_what_it_sees() -> None:
    """Specification: constant coordinates of the embedder, and those that the data show."""
    rows = unit_rows(200, 8)
    rows[:, 5] = 0

    epoch = epoch_of(rows, constant=(2,))

    assert epoch.constant == (2, 5)
    assert epoch.n_active == 6
    assert np.isinf(epoch.std[[2, 5]]).all()
    np.testing.assert_allclose(epoch.std[[0, 1, 3]] ** 2, epoch.variance[[0, 1, 3]])


def test_an_epoch_of_an_empty_store_is_the_prior() -> None:
    """Specification: 1/d everywhere, nothing masked, usable at once."""
    epoch = Epoch.publish(0, PooledMoments.zero(DIMS))

    assert epoch.n_active == DIMS
    np.testing.assert_allclose(epoch.std**2, 1 / DIMS)


def test_an_epoch_is_outgrown_by_a_quarter() -> None:
    """Specification: republished only on 25 % growth."""
    epoch = epoch_of(unit_rows(100))

    assert not epoch.outgrown(100)
    assert not epoch.outgrown(125)
    assert epoch.outgrown(126)
    assert Epoch.publish(0, PooledMoments.zero(4)).outgrown(1)


@quick
@given(st.integers(0, 2**40), st.integers(0, 2**40), st.lists(st.integers(0, 5), unique=True, max_size=4))
def test_an_epoch_survives_its_bytes(number, count, constant) -> None:
    """Round trip, to the bit."""
    variance = np.random.default_rng(count).random(6)
    epoch = Epoch(number, count, variance, tuple(constant))
    back = Epoch.from_bytes(epoch.to_bytes())

    assert (back.number, back.count, back.constant) == (number, count, tuple(constant))
    assert back.variance.tobytes() == variance.tobytes()


@pytest.mark.parametrize("change", [-1, 1, -40])
def test_bytes_of_another_length_are_no_epoch(change) -> None:
    """Specification: ValueError."""
    data = epoch_of(unit_rows(3, 4)).to_bytes() + b"\0"

    with pytest.raises(ValueError, match="bytes"):
        Epoch.from_bytes(data[: len(data) - 1 + change])


def test_scores_do_not_move_between_epochs(rows) -> None:
    """Specification: a store that grows under one epoch keeps the scores of what it had, bit for bit."""
    small, (query,) = channel_of(rows[:500]), queries(1)
    grown = channel_of(rows, small.epoch)

    assert np.array_equal(grown.screen(query)[:500], small.screen(query))
    assert np.array_equal(grown.exact(query, rows[:500]), small.exact(query, rows[:500]))


# exact terms


def test_the_similarity_is_the_formula(rows) -> None:
    """Oracle: 1 − d² / (1.6727 n) with the distance of two normals that share the pooled std."""
    channel, (query,) = channel_of(rows), queries(1)
    std = channel.epoch.std

    for row, similarity in zip(rows[:20], channel.exact(query, rows[:20]), strict=True):
        p, q = (DiagonalNormal(mean.astype(np.float64), std) for mean in (query, row))
        assert similarity == pytest.approx(1 - squared_distance(p, q) / (UNRELATED * DIMS), rel=1e-12)


def test_a_text_is_most_similar_to_itself(rows) -> None:
    """d = 0, similarity 1."""
    channel = channel_of(rows)

    assert channel.exact(rows[3].astype(np.float32), rows[3:4]).tolist() == [1.0]
    assert int(np.argmax(channel.screen(rows[3].astype(np.float32)))) == 3


def test_unrelated_texts_have_a_similarity_near_zero() -> None:
    """Two draws from the pooled normal: E d² = 1.6734 n by Gauss-Hermite quadrature, 1.6727 is what is divided by."""
    first, second = np.random.default_rng(1).normal(size=(2, 400, 300)) / np.sqrt(300)
    channel = channel_of(first.astype(np.float16), Epoch(0, 400, np.full(300, 1 / 300)))
    similarities = [channel.exact(query, first[i : i + 1])[0] for i, query in enumerate(second)]

    assert abs(np.mean(similarities)) < 0.01


def test_a_rows_similarity_has_the_same_bits_in_any_pool(rows) -> None:
    """Determinism: alone, in a pool, in another order."""
    channel, (query,) = channel_of(rows), queries(1)
    together = channel.exact(query, rows[:300])

    assert all(channel.exact(query, rows[i : i + 1])[0] == together[i] for i in range(0, 300, 7))
    assert np.array_equal(channel.exact(query, rows[:300][::-1]), together[::-1])


def test_masked_coordinates_do_not_count(rows) -> None:
    """Oracle: the channel without them."""
    masked = (0, 7, DIMS - 1)
    kept = [i for i in range(DIMS) if i not in masked]
    epoch = epoch_of(rows, masked)
    narrow = Epoch(1, epoch.count, epoch.variance[kept])
    query = queries(1)[0]

    expected = channel_of(np.ascontiguousarray(rows[:, kept]), narrow).exact(query[kept], rows[:, kept])
    np.testing.assert_allclose(channel_of(rows, epoch).exact(query, rows), expected, atol=1e-14)


def test_the_cosine_is_the_cosine(rows) -> None:
    """Oracle: dot product over norms; lengths don't matter."""
    channel, (query,) = channel_of(rows), queries(1)
    wide = rows.astype(np.float64)
    expected = wide @ query / np.linalg.norm(wide, axis=1) / np.linalg.norm(query.astype(np.float64))

    np.testing.assert_allclose(channel.cosine(query, rows), expected, rtol=1e-12)
    np.testing.assert_allclose(channel.cosine(3 * query, rows), expected, rtol=1e-6)


def test_the_cosine_with_a_row_of_zeros_is_zero(rows) -> None:
    """Edge: no direction, no similarity, no warning."""
    assert channel_of(rows).cosine(queries(1)[0], np.zeros((2, DIMS), np.float16)).tolist() == [0.0, 0.0]


# screen


def test_the_screen_stays_near_the_exact_similarity(rows) -> None:
    """The proxy has the scale of the exact term: it is added to other channels before the pool is chosen."""
    channel = channel_of(rows)
    for query in queries(10):
        error = channel.screen(query) - channel.exact(query, rows)

        assert abs(error.mean()) < 0.01
        assert error.std() < 0.03


def test_a_pool_of_the_screen_holds_the_true_best(rows) -> None:
    """Oracle: exact similarity of every row; pool of 256 in 1,000, recall@10 at least .999 by the bar."""
    channel = channel_of(rows)
    found = 0
    for query in queries(50):
        pool = set(top_k(channel.screen(query), 256).tolist())
        found += len(pool & set(top_k(channel.exact(query, rows), 10).tolist()))

    assert found >= 0.999 * 500


def test_the_similarity_falls_as_the_chord_grows() -> None:
    """A proxy keeps the order of the chords, however far."""
    chords = np.linspace(0, 3000, 20_000, dtype=np.float32)
    similarity_of_chord(chords, 100, NUMPY)

    assert chords[0] == 1.0
    assert np.all(np.diff(chords) <= 0)


def test_the_curve_of_the_screen_is_the_mean_over_normal_differences() -> None:
    """Oracle: E[2 arccosh²(1 + t z²)], z standard normal, by Gauss-Hermite quadrature."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(200)
    chords = np.linspace(0.01, 3, 100)
    squares = [(weights * 8 * np.arcsinh(np.sqrt(t / 2) * np.abs(nodes)) ** 2).sum() / weights.sum() for t in chords]
    similarities = chords.astype(np.float32)
    similarity_of_chord(similarities, 1, NUMPY)

    np.testing.assert_allclose(UNRELATED * (1 - similarities), squares, rtol=2e-3)


@pytest.mark.parametrize("metric", ["fisher_rao", "cosine"])
def test_both_backends_screen_alike_to_the_bit(rows, metric) -> None:
    """Same store and query, same answer, before and after the kernels are compiled."""
    plain = channel_of(rows, metric=metric)
    quickly = plain.with_kernels(compiled())

    for query in queries(5):
        assert np.array_equal(plain.screen(query), quickly.screen(query))
    assert (plain.kernels.name, quickly.kernels.name) == ("numpy", "compiled")


def test_threads_and_blocks_do_not_change_a_bit(rows, monkeypatch) -> None:
    """Same answer on one or two threads, whatever the blocks."""
    (query,) = queries(1)
    expected = channel_of(rows).screen(query)
    monkeypatch.setattr(semantic, "ROWS_A_BLOCK", 64)
    monkeypatch.setattr(semantic, "ROWS_WORTH_A_THREAD", 10)

    for threads in (1, 2, 3):
        assert np.array_equal(channel_of(rows, threads=threads).screen(query), expected)


def test_the_cosine_can_be_screened_and_taken_for_the_exact_term(rows) -> None:
    """Specification: metric = "cosine" for comparison; codes cost it a few thousandths."""
    channel, (query,) = channel_of(rows, metric="cosine"), queries(1)

    assert np.array_equal(channel.exact(query, rows), channel.cosine(query, rows))
    np.testing.assert_allclose(channel.screen(query), channel.cosine(query, rows), atol=0.01)


def test_an_empty_store_can_be_searched() -> None:
    """Edge: no chunks, no scores."""
    channel = channel_of(np.zeros((0, DIMS), np.float16))

    assert channel.count == 0
    assert channel.screen(queries(1)[0]).shape == (0,)
    assert channel.exact(queries(1)[0], channel.rows(np.zeros(0, np.int64))).shape == (0,)


# growth


@pytest.mark.parametrize("metric", ["fisher_rao", "cosine"])
def test_a_grown_channel_is_the_channel_of_the_grown_store(rows, metric) -> None:
    """Oracle: a channel built over all rows at once; portions of every size."""
    epoch, (query,) = epoch_of(rows), queries(1)
    codes, scales = quantise(rows)
    channel = channel_of(rows[:1], epoch, metric=metric)
    for count in (1, 2, 3, 10, 11, 400, 1000):
        channel = channel.extended(codes[:count], scales[:count], rows[:count])
        whole = channel_of(rows[:count], epoch, metric=metric)

        assert channel.count == count
        assert np.array_equal(channel.screen(query), whole.screen(query))


def test_a_channel_that_was_extended_still_answers_as_before(rows) -> None:
    """Readers use immutable snapshots."""
    (query,) = queries(1)
    codes, scales = quantise(rows)
    before = channel_of(rows[:300])
    expected = before.screen(query)
    after = before.extended(codes, scales, rows)

    assert (before.count, after.count) == (300, 1000)
    assert np.array_equal(before.screen(query), expected)


def test_an_empty_channel_can_grow() -> None:
    """The first memory of a store."""
    rows = unit_rows(2)
    empty = channel_of(rows[:0], Epoch.publish(0, PooledMoments.zero(DIMS)))
    grown = empty.extended(*quantise(rows), rows)

    assert np.array_equal(grown.screen(queries(1)[0]), channel_of(rows, empty.epoch).screen(queries(1)[0]))


def test_rows_are_fetched_in_the_order_asked(rows) -> None:
    """Specification: a copy of the chunks' float16 rows."""
    fetched = channel_of(rows).rows(np.array([5, 2, 5]))

    assert fetched.dtype == np.float16
    assert np.array_equal(fetched, rows[[5, 2, 5]])


# errors


@pytest.mark.parametrize("bad", [np.zeros(DIMS - 1), np.zeros((1, DIMS)), np.full(DIMS, np.nan), np.full(DIMS, np.inf)])
@pytest.mark.parametrize("ask", ["screen", "exact", "cosine"])
def test_a_wrong_query_is_refused(rows, bad, ask) -> None:
    """Specification: ValueError for another width or numbers that aren't finite."""
    channel = channel_of(rows)

    with pytest.raises(ValueError, match="query"):
        getattr(channel, ask)(bad, *([] if ask == "screen" else [rows[:2]]))


def test_a_store_of_another_width_is_refused(rows) -> None:
    """Specification: ValueError when rows, codes and variance don't fit."""
    with pytest.raises(ValueError, match="variance"):
        channel_of(rows, Epoch.publish(0, PooledMoments.zero(DIMS + 1)))
    with pytest.raises(ValueError, match="rows"):
        SemanticChannel(epoch_of(rows), NUMPY, *quantise(rows), rows[:-1])
