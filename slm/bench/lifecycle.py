"""``slm bench lifecycle``: does the chance of need say what will be used, against other rules of forgetting?

On every fifteenth day of a trace, from a quarter of its span on, each rule orders the memories there are, and keeps the
best fifth. The hit rate is the share of the memories needed within the next 30 days that are among those kept; AUC the
chance that a needed memory stands before one that isn't. Ties are broken by a fixed random order. Rules see what lies
in the past only. Bias weights play no part: a trace has neither importance nor trust.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from slm.bench.own_history import Fit, fitted, log_loss
from slm.bench.traces import Trace, bursty, repository
from slm.errors import InvalidInput
from slm.geometry.backend import NUMPY, Noise, compiled
from slm.geometry.ornstein_uhlenbeck import Ids, Weeks
from slm.lifecycle.langevin import FACTORS, radii
from slm.lifecycle.need import HORIZON_DAYS, chance_of_need, scaled_idle
from slm.lifecycle.state import DTYPE, MEMORY_OF_A_USE_DAYS, STEPS_A_USE, Origin, States

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

BUDGET = 0.2
STEP_DAYS = 15
HALF_LIFE_DAYS = 90.0
N_BINS = 6
MAPPED = 1_000_000
AGES_DAYS = (30, 375, 3650)


class Moment(NamedTuple):
    """What is known on one ``day``: memories (n,), their uses so far, and which are ``needed`` within 30 days."""

    day: int
    created: Integers
    last: Integers
    n_uses: Integers
    memory: Integers
    use_day: Integers
    weight: Floats
    needed: npt.NDArray[np.bool_]

    @property
    def idle(self) -> Integers:
        """Days since the last use (n,)."""
        return self.day - self.last

    def summed(self, of_a_use: Floats) -> Floats:
        """The sum over the uses of each memory (n,) of weight times ``of_a_use`` (e,)."""
        return np.bincount(self.memory, self.weight * of_a_use, len(self.last)).astype(np.float64)

    @property
    def discounted(self) -> Floats:
        """Uses (n,) that fade with 365 days."""
        return self.summed(np.exp((self.use_day - self.day) / MEMORY_OF_A_USE_DAYS))


def moment_of(trace: Trace, day: int) -> Moment:
    """What a trace holds up to the end of ``day``, and what of it is needed in the 30 days after."""
    n_past, n_ahead = np.searchsorted(trace.day, [day, day + HORIZON_DAYS], side="right")
    memory, days, count = trace.memory[:n_past], trace.day[:n_past], trace.count[:n_past]
    n = int(memory.max()) + 1
    _, first = np.unique(memory, return_index=True)
    last = np.zeros(n, np.int64)
    np.maximum.at(last, memory, days)
    ahead = trace.memory[n_past:n_ahead]
    needed = np.zeros(n, np.bool_)
    needed[ahead[ahead < n]] = True
    weight = 1.0 + np.log(count)
    return Moment(day, days[first], last, np.bincount(memory, count, n).astype(np.int64), memory, days, weight, needed)


def moments(trace: Trace) -> list[Moment]:
    """The moments of a trace that are asked about. InvalidInput: it is shorter than twice the 30 days ahead."""
    start, end = int(trace.day[0]), int(trace.day[-1])
    if end - start < 2 * HORIZON_DAYS:
        hint = "--commit-is-day counts commits instead of days"
        raise InvalidInput(f"{trace.name} covers {end - start} days, too few to look {HORIZON_DAYS} ahead", hint=hint)
    return [moment_of(trace, day) for day in range(start + (end - start) // 4, end - HORIZON_DAYS + 1, STEP_DAYS)]


def chance(moment: Moment) -> Floats:
    """The chance of need (n,) of neutral memories."""
    return chance_of_need(scaled_idle(moment.idle, moment.discounted, np.ones(1)))


def nearness(moment: Moment) -> Floats:
    """Minus the radius (n,) under the exact law, noise included."""
    ids: Ids = np.arange(len(moment.last), dtype=np.uint32)
    return -radii(Origin(moment.day, 7), states_of(moment), ids, moment.day)


def states_of(moment: Moment) -> States:
    """The moment's memories as neutral states (n,) of a store that begins on that day."""
    states = np.zeros(len(moment.last), DTYPE)
    states["counter"] = np.maximum(np.rint(moment.discounted * STEPS_A_USE), 1)
    states["created"], states["last"] = moment.created, moment.last
    states["importance"] = states["trust"] = 100
    return states


def power_law(exponent: float, moment: Moment) -> Floats:
    """ACT-R's base-level activation Σ (1 + t − t_j)^(−d) (n,), before the logarithm."""
    return moment.summed(np.power(1.0 + moment.day - moment.use_day, -exponent, dtype=np.float64))


RULES: Mapping[str, Callable[[Moment], Floats]] = {
    "slm, chance of need": chance,
    "slm, with noise": nearness,
    "half-life of 90 days": lambda m: m.summed(2.0 ** ((m.use_day - m.day) / HALF_LIFE_DAYS)),
    "Ebbinghaus, e^(−idle / uses)": lambda m: -m.idle / m.n_uses.astype(np.float64),
    "ACT-R, d = 1": partial(power_law, 1.0),
    "ACT-R, d = ½": partial(power_law, 0.5),
    "LRU": lambda m: -m.idle.astype(np.float64),
    "LFU": lambda m: m.n_uses.astype(np.float64),
    "FIFO": lambda m: m.created.astype(np.float64),
}


def ranked(scores: Floats, seed: int) -> Integers:
    """Positions (n,) from the best on; equal scores in a fixed random order."""
    tie = np.random.default_rng(seed).permutation(len(scores))
    return np.lexsort((tie, -scores))


def figures_of(rule: Callable[[Moment], Floats], asked: Sequence[Moment], seed: int) -> dict[str, float]:
    """Hit rate under the budget and AUC of a rule, both averaged over the needed memories of all moments."""
    hits, areas, n_needed, n_compared = 0, 0.0, 0, 0
    for moment in asked:
        needed = moment.needed[ranked(rule(moment), seed)]
        hits += int(needed[: math.ceil(BUDGET * len(needed))].sum())
        n_needed += int(needed.sum())
        if needed.any() and not needed.all():
            behind = np.cumsum(~needed[::-1])[::-1] / np.count_nonzero(~needed)
            areas += float(behind[needed].sum())
            n_compared += int(needed.sum())
    return {"hit_rate": hits / max(1, n_needed), "auc": areas / max(1, n_compared)}


def calibration(asked: Sequence[Moment]) -> list[dict[str, float]]:
    """Mean predicted and observed share, in bins of equally many memories, likeliest first."""
    predicted = np.concatenate([chance(moment) for moment in asked])
    observed = np.concatenate([moment.needed for moment in asked])
    bins = np.array_split(np.argsort(-predicted, kind="stable"), N_BINS)
    return [
        {"predicted": float(predicted[i].mean()), "observed": float(observed[i].mean()), "memories": len(i)}
        for i in bins
        if len(i)
    ]


def own_history(asked: Sequence[Moment]) -> dict[str, Any] | None:
    """Constants against a fit to the first half of the moments, on the second; None where there is nothing to fit.

    The moments within 30 days before the second half are left out: what they look ahead to is held out.
    """
    half = asked[len(asked) // 2].day
    past = [moment for moment in asked if moment.day + HORIZON_DAYS <= half]
    later = [moment for moment in asked if moment.day > half]
    if not past or not later:
        return None
    fit = fitted(*_features(past))
    held_out = _features(later)
    return {"weights": list(fit), "constants": log_loss(Fit.constants(), *held_out), "fitted": log_loss(fit, *held_out)}


def _features(asked: Sequence[Moment]) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """ln(1 + idle) and ln n of all memories of all moments (m, 2), and whether they were needed (m,)."""
    rows = [np.stack([np.log1p(moment.idle), np.log(moment.discounted)], axis=1) for moment in asked]
    return np.concatenate(rows), np.concatenate([moment.needed for moment in asked])


def measured_trace(trace: Trace, seed: int) -> dict[str, Any]:
    """Everything about one trace."""
    asked = moments(trace)
    return {
        "name": trace.name,
        "sha256": trace.sha256,
        "memories": int(trace.memory.max()) + 1,
        "uses": int(trace.count.sum()),
        "days": int(trace.day[-1] - trace.day[0]),
        "moments": len(asked),
        "rules": {name: figures_of(rule, asked, seed) for name, rule in RULES.items()},
        "calibration": calibration(asked),
        "own_history": own_history(asked),
    }


def measured_map(n: int, seed: int) -> list[dict[str, float]]:
    """Milliseconds of a map of ``n`` memories on one thread, and of its noise alone in both backends, by their age."""
    first_day = 20_000
    states = np.zeros(n, DTYPE)
    states["counter"], states["created"], states["last"] = STEPS_A_USE, first_day, first_day
    states["importance"] = states["trust"] = 100
    ids = np.random.default_rng(seed).integers(0, 2**32, n, dtype=np.uint32)
    births, plane, kernel = (states["created"] // 7).astype(np.int32), np.empty((2, n)), compiled().noise
    rows = []
    for age in AGES_DAYS:
        weeks = np.full(n, (first_day + age) // 7, np.int32)
        times = {
            "map_ms": _best_ms(partial(radii, Origin(first_day, seed), states, ids, first_day + age, kernel)),
            "noise_ms": _best_ms(partial(_noise, kernel, ids, births, weeks, plane)),
            "numpy_noise_ms": _best_ms(partial(_noise, NUMPY.noise, ids, births, weeks, plane)),
        }
        rows.append({"age_days": float(age), "memories": float(n), **times})
    return rows


def _noise(noise: Noise, ids: Ids, births: Weeks, weeks: Weeks, plane: Floats) -> None:
    noise(ids, births, weeks, 7, FACTORS, plane)


def _best_ms(work: Callable[[], object], rounds: int = 3) -> float:
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) * 1e3)
    return min(times)


def run(repositories: Sequence[Path], *, commit_is_day: bool = False, seed: int = 7, n: int = MAPPED) -> dict[str, Any]:
    """The repositories' histories, a made trace, and the time of a map of ``n`` memories."""
    traces = [*(repository(path, commit_is_day=commit_is_day) for path in repositories), bursty(seed)]
    return {
        "benchmark": "lifecycle",
        "seed": seed,
        "commit_is_day": commit_is_day,
        "traces": [measured_trace(trace, seed) for trace in traces],
        "map": measured_map(n, seed),
    }


def table(result: dict[str, Any]) -> str:
    """The result for a person."""
    lines = [line for trace in result["traces"] for line in [*_trace_lines(trace), ""]]
    lines.append(f"{'age, days':>10}{'memories':>12}{'map ms':>10}{'noise ms':>10}{'numpy ms':>10}")
    lines += [
        f"{row['age_days']:10.0f}{row['memories']:12.0f}{row['map_ms']:10.0f}"
        f"{row['noise_ms']:10.0f}{row['numpy_noise_ms']:10.0f}"
        for row in result["map"]
    ]
    return "\n".join(lines)


def _trace_lines(trace: dict[str, Any]) -> list[str]:
    what = f"{trace['memories']} memories, {trace['uses']} uses in {trace['days']} days, asked {trace['moments']} times"
    lines = [f"{trace['name']}: {what}, sha256 {trace['sha256'][:12]}…", f"{'':30}{'hit rate':>10}{'AUC':>8}"]
    lines += [f"{name:30}{row['hit_rate']:10.3f}{row['auc']:8.3f}" for name, row in trace["rules"].items()]
    lines.append("predicted " + " ".join(f"{row['predicted']:6.3f}" for row in trace["calibration"]))
    lines.append("observed  " + " ".join(f"{row['observed']:6.3f}" for row in trace["calibration"]))
    own = trace["own_history"]
    if own:
        weights = ", ".join(f"{weight:.2f}" for weight in own["weights"])
        lines.append(
            f"log loss held out: constants {own['constants']:.4f}, own history {own['fitted']:.4f} ({weights})"
        )
    return lines
