"""``slm bench learning``: what reports of use gain while they are learnt from, and what reports at random cost.

Prequential: every question is first ranked by the weights learnt so far and measured against the shipped ones, then
its hits are reported. True reports name the hits that answer, all of those shown, and nothing where none does; random
ones name one hit whatever it is. Features of neighbours and sessions are those under the shipped weights, held fixed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np

from slm.bench.candidates import Candidates, Floats, candidates
from slm.bench.collections.collection import sha256
from slm.bench.quality.asking import loaded
from slm.bench.quality.metrics import ndcg_at_10
from slm.bench.quality.rows import percent
from slm.bench.quality.sets import recognised
from slm.embed.onnx import Embedder
from slm.engine.learning import Event, Learning
from slm.retrieval.weights import DEFAULT_WEIGHTS, Weights

Report = Callable[[Candidates, Sequence[int], np.random.Generator], list[int]]
"""The places reported used among the rows shown of a question."""

EVENTS = 1000
SHOWN = (5, 10)
"""Hits shown, of which some are reported."""
SEEDS = 3
MOST_LOST = 0.5
"""Points of nDCG@10 that random reports may cost: the bar of design/retrieval.md."""


def true_report(question: Candidates, rows: Sequence[int], _: np.random.Generator) -> list[int]:
    """All that answer."""
    return question.answering(rows)


def random_report(_: Candidates, rows: Sequence[int], draw: np.random.Generator) -> list[int]:
    """One, whatever it says."""
    return [int(draw.integers(len(rows)))] if rows else []


REPORTS: Mapping[str, Report] = {"true": true_report, "random": random_report}


def run(path: Path, *, seed: int, events: int = EVENTS, embedder: Embedder | None = None) -> dict[str, Any]:
    """Learn from ``events`` questions of the set at ``path``, a file of LoCoMo's or the folder of another.

    Raises :class:`InvalidInput` for what is no set.
    """
    title, collections = recognised(path)
    asked = list(candidates(collections, loaded(embedder)))
    shipped = fmean(ndcg(question, DEFAULT_WEIGHTS) for question in asked)
    return {
        "set": title,
        "questions": len(asked),
        "events": events,
        "seed": seed,
        "shipped": percent(shipped),
        "rows": [
            _row(asked, shipped, name, shown=shown, seed=seed, events=events) for name in REPORTS for shown in SHOWN
        ],
        "most_lost": MOST_LOST,
        "sha256": sha256(path),
    }


def learnt_from(
    asked: Sequence[Candidates], report: Report, *, shown: int, events: int, seed: int
) -> tuple[list[float], Learning]:
    """The gain of nDCG@10 over the shipped weights at each of ``events`` questions, and what was learnt at the end."""
    draw = np.random.default_rng(seed)
    rounds = [draw.permutation(len(asked)) for _ in range(-(-events // len(asked)))]
    shipped = [ndcg(question, DEFAULT_WEIGHTS) for question in asked]
    learning, gains = Learning.begin(), []
    for i in np.concatenate(rounds)[:events]:
        question, order = asked[i], asked[i].order(_vector(learning.weights))
        gains.append(_ndcg_of(question, order) - shipped[i])
        rows = order[:shown]
        if used := report(question, rows, draw):
            learning = learning.after([Event(question.features[rows], tuple(used))])
    return gains, learning


def ndcg(question: Candidates, weights: Weights) -> float:
    """nDCG@10 of a question under ``weights``."""
    return _ndcg_of(question, question.order(_vector(weights)))


def _ndcg_of(question: Candidates, order: Sequence[int]) -> float:
    return ndcg_at_10(question.gold, list(dict.fromkeys(question.units[row] for row in order)))


def _vector(weights: Weights) -> Floats:
    return np.array(list(weights.values()))


def _row(
    asked: Sequence[Candidates], shipped: float, name: str, *, shown: int, seed: int, events: int
) -> dict[str, Any]:
    """The mean gain while learning by seed, the gain of what was learnt in the end, and how sharp reports looked."""
    while_learning, at_the_end, sharpness = [], [], []
    for one in range(seed, seed + SEEDS):
        gains, learning = learnt_from(asked, REPORTS[name], shown=shown, events=events, seed=one)
        while_learning.append(percent(fmean(gains)))
        at_the_end.append(percent(fmean(ndcg(question, learning.weights) for question in asked) - shipped))
        sharpness.append(round(learning.learner.sharpness, 3))
    worst = min(while_learning)
    return {
        "reports": name,
        "shown": shown,
        "gained": while_learning,
        "worst": worst,
        "at_the_end": at_the_end,
        "sharpness": sharpness,
        "within": worst >= -MOST_LOST if name == "random" else None,
    }


def table(result: dict[str, Any]) -> str:
    """The gains as text for a person."""
    lines = [
        f"{result['set']}: {result['questions']} questions, {result['events']} events, nDCG@10 "
        f"{result['shipped']:.1f} under the shipped weights, data sha256 {result['sha256'][:12]}…, "
        f"seeds {result['seed']} to {result['seed'] + SEEDS - 1}",
        "",
        f"{'reports':9}{'shown':>6}{'worst gain':>12}   {'gain by seed':22}{'in the end':22}sharpness in the end",
    ]
    for row in result["rows"]:
        gained, at_the_end = _listed(row["gained"], "+.2f"), _listed(row["at_the_end"], "+.2f")
        line = f"{row['reports']:9}{row['shown']:6}{row['worst']:+12.2f}   {gained:22}{at_the_end:22}"
        line += _listed(row["sharpness"], ".2f")
        lines.append(line + f"  beyond the bar of -{result['most_lost']}" * (row["within"] is False))
    return "\n".join(lines)


def _listed(values: Sequence[float], form: str) -> str:
    return " ".join(format(value, form) for value in values)
