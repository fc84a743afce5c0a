"""Stores filled with collections through the real engine, and asked through the real recall."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from slm.bench.collections.collection import Collection, Question
from slm.bench.stores import batches
from slm.config import Config
from slm.embed.onnx import Embedder
from slm.engine.service import Service
from slm.model import Caller

CALLER = Caller(actor="import:bench", scope="global")
BATCH = 256
QUERIES_KEPT = 4096
HITS = 30
"""Hits asked for: all within which one may be lifted above another."""
HITS_OF_UNITS = 100
"""The same where several hits may belong to one unit."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A hit as ranking left it: its unit, its score and what of it lifted it above an older memory."""

    unit: int
    score: float
    lifted: float


@dataclass(frozen=True, slots=True)
class Reply:
    """What recall said to a question, had it not been allowed to abstain."""

    hits: list[Hit]
    probability: float
    answer: str | None
    timings_ms: Mapping[str, float]

    @property
    def ranked(self) -> list[int]:
        """The units, best first."""
        return list(dict.fromkeys(hit.unit for hit in self.hits))

    @property
    def ranked_without_lifts(self) -> list[int]:
        """The units as they would be if no newer memory were put before an older one."""
        plain = sorted(self.hits, key=lambda hit: hit.lifted - hit.score)
        return list(dict.fromkeys(hit.unit for hit in plain))


def loaded(embedder: Embedder | None) -> Embedder:
    """The embedder given, else the bundled one, which then remembers the questions of a whole set."""
    return embedder or Embedder.load("bundled", 0, query_cache=QUERIES_KEPT)


@contextmanager
def filled(collections: Sequence[Collection], embedder: Embedder, config: Config | None = None) -> Iterator[Service]:
    """A service on a temporary store that remembers all ``collections``, with the default ``config`` unless given."""
    with tempfile.TemporaryDirectory(prefix="slm-bench-") as folder:
        service = Service(Path(folder), config or Config(), load=lambda: embedder)
        try:
            for collection in collections:
                for batch in batches(collection.records, BATCH):
                    service.call("remember", {"batch": list(batch)}, CALLER)
            yield service
        finally:
            service.close()


class Asker:
    """Puts questions to a store and reads the hits as units of one collection."""

    def __init__(self, service: Service, collection: Collection, hits: int = HITS) -> None:
        self._service = service
        self._unit_of_key = collection.unit_of_key()
        self._limit = HITS_OF_UNITS if collection.units else hits

    def ask(self, question: Question, *, answer: bool = False) -> Reply:
        """Recall without abstaining; with ``answer``, an extractive answer as well."""
        fields = {"limit": self._limit, "min_confidence": 0, "why": True}
        given = self._recall(question, {**fields, "answer": True} if answer else fields)
        found = given["hits"]
        return Reply(
            hits=[self._hit(place, hit) for place, hit in enumerate(found)],
            probability=given["probability"],
            answer=(given.get("answer") or {}).get("text"),
            timings_ms=given["timings_ms"],
        )

    def try_to_abstain(self, question: Question) -> tuple[float, bool]:
        """The probability of an answer, and whether recall abstains, as configured by default."""
        given = self._recall(question, {"limit": 1})
        return given["probability"], given["abstained"]

    def _recall(self, question: Question, fields: dict[str, Any]) -> dict[str, Any]:
        now = {"now": question.asked_at} if question.asked_at else {}
        return self._service.call("recall", {"query": question.text, **now, **fields}, CALLER)

    def _hit(self, place: int, hit: dict[str, Any]) -> Hit:
        """Records of other collections are units of their own, below 0."""
        unit = self._unit_of_key.get(hit["memory"]["idempotency_key"], -1 - place)
        return Hit(unit, hit["score"], hit["why"].get("supersedes", 0.0))
