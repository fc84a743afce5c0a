"""Changes single values of a JSON text with comments and leaves every other byte as it was.

Agents' configuration files are JSON with ``//`` and ``/* */`` comments and commas after the last value, written by
people. The text is scanned once for where each value stands; a change is one insertion or one cut.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

_GAP = re.compile(r"(?:[ \t\r\n\ufeff]+|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
_STRING = re.compile(r'"(?:[^"\\\x00-\x1f]|\\.)*"')
_SCALAR = re.compile(r"true|false|null|-?\d[\d.eE+-]*")
_INDENT = re.compile(r"\n([ \t]+)\S")
MAX_DEPTH = 200


@dataclass(slots=True)
class Node:
    """A value and where it stands: ``start`` to ``stop``.

    An object's ``keys`` are pairs of a name and where that begins, its values the ``children`` in the same order.
    ``comma`` is where the comma after the last child stands, or None. ``value`` is a scalar's.
    """

    start: int
    stop: int = 0
    kind: str = "scalar"
    value: Any = None
    keys: list[tuple[str, int]] = field(default_factory=list)
    children: list[Node] = field(default_factory=list)
    comma: int | None = None

    def child(self, name: str) -> Node | None:
        """The member called ``name``; of several the last, as parsers have it."""
        found = [child for (key, _), child in zip(self.keys, self.children, strict=True) if key == name]
        return found[-1] if self.kind == "object" and found else None

    def plain(self) -> Any:
        """The value as :mod:`json` would return it."""
        if self.kind == "object":
            return {key: child.plain() for (key, _), child in zip(self.keys, self.children, strict=True)}
        return [child.plain() for child in self.children] if self.kind == "array" else self.value


def parse(text: str) -> Node:
    """The value of a whole text. Raises ValueError, naming the line, for what isn't JSON with comments."""
    node, at = _value(text, _gap(text, 0), 0)
    if _gap(text, at) != len(text):
        raise _wrong(text, at)
    return node


def with_member(text: str, path: Sequence[str], value: Any) -> str:
    """The text with ``value`` as the member at ``path``; objects on the way are made. An empty text is an object.

    Raises ValueError when the text can't be parsed, or something else than an object stands on the way.
    """
    if not text.strip():
        return json.dumps(_nested(path, value), indent=2, ensure_ascii=False) + "\n"
    node, depth = parse(text), 0
    while (child := _object(node).child(path[depth])) is not None:
        node, depth = child, depth + 1
        if depth == len(path):
            return text[: node.start] + dumped(value, text, node.start) + text[node.stop :]
    inner = _nested(path[depth + 1 :], value)
    return _inserted(text, node, json.dumps(path[depth], ensure_ascii=False) + ": ", inner)


def with_item(text: str, path: Sequence[str], value: Any) -> str:
    """The text with ``value`` as the last item of the array at ``path``; the way there and the array are made."""
    found = find(text, path)
    if found is None:
        return with_member(text, path, [value])
    if found.kind != "array":
        raise ValueError(f"{'.'.join(path)} is no list")
    return _inserted(text, found, "", value)


def without(text: str, path: Sequence[str | int]) -> str:
    """The text without the member or item at ``path``; comments stay. The text as it was when there is none."""
    parent = find(text, path[:-1])
    if parent is None:
        return text
    names: list[Any] = [key for key, _ in parent.keys] if parent.kind == "object" else list(range(len(parent.children)))
    if path[-1] not in names:
        return text
    at = len(names) - 1 - names[::-1].index(path[-1])
    return _cut(text, parent, at)


def find(text: str, path: Sequence[str | int]) -> Node | None:
    """The node at ``path``, None when there is none or the text is empty."""
    node: Node | None = parse(text) if text.strip() else None
    for step in path:
        if node is None:
            return None
        if isinstance(step, str):
            node = node.child(step)
        else:
            node = node.children[step] if node.kind == "array" and step < len(node.children) else None
    return node


def _inserted(text: str, parent: Node, label: str, value: Any) -> str:
    """A new last child, on a line of its own where the others are."""
    outer = _indent_of(text, parent.start)
    inside = text[parent.start + 1 : parent.stop - 1]
    flat = bool(parent.children) and "\n" not in text[parent.start : parent.children[0].start]
    inner = outer + _step(text)
    written = label + dumped(value, text, parent.start, within=True)
    lead = " " if flat else "\n" + inner
    if not parent.children:
        at, rest = parent.start + 1, "" if "\n" in inside else "\n" + outer
        return text[:at] + lead + written + rest + text[at:]
    if parent.comma is not None:
        at = parent.comma + 1
        return text[:at] + lead + written + "," + text[at:]
    at = parent.children[-1].stop
    return text[:at] + "," + lead + written + text[at:]


def _cut(text: str, parent: Node, at: int) -> str:
    """The parent without its child number ``at``: the child, one comma, and the white space before."""
    begins = parent.keys[at][1] if parent.kind == "object" else parent.children[at].start
    ends = parent.children[at].stop
    if at > 0:  # the comma before it goes; a comma after it stays for the others
        comma = _comma(text, parent.children[at - 1].stop)
        return text[:comma] + _trimmed(text[comma + 1 : begins]) + text[ends:]
    before = text[: parent.start + 1] + _trimmed(text[parent.start + 1 : begins])
    if len(parent.children) > 1 or parent.comma is not None:
        ends = _comma(text, ends) + 1
    rest = text[ends:]
    around = text[parent.start + 1 : begins] + text[ends : parent.stop - 1]
    if len(parent.children) == 1 and not around.strip():
        rest = text[parent.stop - 1 :]
    return before + rest


def _trimmed(gap: str) -> str:
    """A gap without the white space at its end, unless that ends a comment into which what follows would fall."""
    kept = gap.rstrip(" \t\r\n")
    return kept if _gap(kept + "x", 0) == len(kept) else gap


def _value(text: str, at: int, depth: int) -> tuple[Node, int]:
    if depth > MAX_DEPTH:
        raise ValueError("nested too deeply")
    if text[at : at + 1] in ("{", "["):
        return _container(text, at, depth)
    found = _STRING.match(text, at) or _SCALAR.match(text, at)
    if found is None:
        raise _wrong(text, at)
    try:
        value = json.loads(found[0])
    except ValueError:
        raise _wrong(text, at) from None
    return Node(at, found.end(), "scalar", value), found.end()


def _container(text: str, at: int, depth: int) -> tuple[Node, int]:
    node = Node(at, kind="object" if text[at] == "{" else "array")
    closing = "}" if node.kind == "object" else "]"
    at = _gap(text, at + 1)
    while text[at : at + 1] != closing:
        if node.kind == "object":
            name = _STRING.match(text, at)
            if name is None:
                raise _wrong(text, at)
            node.keys.append((json.loads(name[0]), at))
            at = _expected(text, _gap(text, name.end()), ":")
        child, at = _value(text, _gap(text, at), depth + 1)
        node.children.append(child)
        at, node.comma = _gap(text, at), None
        if text[at : at + 1] == ",":
            node.comma, at = at, _gap(text, at + 1)
        elif text[at : at + 1] != closing:
            raise _wrong(text, at)
    node.stop = at + 1
    return node, at + 1


def _gap(text: str, at: int) -> int:
    found = _GAP.match(text, at)
    return found.end() if found else at


def _comma(text: str, at: int) -> int:
    """Where the comma after a value that ends at ``at`` stands."""
    return _expected(text, _gap(text, at), ",") - 1


def _expected(text: str, at: int, sign: str) -> int:
    if text[at : at + 1] != sign:
        raise _wrong(text, at)
    return at + 1


def _object(node: Node) -> Node:
    if node.kind != "object":
        raise ValueError("something else stands where an object should")
    return node


def _nested(path: Sequence[str], value: Any) -> Any:
    for name in reversed(path):
        value = {name: value}
    return value


def dumped(value: Any, text: str, start: int, *, within: bool = False) -> str:
    """The value as JSON, its lines indented as the line of ``start`` is, or as what stands ``within`` that."""
    step = _step(text)
    lines = json.dumps(value, indent=step, ensure_ascii=False).split("\n")
    return ("\n" + _indent_of(text, start) + (step if within else "")).join(lines)


def _indent_of(text: str, at: int) -> str:
    """The white space that begins the line of ``at``."""
    line = text[text.rfind("\n", 0, at) + 1 : at]
    return line[: len(line) - len(line.lstrip())].lstrip("\ufeff")


def _step(text: str) -> str:
    """What the text indents by: as its first indented line, else two spaces."""
    found = _INDENT.search(text)
    return found[1] if found else "  "


def _wrong(text: str, at: int) -> ValueError:
    return ValueError(f"line {text.count(chr(10), 0, at) + 1} isn't JSON")
