"""LongMemEval (Wu et al., ICLR 2025) as a folder of JSON lines: sessions split into turns, all in one store.

What is looked for is a session: the unit of a turn is its session.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from slm.bench.collections.collection import Collection, Question, Record, json_lines, reading

TURN = re.compile(r"^(user|assistant): ", re.MULTILINE)
TIME = re.compile(r"(\d{4})/(\d\d)/(\d\d)(?: \(\w+\))?(?: (\d\d):(\d\d))?")


def read(folder: Path) -> list[Collection]:
    """The one collection of ``folder``. Raises :class:`InvalidInput` for files of another shape."""
    with reading(folder, "LongMemEval"):
        sessions = json_lines(folder / "sessions.jsonl")
        number = {session["session_id"]: i for i, session in enumerate(sessions)}
        records, units = [], []
        for i, session in enumerate(sessions):
            turns = _turns(session)
            records += turns
            units += [i] * len(turns)
        questions = [_question(row, number) for row in json_lines(folder / "questions.jsonl")]
        return [Collection("longmemeval", records, questions, units)]


def _turns(session: dict[str, Any]) -> list[Record]:
    name, when = session["session_id"], iso_time(session.get("date"))
    parts = TURN.split(session["text"])
    speakers, texts = parts[1::2], parts[2::2]
    if parts[0].strip() or not texts:
        raise ValueError(f"the text of session {name} doesn't start with a turn")
    return [
        {
            "text": text.strip() or "(no words)",
            "kind": "turn",
            "speaker": speaker,
            "session": f"longmemeval/{name}",
            "source": "longmemeval",
            "idempotency_key": f"longmemeval/{name}/{i}",
            **({"observed_at": when} if when else {}),
        }
        for i, (speaker, text) in enumerate(zip(speakers, texts, strict=True))
    ]


def _question(row: dict[str, Any], number: dict[str, int]) -> Question:
    answerable = not row["is_abstention"]
    return Question(
        text=row["question"],
        gold=frozenset(number[name] for name in row["gold_session_ids"]) if answerable else frozenset(),
        category=row["question_type"],
        answerable=answerable,
        answer=row["answers"][0] if answerable and row["answers"] else None,
        asked_at=iso_time(row.get("question_date")),
    )


def iso_time(written: str | None) -> str | None:
    """ISO 8601 of a time as it is written here, ``2023/05/30 (Tue) 17:27`` or ISO already. ValueError: neither."""
    if written is None:
        return None
    found = TIME.fullmatch(written)
    if found is None:
        return datetime.fromisoformat(written).isoformat()
    return datetime(*(int(part or 0) for part in found.groups()), tzinfo=UTC).isoformat()  # type: ignore[arg-type,misc]
