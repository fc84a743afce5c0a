"""Resources and the prompt: ``memory://ID``, ``memory://profile``, ``recall``. All of it is fenced text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from slm.daemon.mcp import shown
from slm.daemon.mcp.asking import Ask
from slm.daemon.mcp.eras import MODERN_VERSIONS
from slm.daemon.mcp.rpc import INVALID_PARAMS, RESOURCE_NOT_FOUND, Document, Refused
from slm.engine.fence import of_hit
from slm.errors import InvalidInput, NotFound

SCHEME = "memory://"
PROFILE = SCHEME + "profile"
PLAIN_TEXT = "text/plain"
PROFILE_TOKENS, PROMPT_TOKENS, PROMPT_HITS = 800, 1_200, 8

RESOURCES = [
    {
        "uri": PROFILE,
        "name": "profile",
        "title": "What stands",
        "description": "Pinned memories, decisions and preferences of the current project and of everywhere.",
        "mimeType": PLAIN_TEXT,
    }
]
TEMPLATES = [
    {
        "uriTemplate": SCHEME + "{id}",
        "name": "memory",
        "title": "One memory",
        "description": "A memory by its id, with its author, date and source.",
        "mimeType": PLAIN_TEXT,
    }
]
PROMPTS = [
    {
        "name": "recall",
        "title": "Recall",
        "description": "Answer a question from memory.",
        "arguments": [{"name": "question", "description": "What to look for", "required": True}],
    }
]


def read(ask: Ask, params: Mapping[str, Any], version: str) -> Document:
    """The contents of a resource. Raises :class:`Refused` for one that there isn't."""
    uri = params.get("uri")
    if not isinstance(uri, str):
        raise Refused(INVALID_PARAMS, "resources/read takes a uri")
    text = _profile(ask) if uri == PROFILE else _memory(ask, uri, version)
    return {"contents": [{"uri": uri, "mimeType": PLAIN_TEXT, "text": text}]}


def _profile(ask: Ask) -> str:
    return ask("context", budget=PROFILE_TOKENS)["text"] or "Nothing is remembered here yet."


def _memory(ask: Ask, uri: str, version: str) -> str:
    try:
        if not uri.startswith(SCHEME):
            raise NotFound(f"{uri!r:.80} is no resource of slm")
        return shown.block(ask("show", id=[uri.removeprefix(SCHEME)])["memories"])
    except (NotFound, InvalidInput) as error:
        code = INVALID_PARAMS if version in MODERN_VERSIONS else RESOURCE_NOT_FOUND
        raise Refused(code, f"Resource not found: {error.message}", {"uri": uri}) from None


def prompt(ask: Ask, params: Mapping[str, Any]) -> Document:
    """The prompt ``recall``: what memory says to a question, and the question. Raises :class:`Refused` for another."""
    arguments = params.get("arguments") or {}
    question = arguments.get("question") if isinstance(arguments, dict) else None
    if params.get("name") != "recall":
        raise Refused(INVALID_PARAMS, f"there is no prompt {params.get('name')!r:.60}; there is: recall")
    if not isinstance(question, str) or not question.strip():
        raise Refused(INVALID_PARAMS, "the prompt recall needs the argument question")
    found = ask("recall", query=question, limit=PROMPT_HITS, budget=PROMPT_TOKENS)
    block = shown.block(map(of_hit, found["hits"]), PROMPT_TOKENS)
    known = block if found["hits"] else f"Memory has no answer: {found['reason']}."
    asked = "Answer from the memories above, citing [slm:ID]; where they don't say, say that they don't."
    text = f"{known}\n\n{asked}\n\n{question}"
    return {"description": "Recall", "messages": [{"role": "user", "content": {"type": "text", "text": text}}]}
