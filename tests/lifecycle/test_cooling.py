"""Cooling times: Lambert's function, and that ℓ is at its edge when they say so."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slm.lifecycle.cooling import cooling_days, lambert_w
from slm.lifecycle.explain import days_until_phases
from slm.lifecycle.need import EDGES, Phase
from tests.lifecycle.histories import ORIGIN, history


@given(st.floats(1e-12, 1e12))
def test_lambert_w_solves_its_equation(x) -> None:
    """Definition: W e^W = x."""
    w = float(lambert_w(np.array([x]))[0])

    assert w * math.exp(w) == pytest.approx(x, rel=1e-13)


@given(st.floats(1e-6, 1e6))
def test_lambert_w_is_what_bisection_finds(x) -> None:
    """Oracle: halving an interval 200 times."""
    low, high = 0.0, 1.0 + math.log1p(x)
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if middle * math.exp(middle) < x else (low, middle)

    assert float(lambert_w(np.array([x]))[0]) == pytest.approx(low, rel=1e-12)


def test_lambert_w_at_known_places() -> None:
    """W(0) = 0, W(1) = Ω, W(e) = 1."""
    assert lambert_w(np.array([0.0, 1.0, math.e])) == pytest.approx([0.0, 0.5671432904097838, 1.0], rel=1e-15)


@given(st.sampled_from(EDGES), st.floats(0.05, 300), st.floats(0.2, 20.1))
def test_idle_for_the_cooling_time_a_memory_is_at_the_edge(edge, uses, lifetime) -> None:
    """The bar of the design: ℓ = (1 + D) e^(D/365) / (n e^b) meets the edge to 1e-9 of itself."""
    days = float(cooling_days(edge, np.array([uses]), np.array([lifetime]))[0])

    assert (1 + days) * math.exp(days / 365) / (uses * lifetime) == pytest.approx(edge, rel=1e-9)


USAGE = [
    ("once, neutral", {"days": [0]}, [7, 28, 127]),
    ("importance 0", {"days": [0], "importance": 0.0}, [1, 6, 36]),
    ("importance 1", {"days": [0], "importance": 1.0}, [32, 104, 329]),
    ("confirmed once", {"days": [0], "confirmations": 1}, [30, 99, 319]),
    ("confirmed three times", {"days": [0], "confirmations": 3}, [87, 230, 554]),
    ("one unresolved contradiction", {"days": [0], "contradictions": 1}, [2, 10, 56]),
    ("daily for 21 days", {"days": range(21)}, [117, 287, 640]),
    ("weekly for a year", {"days": range(0, 364, 7)}, [167, 371, 756]),
]


@pytest.mark.parametrize(("usage", "days"), [row[1:] for row in USAGE], ids=[row[0] for row in USAGE])
def test_usage_cools_as_the_table_says(usage, days) -> None:
    """The table of the design, in whole days."""
    state = history(**usage)

    until = days_until_phases(ORIGIN, state, state.last)

    assert [round(until[phase]) for phase in (Phase.WARM, Phase.COLD, Phase.ARCHIVED)] == days


def test_phases_that_are_entered_are_not_awaited() -> None:
    """After 30 days a memory used once is warm and cold; only the archive is to come."""
    until = days_until_phases(ORIGIN, history([0]), ORIGIN.first_day + 30)

    assert list(until) == [Phase.ARCHIVED]
    assert until[Phase.ARCHIVED] == pytest.approx(127 - 30, abs=0.5)
