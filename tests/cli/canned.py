"""Canned answers in place of the engine, and what a run of a command line leaves behind."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from slm.errors import SlmError
from slm.model import Caller

Answer = Any
"""A result, an error to raise, a function of the fields, or a list of these, one a call."""


@dataclass
class FakeCall:
    """Stands in for the engine: answers from a dict and keeps what it was asked."""

    answers: Mapping[str, Answer]
    asked: list[tuple[str, dict[str, Any], Caller]] = field(default_factory=list)

    def __call__(self, op: str, fields: dict[str, Any], caller: Caller) -> Any:
        self.asked.append((op, fields, caller))
        answer = self.answers[op]
        if isinstance(answer, list):
            answer = answer[sum(1 for asked, _, _ in self.asked if asked == op) - 1]
        if isinstance(answer, BaseException):
            raise answer
        return answer(fields) if callable(answer) else answer

    @property
    def calls(self) -> list[tuple[str, dict[str, Any]]]:
        return [(op, fields) for op, fields, _ in self.asked]


@dataclass(frozen=True)
class Ran:
    """What a run left: both streams as text, the exit code, the calls made; no ``reply`` if it must run locally."""

    stdout: str
    stderr: str
    code: int
    fake: FakeCall
    reply: bool = True

    @property
    def calls(self) -> list[tuple[str, dict[str, Any]]]:
        return self.fake.calls


class Stream(io.TextIOWrapper):
    """A standard stream in memory that may claim to be a terminal."""

    def __init__(self, content: bytes = b"", *, terminal: bool = False):
        super().__init__(io.BytesIO(content), encoding="utf-8", write_through=True)
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal

    def text(self) -> str:
        return self.buffer.getvalue().decode()


def memory(
    memory_id: str = "k3m9q0000000", text: str = "API listens on 5433 since the PG16 move", **more: Any
) -> dict[str, Any]:
    """A record as the engine returns it."""
    fields = {
        "id": memory_id, "text": text, "kind": "note", "tags": [], "speaker": None, "session": None,
        "scope": "github.com/acme/api", "source": None, "observed_at": "2024-11-03T10:00:00+01:00",
        "recorded_at": "2024-11-03T09:00:00Z", "valid_from": None, "valid_until": None, "importance": 0.5,
        "pinned": False, "private": False, "trust": 0.9, "supersedes": [], "superseded_by": None, "claims": [],
        "idempotency_key": None, "actor": "cli", "uses": 0,
    }  # fmt: skip
    return fields | more


def hit(rank: int = 1, score: float = 2.83, **more: Any) -> dict[str, Any]:
    """A hit as the engine returns it; fields of :func:`memory` go into its memory."""
    own = {name: more.pop(name) for name in ("flags", "why", "channels", "weights", "nearer_than") if name in more}
    shown = {"flags": [], "why": {}, "channels": {}, "weights": {}, "nearer_than": 911, **own}
    return {"rank": rank, "score": score, "memory": memory(**more), "phase": "active", **shown}


def answer(*hits: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A result of recall."""
    return {
        "recall_id": "8f2a", "hits": list(hits), "abstained": False, "reason": None, "probability": 0.81,
        "near_misses": [], "scope": ["github.com/acme/api", "global"], "elsewhere": {}, "searched": 912,
        "timings_ms": {"embed": 6.1, "total": 9.2},
    } | more  # fmt: skip


def recalled(**more: Any) -> dict[str, Any]:
    """What why says of a recall that was answered before."""
    return {
        "recall_id": "8f2a", "query": "which port", "asked_at": "2024-11-03T14:02:00+01:00", "searched": 912,
        "scope": ["github.com/acme/api", "global"], "abstained": False, "reason": None, "probability": 0.81,
    } | more  # fmt: skip


def why_of(fields: dict[str, Any]) -> dict[str, Any]:
    """A result of why: of the last recall, of a memory for a question, or of a memory."""
    terms = {"why": {"words": 2.0, "meaning": 0.83}, "channels": {"words": 1, "meaning": 3}}
    if fields.get("last"):
        return recalled(hits=[hit(**terms)])
    if "for" not in fields:
        shown = {
            "phase": "active",
            "flags": [],
            "conflicts": [],
            "history": [memory("p7d2x0000000", "API listens on 5432")],
        }
        return {"memory": memory(), **shown, "recalled": recalled(hit=hit(**terms))}
    return why_not()


def why_not(**more: Any) -> dict[str, Any]:
    """A result of why for a question that puts the memory fifth of 912."""
    lowest = {"rank": 1, "score": 2.83, "why": {"words": 2.0, "meaning": 0.83}, "channels": {}, "first_pass": 1}
    told = {
        "memory": memory("p7d2x0000000", "API listens on 5432"), "phase": "active", "flags": [], "rank": 5,
        "score": 1.21, "why": {"words": 0.4, "meaning": 0.81}, "channels": {"words": 22, "meaning": 3}, "weights": {},
        "first_pass": 7, "lowest": {"id": "k3m9q0000000", **lowest}, "gap": {"words": -1.6, "meaning": -0.02},
        "shown": False,
        "excluded": [{"by": "limit", "detail": "rank 5 of 912, at most 1 are shown", "hint": "--limit 5"}],
    }  # fmt: skip
    return recalled() | told | more


def refusal(error: type[SlmError], message: str = "it failed", hint: str | None = "mend it") -> SlmError:
    """An error as the engine raises it."""
    return error(message, hint=hint)
