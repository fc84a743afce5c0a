"""FactConsolidation (MemoryAgentBench) as a folder of JSON lines: numbered facts, of which later ones override earlier.

The questions are those whose newest fact is known; what is looked for is that fact alone.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from slm.bench.collections.collection import Collection, Question, json_lines, reading

FIRST_FACT = datetime(2024, 1, 1, tzinfo=UTC)
"""The facts have numbers but no times: each is taken as observed a minute after the one before."""


def read(folder: Path) -> list[Collection]:
    """The one collection of ``folder``. Raises :class:`InvalidInput` for files of another shape."""
    with reading(folder, "FactConsolidation"):
        facts = sorted(json_lines(folder / "facts.jsonl"), key=lambda fact: int(fact["serial"]))
        position = {fact["serial"]: i for i, fact in enumerate(facts)}
        records = [
            {
                "text": fact["text"],
                "kind": "fact",
                "source": "factconsolidation",
                "observed_at": (FIRST_FACT + timedelta(minutes=i)).isoformat(),
                "idempotency_key": f"factconsolidation/{fact['serial']}",
            }
            for i, fact in enumerate(facts)
        ]
        questions = [
            Question(
                text=row["question"],
                gold=frozenset({position[row["gold_serial_derived"]]}),
                category="overridden" if row["stale_serials_derived"] else "never changed",
                answer=row["answers"][0],
            )
            for row in json_lines(folder / "questions.jsonl")
            if row["gold_serial_derived"] is not None
        ]
        return [Collection("factconsolidation", records, questions)]
