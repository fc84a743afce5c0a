"""A made collection of two sessions, for stores that tests can read by eye."""

from __future__ import annotations

from typing import Any

from slm.bench.collections.collection import Collection, Question

LINES = [
    ("Ana", "s1", "I adopted a grey cat called Mo."),
    ("Ben", "s1", "Lovely! I took up pottery in April."),
    ("Ben", "s2", "The kiln broke, so I paint landscapes now."),
    ("Ana", "s2", "Mo caught a mouse in the kitchen."),
    ("Ana", "s2", "My train to Lisbon leaves at seven in the morning."),
]


def record(i: int, speaker: str, session: str, text: str, name: str = "made") -> dict[str, Any]:
    return {
        "text": text, "kind": "turn", "speaker": speaker, "session": f"{name}/{session}",
        "observed_at": f"2024-01-0{i + 1}T10:00:00+00:00", "idempotency_key": f"{name}/{i}",
    }  # fmt: skip


def made(name: str = "made") -> Collection:
    """Five turns; the last question has no answer in them."""
    questions = [
        Question("What is the name of Ana's cat?", frozenset({0}), "single-hop", answer="Mo"),
        Question("Which hobbies has Ben had?", frozenset({1, 2}), "multi-hop", answer="pottery, painting"),
        Question("What is Ana's blood type?", frozenset(), "adversarial", answerable=False),
    ]
    return Collection(name, [record(i, *line, name=name) for i, line in enumerate(LINES)], questions)
