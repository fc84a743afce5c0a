"""Made folders in the formats of the other sets, written for these tests: a few lines each."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

LONGMEMEVAL: Mapping[str, list[dict[str, Any]]] = {
    "sessions": [
        {
            "session_id": "s1",
            "date": "2023/05/30 (Tue) 17:27",
            "text": "user: My commute takes forty minutes.\nassistant: That's long.\nHave you tried\n"
            "user: the train?\n",
        },
        {"session_id": "s2", "date": None, "text": "user: Which tea is strongest?\nassistant: Assam."},
        {"session_id": "s3", "date": "2023/06/01", "text": "assistant: Hello!\nuser: I bought red shoes."},
    ],
    "questions": [
        {
            "question_id": "q1", "question_type": "single", "question": "How long is my commute?",
            "answers": ["forty minutes"], "gold_session_ids": ["s1"], "question_date": "2023-06-02T00:00:00+00:00",
            "is_abstention": False,
        },
        {
            "question_id": "q2", "question_type": "multi", "question": "Which shoes and which tea did I mention?",
            "answers": ["red, Assam"], "gold_session_ids": ["s2", "s3"], "question_date": "2023/06/03 (Sat) 08:08",
            "is_abstention": False,
        },
        {
            "question_id": "q3", "question_type": "single", "question": "What is the name of my hamster?",
            "answers": ["You didn't say."], "gold_session_ids": ["s1"], "question_date": None, "is_abstention": True,
        },
    ],
}  # fmt: skip

BEAM: Mapping[str, list[dict[str, Any]]] = {
    "turns": [
        {"conv": conv, "batch": batch, "id": i, "role": role, "time_anchor_carried": anchor, "content": text}
        for conv, batch, i, role, anchor, text in [
            (2, 1, 0, "user", "March-15-2024", "I set the deadline to 1 April."),
            (2, 1, 1, "assistant", "March-15-2024", "Noted."),
            (2, 2, 4, "user", "March-20-2024", "The deadline moved to 8 April."),
            (7, 1, 0, "user", None, "My budget is 300 euros."),
        ]
    ],
    "questions": [
        {
            "conv": 2, "category": "knowledge_update", "question": "When is the deadline?", "answer": "8 April",
            "source_chat_ids": [0, 4],
        },
        {
            "conv": 2, "category": "abstention", "question": "Who sets the agenda?", "answer": "Not said.",
            "source_chat_ids": [],
        },
        {
            "conv": 7, "category": "information_extraction", "question": "What is my budget?", "answer": "300 euros",
            "source_chat_ids": [0],
        },
    ],
}  # fmt: skip

FACTS: Mapping[str, list[dict[str, Any]]] = {
    "facts": [
        {"serial": 1, "text": "Ana Berg plays the position of goalkeeper."},
        {"serial": 0, "text": "Ana Berg was born in the city of Oslo."},
        {"serial": 5, "text": "Ana Berg plays the position of winger."},
    ],
    "questions": [
        {
            "hop": "single", "question": "Which position does Ana Berg play?", "answers": ["winger"],
            "gold_serial_derived": 5, "stale_serials_derived": [1],
        },
        {
            "hop": "single", "question": "Where was Ana Berg born?", "answers": ["Oslo"], "gold_serial_derived": 0,
            "stale_serials_derived": [],
        },
        {
            "hop": "multi", "question": "Which country was the winger born in?", "answers": ["Norway"],
            "gold_serial_derived": None, "stale_serials_derived": None,
        },
    ],
}  # fmt: skip

CRANFIELD: Mapping[str, list[dict[str, Any]]] = {
    "docs": [
        {"id": "1", "title": "wings", "text": "lift of a swept wing in a slipstream ."},
        {"id": "2", "title": "", "text": " "},
        {"id": "9", "title": "plates", "text": "heat conduction in composite slabs and plates ."},
    ],
    "queries": [
        {"id": "1", "original_num": "4", "text": "lift of wings in a slipstream"},
        {"id": "2", "original_num": "8", "text": "heat conduction"},
    ],
    "qrels": [
        {"query_id": "1", "doc_id": "1", "rel": 3},
        {"query_id": "1", "doc_id": "9", "rel": 0},
        {"query_id": "2", "doc_id": "9", "rel": 1},
        {"query_id": "2", "doc_id": "2", "rel": 1},
    ],
}


def write(folder: Path, files: Mapping[str, Iterable[dict[str, Any]]]) -> Path:
    """The ``files`` by name as JSON lines in ``folder``, which is made."""
    folder.mkdir(exist_ok=True)
    for name, rows in files.items():
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder
