"""What connecting and disconnecting make of the text of an agent's file. Texts in, texts out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import tomli

from slm import jsonc
from slm.cli.agents import Change, Default, Item, Member, Table, ours
from slm.toml_lines import dump, edited, statements

MARK = "\ufeff"
"""The byte order mark that some editors put before a text."""


def connected(text: str, changes: Sequence[Change]) -> str:
    """The text with the changes made. Raises ValueError when it can't be read, or can't be changed that way."""

    def edit(plain: str) -> str:
        for change in changes:
            plain = _made(plain, change)
        return plain

    return _as_written(text, edit)


def disconnected(text: str, changes: Sequence[Change]) -> str:
    """The text without what the changes put there, and without the lists and objects that are left empty.

    Raises ValueError when it can't be read.
    """

    def edit(plain: str) -> str:
        for change in reversed(changes):
            plain = _unmade(plain, change)
        return plain

    return _as_written(text, edit)


def is_empty(text: str) -> bool:
    """Whether nothing of a user's is left in the text."""
    return text.strip() in ("", "{}")


def _as_written(text: str, edit: Callable[[str], str]) -> str:
    """What ``edit`` makes of the text, with the byte order mark and the line ends that it has."""
    if text.startswith(MARK):
        return MARK + _as_written(text[1:], edit)
    if 0 < text.count("\n") == text.count("\r\n"):
        return edit(text.replace("\r\n", "\n")).replace("\n", "\r\n")
    return edit(text)


def _made(text: str, change: Change) -> str:
    if isinstance(change, Table):
        return _with_table(text, change)
    found = jsonc.find(text, change.path)
    if isinstance(change, Item):
        at = _own_item(found)
        if at is None:
            return jsonc.with_item(text, change.path, change.value)
        assert found is not None
        known = found.children[at]
        return text if known.plain() == change.value else _replaced(text, known, change.value)
    if found is not None and (isinstance(change, Default) or found.plain() == change.value):
        return text
    return jsonc.with_member(text, change.path, change.value)


def _unmade(text: str, change: Change) -> str:
    if isinstance(change, Table):
        return _without_table(text, change.section)
    if isinstance(change, Default):
        return text
    if isinstance(change, Member):
        if jsonc.find(text, change.path) is None:
            return text
        return _pruned(jsonc.without(text, change.path), change.path[:-1])
    while (at := _own_item(jsonc.find(text, change.path))) is not None:
        text = jsonc.without(text, (*change.path, at))
        text = _pruned(text, change.path)
    return text


def _own_item(found: jsonc.Node | None) -> int | None:
    """The position of slm's own hook among the items of a list."""
    items = found.children if found is not None and found.kind == "array" else []
    return next((at for at, item in enumerate(items) if ours(item.plain())), None)


def _replaced(text: str, node: jsonc.Node, value: Any) -> str:
    return text[: node.start] + jsonc.dumped(value, text, node.start) + text[node.stop :]


def _pruned(text: str, path: tuple[str, ...]) -> str:
    """The text without the containers on the way to ``path`` that hold nothing any more, comments included."""
    while path and (node := jsonc.find(text, path)) is not None and not text[node.start + 1 : node.stop - 1].strip():
        text, path = jsonc.without(text, path), path[:-1]
    return text


def _with_table(text: str, change: Table) -> str:
    before = _toml(text)
    for key, value in change.values.items():
        if _section(before, change.section).get(key) != value:
            text = edited(text, f"{change.section}.{key}", dump(value))
    try:
        kept = {key: _section(tomli.loads(text), change.section).get(key) for key in change.values}
        rest = _without_section(tomli.loads(text), change.section) == _without_section(before, change.section)
    except tomli.TOMLDecodeError:
        kept, rest = {}, False
    if kept != dict(change.values) or not rest:
        raise ValueError(f"[{change.section}] is written in a way that can't be edited")
    return text


def _without_table(text: str, section: str) -> str:
    before = _toml(text)
    lines = text.split("\n")
    gone: set[int] = set()
    for each in statements(text):
        if each.section == section or each.section.startswith(section + "."):
            gone |= set(range(each.first, each.last + 1))
    first = min(gone, default=0)
    if first > 0 and not lines[first - 1].strip():  # the line that sets the section apart
        gone.add(first - 1)
    left = "\n".join(line for at, line in enumerate(lines) if at not in gone)
    if _toml(left) != _without_section(before, section):
        raise ValueError(f"[{section}] is written in a way that can't be edited")
    return left


def _toml(text: str) -> dict[str, Any]:
    try:
        return tomli.loads(text)
    except tomli.TOMLDecodeError as error:
        raise ValueError(f"line {error.lineno} isn't TOML: {error.msg}") from None


def _section(document: Any, section: str) -> dict[str, Any]:
    for name in section.split("."):
        document = document.get(name, {}) if isinstance(document, dict) else {}
    return document if isinstance(document, dict) else {}


def _without_section(document: dict[str, Any], section: str) -> dict[str, Any]:
    """The document without the section, and without what holds nothing else."""
    name, _, rest = section.partition(".")
    others = {key: value for key, value in document.items() if key != name}
    inner = document.get(name)
    if not rest or not isinstance(inner, dict):
        return others
    left = _without_section(inner, rest)
    return others | {name: left} if left else others
