"""The tools: one table of what agents may call, from which both their description and their answers come."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from slm.daemon.mcp import auditing, changing, reading
from slm.daemon.mcp.arguments import Argument, schema
from slm.daemon.mcp.asking import Ask, Said
from slm.daemon.mcp.eras import knows_annotations, knows_structure
from slm.daemon.mcp.hello import Hello
from slm.engine.ops import OPS

Effect = Literal["reads", "adds", "replaces", "hides"]

HINTS: Mapping[Effect, dict[str, bool]] = {
    "reads": {"readOnlyHint": True, "destructiveHint": False, "idempotentHint": True, "openWorldHint": False},
    "adds": {"readOnlyHint": False, "destructiveHint": False, "idempotentHint": True, "openWorldHint": False},
    "replaces": {"readOnlyHint": False, "destructiveHint": False, "idempotentHint": False, "openWorldHint": False},
    "hides": {"readOnlyHint": False, "destructiveHint": True, "idempotentHint": True, "openWorldHint": False},
}


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool: what it takes, the required parts of its structured answer with their types, and what answers."""

    title: str
    purpose: str
    effect: Effect
    arguments: Mapping[str, Argument]
    output: Mapping[str, str]
    run: Callable[[Ask, dict[str, Any]], Said]
    core: bool = True

    def describe(self, name: str, version: str) -> dict[str, Any]:
        """The tool as a list of that protocol version has it."""
        told: dict[str, Any] = {"name": name, "description": self.purpose, "inputSchema": schema(self.arguments)}
        if knows_structure(version):
            properties = {part: {"type": type_} for part, type_ in self.output.items()}
            told["title"] = self.title
            told["outputSchema"] = {"type": "object", "properties": properties, "required": list(properties)}
        return told | ({"annotations": HINTS[self.effect]} if knows_annotations(version) else {})


IDS = Argument("strings", required=True)
BUDGET = Argument("integer", default=800, least=100, most=20_000)
SCOPE = Argument("string", "Default: the current project and global")
PLAIN = Argument("string")
SWITCH = Argument("boolean")


TOOLS: Mapping[str, Tool] = {
    "memory_recall": Tool(
        "Recall",
        "Find what was remembered, by meaning and words. Abstains when nothing answers.",
        "reads",
        {
            "query": Argument("string", "The question, in its own words", required=True),
            "limit": Argument("integer", default=5, least=1, most=50),
            "budget_tokens": BUDGET,
            "scope": SCOPE,
            "tags": Argument("strings", "All of them"),
            "since": Argument("string", "Date, or such as '3 days ago'"),
            "until": PLAIN,
            "as_of": Argument("string", "What was true then"),
            "why": Argument("boolean", "With the terms of each score"),
            "used": Argument("strings", "Ids of earlier hits that helped"),
        },
        {"recall_id": "string", "hits": "array", "abstained": "boolean", "scope": "array", "scope_from": "string"},
        reading.recall,
    ),
    "memory_remember": Tool(
        "Remember",
        "Keep one fact, decision or preference for later sessions.",
        "adds",
        {
            "text": Argument("string", "One sentence that stands by itself", required=True),
            "kind": Argument("kind", default="note"),
            "tags": Argument("strings"),
            "claims": Argument("strings", "Checkable claims in it"),
            "speaker": Argument("string", "Who said it, if not the user"),
            "session": PLAIN,
            "observed_at": Argument("string", "When it was so; default now"),
            "scope": SCOPE,
            "source": Argument("string", "File or page it comes from"),
            "idempotency_key": PLAIN,
        },
        {"id": "string", "status": "string", "similar": "array", "conflicts": "array", "scope": "string"},
        changing.remember,
    ),
    "memory_correct": Tool(
        "Correct",
        "Replace a memory that is wrong, or was true only until valid_from. Its history is kept.",
        "replaces",
        {
            "id": Argument("string", required=True),
            "text": Argument("string", "The whole corrected sentence", required=True),
            "reason": PLAIN,
            "valid_from": Argument("string", "Since when the new text is true; without it the old never was"),
        },
        {"id": "string", "replaced": "string"},
        changing.correct,
    ),
    "memory_forget": Tool(
        "Forget",
        "Hide memories; the user can undo it. Only on the user's word. Shows what it would hide unless dry_run=false.",
        "hides",
        {"ids": IDS, "reason": PLAIN, "dry_run": Argument("boolean", default=True)},
        {"forgotten": "array", "needs_user": "array", "dry_run": "boolean"},
        changing.forget,
    ),
    "memory_get": Tool(
        "Get",
        "Whole memories by id, with earlier versions or an explanation.",
        "reads",
        {"ids": IDS, "history": SWITCH, "why": SWITCH},
        {"memories": "array"},
        reading.get,
    ),
    "memory_context": Tool(
        "Context",
        "A digest for a task: pinned, what the topic needs, decisions, newest.",
        "reads",
        {"cwd": Argument("string", "Project folder"), "topic": PLAIN, "budget_tokens": BUDGET},
        {"text": "string", "ids": "array", "scope": "array", "scope_from": "string"},
        reading.context,
    ),
    "memory_list": Tool(
        "List",
        "Memories by exact filters, newest first.",
        "reads",
        {
            "limit": Argument("integer", default=20, least=1, most=100),
            "after": Argument("string", "The 'next' of the page before"),
            "scope": SCOPE,
            "tags": Argument("strings", "All of them"),
            "kind": Argument("kind"),
            "source": PLAIN,
            "budget_tokens": BUDGET,
        },
        {"memories": "array"},
        reading.listed,
        core=False,
    ),
    "memory_audit": Tool(
        "Audit",
        "Contradictions among what is remembered, the most severe first. Tell the user: only they settle them.",
        "reads",
        {
            "limit": Argument("integer", default=5, least=1, most=50),
            "as_of": Argument("string", "What contradicted itself then"),
            "scope": SCOPE,
            "tags": Argument("strings", "Only memories with all of them"),
            "kind": Argument("kind"),
            "source": PLAIN,
            "budget_tokens": BUDGET,
        },
        {"conflicts": "array", "total": "integer", "coverage": "object", "scope": "array", "scope_from": "string"},
        auditing.audit,
        core=False,
    ),
    "memory_used": Tool(
        "Used",
        "Report which memories helped.",
        "adds",
        {"ids": IDS},
        {"used": "array"},
        changing.used,
        core=False,
    ),
}
ONLY_WITH_FIELD = {("memory_remember", "claims"): ("remember", "claim")}
"""Arguments that are offered where the operation has a field for them."""
WRITES = {("memory_recall", "used")}
"""Arguments of reading tools that change something."""


def offered(hello: Hello) -> dict[str, Tool]:
    """The tools of a connection, each with the arguments that do something there."""
    return {
        name: _with_arguments(name, tool, hello)
        for name, tool in TOOLS.items()
        if (tool.core or hello.tools == "full") and (tool.effect == "reads" or not hello.read_only)
    }


def _with_arguments(name: str, tool: Tool, hello: Hello) -> Tool:
    kept = {
        argument: declared
        for argument, declared in tool.arguments.items()
        if _has_field(ONLY_WITH_FIELD.get((name, argument))) and not (hello.read_only and (name, argument) in WRITES)
    }
    return Tool(tool.title, tool.purpose, tool.effect, kept, tool.output, tool.run, tool.core)


def _has_field(field: tuple[str, str] | None) -> bool:
    return field is None or field[1] in OPS[field[0]].fields
