"""LoCoMo (Maharana et al., ACL 2024) in its own JSON: a record a dialogue turn, a collection a conversation."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from slm.bench.collections.collection import Collection, Question, Record, json_lines, reading
from slm.ingest.locomo import turns

CATEGORIES = {1: "multi-hop", 2: "temporal", 3: "open-domain", 4: "single-hop", 5: "adversarial"}
UNANSWERABLE = "adversarial"

Audit = Mapping[tuple[str, str], list[str] | None]
"""By conversation and question: the evidence of the audited key, None where the question is unfit."""


def read(path: Path, audit: Path | None = None) -> list[Collection]:
    """The conversations of a file; ``audit`` is a file of JSON lines with corrected evidence.

    Raises :class:`InvalidInput` for a file of another shape.
    """
    corrections: Audit = {}
    if audit is not None:
        with reading(audit, "the audit of LoCoMo"):
            corrections = {(row["sample_id"], row["question"]): _fit_evidence(row) for row in json_lines(audit)}
    with reading(path, "LoCoMo"):
        return [_conversation(sample, corrections) for sample in json.loads(path.read_text(encoding="utf-8"))]


def _fit_evidence(row: dict[str, Any]) -> list[str] | None:
    return list(row["evidence_corrected"]) if row["clean_for_evidence_scoring"] else None


def _conversation(sample: dict[str, Any], audit: Audit) -> Collection:
    records: list[Record] = []
    position: dict[str, int] = {}
    asked_at = None
    for turn in turns(sample):
        asked_at = max(asked_at or turn.when, turn.when)
        position[turn.number] = len(records)
        records.append(turn.record)

    def gold(evidence: list[str]) -> frozenset[int]:
        return frozenset(position[i] for i in turn_ids(evidence) if i in position)

    def question(qa: dict[str, Any]) -> Question:
        category = CATEGORIES[qa["category"]]
        answerable = category != UNANSWERABLE
        corrected = audit.get((sample["sample_id"], qa["question"]))
        return Question(
            text=qa["question"],
            gold=gold(qa.get("evidence", [])) if answerable else frozenset(),
            category=category,
            answerable=answerable,
            answer=str(qa["answer"]) if answerable and qa.get("answer") is not None else None,
            asked_at=asked_at.isoformat() if asked_at else None,
            corrected=gold(corrected) if answerable and corrected is not None else None,
        )

    return Collection(sample["sample_id"], records, [question(qa) for qa in sample["qa"]])


def turn_ids(evidence: list[str]) -> list[str]:
    """The turns named as evidence; the key holds a few several-in-one strings such as ``D8:6; D9:17``."""
    return [found for entry in evidence for found in re.findall(r"D\d+:\d+", entry)]
