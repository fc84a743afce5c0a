"""The words of the product as frozen values: a memory, a caller. Standard library only.

The JSON form of a memory is the *record* of ``remember --batch``, ``import``, ``export`` and every hit.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import IntFlag
from typing import Any, Literal, get_args

Kind = Literal["note", "fact", "preference", "decision", "event", "turn"]
KINDS: tuple[str, ...] = get_args(Kind)

PhaseName = Literal["active", "warm", "cold", "archived"]
"""How far a memory has faded, as people read it."""

MAX_TEXT_BYTES = 1 << 20
"""Longest text of one memory, in UTF-8 bytes."""

ID_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's base32 in lower case: no i, l, o or u."""
ID_LENGTH = 12


class HeadFlag(IntFlag):
    """What a memory's fields amount to, as bits: kept by the store for every row, read by ranking."""

    FORGOTTEN = 1
    NEVER_TRUE = 2
    SUPERSEDED = 4
    PRIVATE = 8
    PINNED = 16
    ERASED = 32

    HIDDEN = FORGOTTEN | NEVER_TRUE
    """Either of these: recall doesn't show it."""


@dataclass(frozen=True, slots=True)
class Memory:
    """One remembered text with what is known about it.

    Times are ISO 8601 strings with an offset, as they were written; ``recorded_at`` is UTC. ``importance`` and
    ``trust`` lie in [0, 1]. ``superseded_by`` names the successor; with ``never_true`` the text was a mistake from
    the start (``correct``), without it the text was true until ``valid_until``. A memory with ``forgotten_at`` is
    hidden until undone; one without a text was erased: it keeps its place and its id. ``uses`` and ``confirmations``
    are counts, ``last_used`` the time of the last use.

    ``claims`` are the claims given with the text, as written. What was decided about claims, those read from the text
    included: ``claims_dropped`` holds the digests of claims that no longer count, ``claims_ended`` "digest@time" for
    those that held until then, ``conflicts_accepted`` the ids of conflicts that are to stay as they are.
    """

    id: str
    text: str
    kind: Kind = "note"
    tags: tuple[str, ...] = ()
    speaker: str | None = None
    session: str | None = None
    scope: str = "global"
    source: str | None = None
    observed_at: str = ""
    recorded_at: str = ""
    valid_from: str | None = None
    valid_until: str | None = None
    importance: float = 0.5
    pinned: bool = False
    private: bool = False
    trust: float = 0.9
    supersedes: tuple[str, ...] = ()
    superseded_by: str | None = None
    claims: tuple[str, ...] = ()
    idempotency_key: str | None = None
    actor: str = "cli"
    uses: int = 0
    confirmations: int = 0
    last_used: str | None = None
    forgotten_at: str | None = None
    never_true: bool = False
    reason: str | None = None
    claims_dropped: tuple[str, ...] = ()
    claims_ended: tuple[str, ...] = ()
    conflicts_accepted: tuple[str, ...] = ()

    @property
    def live(self) -> bool:
        """Whether recall may show it: neither forgotten nor found to be never true."""
        return self.forgotten_at is None and not self.never_true

    @property
    def erased(self) -> bool:
        """Whether only the place of the memory is left: no text that was given is empty."""
        return not self.text

    def record(self) -> dict[str, Any]:
        """The documented JSON form; the fields of :data:`ONLY_WHEN_SET` appear only when they say something."""
        values = {name: getattr(self, name) for name in FIELDS}
        shown = {k: list(v) if isinstance(v, tuple) else v for k, v in values.items()}
        return {k: v for k, v in shown.items() if k not in ONLY_WHEN_SET or v}

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> Memory:
        """The memory that :meth:`record` wrote. Trusts its input: outside input goes through the engine's checks."""
        values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in record.items()}
        return cls(**values)


FIELDS: tuple[str, ...] = tuple(field.name for field in fields(Memory))
DEFAULTS: dict[str, Any] = {field.name: field.default for field in fields(Memory)}
DECISIONS = ("claims_dropped", "claims_ended", "conflicts_accepted")
"""Fields in which a memory keeps what was decided about its claims."""
ONLY_WHEN_SET = frozenset({"confirmations", "last_used", "forgotten_at", "never_true", "reason", *DECISIONS})


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, from where: what a client sends with every request.

    ``scope`` is an explicit choice, ``cwd`` the folder from which the project is derived otherwise; ``zone`` is an
    IANA name or ``+HH:MM`` in which naive times are read; ``actor`` is written into the journal.
    """

    actor: str = "script"
    profile: str | None = None
    scope: str | None = None
    cwd: str | None = None
    zone: str | None = None

    @property
    def is_agent(self) -> bool:
        """Whether it is an agent or a language model: private memories don't answer it, pinned ones it can't change."""
        return self.actor.startswith("mcp:") or self.actor == "llm"
