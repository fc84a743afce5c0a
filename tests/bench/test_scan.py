"""The scan benchmark: its recipe, its oracle, the form of its result. What it measures is not judged here."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from slm.bench import scan
from slm.geometry.backend import NUMPY
from slm.geometry.fisher_rao import squared_distances


def embeddings(n=260, d=48, seed=0) -> np.ndarray:
    """Unit vectors in place of a real corpus."""
    rows = np.random.default_rng(seed).normal(size=(n, d)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.fixture(scope="module")
def result() -> dict[str, Any]:
    """One small run."""
    return scan.run(embeddings(), [300, 1000], threads=1, seed=7)


def test_a_run_reports_every_size(result) -> None:
    """Specification of the result."""
    assert [row["n"] for row in result["sizes"]] == [300, 1000]
    for row in result["sizes"]:
        assert row["queries"] == 100
        assert 0 < row["fisher_rao_ms"]["min"] <= row["fisher_rao_ms"]["median"]
        assert 0 < row["cosine_ms"]["min"] <= row["cosine_ms"]["median"]
        assert row["ratio"]["min"] == row["fisher_rao_ms"]["min"] / row["cosine_ms"]["min"]
        assert row["bytes_a_row"] == {"fisher_rao": 48 + 8, "cosine": 4 * 48}
        assert row["peak_bytes"] > 10_000_000


def test_a_run_finds_the_true_ten_nearest(result) -> None:
    """A pool of 256 in 300 misses nothing."""
    assert result["sizes"][0]["recall"] >= 0.999


def test_a_run_says_what_it_was_run_on(result) -> None:
    """A claim carries processor, threads, seed and the data's sha256."""
    assert (result["threads"], result["seed"], result["real_rows"]) == (1, 7, 260)
    assert len(result["sha256"]) == 64
    assert result["processor"]


def test_a_run_shows_the_cost_of_twice_the_dimensions(result) -> None:
    """O(d) as a doubling run."""
    assert [row["d"] for row in result["doubling"]] == [96, 192, 384, 768]
    assert all(row["ns_a_row"] > 0 for row in result["doubling"])


def test_the_table_has_a_line_for_every_row(result) -> None:
    """Specification: two tables for people."""
    lines = scan.table(result).splitlines()

    assert sum(line.startswith(("| 300 |", "| 1000 |")) for line in lines) == 2
    assert sum(line.startswith(("| 96 |", "| 192 |", "| 384 |", "| 768 |")) for line in lines) == 4
    assert "seed 7" in lines[0]


def test_queries_are_held_apart_from_the_corpus() -> None:
    """A query that is in the corpus would find itself."""
    queries, others = scan.hold_queries_apart(embeddings())

    assert (len(queries), len(others)) == (100, 160)
    assert not {row.tobytes() for row in queries} & {row.tobytes() for row in others}


def test_a_small_corpus_gives_half_of_itself_as_queries() -> None:
    """Edge: fewer rows than queries."""
    queries, others = scan.hold_queries_apart(embeddings(10))

    assert (len(queries), len(others)) == (5, 5)


def test_the_extended_corpus_is_mixtures_of_the_real_one() -> None:
    """The recipe: real rows first, then unit vectors in the span of two of them."""
    real = embeddings(5, 30)
    rows = scan.extended(real, 40, seed=3).astype(np.float64)

    assert np.array_equal(rows[:5].astype(np.float16), real.astype(np.float16))
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=2e-3)
    for row in rows[5:]:
        mixture, *_ = np.linalg.lstsq(real.T.astype(np.float64), row, rcond=None)
        assert mixture.min() > -5e-3
        assert (mixture > 5e-3).sum() <= 2


def test_the_same_seed_gives_the_same_corpus() -> None:
    """A result can be measured again."""
    real = embeddings(9)

    assert np.array_equal(scan.extended(real, 50, 1), scan.extended(real, 50, 1))
    assert not np.array_equal(scan.extended(real, 50, 1), scan.extended(real, 50, 2))


def test_a_corpus_smaller_than_the_real_one_is_its_beginning() -> None:
    """Edge: nothing to mix."""
    real = embeddings(9)

    assert np.array_equal(scan.extended(real, 4, 1), real[:4].astype(np.float16))


def test_the_brute_force_is_a_brute_force(monkeypatch) -> None:
    """Oracle: float64 distances of all rows, sorted; a masked coordinate, blocks smaller than the corpus."""
    monkeypatch.setattr(scan, "ROWS_A_BLOCK", 64)
    real = embeddings(300)
    real[:, 4] = 0
    channel = scan.channel_of(real.astype(np.float16), NUMPY, threads=1)

    assert channel.epoch.constant == (4,)
    for query in embeddings(5, seed=9):
        distances = squared_distances(channel.vectors, query, channel.epoch.std)
        assert scan.true_top_10(channel, query).tolist() == np.argsort(distances, kind="stable")[:10].tolist()


def test_the_processor_has_a_name() -> None:
    """A figure without its processor says nothing."""
    assert scan.processor()
