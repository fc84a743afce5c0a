"""``slm bench locomo`` and its like: a collection in, one document of figures out."""

from __future__ import annotations

import random
from collections.abc import Sequence
from statistics import fmean
from typing import Any

from slm.bench.collections.collection import Collection, Question
from slm.bench.quality.abstention import abstention
from slm.bench.quality.answers import locomo_f1
from slm.bench.quality.asking import loaded
from slm.bench.quality.metrics import Ranked
from slm.bench.quality.rows import Asked, percent, rows
from slm.bench.quality.stores import Observed, Plan, observe
from slm.bench.stores import median_ms
from slm.embed.onnx import Embedder

STRANGERS = 100
"""Questions of other stores put to each store."""


def measure(
    name: str,
    collections: Sequence[Collection],
    plan: Plan,
    *,
    headline: str,
    seed: int,
    embedder: Embedder | None = None,
) -> dict[str, Any]:
    """Fill a store a collection, ask it by the ``plan``; ``headline`` is the metric that the set is known by.

    Without ``embedder`` the bundled one is loaded.
    """
    model = loaded(embedder)
    observed = [observe(one, strangers(one, collections, seed), plan, model) for one in collections]
    questions = [question for store in observed for question in store.questions]
    return {
        "set": name,
        "headline": headline,
        "stores": len(collections),
        "memories": sum(len(one.records) for one in collections),
        "questions": len(questions),
        "seed": seed,
        "rows": _rows(observed, seed),
        "clean": _clean(observed, seed),
        "abstention": abstention([trial for store in observed for trial in store.trials], seed),
        "answers": _answers([pair for store in observed for pair in store.answered]),
        "timings_ms": _timings(observed),
    }


def strangers(asked: Collection, collections: Sequence[Collection], seed: int) -> list[Question]:
    """A sample of the answerable questions of the other collections."""
    others = [question for one in collections if one is not asked for question in one.questions if question.gold]
    return random.Random(f"{seed} {asked.name}").sample(others, min(STRANGERS, len(others)))


def _rows(observed: Sequence[Observed], seed: int) -> dict[str, Any]:
    pairs = [(store.name, question) for store in observed for question in store.questions]
    asked = Asked([q.gold for _, q in pairs], [q.category for _, q in pairs], [name for name, _ in pairs])
    return rows(asked, _rankings(observed), seed)


def _clean(observed: Sequence[Observed], seed: int) -> dict[str, Any] | None:
    """The same rows over the questions that an audit found fit, by its evidence; None without an audit."""
    pairs = [(store.name, question) for store in observed for question in store.questions]
    fit = [i for i, (_, question) in enumerate(pairs) if question.corrected]
    if not fit:
        return None
    asked = Asked(
        [pairs[i][1].corrected or frozenset() for i in fit],
        [pairs[i][1].category for i in fit],
        [pairs[i][0] for i in fit],
    )
    rankings = {name: [ranked[i] for i in fit] for name, ranked in _rankings(observed).items()}
    return {"questions": len(fit), "rows": rows(asked, rankings, seed)}


def _rankings(observed: Sequence[Observed]) -> dict[str, list[Ranked]]:
    return {name: [ranked for store in observed for ranked in store.rankings[name]] for name in observed[0].rankings}


def _answers(answered: Sequence[tuple[Question, str | None]]) -> dict[str, Any] | None:
    """Mean F1 in per cent, no answer counting 0; None where none was asked for."""
    if not answered:
        return None
    scores = [
        locomo_f1(given, question.answer or "", question.category) if given else 0.0 for question, given in answered
    ]
    categories = sorted({question.category for question, _ in answered})
    return {
        "questions": len(answered),
        "answered": sum(given is not None for _, given in answered),
        "F1": percent(fmean(scores)),
        "categories": {
            category: percent(fmean(s for s, (q, _) in zip(scores, answered, strict=True) if q.category == category))
            for category in categories
        },
    }


def _timings(observed: Sequence[Observed]) -> dict[str, float]:
    """Medians over the first time each question was asked."""
    stages = [reply.timings_ms for store in observed for reply in store.replies]
    return {
        "embed": median_ms([stage["embed"] / 1e3 for stage in stages]),
        "rest": median_ms([(stage["total"] - stage["embed"]) / 1e3 for stage in stages]),
    }
