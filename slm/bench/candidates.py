"""Questions as choices: what every candidate of a recall looks like to the weights, and which of them answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt

from slm.bench.collections.collection import Collection, Question
from slm.bench.quality.asking import filled
from slm.bench.quality.channels import NO_DATE
from slm.bench.quality.stores import talk
from slm.embed.onnx import Embedder
from slm.engine.asked import ask
from slm.engine.engine import Engine
from slm.engine.recalls import feature_matrix
from slm.retrieval.ranking import Ranking

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Choice:
    """One question: ``features`` (m, t) of its candidates, best first, by the default weights' order.

    ``answers`` are the rows that hold what was looked for, never none and never all.
    """

    features: Floats
    answers: tuple[int, ...]


def choices(collections: Sequence[Collection], embedder: Embedder) -> list[Choice]:
    """The questions of ``collections`` whose pool holds an answer and something else; a store a collection."""
    found: list[Choice] = []
    for collection in collections:
        talk(f"{collection.name}: remembering {len(collection.records):,}")
        with filled([collection], embedder) as service:
            talk(f"{collection.name}: asking {len(collection.questions):,}")
            asked = service.inspect(lambda engine, one=collection: _asked(engine, one))  # type: ignore[misc]
            found += [choice for choice in asked if choice.answers and len(choice.answers) < len(choice.features)]
    return found


def _asked(engine: Engine, collection: Collection) -> list[Choice]:
    return [_choice(engine, question, collection.unit_of_key()) for question in collection.questions if question.gold]


def _choice(engine: Engine, question: Question, unit_of_key: Mapping[str, int]) -> Choice:
    """Of the candidates that belong to one unit of the answer the best is it; the others are left out."""
    ranking = _ranked(engine, question)
    with engine.store.read() as reader:
        keys = [reader.memory(int(ordinal)).idempotency_key or "" for ordinal in ranking.ordinals]
    kept: list[int] = []
    row_of: dict[int, int] = {}
    for place, unit in enumerate(unit_of_key[key] for key in keys):
        if unit in row_of:
            continue
        if unit in question.gold:
            row_of[unit] = len(kept)
        kept.append(place)
    return Choice(feature_matrix(ranking, kept).astype(np.float64), tuple(row_of.values()))


def _ranked(engine: Engine, question: Question) -> Ranking:
    asked_on = datetime.fromisoformat(question.asked_at).date() if question.asked_at else NO_DATE
    eligible = engine.index.columns.live()
    return engine.index.ranker.rank(ask(engine, question.text, asked_on, eligible), eligible, 1)
