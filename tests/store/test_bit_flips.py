"""Bits that flip on the disk: the store gives what was written or says that it is damaged, never another value."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from slm.store.store import Store
from tests.store.conftest import MAP_BYTES
from tests.store.samples import FINGERPRINT, fill

ROOT = Path(__file__).parents[2]
COUNT = 40


def flip(folder: Path, n_flips: int, seed: int) -> Counter[str]:
    """Outcomes of flips in a store of ``COUNT`` memories."""
    with Store.open(folder, FINGERPRINT, map_bytes=MAP_BYTES) as store:
        fill(store, COUNT, lived=True)
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "tests.store.flip_bits",
            folder,
            folder.with_name("work"),
            str(COUNT),
            str(n_flips),
            str(seed),
        ],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=True,
    )
    lines = done.stdout.splitlines()
    assert len(lines) == n_flips
    assert [line for line in lines if line.startswith("wrong")] == []
    return Counter(line.split()[0] for line in lines)


def test_a_flipped_bit_never_gives_another_value(folder):
    outcomes = flip(folder, 80, seed=3)

    assert outcomes["damaged"] > 0


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_thousands_of_flipped_bits_never_give_another_value(folder):
    outcomes = flip(folder, 5000, seed=5)

    assert outcomes["damaged"] > 1000
