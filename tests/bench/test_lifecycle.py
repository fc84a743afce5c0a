"""``slm bench lifecycle``: what a moment holds, what a figure means, and the table."""

from __future__ import annotations

import numpy as np
import pytest

from slm.bench import lifecycle
from slm.bench.app import run as run_command
from slm.bench.lifecycle import RULES, calibration, chance, figures_of, moment_of, moments, own_history, states_of
from slm.bench.traces import bursty, trace_of
from slm.errors import InvalidInput
from slm.lifecycle.events import remembered, used
from slm.lifecycle.need import chance_of_need, scaled_idle_of
from slm.lifecycle.state import Origin, array_of

USES = [("a", 0), ("a", 0), ("b", 5), ("a", 40), ("c", 60), ("b", 69), ("d", 70), ("c", 71), ("a", 101)]


@pytest.fixture
def trace():
    """Four memories over 101 days."""
    return trace_of("made", USES)


def test_a_moment_knows_the_past_and_what_is_needed_next(trace) -> None:
    """By hand for day 70: a was used three times, c is needed the day after, a only after 31 days."""
    moment = moment_of(trace, 70)

    assert moment.created.tolist() == [0, 5, 60, 70]
    assert moment.idle.tolist() == [30, 1, 10, 0]
    assert moment.n_uses.tolist() == [3, 2, 1, 1]
    assert moment.needed.tolist() == [False, False, True, False]
    assert moment.discounted[0] == pytest.approx((1 + np.log(2)) * np.exp(-70 / 365) + np.exp(-30 / 365))


def test_what_lies_ahead_changes_no_score(trace) -> None:
    """No rule looks into the future: cutting it off leaves every score."""
    cut = trace_of("cut", [use for use in USES if use[1] <= 70])

    for rule in RULES.values():
        assert rule(moment_of(trace, 70)).tolist() == rule(moment_of(cut, 70)).tolist()


def test_moments_leave_thirty_days_to_look_ahead(trace) -> None:
    """From a quarter of the span, every fifteenth day."""
    assert [moment.day for moment in moments(trace)] == [25, 40, 55, 70]


def test_a_trace_of_less_than_two_months_is_refused() -> None:
    """And told what might be done."""
    with pytest.raises(InvalidInput, match="59 days") as told:
        moments(trace_of("short", [("a", 0), ("a", 59)]))
    assert "--commit-is-day" in (told.value.hint or "")


def test_the_benchmark_scores_what_the_product_computes(trace) -> None:
    """Oracle: the events of the product, one after the other; the counter is whole, so to a millionth."""
    moment, origin = moment_of(trace, 70), Origin(70, 1)
    states = {}
    for name, day in [use for use in USES if use[1] <= 70]:
        states[name] = used(origin, states[name], day) if name in states else remembered(origin, day)

    expected = chance_of_need(scaled_idle_of(origin, array_of(states[name] for name in "abcd"), 70))

    np.testing.assert_allclose(chance(moment), expected, rtol=3e-6)
    np.testing.assert_allclose(chance_of_need(scaled_idle_of(origin, states_of(moment), 70)), expected, rtol=3e-6)


def test_rules_order_as_their_names_say(trace) -> None:
    """LRU by the last use, LFU by the number, FIFO by the first; Ebbinghaus by idle days a use."""
    moment = moment_of(trace, 70)
    orders = {name: np.argsort(-rule(moment), kind="stable").tolist() for name, rule in RULES.items()}

    assert orders["LRU"] == [3, 1, 2, 0]
    assert orders["LFU"] == [0, 1, 2, 3]
    assert orders["FIFO"] == [3, 2, 1, 0]
    assert orders["Ebbinghaus, e^(−idle / uses)"] == [3, 1, 0, 2]
    assert RULES["ACT-R, d = 1"](moment)[3] == 1.0
    assert RULES["half-life of 90 days"](moment)[2] == pytest.approx(2 ** (-10 / 90))


def test_a_rule_that_knows_the_future_hits_everything_and_its_opposite_nothing() -> None:
    """The ends of both scales, where the needed fit into the budget."""
    asked = [m for m in moments(bursty(1, 200)) if 0 < m.needed.mean() < 0.2]
    best = figures_of(lambda m: m.needed.astype(np.float64), asked, seed=0)
    worst = figures_of(lambda m: -m.needed.astype(np.float64), asked, seed=0)

    assert best == {"hit_rate": 1.0, "auc": 1.0}
    assert worst == {"hit_rate": 0.0, "auc": 0.0}


def test_a_rule_that_knows_nothing_hits_its_budget() -> None:
    """A fifth of the memories holds a fifth of the needs; ties fall at random, AUC is one half."""
    found = figures_of(lambda m: np.zeros(len(m.last)), moments(bursty(1, 500)), seed=3)

    assert found["hit_rate"] == pytest.approx(0.2, abs=0.06)
    assert found["auc"] == pytest.approx(0.5, abs=0.06)


def test_calibration_averages_over_all_memories() -> None:
    """Sums are kept: the bins together have the mean of all, and predictions fall from bin to bin."""
    asked = moments(bursty(1, 200))
    bins = calibration(asked)

    total = sum(row["memories"] for row in bins)
    observed = sum(row["observed"] * row["memories"] for row in bins) / total
    assert observed == pytest.approx(np.concatenate([m.needed for m in asked]).mean())
    assert [row["predicted"] for row in bins] == sorted((row["predicted"] for row in bins), reverse=True)


def test_the_fit_sees_nothing_of_what_it_is_judged_by(trace, monkeypatch) -> None:
    """Every moment it learns from has its 30 days before the first it is judged on."""
    asked, seen = moments(bursty(1, 100)), []
    features = lifecycle._features
    monkeypatch.setattr(lifecycle, "_features", lambda part: seen.append([m.day for m in part]) or features(part))

    assert own_history(asked)
    assert max(seen[0]) + 30 < min(seen[1])
    assert own_history(moments(trace)[:2]) is None


def test_the_command_prints_every_rule_and_the_map(monkeypatch, capsys) -> None:
    """From the command line to the table, over a small trace and a small map."""
    monkeypatch.setattr(lifecycle, "bursty", lambda seed: bursty(seed, 60))
    monkeypatch.setattr(lifecycle.run, "__kwdefaults__", {**lifecycle.run.__kwdefaults__, "n": 500})

    assert run_command(["lifecycle"]) == 0

    printed = capsys.readouterr().out
    for name in (*RULES, "bursty, seed 7: 60 memories", "predicted", "map ms", "log loss held out"):
        assert name in printed
