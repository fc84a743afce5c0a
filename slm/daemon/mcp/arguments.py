"""The arguments of a tool: declared once, as the JSON schema that agents read and the check of what they send."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from slm.errors import InvalidInput
from slm.model import KINDS

Type = Literal["string", "strings", "integer", "boolean", "kind"]
MAX_STRINGS = 32
"""Ids or tags that one call may name."""


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument; ``least`` and ``most`` bound an integer."""

    type: Type
    meaning: str = ""
    required: bool = False
    default: Any = None
    least: int = 0
    most: int = 0

    def schema(self) -> dict[str, Any]:
        """As JSON schema, with no more words than an agent needs."""
        forms: Mapping[str, dict[str, Any]] = {
            "string": {"type": "string"},
            "strings": {"type": "array", "items": {"type": "string"}, "maxItems": MAX_STRINGS},
            "integer": {"type": "integer", "minimum": self.least, "maximum": self.most},
            "boolean": {"type": "boolean"},
            "kind": {"enum": list(KINDS)},
        }
        told = {"description": self.meaning} if self.meaning else {}
        usual = {} if self.default is None else {"default": self.default}
        return {**forms[self.type], **told, **usual}

    def fits(self, value: object) -> bool:
        """Whether a value is one of this argument."""
        match self.type:
            case "string":
                return isinstance(value, str)
            case "strings":
                return isinstance(value, list) and len(value) <= MAX_STRINGS and all(isinstance(v, str) for v in value)
            case "integer":
                return isinstance(value, int) and not isinstance(value, bool) and self.least <= value <= self.most
            case "boolean":
                return isinstance(value, bool)
            case "kind":
                return value in KINDS

    def wanted(self) -> str:
        """What it takes, in words."""
        return {
            "string": "a string",
            "strings": f"a list of at most {MAX_STRINGS} strings",
            "integer": f"a whole number from {self.least} to {self.most}",
            "boolean": "true or false",
            "kind": f"one of {', '.join(KINDS)}",
        }[self.type]


def schema(arguments: Mapping[str, Argument]) -> dict[str, Any]:
    """The JSON schema of all arguments of a tool."""
    required = [name for name, argument in arguments.items() if argument.required]
    properties = {name: argument.schema() for name, argument in arguments.items()}
    needed = {"required": required} if required else {}
    return {"type": "object", "properties": properties, **needed, "additionalProperties": False}


def checked(arguments: Mapping[str, Argument], given: Mapping[str, Any]) -> dict[str, Any]:
    """The given arguments with the defaults of the others; null counts as not given.

    Raises :class:`InvalidInput` naming the one that is unknown, missing or wrong.
    """
    present = {name: value for name, value in given.items() if value is not None}
    if unknown := [name for name in present if name not in arguments]:
        raise InvalidInput(f"unknown argument {unknown[0]!r:.60}", hint=f"known: {', '.join(arguments)}")
    if missing := [name for name, argument in arguments.items() if argument.required and name not in present]:
        raise InvalidInput(f"the argument {missing[0]!r} is missing")
    for name, value in present.items():
        if not arguments[name].fits(value):
            raise InvalidInput(f"{name} takes {arguments[name].wanted()}, not {value!r:.60}")
    defaults = {name: a.default for name, a in arguments.items() if a.default is not None}
    return defaults | present
