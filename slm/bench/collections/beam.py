"""BEAM (long conversations with an assistant) as a folder of JSON lines: a record a turn, a collection a conversation.

A batch of turns is a session. A turn has the time of the last time anchor before it.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from slm.bench.collections.collection import Collection, Question, Record, json_lines, reading

UNANSWERABLE = "abstention"
TIME = "%B-%d-%Y"


def read(folder: Path) -> list[Collection]:
    """The conversations of ``folder``. Raises :class:`InvalidInput` for files of another shape."""
    with reading(folder, "BEAM"):
        turns, questions = defaultdict(list), defaultdict(list)
        for row in json_lines(folder / "turns.jsonl"):
            turns[row["conv"]].append(row)
        for row in json_lines(folder / "questions.jsonl"):
            questions[row["conv"]].append(row)
        return [_conversation(name, rows, questions[name]) for name, rows in turns.items()]


def _conversation(number: int, turns: list[dict[str, Any]], questions: list[dict[str, Any]]) -> Collection:
    name = f"beam-{number}"
    position = {turn["id"]: i for i, turn in enumerate(turns)}
    asked = [
        Question(
            text=row["question"],
            gold=frozenset(position[i] for i in row["source_chat_ids"]),
            category=row["category"],
            answerable=row["category"] != UNANSWERABLE,
            answer=row.get("answer"),
        )
        for row in questions
    ]
    return Collection(name, [_turn(name, turn) for turn in turns], asked)


def _turn(name: str, turn: dict[str, Any]) -> Record:
    anchor = turn.get("time_anchor_carried")
    when = datetime.strptime(anchor, TIME).replace(tzinfo=UTC) if anchor else None
    return {
        "text": turn["content"],
        "kind": "turn",
        "speaker": turn["role"],
        "session": f"{name}/{turn['batch']}",
        "source": name,
        "idempotency_key": f"{name}/{turn['id']}",
        **({"observed_at": when.isoformat()} if when else {}),
    }
