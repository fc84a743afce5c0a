"""The command tree as plain values, which is all that man pages and completions need to know of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from slm.cli.argv import FLAGS, VALUED
from slm.config import KEYS

BY_METAVAR = {
    "ID": "ids", "ID...": "ids", "[ID] [WORDS...]": "ids", "TAG": "tags", "+TAG|-TAG...": "changes", "FILE": "files",
    "FILE|DIR|-": "files", "DIR": "folders",
}  # fmt: skip
"""What stands for a value, and by that what completes it."""
BY_PLACE: dict[tuple[str, ...], str] = {
    ("profile", "delete", "NAME"): "profiles",
    ("scope", "rename", "FROM"): "scopes",
    ("scope", "rename", "TO"): "scopes",
}


class Parameter(NamedTuple):
    """An option by its ``names``, or an argument, which has none.

    ``value`` is what stands for its value, None for a flag; ``completes`` names the kind of values, see
    :data:`BY_METAVAR`, and ``choices`` lists them where they are few.
    """

    names: tuple[str, ...]
    value: str | None
    help: str
    choices: tuple[str, ...] = ()
    completes: str = ""
    many: bool = False
    required: bool = False


@dataclass(frozen=True, slots=True)
class Command:
    """A command or a group of ``commands``; ``path`` has no program name in front."""

    path: tuple[str, ...]
    summary: str
    text: str
    panel: str
    options: tuple[Parameter, ...]
    arguments: tuple[Parameter, ...]
    commands: tuple[Command, ...]

    @property
    def name(self) -> str:
        """Its last word; "slm" for the program."""
        return self.path[-1] if self.path else "slm"

    def walk(self) -> Iterator[Command]:
        """This command and all below it."""
        yield self
        for command in self.commands:
            yield from command.walk()


GLOBAL_OPTIONS = (
    Parameter(("--json",), None, "Print JSON, one document; list and log print a line each. Errors are JSON too."),
    Parameter(("--quiet",), None, "Print data and errors only."),
    Parameter(("--no-color",), None, "Print no colours; so does the environment variable NO_COLOR."),
    Parameter(("--profile",), "NAME", "Use another store.", completes="profiles"),
    Parameter(("--scope",), "NAME", "Use one scope, whatever folder this is.", completes="scopes"),
    Parameter(("--config",), "FILE", "Read another configuration file.", completes="files"),
    Parameter(("--socket",), "PATH", "Talk to the daemon at another socket.", completes="files"),
    Parameter(("--timeout",), "SECONDS", "Wait so long for the daemon's answer."),
)
assert {name for option in GLOBAL_OPTIONS for name in option.names} == FLAGS | VALUED


@cache
def tree() -> Command:
    """The program with all its commands, hidden ones left out."""
    from slm.cli.app import command

    return _command(command(), ())


def _command(node: Any, path: tuple[str, ...]) -> Command:
    parameters = [parameter for parameter in node.params if not getattr(parameter, "hidden", False)]
    below = [each for each in getattr(node, "commands", {}).values() if not each.hidden]
    panel = getattr(node, "rich_help_panel", None)
    text = " ".join((node.help or "").split()) if "\n\n" not in (node.help or "") else (node.help or "")
    return Command(
        path=path,
        summary=_summary(node.help or ""),
        text=text,
        panel=panel if isinstance(panel, str) else "",
        options=tuple(_parameter(p, path) for p in parameters if p.param_type_name == "option"),
        arguments=tuple(_parameter(p, path) for p in parameters if p.param_type_name == "argument"),
        commands=tuple(_command(each, (*path, each.name)) for each in below),
    )


def _summary(text: str) -> str:
    """The first sentence, without its full stop and its example."""
    paragraph = " ".join(text.partition("\n\n")[0].split())
    return paragraph.partition(". ")[0].partition(": slm ")[0].removesuffix(".")


def _parameter(parameter: Any, path: tuple[str, ...]) -> Parameter:
    option = parameter.param_type_name == "option"
    choices = tuple(map(str, getattr(parameter.type, "choices", ())))
    value = parameter.metavar or ("|".join(choices) if choices else parameter.type.name.upper())
    if option and parameter.is_flag:
        value = None
    if value == "KEY":
        choices = tuple(KEYS)
    return Parameter(
        names=tuple(parameter.opts) if option else (),
        value=value,
        help=parameter.help or "",
        choices=choices,
        completes=BY_PLACE.get((*path, value or ""), BY_METAVAR.get(value or "", "")),
        many=bool(parameter.multiple if option else parameter.nargs == -1),
        required=bool(parameter.required),
    )
