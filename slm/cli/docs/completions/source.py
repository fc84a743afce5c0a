"""What the scripts are made of: how values are completed, and words quoted for a shell."""

from __future__ import annotations

from slm.cli.docs.tree import GLOBAL_OPTIONS, Command, Parameter, tree

HEAD = "Made by slm completions; don't edit."
STORED = frozenset({"ids", "tags", "changes", "profiles", "scopes"})
"""Kinds of values that ``slm candidates`` lists."""


def commands() -> list[Command]:
    """All commands and groups, the program first."""
    return list(tree().walk())


def options_of(command: Command) -> list[Parameter]:
    """The options accepted at a command, those of every command among them."""
    return [*command.options, *GLOBAL_OPTIONS, Parameter(("--help",), None, "Show the options.")]


def quoted(text: str) -> str:
    """A word between single quotes, for any of the shells."""
    return "'" + text.replace("\\", "\\\\").replace("'", "'\\''") + "'"


def how(parameter: Parameter) -> str:
    """How a value is completed: ``choices`` and words, ``stored`` and a kind, ``files``, ``folders`` or ``none``."""
    if parameter.choices:
        return " ".join(("choices", *parameter.choices))
    if parameter.completes in STORED:
        return f"stored {parameter.completes}"
    return parameter.completes or "none"
