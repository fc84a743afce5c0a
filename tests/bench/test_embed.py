"""The benchmark of the embedder, at a size that takes little time."""

from __future__ import annotations

import mmap
import sys

import pytest

from slm.bench.embed import LENGTHS, interleaved, mixed, of_length, private_bytes, run, table
from slm.embed.onnx import Embedder


@pytest.fixture(scope="module")
def result():
    return run(n_texts=6, rounds=1)


def test_every_way_of_batching_and_every_length_is_measured(result):
    """A figure without its baselines is no figure."""
    assert set(result["texts_a_second"]) == {"as slm does", "one text a run", "32 a run, unsorted"}
    assert set(result["query_ms"]) == {"12", "20", "128"}
    assert all(rate > 0 for rate in result["texts_a_second"].values())
    assert result["tokens"] > 6 * 12


def test_the_result_says_what_is_needed_to_repeat_it(result):
    """Model, size, threads, seed."""
    assert len(result["model"]["sha256"]) == 64
    assert (result["n_texts"], result["rounds"], result["threads"], result["seed"]) == (6, 1, 1, 7)


def test_the_table_has_a_line_a_figure(result):
    """And says what was measured on top."""
    lines = table(result).splitlines()

    assert lines[0].startswith("all-MiniLM-L6-v2, 1 thread(s), 6 texts")
    assert [line.split()[0] for line in lines[2:8]] == ["as", "one", "32", "query", "query", "query"]


def test_queries_have_exactly_the_tokens_that_are_claimed():
    """Oracle: the tokenizer, [CLS] and [SEP] counted."""
    embedder = Embedder.load("bundled", threads=1)

    assert [embedder.count(of_length(embedder, n, seed=7)) + 2 for n in LENGTHS] == list(LENGTHS)


def test_the_same_seed_gives_the_same_texts():
    """Repeatable without a file of data."""
    assert mixed(20, seed=3) == mixed(20, seed=3) != mixed(20, seed=4)
    assert len(mixed(20, seed=3)) == 20


def test_works_take_turns_and_the_first_round_is_left_out():
    """Oracle: the order of the calls."""
    calls: list[str] = []
    times = interleaved({"a": lambda: calls.append("a"), "b": lambda: calls.append("b")}, rounds=2)

    assert calls == ["a", "b"] * 3
    assert set(times) == {"a", "b"}


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells")
def test_private_memory_grows_with_what_is_allocated():
    """Sixty-four megabytes that are written to."""
    before = private_bytes()
    with mmap.mmap(-1, 64 << 20, flags=mmap.MAP_PRIVATE) as held:
        held.write(b"\1" * len(held))
        grown = private_bytes() - before

    assert grown > 32 << 20
