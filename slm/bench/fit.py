"""``slm bench fit``: the weights that published sets would choose, with standard errors, beside the shipped ones.

The model of learning from use, offline: an answer is chosen among the candidates of its question with p ∝ exp η·x, and
η is found by Fisher scoring. Features of neighbours and sessions are those under the shipped weights, held fixed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from slm.bench.candidates import Choice, choices
from slm.bench.collections.collection import sha256
from slm.bench.quality.asking import loaded
from slm.bench.quality.sets import SETS
from slm.embed.onnx import Embedder
from slm.errors import InvalidInput
from slm.geometry.exponential_family import covariance, linear, log_likelihood, softmax
from slm.geometry.positive_definite import diagonal_of_inverse, solve
from slm.retrieval.learning import SHARPNESS, evidence
from slm.retrieval.weights import DEFAULT_WEIGHTS

Floats = npt.NDArray[np.float64]

TERMS = tuple(DEFAULT_WEIGHTS)
SHIPPED = np.array(list(DEFAULT_WEIGHTS.values()))
HITS = 10
"""Best candidates whose features the average information is of: as many as are shown."""
LEAST_INFORMATION = 1e-6
"""Of a question on average: below it a term is not in the data."""
MOST_STEPS, MOST_HALVINGS = 50, 30
CONVERGED = 1e-9
"""Gain of log-likelihood a question."""
OUTSIDE = 1.96


@dataclass(frozen=True, slots=True)
class Fit:
    """The maximum: ``natural`` parameters (k,), their ``information`` (k, k) and the mean ``log_likelihood``."""

    natural: Floats
    information: Floats
    log_likelihood: float


def run(folders: Mapping[str, Path], embedder: Embedder | None = None) -> dict[str, Any]:
    """Fit the weights on the sets in ``folders``, by their commands' names.

    Raises :class:`InvalidInput` without a folder, with a set whose name isn't known, or with one that teaches nothing.
    """
    unknown = [name for name in folders if name not in SETS]
    if unknown or not folders:
        raise InvalidInput(f"no set is called {unknown[0]!r}" if unknown else "no set to fit on")
    model = loaded(embedder)
    by_set = {SETS[name].title: choices(SETS[name].read(folder), model) for name, folder in folders.items()}
    if empty := [title for title, chosen in by_set.items() if not chosen]:
        raise InvalidInput(f"{empty[0]}: no question has an answer and something else among what recall finds")
    return {**compared(by_set), "sha256": sha256(*folders.values())}


def compared(by_set: Mapping[str, Sequence[Choice]]) -> dict[str, Any]:
    """The fitted weights beside the shipped ones, and what the shipped sharpness and information are taken from.

    Only the direction of η can be compared: it is scaled to be as near to the shipped weights as it can in the metric
    of its own Fisher information.
    """
    asked = [choice for chosen in by_set.values() for choice in chosen]
    present = np.flatnonzero(np.diag(information(asked, SHARPNESS)) > LEAST_INFORMATION)
    fit = maximum([Choice(c.features[:, present], c.answers) for c in asked], SHARPNESS * SHIPPED[present])
    along = maximum([_scored(choice) for choice in asked], np.array([SHARPNESS]))
    shipped = SHIPPED[present]
    scale = float(fit.natural @ fit.information @ shipped / (shipped @ fit.information @ shipped))
    errors = np.sqrt(diagonal_of_inverse(fit.information)) / scale
    return {
        "questions": {name: len(chosen) for name, chosen in by_set.items()},
        "terms": {
            TERMS[i]: _compared(float(SHIPPED[i]), float(natural / scale), float(error))
            for i, natural, error in zip(present, fit.natural, errors, strict=True)
        },
        "not_in_the_data": [name for i, name in enumerate(TERMS) if i not in present],
        "likelihood_ratio": round(2 * len(asked) * (fit.log_likelihood - along.log_likelihood), 1),
        "degrees": len(present) - 1,
        "sharpness": {"all": round(float(along.natural[0]), 3), **{n: _sharpness(c) for n, c in by_set.items()}},
        "information": _information(by_set),
    }


def maximum(asked: Sequence[Choice], start: Floats) -> Fit:
    """The most likely parameters (k,) from ``start`` on, by Fisher scoring with halved steps. ValueError: singular."""
    at = start
    slope, gathered, likelihood = _gathered(asked, at)
    for _ in range(MOST_STEPS):
        step = solve(gathered, slope)
        for _ in range(MOST_HALVINGS):
            moved = _gathered(asked, at + step)
            if moved[2] >= likelihood:
                break
            step = step / 2
        else:
            break
        gain = (moved[2] - likelihood) / len(asked)
        at, (slope, gathered, likelihood) = at + step, moved
        if gain < CONVERGED:
            break
    return Fit(at, gathered, likelihood / len(asked))


def information(asked: Sequence[Choice], sharpness: float) -> Floats:
    """Average covariance (t, t) of the features of the best :data:`HITS` under the shipped weights."""
    total = np.zeros((len(TERMS), len(TERMS)))
    for choice in asked:
        rows = choice.features[:HITS]
        total += covariance(softmax(sharpness * linear(rows, SHIPPED)), rows)
    return total / max(1, len(asked))


def _gathered(asked: Sequence[Choice], at: Floats) -> tuple[Floats, Floats, float]:
    """Slope (k,), information (k, k) and log-likelihood of all questions."""
    slope, gathered, likelihood = np.zeros(len(at)), np.zeros((len(at), len(at))), 0.0
    for choice in asked:
        of_slope, of_information = evidence(choice.features, choice.answers, at)
        slope += of_slope
        gathered += of_information
        likelihood += _likelihood(linear(choice.features, at), choice.answers)
    return slope, gathered, likelihood


def _likelihood(scores: Floats, answers: Sequence[int]) -> float:
    others = np.delete(scores, answers)
    fields = [np.concatenate([scores[answer : answer + 1], others]) for answer in answers]
    return sum(log_likelihood(field, 0) for field in fields) / len(answers)


def _scored(choice: Choice) -> Choice:
    """The choice by one feature, its score under the shipped weights: its parameter is the sharpness."""
    return Choice(linear(choice.features, SHIPPED)[:, None], choice.answers)


def _sharpness(asked: Sequence[Choice]) -> float:
    return round(float(maximum([_scored(choice) for choice in asked], np.array([SHARPNESS])).natural[0]), 3)


def _information(by_set: Mapping[str, Sequence[Choice]]) -> dict[str, dict[str, float]]:
    """The variance of each feature by set, and the mean over the sets."""
    variances = {name: np.diag(information(asked, SHARPNESS)) for name, asked in by_set.items()}
    variances["all"] = np.mean(list(variances.values()), axis=0)
    return {
        name: {term: round(float(value), 5) for term, value in zip(TERMS, values, strict=True)}
        for name, values in variances.items()
    }


def _compared(shipped: float, fitted: float, error: float) -> dict[str, Any]:
    off = (fitted - shipped) / error
    return {
        "shipped": shipped,
        "fitted": round(fitted, 3),
        "std_error": round(error, 3),
        "errors_off": round(off, 1),
        "within": abs(off) <= OUTSIDE,
    }


def table(result: dict[str, Any]) -> str:
    """The comparison as text for a person."""
    asked = ", ".join(f"{count} of {name}" for name, count in result["questions"].items())
    lines = [f"questions: {asked}; data sha256 {result['sha256'][:12]}…", ""]
    lines += [f"{'':16}{'shipped':>9}{'fitted':>9}{'± error':>9}{'errors off':>12}{'information':>13}"]
    for name, row in result["terms"].items():
        figures = f"{row['shipped']:9.2f}{row['fitted']:9.2f}{row['std_error']:9.2f}{row['errors_off']:12.1f}"
        outside = "" if row["within"] else "  outside the 95 % interval"
        lines.append(f"{name:16}{figures}{result['information']['all'][name]:13.4f}{outside}")
    if absent := result["not_in_the_data"]:
        lines.append(f"not in the data: {', '.join(absent)}")
    sharp = ", ".join(f"{name} {value:.2f}" for name, value in result["sharpness"].items())
    return "\n".join(
        [
            *lines,
            "",
            f"all at once: likelihood ratio {result['likelihood_ratio']:.1f} on {result['degrees']} degrees of freedom",
            f"sharpness of the shipped weights: {sharp}",
        ]
    )
