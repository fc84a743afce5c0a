"""The two sets of natural memory sets that were written before the rules; b was scored, never developed on."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from slm.bench.audit_sets import read_sets, run

HERE = Path(__file__).parent
FROZEN = "79a50246ed902bfb9a6e31d50db34bd9870392fc6952ba220b64e0cdffddff76"


@pytest.mark.parametrize("name", ["natural_a.jsonl", "natural_b.jsonl"])
def test_natural_sets_meet_the_bars(name):
    """Design page: precision .95 and recall .60 on natural sets."""
    row = run(HERE / name)["rows"]["claim sheaf"]

    assert row["precision"] >= 0.95
    assert row["recall"] >= 0.60


@pytest.mark.parametrize("name", ["natural_a.jsonl", "natural_b.jsonl"])
def test_chains_are_found_by_the_sheaf_and_not_by_pairs(name):
    """Theorem: an explanation of three claims is no conflict of any two of them."""
    rows = run(HERE / name)["rows"]

    sheaf, pairs = (
        rows[row]["of three or more"]["found"][0] for row in ("claim sheaf", "pairwise (subject, attribute)")
    )
    assert sheaf > pairs


def test_the_frozen_set_is_as_it_was_written():
    """Set b is worth something only while nobody changes it."""
    assert hashlib.sha256((HERE / "natural_b.jsonl").read_bytes()).hexdigest() == FROZEN


@pytest.mark.parametrize("name", ["natural_a.jsonl", "natural_b.jsonl"])
def test_the_sets_hold_every_label_and_style(name):
    """At least 60 sets each, with hard negatives, supersessions and chains."""
    sets = read_sets(HERE / name)

    assert len(sets) >= 60
    assert {s.label for s in sets} == {"contradiction", "consistent", "supersession"}
    assert sum(s.label == "contradiction" and len(s.memories) > 2 for s in sets) >= 5
