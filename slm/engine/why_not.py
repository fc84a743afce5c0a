"""why --for: what recall would make of one memory for a question, and what keeps it from being shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from slm.engine.archived import MARGIN
from slm.engine.eligible import conditions, eligible
from slm.engine.hits import Hit, about, hits
from slm.engine.phases import phases_of
from slm.engine.recall import Look, limit_of, look_for, query_of, within_budget
from slm.engine.recalls import moved_of
from slm.engine.request import Request
from slm.engine.withheld import successor
from slm.model import Memory
from slm.retrieval.ranking import DIGITS, Ranking
from slm.retrieval.standings import SCREENING
from slm.store.reader import Reader

Exclusion = tuple[str, str, str | None]
"""What keeps a memory from being shown: its name, in words, and what would change it."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A memory as a hit of a ranking: its ``rank`` in the final order, None when it is outside the pool."""

    rank: int | None
    hit: Hit
    ranking: Ranking

    def document(self) -> dict[str, Any]:
        """Rank, score, terms, and the ranks by channel and by the first pass."""
        ordinals = self.ranking.ordinals[[self.hit.place]]
        standings = self.ranking.standings
        return {
            "rank": self.rank,
            "score": self.hit.score,
            "why": self.hit.terms,
            "channels": {name: int(ranks[0]) for name, ranks in standings.of(ordinals).items()},
            "first_pass": int(standings.of(ordinals, [SCREENING])[SCREENING][0]),
        }


def why_not(request: Request, reader: Reader, ordinal: int) -> dict[str, Any]:
    """Where the memory ``ordinal`` stands for the question in the field ``for``, asked as the request's recall."""
    fields = {name: value for name, value in request.fields.items() if name not in ("id", "for")}
    asked = replace(request, fields={**fields, "query": request.fields["for"]})
    memory, every_scope = reader.memory(ordinal), bool(fields.get("all_scopes"))
    mask = eligible(asked, reader, every_scope=every_scope)
    query = query_of(asked, mask)
    look = look_for(asked, reader, query, mask)
    ordered = list(look.ordered(reader))
    shown = _shown(asked, look, ordered)
    placed = _placed(look, ordered, ordinal)
    if placed is None and mask[ordinal]:
        beside = asked.engine.index.ranker(asked.day).beside(query, mask, limit_of(asked), np.array([ordinal]))
        placed = next((Placed(None, hit, beside) for hit in hits(reader, beside, np.zeros(1), look.as_of_ns)), None)
    unmet = [name for name, fulfilled in conditions(asked, reader, every_scope=every_scope) if not fulfilled[ordinal]]
    lowest = _placed(look, ordered, look.ranking.ordinals[shown[-1].place]) if shown else None
    excluded = [_unmet(name, memory, asked, reader) for name in unmet] or list(
        _passed_over(asked, look, placed, len(shown))
    )
    return {
        **look.doubts.marked(ordinal, about(memory, phases_of(asked, [ordinal])[0])),
        **_result(placed, lowest),
        "weights": moved_of(asked.engine.moved, placed.hit.terms) if placed else {},
        "query": asked.fields["query"],
        "scope": ["all"] if every_scope else asked.scopes,
        "searched": look.ranking.n_searched,
        "abstained": look.verdict.reason is not None,
        "reason": look.verdict.reason,
        "probability": round(look.verdict.probability, 3),
        "shown": not excluded,
        "excluded": [{"by": name, "detail": detail, "hint": hint} for name, detail, hint in excluded],
    }


def _shown(request: Request, look: Look, ordered: Sequence[Hit]) -> Sequence[Hit]:
    """The hits that recall would show."""
    if look.verdict.reason is not None:
        return []
    return within_budget(ordered[: limit_of(request)], request.fields.get("budget"))


def _placed(look: Look, ordered: Sequence[Hit], ordinal: int) -> Placed | None:
    ranked = enumerate(ordered, 1)
    return next(
        (Placed(rank, hit, look.ranking) for rank, hit in ranked if look.ranking.ordinals[hit.place] == ordinal), None
    )


def _result(placed: Placed | None, lowest: Placed | None) -> dict[str, Any]:
    """The place of the memory, and how its terms differ from those of the lowest hit that is shown."""
    unplaced: dict[str, Any] = {"rank": None, "score": None, "why": {}, "channels": {}, "first_pass": None}
    return {
        **(placed.document() if placed else unplaced),
        "lowest": {"id": lowest.hit.memory.id, **lowest.document()} if lowest else None,
        "gap": gap(placed.hit.terms, lowest.hit.terms) if placed and lowest else {},
    }


def gap(own: Mapping[str, float], lowest: Mapping[str, float]) -> dict[str, float]:
    """By how much each term differs from that of the lowest hit: the gaps sum to the difference of the scores."""
    names = dict.fromkeys([*own, *lowest])
    return {name: round(own.get(name, 0.0) - lowest.get(name, 0.0), DIGITS) for name in names}


def _unmet(name: str, memory: Memory, request: Request, reader: Reader) -> Exclusion:
    """A condition that the memory doesn't meet, so that it isn't searched at all."""
    fields = request.fields
    if name == "live":
        return _hidden(memory, successor(request, reader, memory))
    details = {
        "scope": (f"it is in {memory.scope}, searched is {' + '.join(request.scopes)}", "--all-scopes"),
        "since": (f"observed {memory.observed_at}, before {fields.get('since')}", "leave out --since"),
        "until": (f"observed {memory.observed_at}, after {fields.get('until')}", "leave out --until"),
        "tag": (f"its tags: {', '.join(memory.tags) or 'none'}", "leave out --tag"),
    }
    return (name, *details[name])


def _hidden(memory: Memory, corrected: str | None) -> Exclusion:
    because = f": {memory.reason}" if memory.reason else ""
    if memory.never_true:
        return "corrected", f"it was never true{because}", f"slm why {corrected}" if corrected else None
    return "forgotten", f"since {memory.forgotten_at}{because}", "slm log shows the entry that undo takes"


def _passed_over(request: Request, look: Look, placed: Placed | None, n_shown: int) -> Iterator[Exclusion]:
    """What keeps a memory that is searched from being shown."""
    if placed is None:
        yield "as_of", f"it was not true at {request.fields['as_of']}", "leave out --as-of"
        return
    if look.verdict.reason is not None:
        yield "abstained", look.verdict.reason, "--min-confidence 0"
    limit, n_searched = limit_of(request), look.ranking.n_searched
    if placed.ranking.ordinals[placed.hit.place] in look.ranking.ordinals[look.left_out]:
        yield "archived", f"archived, and its score is not {MARGIN} above that of the last hit", "--archived"
    elif placed.rank is None:
        pool = f"outside the best {len(look.ranking.ordinals)} of {n_searched}, which are ranked exactly"
        yield "pool", pool, None
    elif placed.rank > limit:
        yield "limit", f"rank {placed.rank} of {n_searched}, at most {limit} are shown", f"--limit {placed.rank}"
    elif look.verdict.reason is None and placed.rank > n_shown:
        yield "budget", f"the hits before it spend the {request.fields['budget']} tokens", "a larger --budget"
