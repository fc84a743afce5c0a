"""From what was given to the memory it would become: checked, redacted, with times, scope and trust filled in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from typing import Any

from slm.engine.claims import parsed
from slm.engine.lived import Lived
from slm.engine.request import Request
from slm.errors import InvalidInput
from slm.ingest.records import check_record
from slm.ingest.redact import redact
from slm.model import DECISIONS, Memory
from slm.times import from_iso, iso

OUTPUT_ONLY = frozenset(
    {
        "actor",
        "lifecycle",
        "uses",
        "confirmations",
        "last_used",
        "recorded_at",
        "superseded_by",
        "trust",
        "forgotten_at",
        "never_true",
        *DECISIONS,
    }
)
"""Fields of a record that only an import may set: they say what a store did, not what a person remembers."""

TIMES = ("observed_at", "recorded_at", "valid_from", "valid_until", "last_used", "forgotten_at")


@dataclass(frozen=True, slots=True)
class Draft:
    """A memory on its way in, the kinds of secrets taken out of its text, and what another store says it has lived."""

    memory: Memory
    redacted: list[str]
    told: Lived | None = None


def imports(request: Request) -> bool:
    """Whether the request comes from an importer, which may restore what an export wrote."""
    return request.caller.actor.startswith("import:")


def single(request: Request) -> dict[str, Any]:
    """The record that the fields of a ``remember`` of one text stand for."""
    fields = request.fields
    if "text" not in fields:
        raise InvalidInput("nothing to remember: give a text or a batch", hint="slm remember The API listens on 5433")
    renamed = {"tag": "tags", "pin": "pinned", "claim": "claims"}
    left_out = {"no_redact", "force", "group", "at", "valid_from", "valid_until"}
    record = {renamed.get(name, name): value for name, value in fields.items() if name not in left_out}
    for field, name in (("at", "observed_at"), ("valid_from", "valid_from"), ("valid_until", "valid_until")):
        if field in fields:
            record[name] = request.when_iso(field)
    return record


def draft(request: Request, record: Any, where: str) -> Draft:
    """Check one record and complete it. Raises :class:`InvalidInput`, its message led by ``where``."""
    given = check_record(record, where)
    values = {name: value for name, value in given.items() if imports(request) or name not in OUTPUT_ONLY}
    parsed(request.engine.claims, values.get("claims", ()), values.get("speaker"), where)
    told = values.pop("lifecycle", None)
    values["text"], redacted = without_secrets(request, values["text"])
    for name in TIMES:
        if values.get(name):
            values[name] = iso(from_iso(values[name], request.zone))
    defaults = {
        "observed_at": iso(request.now),
        "recorded_at": iso(request.now.astimezone(UTC)),
        "scope": request.scope,
        "actor": request.caller.actor,
        "trust": trusted(request),
    }
    return Draft(Memory.from_record({"id": "", **defaults, **values}), redacted, told)


def without_secrets(request: Request, text: str) -> tuple[str, list[str]]:
    """The text with its secrets marked out, and their kinds; as it is where the caller or the configuration says so."""
    remember = request.engine.config.remember
    if not remember.redact or request.fields.get("no_redact"):
        return text, []
    return redact(text, remember.redact_patterns)


def trusted(request: Request) -> float:
    """How far the source of a request is believed at first, from the configuration."""
    trust = request.engine.config.trust
    by_source = {"mcp": trust.agent, "watch": trust.watch, "import": trust.imported}
    return by_source.get(request.caller.actor.partition(":")[0], trust.cli)
