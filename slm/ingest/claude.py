"""Claude's data export: a memory a message, a pasted document, a project document, a section of what Claude keeps.

*Settings > Privacy > Export data* gives a ZIP archive of arrays. ``conversations.json``: ``{"uuid", "name",
"created_at", "chat_messages", "current_leaf_message_uuid"}``; a message is ``{"uuid", "sender": "human" | "assistant",
"created_at", "text", "content": [blocks], "attachments": [{"file_name", "extracted_content"}],
"parent_message_uuid"}``. ``projects.json``: ``{"uuid", "name", "description", "prompt_template", "created_at",
"docs": [{"uuid", "filename", "content", "created_at"}]}``. ``memories.json``: ``{"conversations_memory": Markdown,
"project_memories": {project's uuid: Markdown}}``. Times are ISO 8601.

Of a message's blocks those of type ``text`` are taken; without any, its ``text``. Thinking, tool calls and their
results are passed over, and where messages name their parents, branches that lead past the current one. Which of the
three a document is follows from its fields.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from slm.errors import InvalidInput
from slm.ingest.found import Found, Warn, digest, one_line, sound, take, time_of
from slm.ingest.json_stream import Element, elements
from slm.ingest.markdown import records as sections_of
from slm.ingest.places import files

FILES = re.compile(r"(?:.*/)?(?:conversations(?:-\d+)?|projects|memories|projects/[^/]+)\.json")
SPEAKERS = {"human": None, "assistant": "Claude"}
"""What the user wrote has no speaker: that is the owner of the memory."""
NO_PARENT = "00000000-0000-4000-8000-000000000000"

Message = dict[str, Any]


def read(place: str, stdin: BinaryIO, warn: Warn) -> Iterator[Found]:
    """Messages as turns, all else as notes; ``session`` is the conversation, ``source`` names where it stands."""
    for name, stream in files(place, stdin, FILES, "conversations.json"):
        for element in elements(stream, name):
            yield from _document(element, warn)


def _document(element: Element, warn: Warn) -> Iterator[Found]:
    place, document = element
    if isinstance(document, dict):
        if isinstance(document.get("chat_messages"), list):
            return _conversation(place, document, warn)
        if "conversations_memory" in document or "project_memories" in document:
            return _memory(document, warn)
        if "docs" in document or "prompt_template" in document:
            return _project(place, document, warn)
    hint = "other exports: --from chatgpt, mem0, jsonl"
    raise InvalidInput(f"{place}: neither a conversation of Claude nor a project nor its memory", hint=hint)


def _conversation(place: str, conversation: dict[str, Any], warn: Warn) -> Iterator[Found]:
    name = one_line(conversation.get("uuid"), place)
    common = {
        "session": f"claude/{name}",
        "source": f"claude: {one_line(conversation.get('name'), 'untitled')}",
    }
    when = time_of(conversation.get("created_at"))
    shown = _shown(conversation["chat_messages"], conversation.get("current_leaf_message_uuid"))
    for index, message in enumerate(conversation["chat_messages"]):
        if not isinstance(message, dict) or message.get("sender") not in tuple(SPEAKERS):
            continue
        message_id = one_line(message.get("uuid"), str(index))
        if shown is not None and message_id not in shown:
            continue
        when = time_of(message.get("created_at")) or when
        key, where = f"claude:{name}:{message_id}", f"{place}.chat_messages[{index}]"
        timed = {**common, "observed_at": when}
        if text := _text(message):
            said = {"text": text, "kind": "turn", "speaker": SPEAKERS[message["sender"]], "idempotency_key": key}
            yield from take(said | timed, where, warn)
        for title, content in _pasted(message):
            pasted = {"text": f"{title}\n\n{content}", "idempotency_key": f"{key}:{digest(title, content)}"}
            yield from take(pasted | timed, f"{where}.attachments", warn)


def _shown(messages: list[Any], leaf: object) -> set[str] | None:
    """The ids on the way to the current leaf; None where the messages don't tell it: then all are shown."""
    parents: dict[str, str] = {}
    for message in messages:
        links = (message.get("uuid"), message.get("parent_message_uuid")) if isinstance(message, dict) else ()
        if len(links) < 2 or not all(isinstance(link, str) for link in links):
            return None
        parents[str(links[0])] = str(links[1])
    at, path = leaf if isinstance(leaf, str) and leaf in parents else next(reversed(parents), ""), set[str]()
    while at in parents and at not in path:
        path.add(at)
        at = parents[at]
    return path if at == NO_PARENT else None


def _text(message: Message) -> str:
    blocks = _list(message.get("content"))
    texts = [block.get("text") for block in blocks if isinstance(block, dict) and block.get("type") == "text"]
    said = [text.strip() for text in texts if isinstance(text, str) and text.strip()]
    whole = message.get("text")
    return sound("\n\n".join(said) or (whole.strip() if isinstance(whole, str) and not blocks else ""))


def _pasted(message: Message) -> Iterator[tuple[str, str]]:
    """Names and texts of the documents that came with a message."""
    for each in _list(message.get("attachments")):
        content = each.get("extracted_content") if isinstance(each, dict) else None
        if isinstance(content, str) and content.strip():
            yield one_line(each.get("file_name"), "pasted text"), sound(content).strip()


def _project(place: str, project: dict[str, Any], warn: Warn) -> Iterator[Found]:
    name = one_line(project.get("name"), "untitled")
    common = {"source": f"claude project: {name}", "observed_at": time_of(project.get("created_at"))}
    told = [project.get(field) for field in ("description", "prompt_template")]
    text = "\n\n".join(part.strip() for part in told if isinstance(part, str) and part.strip())
    if text:
        key = f"claude:project:{digest(name, text)}"
        yield from take({"text": f"{name}\n\n{sound(text)}", **common, "idempotency_key": key}, place, warn)
    for index, document in enumerate(_list(project.get("docs"))):
        content = document.get("content") if isinstance(document, dict) else None
        if isinstance(content, str) and content.strip():
            title = one_line(document.get("filename"), "untitled")
            record = {"text": f"{title}\n\n{sound(content).strip()}", **common}
            record["observed_at"] = time_of(document.get("created_at")) or common["observed_at"]
            record["idempotency_key"] = f"claude:project:{digest(name, title, content)}"
            yield from take(record, f"{place}.docs[{index}]", warn)


def _memory(document: dict[str, Any], warn: Warn) -> Iterator[Found]:
    """What Claude keeps of its user, cut at its headings."""
    texts = {"claude memory": document.get("conversations_memory")}
    of_projects = document.get("project_memories")
    for project, text in of_projects.items() if isinstance(of_projects, dict) else ():
        texts[f"claude memory of project {one_line(project)}"] = text
    for source, text in texts.items():
        if isinstance(text, str):
            for where, record in sections_of(sound(text), source, warn):
                yield where, {name: value for name, value in record.items() if name != "session"}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
