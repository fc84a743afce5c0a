"""Small exports of other programs, made up in their public formats."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any


def message(role: str, *parts: Any, at: float | None = None, **more: Any) -> dict[str, Any]:
    """A message of ChatGPT."""
    content = more.pop("content", {"content_type": "text", "parts": list(parts)})
    return {"author": {"role": role}, "create_time": at, "recipient": "all", "content": content, "metadata": {}} | more


def tree(*path: dict[str, Any] | None, **more: Any) -> dict[str, Any]:
    """A conversation of ChatGPT whose messages n0, n1, … follow each other; further fields replace its own."""
    mapping = {
        f"n{i}": {"id": f"n{i}", "parent": f"n{i - 1}" if i else None, "children": [f"n{i + 1}"] * (i + 1 < len(path)),
                  "message": each and {"id": f"m{i}"} | each}
        for i, each in enumerate(path)
    }  # fmt: skip
    own = {"conversation_id": "c1", "title": "Moving the API", "create_time": 1_730_620_800.0, "mapping": mapping}
    return own | {"current_node": f"n{len(path) - 1}"} | more


CHATGPT = [
    tree(
        None,
        message("system", "You are helpful."),
        message("user", "The API listens on 5433 now.", at=1_730_624_400.25),
        message("assistant", "Noted.", at=1_730_624_410.0),
    ),
    tree(message("user", "What is a heron?", at=1_730_711_000.0), conversation_id="c2", title=None),
]


def claude_message(sender: str, text: str, **more: Any) -> dict[str, Any]:
    """A message of Claude."""
    own = {"uuid": text[:8], "sender": sender, "created_at": "2024-11-03T10:00:00.000000Z", "text": text}
    return own | {"content": [{"type": "text", "text": text}], "attachments": [], "files": []} | more


def claude_conversation(*messages: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A conversation of Claude."""
    own = {"uuid": "c1", "name": "Moving the API", "created_at": "2024-11-03T09:00:00Z"}
    return own | {"chat_messages": list(messages)} | more


CLAUDE = [
    claude_conversation(
        claude_message("human", "The API listens on 5433 now."),
        claude_message("assistant", "I will keep that in mind."),
    )
]
CLAUDE_PROJECTS = [
    {
        "uuid": "p1",
        "name": "Atlas",
        "description": "The move to Berlin",
        "prompt_template": "Answer briefly.",
        "created_at": "2024-10-01T08:00:00Z",
        "docs": [
            {"uuid": "d1", "filename": "plan.md", "content": "Ship in May.", "created_at": "2024-10-02T08:00:00Z"}
        ],
    }
]
CLAUDE_MEMORIES = [
    {
        "conversations_memory": "# Work\nAnna runs the team that moves the API, and she prefers short answers.",
        "project_memories": {"p1": "Atlas ships in May, after the audit is through and the books are closed."},
        "account_uuid": "a1",
    }
]

MEM0 = {
    "results": [
        {
            "id": "7f1c",
            "memory": "Prefers short answers",
            "user_id": "anna",
            "run_id": "r1",
            "categories": ["personal details", "style"],
            "created_at": "2024-07-20T01:30:36.275141-07:00",
            "updated_at": None,
            "metadata": {"x": 1},
        }
    ],
    "relations": [{"source": "anna", "relationship": "works_at", "target": "acme"}],
}

MCP_MEMORY = [
    {
        "type": "entity",
        "name": "Anna Berg",
        "entityType": "person",
        "observations": ["prefers short answers", "born in 1980"],
    },
    {"type": "entity", "name": "Acme", "entityType": "organization", "observations": []},
    {"type": "relation", "from": "Anna Berg", "to": "Acme", "relationType": "works_at"},
]

LOCOMO = [
    {
        "sample_id": "conv-1",
        "conversation": {
            "speaker_a": "Ann",
            "speaker_b": "Bob",
            "session_1_date_time": "1:56 pm on 8 May, 2023",
            "session_1": [
                {"speaker": "Ann", "dia_id": "D1:1", "text": "I adopted a heron."},
                {"speaker": "Bob", "dia_id": "D1:2", "text": "Show me!", "blip_caption": "a bird"},
            ],
        },
        "qa": [],
    }
]


def json_lines(*documents: Any) -> str:
    """One document a line."""
    return "".join(json.dumps(document) + "\n" for document in documents)


def zipped(path: Path, members: dict[str, Any]) -> str:
    """An archive of JSON documents; a text stands as it is. Returns its path."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content if isinstance(content, str) else json.dumps(content))
    return str(path)


SAMPLES: dict[str, tuple[str, str, int]] = {
    "chatgpt": ("conversations.json", json.dumps(CHATGPT), 3),
    "claude": ("conversations.json", json.dumps(CLAUDE), 2),
    "mem0": ("memories.json", json.dumps(MEM0), 2),
    "mcp-memory": ("memory.jsonl", json_lines(*MCP_MEMORY), 4),
    "locomo": ("locomo.json", json.dumps(LOCOMO), 2),
    "jsonl": ("notes.jsonl", json_lines({"text": "a", "idempotency_key": "1"}, {"text": "b"}), 2),
    "markdown": ("2024-11-03.md", "# Standup\n\nAnna moves the API to port 5433, says the plan of last week.\n", 1),
}
"""By format: a file's name, its content, and the number of memories in it."""
