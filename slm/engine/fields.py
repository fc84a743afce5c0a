"""The fields of an operation: declared once, checked and documented from the same table."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from slm.errors import InvalidInput


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _texts(value: object) -> list[str]:
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list) or not all(isinstance(v, str) for v in values):
        raise TypeError
    return values


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _integer(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError
    return value


def _number(value: object) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise TypeError
    if not abs(value) <= sys.float_info.max:
        raise TypeError
    return float(value)


def _records(value: object) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError
    return value


def _object(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError
    return value


def _path(value: object) -> str:
    path = _text(value)
    if "\0" in path:
        raise TypeError
    return path


CHECKS: Mapping[str, tuple[Callable[[object], Any], str]] = {
    "text": (_text, "a string"),
    "path": (_path, "a path"),
    "texts": (_texts, "a string or a list of strings"),
    "flag": (_flag, "true or false"),
    "integer": (_integer, "a whole number"),
    "number": (_number, "a finite number"),
    "time": (_text, "a time, such as 2026-03-14 or '3 days ago'"),
    "records": (_records, "a list of records"),
    "object": (_object, "an object"),
}


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its type (a key of :data:`CHECKS`), what it means, and whether it must be there."""

    type: str
    meaning: str
    required: bool = False

    def describe(self) -> str:
        """One line for ``{"op": "ops"}``."""
        return f"{CHECKS[self.type][1]}{', required' if self.required else ''}: {self.meaning}"


def check(op: str, declared: Mapping[str, Field], given: Mapping[str, Any]) -> dict[str, Any]:
    """The given fields, checked and coerced; a field given as null counts as not given.

    Raises :class:`InvalidInput` naming the unknown, missing or ill-typed field.
    """
    present = {name: value for name, value in given.items() if value is not None}
    for name in present:
        if name not in declared:
            near = difflib.get_close_matches(name, declared, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(declared) or 'none'}"
            raise InvalidInput(f"{op}: unknown field {name!r}", hint=hint)
    for name, field in declared.items():
        if field.required and name not in present:
            raise InvalidInput(f"{op}: the field {name!r} is missing")
    return {name: _coerce(op, name, declared[name], value) for name, value in present.items()}


def _coerce(op: str, name: str, field: Field, value: object) -> Any:
    convert, wanted = CHECKS[field.type]
    try:
        return convert(value)
    except TypeError:
        raise InvalidInput(f"{op}: the field {name!r} takes {wanted}, not {value!r:.60}") from None
