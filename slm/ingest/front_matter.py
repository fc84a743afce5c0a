"""The ``---`` block on top of a Markdown file: the scalars and lists of YAML, read as text and nothing else."""

from __future__ import annotations

import re

MAX_LINES = 200
"""A block that doesn't end within this many lines is no front matter."""

Fields = dict[str, str | list[str]]

_FIELD = re.compile(r"([A-Za-z_][\w -]*?)\s*:(?:\s+(.*)|\s*)$")
_ITEM = re.compile(r"\s*-\s+(.*)$")


def split(text: str) -> tuple[Fields, int]:
    """The fields, their names in lower case, and the number of lines the block takes: 0 without a block.

    Nested values, anchors, tags and block texts are not read: their lines are passed over.
    """
    lines = text.split("\n", MAX_LINES + 1)
    if lines[0].rstrip() != "---":
        return {}, 0
    stop = next((at for at, line in enumerate(lines[1:MAX_LINES], 1) if line.rstrip() in ("---", "...")), 0)
    return _fields(lines[1:stop]), stop + 1 if stop else 0


def as_list(value: str | list[str]) -> list[str]:
    """The items of a list, or of a text that separates them by commas."""
    return value if isinstance(value, list) else [item for item in (part.strip() for part in value.split(",")) if item]


def _fields(lines: list[str]) -> Fields:
    fields: Fields = {}
    open_list: str | None = None
    for line in lines:
        if (found := _FIELD.match(line)) is not None:
            name, value = found[1].strip().lower(), _value(found[2] or "")
            open_list = name if not found[2] else None
            fields[name] = value
        elif open_list is not None and (item := _ITEM.match(line)) is not None:
            fields[open_list] = [*as_list(fields[open_list]), _scalar(item[1])]
    return {name: value for name, value in fields.items() if value}


def _value(raw: str) -> str | list[str]:
    raw = raw.strip()
    if raw.startswith("[") and raw.endswith("]"):
        return [item for item in (_scalar(part) for part in raw[1:-1].split(",")) if item]
    return _scalar(raw)


def _scalar(raw: str) -> str:
    """A value without its quotes or its remark; what YAML would make a nested value or a reference is empty."""
    raw = raw.strip()
    if len(raw) >= 2 and raw[0] == raw[-1] and raw[0] in "\"'":
        return raw[1:-1].strip()
    if raw[:1] in ("{", "&", "*", "!", "|", ">"):
        return ""
    return re.split(r"\s#", raw, maxsplit=1)[0].strip()
