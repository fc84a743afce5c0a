"""Questions with every candidate of their recall: what it looks like to the weights, and whether it answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache

import numpy as np
import numpy.typing as npt

from slm.bench.collections.collection import Collection, Question
from slm.bench.quality.asking import filled
from slm.bench.quality.channels import NO_DATE
from slm.bench.quality.stores import talk
from slm.config import Config
from slm.embed.onnx import Embedder
from slm.engine.asked import ask
from slm.engine.engine import Engine
from slm.engine.recalls import Features, feature_matrix
from slm.retrieval.ranking import DIGITS
from slm.retrieval.semantic import unit
from slm.retrieval.supersession import LOOKED_AT, lifts
from slm.retrieval.words import terms

Floats = npt.NDArray[np.float64]

UNUSED = Config.load(overrides={"lifecycle.enabled": False})
"""No collection says what was used: attention would be nothing but its wobble, to which nothing should be fitted."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """One question: ``features`` (m, t) of its candidates by the default weights' order, best first by these.

    ``units`` (m,) say which unit of the answer each belongs to, ``gold`` which units answer. ``age``, ``cosines``
    (m, m) and ``stems`` of the candidates and the ``asked`` stems of the question tell which goes before an older one.
    """

    features: Features
    units: Sequence[int]
    gold: frozenset[int]
    age: Sequence[tuple[int, int]]
    cosines: Floats
    stems: Sequence[frozenset[str]]
    asked: frozenset[str]

    def order(self, weights: Floats) -> list[int]:
        """The candidates, best first, as recall would show them under ``weights`` (t,)."""
        scores = np.round(self.features.astype(np.float64) * weights, DIGITS).sum(axis=1)
        order = np.argsort(-np.round(scores, DIGITS), kind="stable")
        top = order[:LOOKED_AT]
        scores[top] += lifts(
            scores[top],
            [self.age[i] for i in top],
            self.cosines[np.ix_(top, top)],
            lambda place: self.stems[top[place]],
            self.asked,
        )
        return [int(i) for i in np.argsort(-np.round(scores, DIGITS), kind="stable")]

    def answering(self, rows: Sequence[int]) -> list[int]:
        """The places among ``rows`` at which a candidate of an answering unit stands."""
        return [place for place, row in enumerate(rows) if self.units[row] in self.gold]


@dataclass(frozen=True, slots=True)
class Choice:
    """One question: ``features`` (m, t) of its candidates, best first, by the default weights' order.

    ``answers`` are the rows that hold what was looked for, never none and never all.
    """

    features: Floats
    answers: tuple[int, ...]


def candidates(collections: Sequence[Collection], embedder: Embedder) -> Iterator[Candidates]:
    """The questions of ``collections`` whose answer is known, a store a collection."""
    for collection in collections:
        talk(f"{collection.name}: remembering {len(collection.records):,}")
        with filled([collection], embedder, UNUSED) as service:
            talk(f"{collection.name}: asking {len(collection.questions):,}")
            yield from service.inspect(lambda engine, one=collection: _all(engine, one))  # type: ignore[misc]


def choices(collections: Sequence[Collection], embedder: Embedder) -> list[Choice]:
    """The questions of ``collections`` whose pool holds an answer and something else."""
    asked = map(choice, candidates(collections, embedder))
    return [one for one in asked if one.answers and len(one.answers) < len(one.features)]


def choice(question: Candidates) -> Choice:
    """Of the candidates that belong to one unit of the answer the best is it; the others are left out."""
    kept: list[int] = []
    row_of: dict[int, int] = {}
    for place, unit_of in enumerate(question.units):
        if unit_of in row_of:
            continue
        if unit_of in question.gold:
            row_of[unit_of] = len(kept)
        kept.append(place)
    return Choice(question.features[kept].astype(np.float64), tuple(row_of.values()))


def _all(engine: Engine, collection: Collection) -> list[Candidates]:
    unit_of_key = collection.unit_of_key()

    with engine.store.read() as reader:

        @cache
        def read(ordinal: int) -> tuple[int, frozenset[str]]:
            memory = reader.memory(ordinal)
            return unit_of_key[memory.idempotency_key or ""], frozenset(terms(memory.text))

        def asked(question: Question) -> Candidates:
            asked_on = datetime.fromisoformat(question.asked_at).date() if question.asked_at else NO_DATE
            eligible = engine.index.columns.live()
            query = ask(engine, question.text, asked_on, eligible)
            ranking = engine.index.ranker((asked_on - date(1970, 1, 1)).days).rank(query, eligible, 1)
            ordinals = ranking.ordinals.tolist()
            units, stems = zip(*map(read, ordinals), strict=True) if ordinals else ((), ())
            rows = unit(engine.index.semantic.rows(engine.index.columns["first_chunk"][ranking.ordinals]))
            observed_ns = engine.index.columns["observed_ns"]
            return Candidates(
                features=feature_matrix(ranking, range(len(ordinals))),
                units=units,
                gold=question.gold,
                age=[(int(observed_ns[ordinal]), ordinal) for ordinal in ordinals],
                cosines=rows @ rows.T,
                stems=stems,
                asked=frozenset(query.terms),
            )

        return [asked(question) for question in collection.questions if question.gold]
