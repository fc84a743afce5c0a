"""The agents that slm connects to: their own configuration files, and what goes into them.

Written after the agents' documentation as of 2026. Hooks are only set where an agent reads context from them.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

Name = Literal["claude-code", "codex", "cursor", "gemini", "vscode"]
HOOK_TIMEOUT_S = 5
SERVER = "slm"


class Member(NamedTuple):
    """A value at a path of a JSON file."""

    path: tuple[str, ...]
    value: Any


class Default(NamedTuple):
    """A value at a path of a JSON file that is only set where there is none, and stays when slm goes."""

    path: tuple[str, ...]
    value: Any


class Item(NamedTuple):
    """An item of the list at a path of a JSON file; an item that runs the same hook is slm's own."""

    path: tuple[str, ...]
    value: Any


class Table(NamedTuple):
    """Keys of a section of a TOML file."""

    section: str
    values: Mapping[str, Any]


Change = Member | Default | Item | Table


class Target(NamedTuple):
    """One file of an agent, and what slm puts there."""

    file: Path
    changes: Sequence[Change]


class Agent(NamedTuple):
    """An agent's files, and what its user must know."""

    server: Target
    hooks: Target
    remark: str = ""


class Program(NamedTuple):
    """What runs slm, and the options that every call of it takes."""

    command: Sequence[str]
    options: Sequence[str]

    def server(self) -> dict[str, Any]:
        """The entry of a server."""
        return {"command": self.command[0], "args": [*self.command[1:], "mcp", *self.options]}

    def hook(self, event: str) -> str:
        """The command line of a hook."""
        return shlex.join([*self.command, "hook", event, *self.options])


def agent(name: Name, command: Sequence[str], environ: Mapping[str, str], options: Sequence[str] = ()) -> Agent:
    """What connecting the agent means, with ``command`` running slm and ``options`` behind its verbs."""
    home = Path(environ.get("HOME") or Path.home())
    program = Program(command, options)
    return {"claude-code": _claude, "codex": _codex, "cursor": _cursor, "gemini": _gemini, "vscode": _vscode}[name](
        home, program.server(), program, environ
    )


def _grouped(program: Program, events: Mapping[str, str], timeout: int) -> list[Change]:
    """Hooks in the form of Claude Code: an event holds groups of commands."""
    return [
        Item(
            ("hooks", event),
            {"hooks": [{"type": "command", "command": program.hook(ours), "timeout": timeout}]},
        )
        for event, ours in events.items()
    ]


EVENTS = {"SessionStart": "session-start", "UserPromptSubmit": "user-prompt", "Stop": "stop"}


KNOWN = [[event] for event in EVENTS.values()]


def _claude(home: Path, server: dict[str, Any], program: Program, environ: Mapping[str, str]) -> Agent:
    chosen = environ.get("CLAUDE_CONFIG_DIR")
    settings = Path(chosen or home / ".claude", "settings.json")
    entry = Member(("mcpServers", SERVER), {"type": "stdio", **server})
    return Agent(
        Target(Path(chosen or home, ".claude.json"), [entry]),
        Target(settings, _grouped(program, EVENTS, HOOK_TIMEOUT_S)),
    )


def _codex(home: Path, server: dict[str, Any], program: Program, environ: Mapping[str, str]) -> Agent:
    folder = Path(environ.get("CODEX_HOME") or home / ".codex")
    return Agent(
        Target(folder / "config.toml", [Table(f"mcp_servers.{SERVER}", server)]),
        Target(folder / "hooks.json", _grouped(program, EVENTS, HOOK_TIMEOUT_S)),
        "codex asks once whether it may run the hooks; older ones need [features] codex_hooks = true",
    )


def _cursor(home: Path, server: dict[str, Any], program: Program, _: Mapping[str, str]) -> Agent:
    events = {"sessionStart": "session-start", "stop": "stop"}
    items: list[Change] = [Item(("hooks", event), {"command": program.hook(ours)}) for event, ours in events.items()]
    return Agent(
        Target(home / ".cursor" / "mcp.json", [Member(("mcpServers", SERVER), server)]),
        Target(home / ".cursor" / "hooks.json", [Default(("version",), 1), *items]),
        "cursor takes no context at a prompt, only when a session begins",
    )


def _gemini(home: Path, server: dict[str, Any], program: Program, _: Mapping[str, str]) -> Agent:
    settings = home / ".gemini" / "settings.json"
    events = {"SessionStart": "session-start", "BeforeAgent": "user-prompt", "AfterAgent": "stop"}
    milliseconds = 1000 * HOOK_TIMEOUT_S
    return Agent(
        Target(settings, [Member(("mcpServers", SERVER), server)]),
        Target(settings, _grouped(program, events, milliseconds)),
    )


def _vscode(home: Path, server: dict[str, Any], program: Program, environ: Mapping[str, str]) -> Agent:
    folder = Path(environ.get("XDG_CONFIG_HOME") or home / ".config", "Code", "User")
    hooks: list[Change] = [
        Item(("hooks", event), {"type": "command", "command": program.hook(ours), "timeout": HOOK_TIMEOUT_S})
        for event, ours in EVENTS.items()
    ]
    return Agent(
        Target(folder / "mcp.json", [Member(("servers", SERVER), {"type": "stdio", **server})]),
        Target(home / ".copilot" / "hooks" / "slm.json", hooks),
    )


def ours(value: Any) -> bool:
    """Whether a hook of a configuration runs ``slm hook``, whatever path slm had when it was written."""
    if isinstance(value, dict):
        command = value.get("command")
        if isinstance(command, str):
            return _is_ours(command)
        return (
            isinstance(value.get("hooks"), list) and bool(value["hooks"]) and all(ours(each) for each in value["hooks"])
        )
    return False


def _is_ours(command: str) -> bool:
    try:
        words = shlex.split(command)
    except ValueError:
        return False
    at = words.index("hook") if "hook" in words else 0
    return at > 0 and os.path.basename(words[at - 1]) == "slm" and words[at + 1 : at + 2] in KNOWN  # noqa: PTH119
