"""context: a block for an agent's prompt within a budget: what is pinned, what the topic needs, what was decided.

The same store, question and day give the same block. Private memories are never in it, whoever asks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

import numpy as np

from slm.engine.eligible import Mask, eligible
from slm.engine.fence import entry, fenced, tokens
from slm.engine.hits import true_at
from slm.engine.recall import look_for, query_of
from slm.engine.request import Request
from slm.errors import InvalidInput
from slm.model import KINDS, HeadFlag, Memory
from slm.store.reader import Reader
from slm.times import to_ns

BUDGET = 800
SMALLEST_BUDGET, LARGEST_BUDGET = 100, 100_000
CONSIDERED = 64
"""Memories looked at for a section, the best of it."""
TOPIC_HITS = 8
SHARES = {"pinned": 0.5, "topic": 0.5, "decisions": 0.25, "recent": 0.25}
"""Of the budget, what a section may take before the others had their turn; what is left over goes round again."""
LARGEST_ENTRY = 0.25
"""Of the budget, what one memory may take: a longer one is cut."""
HEADINGS = {
    "pinned": "Pinned by the user:",
    "topic": "For the topic:",
    "decisions": "Decisions and preferences:",
    "recent": "Newest:",
}
DECIDED = ("decision", "preference")


@dataclass
class _Block:
    """The block as it fills: the entries by section, what was left out, and the tokens spent on the whole text."""

    budget: int
    here: str
    shown: dict[str, list[Memory]] = field(default_factory=dict)
    left_out: dict[str, tuple[str, int]] = field(default_factory=dict)
    spent: int = tokens(fenced([])) + 1

    def fill(self, section: str, memories: Sequence[Memory], allowed: int) -> None:
        """Add the memories of a section that fit into ``allowed`` tokens for it and into the budget."""
        taken = {memory.id for group in self.shown.values() for memory in group}
        for memory in memories:
            if memory.id in taken:
                continue
            heading = 0 if section in self.shown else tokens(HEADINGS[section] + "\n")
            cost = tokens("\n".join(self.lines(memory)) + "\n") + heading
            if cost > min(allowed, self.budget - self.spent):
                self.left_out.setdefault(memory.id, (section, cost))
                continue
            self.shown.setdefault(section, []).append(memory)
            self.left_out.pop(memory.id, None)
            self.spent += cost
            allowed -= cost

    def lines(self, memory: Memory) -> list[str]:
        return entry(memory.record(), self.here, most=int(self.budget * LARGEST_ENTRY))

    def text(self) -> str:
        """The fenced block, its sections in their order; nothing when there is nothing to say."""
        lines = []
        for section in (name for name in HEADINGS if name in self.shown):
            lines += [HEADINGS[section], *(line for memory in self.shown[section] for line in self.lines(memory))]
        return fenced(lines) if lines else ""


def run(request: Request) -> dict[str, Any]:
    """Answer the ``context`` operation."""
    budget = request.fields.get("budget", BUDGET)
    if not SMALLEST_BUDGET <= budget <= LARGEST_BUDGET:
        raise InvalidInput(f"budget is {budget}, allowed are {SMALLEST_BUDGET} to {LARGEST_BUDGET} tokens")
    asked = replace(request, fields={**request.fields, "without_private": True})
    with request.engine.store.read() as reader:
        mask = eligible(asked, reader, every_scope=False)
        open_to_all = mask & ~_flagged(asked, HeadFlag.SUPERSEDED)
        topic, reason = _topic(asked, reader, mask)
        candidates = {
            "pinned": list(_pinned(asked, reader, open_to_all)),
            "topic": topic,
            "decisions": list(_newest(asked, reader, open_to_all & _of_kinds(asked, DECIDED))),
            "recent": list(_newest(asked, reader, open_to_all & _of_here(asked, reader))),
        }
    block = _filled(budget, asked.scope, candidates)
    text = block.text()
    document = {
        "text": text,
        "tokens": tokens(text),
        "budget": budget,
        "scope": request.scopes,
        "sections": {name: [memory.id for memory in memories] for name, memories in block.shown.items()},
        "topic_reason": reason,
    }
    return document | ({"left_out": _left_out(asked, block, mask)} if request.fields.get("why") else {})


def _filled(budget: int, here: str, candidates: dict[str, list[Memory]]) -> _Block:
    block = _Block(budget, here)
    for section, memories in candidates.items():
        block.fill(section, memories, int(budget * SHARES[section]))
    for section, memories in candidates.items():
        block.fill(section, memories, budget)
    return block


def _topic(request: Request, reader: Reader, mask: Mask) -> tuple[list[Memory], str | None]:
    """What recall answers to the topic, superseded ones left out; none, and why, where it abstains."""
    topic = (request.fields.get("topic") or "").strip()
    if not topic or not mask.any():
        return [], None
    asked = replace(request, fields={"query": topic, "limit": TOPIC_HITS})
    look = look_for(asked, reader, query_of(asked, mask), mask)
    if look.verdict.reason is not None:
        return [], look.verdict.reason
    found = (hit.memory for hit in islice(look.ordered(reader), TOPIC_HITS))
    return [memory for memory in found if memory.superseded_by is None and _true_now(request, memory)], None


def _pinned(request: Request, reader: Reader, mask: Mask) -> Iterator[Memory]:
    """What is pinned: the project's before global ones, the important first, then the newest."""
    pinned = list(_newest(request, reader, mask & _flagged(request, HeadFlag.PINNED)))
    yield from sorted(pinned, key=lambda memory: (memory.scope == "global", -memory.importance))


def _newest(request: Request, reader: Reader, mask: Mask) -> Iterator[Memory]:
    """Those of ``mask`` (n,) that are true now, observed last first, at most :data:`CONSIDERED`."""
    ordinals = np.flatnonzero(mask)
    observed = request.engine.index.columns["observed_ns"][ordinals]
    newest = ordinals[np.lexsort((ordinals, observed))[::-1]]
    memories = (reader.memory(int(ordinal)) for ordinal in newest)
    yield from islice((memory for memory in memories if _true_now(request, memory)), CONSIDERED)


def _true_now(request: Request, memory: Memory) -> bool:
    return memory.valid_until is None or true_at(memory, to_ns(request.now))


def _flagged(request: Request, flag: HeadFlag) -> Mask:
    flagged: Mask = (request.engine.index.columns["flags"] & flag) != 0
    return flagged


def _of_kinds(request: Request, kinds: Sequence[str]) -> Mask:
    of_kinds: Mask = np.isin(request.engine.index.columns["kind"], [KINDS.index(kind) for kind in kinds])
    return of_kinds


def _of_here(request: Request, reader: Reader) -> Mask:
    """What belongs to the scope itself and is no turn of a conversation."""
    numbers = request.engine.name_ids(reader, "scope", [request.scope])
    here: Mask = np.isin(request.engine.index.columns["scope"], numbers) & ~_of_kinds(request, ("turn",))
    return here


def _left_out(request: Request, block: _Block, mask: Mask) -> dict[str, Any]:
    """What didn't fit, section by section, and how many of the scope were not looked at for what reason."""
    columns = request.engine.index.columns
    with request.engine.store.read() as reader:
        live_here = eligible(replace(request, fields={}), reader, every_scope=False)
    superseded = int((mask & _flagged(request, HeadFlag.SUPERSEDED)).sum())
    return {
        "budget": [{"id": i, "section": section, "tokens": cost} for i, (section, cost) in block.left_out.items()],
        "superseded": superseded,
        "private": int((live_here & ((columns["flags"] & HeadFlag.PRIVATE) != 0)).sum()),
        "other_scopes": int((columns.live() & ~live_here).sum()),
        "not_looked_at": int(mask.sum()) - superseded - len(block.left_out) - sum(map(len, block.shown.values())),
    }
