"""recall: from a question to ranked memories, or to an honest "nothing"."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import accumulate, islice, takewhile
from typing import Any

import numpy as np

from slm.engine.answering import answered
from slm.engine.archived import archived_of, left_out
from slm.engine.asked import ask, unknown_words
from slm.engine.doubts import Doubts
from slm.engine.eligible import Mask, eligible, visible
from slm.engine.hits import Hit, about, hits
from slm.engine.newer_first import newer_first
from slm.engine.phases import phases_of
from slm.engine.recalls import moved_of, recalled
from slm.engine.request import Request
from slm.engine.stages import Stages
from slm.errors import InvalidInput
from slm.retrieval.abstention import Verdict, judge
from slm.retrieval.question import Query
from slm.retrieval.ranking import Floats, Ranking
from slm.store.reader import Reader
from slm.times import to_ns

MAX_LIMIT = 1000
NEAR_MISSES = 3
TOKENS_PER_CHARACTER = 0.25
"""What a budget counts for a character: English text has about four of them to a token."""


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at the store gave: the ranking, what is added for newer versions (m,), and whether it answers.

    ``left_out`` (m,) are archived memories of the ranking that aren't shown; ``with_archived`` says that none were,
    because they were asked for or nothing else answered.
    """

    ranking: Ranking
    left_out: Mask
    with_archived: bool
    lifts: Floats
    verdict: Verdict
    as_of_ns: int | None
    doubts: Doubts

    def ordered(self, reader: Reader) -> Iterator[Hit]:
        """The ranked memories in their final order, without those left out."""
        ranked = hits(reader, self.ranking, self.lifts, self.as_of_ns, self.doubts.successor)
        return (hit for hit in ranked if not self.left_out[hit.place])


def run(request: Request) -> dict[str, Any]:
    """Answer the ``recall`` operation."""
    stages = Stages(request.started_ns)
    stages.mark("wait")
    every_scope = bool(request.fields.get("all_scopes"))
    with request.engine.store.read() as reader:
        mask = eligible(request, reader, every_scope=every_scope)
        stages.mark("filter")
        query = query_of(request, mask)
        stages.mark("embed")
        look = look_for(request, reader, query, mask)
        stages.mark("rank")
        answer = _answer(request, reader, look)
        stages.mark("read")
        if answer["abstained"] and not every_scope:
            everywhere = eligible(request, reader, every_scope=True)
            answer["elsewhere"] = _scopes_of(reader, look_for(request, reader, query, everywhere), limit_of(request))
            stages.mark("elsewhere")
    answer["timings_ms"] = stages.document()
    return answer


def query_of(request: Request, mask: Mask) -> Query:
    """The question as it is asked of the memories of ``mask`` (n,). Raises :class:`InvalidInput` for an empty one."""
    text = request.fields["query"].strip()
    if not text:
        raise InvalidInput("the query is empty", hint="slm recall which port does the api use")
    return ask(request.engine, text, request.now.date(), mask)


def limit_of(request: Request) -> int:
    """How many hits are wanted at most. Raises :class:`InvalidInput` for fewer than one or too many."""
    limit: int = request.fields.get("limit", request.engine.config.recall.limit)
    if not 1 <= limit <= MAX_LIMIT:
        raise InvalidInput(f"limit is {limit}, allowed are 1 to {MAX_LIMIT}")
    return limit


def look_for(request: Request, reader: Reader, query: Query, mask: Mask) -> Look:
    """Rank the memories of ``mask`` (n,), and judge whether the best of them are an answer."""
    engine, fields = request.engine, request.fields
    as_of = request.when("as_of", end=True)
    limit, archived = limit_of(request), archived_of(request, mask)
    ranking = engine.index.ranker(request.day).rank(query, mask, limit, ~archived if archived.any() else None)
    threshold = fields.get("min_confidence", engine.config.recall.min_confidence)

    def judged(some: Ranking) -> Verdict:
        return judge(some, query, partial(unknown_words, engine, fields["query"], mask), threshold)

    out = archived[ranking.ordinals]
    in_use = judged(ranking.only(~out))
    weak = bool(out.any()) and (in_use.reason is not None or in_use.probability < threshold)
    out = np.zeros_like(out) if weak else left_out(ranking.scores, out, limit)
    lifts = newer_first(engine.index, reader, query, ranking)
    verdict = judged(ranking.only(~out)) if archived.any() else in_use
    with_archived = weak or bool(fields.get("archived"))
    as_of_ns = to_ns(as_of) if as_of else None
    seen = partial(visible, request, reader, every_scope=bool(fields.get("all_scopes")))
    doubts = Doubts(engine.sheaf, reader, seen, as_of_ns)
    return Look(ranking, out, with_archived, lifts, verdict, as_of_ns, doubts)


def within_budget(found: Sequence[Hit], budget: int | None) -> Sequence[Hit]:
    """The longest run of best hits whose texts fit into ``budget`` tokens; the first always does."""
    if budget is None:
        return found
    spent = accumulate(len(hit.memory.text) * TOKENS_PER_CHARACTER for hit in found)
    return found[: max(1, sum(1 for _ in takewhile(lambda tokens: tokens <= budget, spent)))]


def _answer(request: Request, reader: Reader, look: Look) -> dict[str, Any]:
    """The document of the answer, without its times; it is kept for ``why`` as well."""
    limit, verdict = limit_of(request), look.verdict
    found: Sequence[Hit] = list(islice(look.ordered(reader), limit if verdict.reason is None else NEAR_MISSES))
    if not found and verdict.reason is None:
        verdict = Verdict(verdict.probability, "nothing fits the filters")
    abstained = verdict.reason is not None
    found = found if abstained else within_budget(found, request.fields.get("budget"))
    scopes = ["all"] if request.fields.get("all_scopes") else request.scopes
    kept = recalled(
        secrets.token_hex(6), request.fields["query"], request.now, scopes, verdict, look.ranking, found,
        request.engine.moved,
    )  # fmt: skip
    request.engine.recalls.add(request.caller.actor, kept)
    shown = _documents(request, look, found)
    return {
        "recall_id": kept.recall_id,
        "hits": [] if abstained else shown,
        "abstained": abstained,
        "reason": verdict.reason,
        "probability": round(verdict.probability, 3),
        "near_misses": shown if abstained else [],
        "scope": scopes,
        "answer": answered(request, found) if request.fields.get("answer") and not abstained else None,
        "elsewhere": {},
        "searched": look.ranking.n_searched,
        "with_archived": look.with_archived,
        "left_out": int(np.count_nonzero(look.left_out[:limit])),
    }


def _documents(request: Request, look: Look, found: Sequence[Hit]) -> list[dict[str, Any]]:
    why, ranking = bool(request.fields.get("why")), look.ranking
    ordinals = [int(ranking.ordinals[hit.place]) for hit in found]
    standings, phases = ranking.standings.of(ordinals) if why else {}, phases_of(request, ordinals)
    return [
        {
            "rank": place + 1,
            "score": hit.score,
            **look.doubts.marked(ordinals[place], about(hit.memory, phases[place])),
            "why": hit.terms if why else {},
            "channels": {name: int(ranks[place]) for name, ranks in standings.items()},
            "weights": moved_of(request.engine.moved, hit.terms) if why else {},
            "nearer_than": ranking.n_searched - 1 - hit.place,
        }
        for place, hit in enumerate(found)
    ]


def _scopes_of(reader: Reader, look: Look, limit: int) -> dict[str, int]:
    """How many hits each scope would give if all were looked at; none when that look abstains as well."""
    if look.verdict.reason is not None:
        return {}
    return dict(Counter(hit.memory.scope for hit in islice(look.ordered(reader), limit)).most_common())
