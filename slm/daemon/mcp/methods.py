"""The methods of the protocol: what each answers, given who asks in which generation."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from slm.daemon.mcp import eras, resources
from slm.daemon.mcp.arguments import checked
from slm.daemon.mcp.asking import Ask
from slm.daemon.mcp.hello import Hello
from slm.daemon.mcp.instructions import instructions
from slm.daemon.mcp.rpc import INVALID_PARAMS, Document, Refused
from slm.daemon.mcp.shown import harmless
from slm.daemon.mcp.tools import Tool, offered
from slm.errors import SlmError
from slm.visible import visible

CAPABILITIES: Document = {"tools": {}, "resources": {}, "prompts": {}}


@dataclass(frozen=True, slots=True)
class Method:
    """One method: its answer, and whether it needs the engine (then it waits its turn) or is known at once."""

    run: Callable[[Methods, Mapping[str, Any], str, Ask | None], Document]
    asks: bool = False
    cacheable: bool = False
    lasts_ms: int = 0


class Methods:
    """What one connection may call."""

    def __init__(self, hello: Hello) -> None:
        self._read_only = hello.read_only
        self._tools = offered(hello)

    def introduction(self) -> Document:
        """What a handshake and a discovery have in common."""
        return {"capabilities": CAPABILITIES, "instructions": instructions(read_only=self._read_only)}

    def discover(self, _: Mapping[str, Any], version: str, __: Ask | None) -> Document:
        """``server/discover``."""
        del version
        return {"supportedVersions": list(eras.MODERN_VERSIONS), **self.introduction()}

    def list_tools(self, params: Mapping[str, Any], version: str, _: Ask | None) -> Document:
        """``tools/list``."""
        return {"tools": whole(params, [tool.describe(name, version) for name, tool in self._tools.items()])}

    def call_tool(self, params: Mapping[str, Any], version: str, ask: Ask | None) -> Document:
        """``tools/call``: what goes wrong within a tool is an answer that the model can read and mend."""
        assert ask is not None
        name, given = params.get("name"), params.get("arguments")
        if not isinstance(name, str) or not isinstance(given, dict | None):
            raise Refused(INVALID_PARAMS, "tools/call takes a name and an object of arguments")
        if name not in self._tools:
            raise Refused(INVALID_PARAMS, f"Unknown tool: {name!r:.80}")
        return _carried_out(self._tools[name], given or {}, version, ask)

    def list_resources(self, params: Mapping[str, Any], _: str, __: Ask | None) -> Document:
        """``resources/list``."""
        return {"resources": whole(params, resources.RESOURCES)}

    def list_templates(self, params: Mapping[str, Any], _: str, __: Ask | None) -> Document:
        """``resources/templates/list``."""
        return {"resourceTemplates": whole(params, resources.TEMPLATES)}

    def read_resource(self, params: Mapping[str, Any], version: str, ask: Ask | None) -> Document:
        """``resources/read``."""
        assert ask is not None
        return resources.read(ask, params, version)

    def list_prompts(self, params: Mapping[str, Any], _: str, __: Ask | None) -> Document:
        """``prompts/list``."""
        return {"prompts": whole(params, resources.PROMPTS)}

    def get_prompt(self, params: Mapping[str, Any], _: str, ask: Ask | None) -> Document:
        """``prompts/get``."""
        assert ask is not None
        return resources.prompt(ask, params)

    def ping(self, *_: object) -> Document:
        """``ping``."""
        return {}


_LISTS: Mapping[str, Method] = {
    "tools/list": Method(Methods.list_tools, cacheable=True, lasts_ms=eras.LISTS_LAST_MS),
    "resources/list": Method(Methods.list_resources, cacheable=True, lasts_ms=eras.LISTS_LAST_MS),
    "resources/templates/list": Method(Methods.list_templates, cacheable=True, lasts_ms=eras.LISTS_LAST_MS),
    "prompts/list": Method(Methods.list_prompts, cacheable=True, lasts_ms=eras.LISTS_LAST_MS),
}
_ASKING: Mapping[str, Method] = {
    "tools/call": Method(Methods.call_tool, asks=True),
    "resources/read": Method(Methods.read_resource, asks=True, cacheable=True),
    "prompts/get": Method(Methods.get_prompt, asks=True),
}
HANDSHAKE_METHODS: Mapping[str, Method] = {**_LISTS, **_ASKING, "ping": Method(Methods.ping)}
MODERN_METHODS: Mapping[str, Method] = {
    **_LISTS,
    **_ASKING,
    "server/discover": Method(Methods.discover, cacheable=True, lasts_ms=eras.LISTS_LAST_MS),
}


def whole(params: Mapping[str, Any], listed: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A list that is one page. Raises :class:`Refused` for the cursor of another."""
    if params.get("cursor") is not None:
        raise Refused(INVALID_PARAMS, "there is one page only: no cursor leads to another")
    return listed


def _carried_out(tool: Tool, given: dict[str, Any], version: str, ask: Ask) -> Document:
    try:
        said = tool.run(ask, checked(tool.arguments, given))
    except SlmError as error:
        return _failed(error)
    structured = {"structuredContent": harmless(said.document)} if eras.knows_structure(version) else {}
    return {"content": [{"type": "text", "text": visible(said.text)}], **structured, "isError": False}


def _failed(error: SlmError) -> Document:
    text = "\n".join([visible(error.message), *([f"fix: {visible(error.hint)}"] if error.hint else [])])
    return {"content": [{"type": "text", "text": text}], "isError": True}


def bug(error: Exception) -> str:
    """What a client hears of a bug; the log keeps the traceback."""
    traceback.print_exception(error, file=sys.stderr)
    return f"internal error: {type(error).__name__} (slm daemon logs)"
