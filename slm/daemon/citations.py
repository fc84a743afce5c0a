"""Which memories an agent's last answer cites as ``[slm:id]``: from what the hook is told, else from the transcript.

A transcript is JSON lines (Claude Code, Codex) or one JSON document (Gemini CLI). Only what the assistant said since
the user's last prompt is looked at, so that no answer counts twice and nothing that was shown to the agent counts.
"""

from __future__ import annotations

import posix
import re
from json import loads

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

TAG = re.compile(r"\[slm:([0-9a-hjkmnp-tv-z]{12})\]")
MOST = 16
"""Uses counted of one answer: a list of everything is no use of anything."""
TAIL_BYTES = 1 << 20
LAST_ANSWER = ("last_assistant_message", "prompt_response", "text")
ASSISTANTS = frozenset({"assistant", "gemini", "model"})
SAID = frozenset({"text", "input_text", "output_text"})
"""Kinds of blocks that somebody said; the others are what tools were given and gave back."""


def cited(told: dict[str, Any]) -> list[str]:
    """The ids in the order they are cited, each once, at most :data:`MOST`. Raises OSError and ValueError."""
    given = [told[name] for name in LAST_ANSWER if isinstance(told.get(name), str)]
    path = told.get("transcript_path")
    if not given and isinstance(path, str) and path.startswith("/"):
        given = list(_last_answer(_tail(path)))
    return list(dict.fromkeys(TAG.findall("\n".join(given))))[:MOST]


def _last_answer(text: str) -> Iterator[str]:
    """What the assistant said since the user's last prompt, the last first."""
    for entry in _entries(text):
        role = _role(entry)
        if role in ASSISTANTS:
            yield from _texts(entry)
        elif role == "user" and any(_texts(entry)):
            return


def _entries(text: str) -> Iterator[dict[str, Any]]:
    """The entries of a transcript, the last first; a line that was cut or is no JSON is passed over."""
    lines = text.split("\n")  # a JSON text may hold other signs that end lines
    if text.lstrip().startswith("{") and len(lines) > 1 and not _parsed(lines[0]):
        whole = _parsed(text)
        messages = whole.get("messages") if whole else None
        entries = messages if isinstance(messages, list) else []
        yield from (entry for entry in reversed(entries) if isinstance(entry, dict))
        return
    for line in reversed(lines):
        if entry := _parsed(line):
            yield entry


def _parsed(text: str) -> dict[str, Any] | None:
    try:
        parsed = loads(text)
    except ValueError:
        return None
    return parsed if isinstance(parsed, dict) else None


def _message(entry: dict[str, Any]) -> dict[str, Any]:
    """The message within an entry: under ``message`` or ``payload``, or the entry itself."""
    inner = next((entry[name] for name in ("message", "payload") if isinstance(entry.get(name), dict)), entry)
    return dict(inner)


def _role(entry: dict[str, Any]) -> str:
    role = _message(entry).get("role") or entry.get("type")
    return role if isinstance(role, str) else ""


def _texts(entry: dict[str, Any]) -> Iterator[str]:
    """The texts that were said."""
    content = _message(entry).get("content")
    if isinstance(content, str):
        yield content
    for block in content if isinstance(content, list) else ():
        if isinstance(block, dict) and isinstance(block.get("text"), str) and block.get("type", "text") in SAID:
            yield block["text"]


def _tail(path: str) -> str:
    """The end of a regular file, from the first whole line on."""
    descriptor = posix.open(path, posix.O_RDONLY | posix.O_NONBLOCK | posix.O_CLOEXEC)
    try:
        found = posix.fstat(descriptor)
        if found.st_mode & 0o170000 != 0o100000:
            raise ValueError("not a file")
        start = max(0, found.st_size - TAIL_BYTES)
        read = posix.pread(descriptor, TAIL_BYTES, start)
    finally:
        posix.close(descriptor)
    text = read.decode("utf-8", "replace")
    return text.partition("\n")[2] if start else text
