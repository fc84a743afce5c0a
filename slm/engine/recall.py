"""recall: from a question to ranked memories, or to an honest "nothing"."""

from __future__ import annotations

import secrets
import time
from collections import Counter
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from slm.engine.asked import ask, unknown_words
from slm.engine.eligible import Mask, eligible
from slm.engine.hits import Hit, hits
from slm.engine.newer_first import newer_first
from slm.engine.request import Request
from slm.errors import InvalidInput
from slm.retrieval.abstention import Verdict, judge
from slm.retrieval.question import Query
from slm.retrieval.ranking import Ranking
from slm.store.reader import Reader
from slm.times import to_ns

MAX_LIMIT = 1000
NEAR_MISSES = 3
TOKENS_PER_CHARACTER = 0.25
"""What a budget counts for a character: English text has about four of them to a token."""


@dataclass(slots=True)
class Stages:
    """Wall time of each stage in milliseconds."""

    started_ns: int
    passed: dict[str, float] = field(default_factory=dict)
    last_ns: int = field(default_factory=time.perf_counter_ns)

    def mark(self, stage: str) -> None:
        """End ``stage`` now."""
        now = time.perf_counter_ns()
        self.passed[stage] = round((now - self.last_ns) / 1e6, 3)
        self.last_ns = now

    def document(self) -> dict[str, float]:
        """The stages and the total since the request came, waiting included."""
        return {**self.passed, "total": round((time.perf_counter_ns() - self.started_ns) / 1e6, 3)}


@dataclass(frozen=True, slots=True)
class Found:
    """What one look at the store gave."""

    ranking: Ranking
    verdict: Verdict
    hits: list[Hit]


def run(request: Request) -> dict[str, Any]:
    """Answer the ``recall`` operation."""
    stages = Stages(request.started_ns)
    every_scope = bool(request.fields.get("all_scopes"))
    with request.engine.store.read() as reader:
        mask = eligible(request, reader, every_scope=every_scope)
        stages.mark("filter")
        query = _query(request, mask)
        stages.mark("embed")
        found = _look(request, reader, query, mask, stages)
        answer = _document(request, found)
        if answer["abstained"] and not every_scope:
            everywhere = eligible(request, reader, every_scope=True)
            answer["elsewhere"] = _scopes_of(_look(request, reader, query, everywhere, stages))
    answer["timings_ms"] = stages.document()
    return answer


def _query(request: Request, mask: Mask) -> Query:
    text = request.fields["query"].strip()
    if not text:
        raise InvalidInput("the query is empty", hint="slm recall which port does the api use")
    return ask(request.engine, text, request.now.date(), mask)


def _look(request: Request, reader: Reader, query: Query, mask: Mask, stages: Stages) -> Found:
    config, fields = request.engine.config.recall, request.fields
    limit = fields.get("limit", config.limit)
    if not 1 <= limit <= MAX_LIMIT:
        raise InvalidInput(f"limit is {limit}, allowed are 1 to {MAX_LIMIT}")
    as_of = request.when("as_of", end=True)
    ranking = request.engine.index.ranker.rank(query, mask, limit)
    stages.mark("rank")
    unknown = unknown_words(request.engine, fields["query"])
    verdict = judge(ranking, query, unknown, fields.get("min_confidence", config.min_confidence))
    lifts = newer_first(request.engine.index, reader, query, ranking)
    shown = hits(reader, ranking, lifts, to_ns(as_of) if as_of else None)
    found = list(islice(shown, limit if verdict.reason is None else NEAR_MISSES))
    stages.mark("read")
    if not found and verdict.reason is None:
        verdict = Verdict(verdict.probability, "nothing fits the filters")
    return Found(ranking, verdict, found)


def _document(request: Request, found: Found) -> dict[str, Any]:
    shown = [_shown(rank, hit, found.ranking, request) for rank, hit in enumerate(found.hits, 1)]
    abstained = found.verdict.reason is not None
    return {
        "recall_id": secrets.token_hex(6),
        "hits": [] if abstained else _within_budget(shown, request.fields.get("budget")),
        "abstained": abstained,
        "reason": found.verdict.reason,
        "probability": round(found.verdict.probability, 3),
        "near_misses": shown if abstained else [],
        "scope": ["all"] if request.fields.get("all_scopes") else request.scopes,
        "elsewhere": {},
        "searched": found.ranking.n_searched,
    }


def _shown(rank: int, hit: Hit, ranking: Ranking, request: Request) -> dict[str, Any]:
    return {
        "rank": rank,
        "score": round(hit.score, 6),
        "memory": hit.memory.record(),
        "phase": "active",
        "flags": ["superseded"] if hit.memory.superseded_by else [],
        "why": {name: round(value, 6) for name, value in hit.terms.items()} if request.fields.get("why") else {},
        "nearer_than": ranking.n_searched - 1 - hit.place,
    }


def _scopes_of(found: Found) -> dict[str, int]:
    """How many hits each scope would give if all were looked at; none when that look abstains as well."""
    if found.verdict.reason is not None:
        return {}
    return dict(Counter(hit.memory.scope for hit in found.hits).most_common())


def _within_budget(shown: list[dict[str, Any]], budget: int | None) -> list[dict[str, Any]]:
    """The longest run of best hits whose texts fit into ``budget`` tokens; the first always does."""
    if budget is None:
        return shown
    spent = 0.0
    kept: list[dict[str, Any]] = []
    for hit in shown:
        spent += len(hit["memory"]["text"]) * TOKENS_PER_CHARACTER
        if kept and spent > budget:
            break
        kept.append(hit)
    return kept
