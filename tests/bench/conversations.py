"""A made file in LoCoMo's own format: two short conversations, written for these tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def _turns(session: int, *lines: tuple[str, str]) -> list[dict[str, Any]]:
    return [{"speaker": who, "dia_id": f"D{session}:{i}", "text": text} for i, (who, text) in enumerate(lines, 1)]


FIRST: dict[str, Any] = {
    "sample_id": "conv-1",
    "conversation": {
        "speaker_a": "Ana",
        "speaker_b": "Ben",
        "session_1_date_time": "1:56 pm on 8 May, 2023",
        "session_1": _turns(
            1, ("Ana", "I adopted a grey cat called Mo."), ("Ben", "Lovely! I took up pottery in April.")
        ),
        "session_2_date_time": "10:00 am on 9 June, 2023",
        "session_2": _turns(2, ("Ben", "The kiln broke, so I paint now."), ("Ana", "Mo caught a mouse.")),
    },
    "qa": [
        {"question": "What is the name of Ana's cat?", "answer": "Mo", "evidence": ["D1:1"], "category": 4},
        {"question": "Which hobbies has Ben had?", "answer": "pottery", "evidence": ["D1:2; D2:1"], "category": 1},
        {"question": "When did Ben start pottery?", "answer": "April", "evidence": ["D1:2"], "category": 2},
        {"question": "What is the name of Ben's dog?", "adversarial_answer": "Mo", "evidence": ["D1:1"], "category": 5},
    ],
}
FIRST["conversation"]["session_2"][1]["blip_caption"] = "a cat with a mouse"

SECOND: dict[str, Any] = {
    "sample_id": "conv-2",
    "conversation": {
        "session_1_date_time": "9:05 am on 1 January, 2024",
        "session_1": _turns(1, ("Cem", "Happy new year!")),
    },
    "qa": [
        {"question": "What did Cem wish?", "answer": "a happy new year", "evidence": ["D1:1", "D9:9"], "category": 3}
    ],
}


def write(folder: Path) -> Path:
    """The file in ``folder``."""
    path = folder / "conversations.json"
    path.write_text(json.dumps([FIRST, SECOND]))
    return path
