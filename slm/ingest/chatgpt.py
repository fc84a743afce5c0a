"""ChatGPT's data export: one memory a message that you or the model wrote, in the branch that is on the screen.

*Settings > Data controls > Export data* gives a ZIP archive with ``conversations.json``, large ones with
``conversations-000.json`` and so on: an array of conversations ``{"conversation_id" (or "id"), "title",
"create_time", "current_node", "mapping"}``. ``mapping`` is a tree of nodes by id, ``{"id", "message", "parent",
"children"}``; edited questions and regenerated answers are branches of it, and ``current_node`` is the end of the one
shown last. A message is ``{"id", "author": {"role"}, "create_time", "recipient", "content": {"content_type",
"parts"}, "metadata"}``; times are seconds since 1970.

Taken are messages of the roles ``user`` and ``assistant`` to ``all`` whose parts hold text (typed or transcribed).
Passed over are other branches, system messages, tool calls and their results, reasoning, images, and what the site
itself hides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from slm.errors import InvalidInput
from slm.ingest.found import Found, Warn, one_line, sound, take, time_of
from slm.ingest.json_stream import Element, elements
from slm.ingest.places import files

FILES = re.compile(r"(?:.*/)?conversations(?:-\d+)?\.json")
SPEAKERS = {"user": None, "assistant": "ChatGPT"}
"""What the user wrote has no speaker: that is the owner of the memory."""

Node = dict[str, Any]


def read(place: str, stdin: BinaryIO, warn: Warn) -> Iterator[Found]:
    """The messages as turns; ``session`` is the conversation, ``source`` names its title."""
    for name, stream in files(place, stdin, FILES, "conversations.json"):
        for element in elements(stream, name):
            yield from _conversation(element, warn)


def _conversation(element: Element, warn: Warn) -> Iterator[Found]:
    place, conversation = element
    if not isinstance(conversation, dict) or not isinstance(mapping := conversation.get("mapping"), dict):
        hint = "other exports: --from claude, mem0, jsonl"
        raise InvalidInput(f"{place}: no conversation of ChatGPT: 'mapping' is missing", hint=hint)
    name = one_line(conversation.get("conversation_id") or conversation.get("id"), place)
    common = {
        "kind": "turn",
        "session": f"chatgpt/{name}",
        "source": f"chatgpt: {one_line(conversation.get('title'), 'untitled')}",
    }
    when = time_of(conversation.get("create_time"))
    for node_id in _shown(mapping, conversation.get("current_node")):
        message = mapping[node_id].get("message")
        if not isinstance(message, dict):
            continue
        when = time_of(message.get("create_time")) or when
        if text := _text(message):
            own = {"speaker": SPEAKERS[message["author"]["role"]], "observed_at": when}
            key = f"chatgpt:{name}:{one_line(message.get('id'), node_id)}"
            record = {"text": text, **common, **own, "idempotency_key": key}
            yield from take(record, f"{place}.mapping.{node_id}", warn)


def _shown(mapping: dict[str, Any], current: object) -> list[str]:
    """The ids of the nodes from the root to the current one, or else to the newest node without children."""
    at = current if isinstance(current, str) and _is_node(mapping.get(current)) else _newest_end(mapping)
    path: dict[str, None] = {}
    while isinstance(at, str) and at not in path and _is_node(mapping.get(at)):
        path[at] = None
        at = mapping[at].get("parent")
    return list(path)[::-1]


def _newest_end(mapping: dict[str, Any]) -> str | None:
    ends = [node_id for node_id, node in mapping.items() if _is_node(node) and not node.get("children")]
    return max(ends, key=lambda node_id: _seconds(mapping[node_id]), default=None)


def _seconds(node: Node) -> float:
    message = node.get("message")
    when = message.get("create_time") if isinstance(message, dict) else None
    return when if isinstance(when, int | float) else 0.0


def _is_node(node: object) -> bool:
    return isinstance(node, dict)


def _text(message: dict[str, Any]) -> str:
    """What the message says to a reader; empty when it says nothing."""
    author, content, about = (_object(message.get(name)) for name in ("author", "content", "metadata"))
    hidden = about.get("is_visually_hidden_from_conversation") or message.get("recipient") not in ("all", None)
    if (
        hidden
        or author.get("role") not in tuple(SPEAKERS)
        or content.get("content_type") not in ("text", "multimodal_text")
    ):
        return ""
    parts = content.get("parts")
    said = [_part(part) for part in parts] if isinstance(parts, list) else []
    return sound("\n\n".join(part for part in said if part))


def _part(part: object) -> str:
    """A typed part is a text; a spoken one is an object with its transcription."""
    if isinstance(part, dict) and part.get("content_type") == "audio_transcription":
        part = part.get("text")
    return part.strip() if isinstance(part, str) else ""


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
