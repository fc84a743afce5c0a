"""Global options, wherever they stand: lifted out of the arguments before the command's own parser sees the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from slm.errors import InvalidInput

FLAGS = frozenset({"--json", "--quiet", "--no-color"})
VALUED = frozenset({"--profile", "--scope", "--config", "--socket", "--timeout"})
OPAQUE = frozenset({"bench"})
"""Verbs whose arguments belong to another parser."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the global options say. ``timeout`` is in seconds; None leaves it to the configuration."""

    json: bool = False
    quiet: bool = False
    no_color: bool = False
    profile: str | None = None
    scope: str | None = None
    config: str | None = None
    socket: str | None = None
    timeout: float | None = None


@dataclass(frozen=True, slots=True)
class Parsed:
    """The options, the arguments without them, and whether these name a command rather than a group or nothing.

    A group with options of its own answers by itself: it is a command too.
    """

    options: Options
    rest: list[str]
    complete: bool


def parse(argv: Sequence[str], root: Any) -> Parsed:
    """Take the global options out of ``argv``; ``root`` is the command tree.

    A lone ``--`` ends them, and the value of a command's own option is never taken for one: in
    ``--tag --json`` the tag is "--json". Raises :class:`InvalidInput` for a missing or unusable value.
    """
    options, rest, node = Options(), [], root
    waiting = list(reversed(argv))
    while waiting:
        word = waiting.pop()
        name, equals, attached = word.partition("=")
        if word == "--" or (word in OPAQUE and node is root):
            node = root.commands[word] if word in OPAQUE else node
            rest += [word, *reversed(waiting)]
            break
        if word in FLAGS:
            options = _with_flag(options, word)
        elif name in VALUED:
            options = _with_value(options, name, attached if equals else _next(waiting, name))
        else:
            rest.append(word)
            if _takes_value(node, word) and waiting:
                rest.append(waiting.pop())
            elif not word.startswith("-"):
                node = _below(node, word)
    own = node is not None and node is not root and bool(node.params)
    return Parsed(options, rest, own or (node is not None and not hasattr(node, "commands")))


def _with_flag(options: Options, name: str) -> Options:
    changes: dict[str, Any] = {name.removeprefix("--").replace("-", "_"): True}
    return replace(options, **changes)


def _next(waiting: list[str], name: str) -> str:
    if not waiting:
        raise InvalidInput(f"{name} needs a value", hint=f"slm {name} VALUE …")
    return waiting.pop()


def _with_value(options: Options, name: str, value: str) -> Options:
    if name != "--timeout":
        changes: dict[str, Any] = {name.removeprefix("--"): value}
        return replace(options, **changes)
    try:
        seconds = float(value)
    except ValueError:
        seconds = 0.0
    if not 0.0 < seconds <= 86_400.0:
        raise InvalidInput(f"--timeout takes seconds from 0 to 86400, not {value!r}", hint="slm --timeout 30 …")
    return replace(options, timeout=seconds)


def _takes_value(node: Any, word: str) -> bool:
    """Whether ``word`` is an option of this command whose value is the next argument."""
    return any(
        word in parameter.opts and not parameter.is_flag
        for parameter in getattr(node, "params", ())
        if parameter.param_type_name == "option"
    )


def _below(node: Any, word: str) -> Any:
    """The command or group called ``word``; a command stays itself, an unknown word leads nowhere."""
    return node.commands.get(word) if hasattr(node, "commands") else node
