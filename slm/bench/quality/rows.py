"""From rankings to figures: means in per cent with their intervals, and differences to the first row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from slm.bench.quality.bootstrap import clustered, interval
from slm.bench.quality.metrics import Floats, Gold, Ranked, measured


@dataclass(frozen=True, slots=True)
class Asked:
    """The questions of all stores in one order: what answers each, its category and its store."""

    golds: Sequence[Gold]
    categories: Sequence[str]
    stores: Sequence[str]


def rows(asked: Asked, rankings: Mapping[str, Sequence[Ranked]], seed: int) -> dict[str, Any]:
    """A row a way of ranking, keyed by its name; the first is what the others are compared with, question by question.

    A figure has its ``mean``, the 95 % ``interval`` over questions and that ``by_store``, all in per cent.
    """
    by_row = {name: measured(asked.golds, ranked) for name, ranked in rankings.items()}
    first = next(iter(by_row.values()))
    table: dict[str, Any] = {}
    for name, values in by_row.items():
        table[name] = {
            "metrics": {metric: _figure(values[metric], asked.stores, seed) for metric in values},
            "categories": _by_category(values, asked.categories),
        }
        if values is not first:
            table[name]["difference"] = {metric: _paired(values[metric] - first[metric], seed) for metric in values}
    return table


def percent(value: float) -> float:
    """In per cent, to two decimals."""
    return round(100.0 * value, 2)


def _figure(values: Floats, stores: Sequence[str], seed: int) -> dict[str, Any]:
    over_stores = clustered(values, stores, seed)
    return {
        "mean": percent(float(values.mean())),
        "interval": [percent(edge) for edge in interval(values, seed)],
        "by_store": [percent(edge) for edge in over_stores] if over_stores else None,
    }


def _paired(differences: Floats, seed: int) -> dict[str, Any]:
    edges = interval(differences, seed)
    return {"mean": percent(float(differences.mean())), "interval": [percent(edge) for edge in edges]}


def _by_category(values: Mapping[str, Floats], categories: Sequence[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for category in sorted(set(categories)):
        places = [i for i, name in enumerate(categories) if name == category]
        means = {metric: percent(float(figures[places].mean())) for metric, figures in values.items()}
        found[category] = {"questions": len(places), **means}
    return found
