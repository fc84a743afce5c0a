"""Question collections in their published formats, as records to remember and questions with their answers."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from slm.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Question:
    """A question, the positions of the records that answer it (none: unanswerable), and its category."""

    text: str
    gold: frozenset[int]
    category: str


@dataclass(frozen=True, slots=True)
class Collection:
    """One store's worth of records, and the questions put to it."""

    name: str
    records: list[dict[str, Any]]
    questions: list[Question] = field(default_factory=list)


def sha256(path: Path) -> str:
    """The digest of a file, or of all files of a folder in order."""
    digest = hashlib.sha256()
    for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
        if file.is_file():
            digest.update(file.read_bytes())
    return digest.hexdigest()


LOCOMO_CATEGORIES = {1: "multi-hop", 2: "temporal", 3: "open-domain", 4: "single-hop", 5: "adversarial"}
LOCOMO_TIME = "%I:%M %p on %d %B, %Y"


def locomo(path: Path) -> list[Collection]:
    """LoCoMo's own JSON: one record a dialogue turn, one collection a conversation.

    Raises :class:`InvalidInput` for a file of another shape.
    """
    try:
        return [_conversation(sample) for sample in json.loads(path.read_text(encoding="utf-8"))]
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidInput(f"{path} is not in LoCoMo's format: {error!r}") from error


def _conversation(sample: dict[str, Any]) -> Collection:
    records: list[dict[str, Any]] = []
    position: dict[str, int] = {}
    for session, turns, when in _sessions(sample["conversation"]):
        for turn in turns:
            position[turn["dia_id"]] = len(records)
            records.append(_turn(sample["sample_id"], session, turn, when))
    questions = [
        Question(
            qa["question"],
            frozenset(position[i] for i in _evidence(qa) if i in position) if qa["category"] != 5 else frozenset(),
            LOCOMO_CATEGORIES[qa["category"]],
        )
        for qa in sample["qa"]
    ]
    return Collection(sample["sample_id"], records, questions)


def _sessions(conversation: dict[str, Any]) -> Iterator[tuple[str, list[dict[str, Any]], datetime]]:
    for name, turns in conversation.items():
        if re.fullmatch(r"session_\d+", name):
            yield name, turns, datetime.strptime(conversation[f"{name}_date_time"], LOCOMO_TIME).replace(tzinfo=UTC)


def _turn(sample: str, session: str, turn: dict[str, Any], when: datetime) -> dict[str, Any]:
    caption = f" [shares {turn['blip_caption']}]" if turn.get("blip_caption") else ""
    return {
        "text": turn["text"] + caption or "(no words)",
        "kind": "turn",
        "speaker": turn["speaker"],
        "session": f"{sample}/{session}",
        "source": sample,
        "observed_at": when.isoformat(),
        "idempotency_key": f"{sample}/{turn['dia_id']}",
    }


def _evidence(qa: dict[str, Any]) -> list[str]:
    """The turns named as evidence; the key holds a few several-in-one strings such as ``D8:6; D9:17``."""
    return [found for entry in qa.get("evidence", ()) for found in re.findall(r"D\d+:\d+", entry)]
