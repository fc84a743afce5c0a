"""Philox2x32-10: the known answers of its authors, an oracle in whole numbers, and what a bijection must do."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slm.geometry.philox import philox2x32

WORDS = st.integers(0, 2**32 - 1)

KNOWN = [
    ((0x00000000, 0x00000000), 0x00000000, (0xFF1DAE59, 0x6CD10DF2)),
    ((0xFFFFFFFF, 0xFFFFFFFF), 0xFFFFFFFF, (0x2C3F628B, 0xAB4FD7AD)),
    ((0x243F6A88, 0x85A308D3), 0x13198A2E, (0xDD7CE038, 0xF62A4C12)),
]


def drawn(first, second, key) -> tuple[int, int]:
    """One draw as whole numbers."""
    words = philox2x32(np.array([first], np.uint64), np.array([second], np.uint64), key)
    return int(words[0][0]), int(words[1][0])


def oracle(first, second, key) -> tuple[int, int]:
    """The round function of the paper, in Python's unbounded integers."""
    for _ in range(10):
        high, low = divmod(0xD256D193 * first, 2**32)
        first, second = high ^ key ^ second, low
        key = (key + 0x9E3779B9) % 2**32
    return first, second


@pytest.mark.parametrize(("counter", "key", "answer"), KNOWN)
def test_known_answers_of_the_authors(counter, key, answer) -> None:
    """Specification: the philox2x32 10 lines of Random123's kat_vectors."""
    assert drawn(*counter, key) == answer


@given(WORDS, WORDS, WORDS)
def test_any_counter_gives_what_the_paper_says(first, second, key) -> None:
    """Oracle: whole numbers without a width."""
    assert drawn(first, second, key) == oracle(first, second, key)


def test_no_two_counters_share_their_words() -> None:
    """Theorem: for a fixed key the rounds are invertible, so different counters have different words."""
    first, second = (grid.ravel().astype(np.uint64) for grid in np.meshgrid(np.arange(300), np.arange(300)))
    words = philox2x32(first, second, 5)

    assert len(np.unique((words[0] << np.uint64(32)) | words[1])) == 90_000


def test_half_of_the_bits_change_with_one_bit_of_counter_or_key() -> None:
    """Avalanche: 32 of 64 bits on average over 4,000 draws; limit four standard errors of the mean, 4 · 4 / √4000."""
    generator = np.random.default_rng(3)
    first, second = generator.integers(0, 2**32, (2, 4000)).astype(np.uint64)
    before = philox2x32(first, second, 99)

    for after in (philox2x32(first ^ np.uint64(1), second, 99), philox2x32(first, second, 98)):
        changed = sum(np.bitwise_count(a ^ b) for a, b in zip(before, after, strict=True))
        assert abs(float(changed.mean()) - 32) < 0.26
