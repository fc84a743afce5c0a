"""The formats that ``slm import`` reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from slm.errors import InvalidInput
from slm.ingest import chatgpt, claude, jsonl, locomo, markdown, mcp_memory, mem0
from slm.ingest.found import Found, Warn


class Importer(NamedTuple):
    """A format: its one-line description, and ``read(place, stdin, warn)``; the place ``-`` is standard input.

    ``read`` yields :data:`Found`, the weights line of an export among them, and raises :class:`InvalidInput`; ``warn``
    is told what was passed over.
    """

    description: str
    read: Callable[[str, BinaryIO, Warn], Iterator[Found]]


def _jsonl(place: str, stdin: BinaryIO, _warn: Warn) -> Iterator[Found]:
    if place == "-":
        yield from _records(stdin, "stdin")
        return
    try:
        with Path(place).open("rb") as stream:
            yield from _records(stream, place)
    except OSError as error:
        raise InvalidInput(f"{place}: {error.strerror}") from None


def _records(stream: BinaryIO, name: str) -> Iterator[Found]:
    for number, record in jsonl.read(stream, name):
        if jsonl.HEADER not in record and jsonl.END not in record:
            yield f"{name}:{number}", record


def _markdown(place: str, _stdin: BinaryIO, warn: Warn) -> Iterator[Found]:
    if place == "-":
        raise InvalidInput("Markdown is read from a file or a folder", hint="slm import notes/ --from markdown")
    yield from markdown.read(Path(place), warn)


IMPORTERS: dict[str, Importer] = {
    "jsonl": Importer("JSON lines: what slm export writes, or one record a line", _jsonl),
    "markdown": Importer("a Markdown file, or a folder of them: one memory a section", _markdown),
    "chatgpt": Importer("ChatGPT's data export: ZIP, folder or conversations.json", chatgpt.read),
    "claude": Importer("Claude's data export: ZIP, folder, or one of its JSON files", claude.read),
    "mem0": Importer("JSON that mem0's get_all() returns", mem0.read),
    "mcp-memory": Importer("memory.jsonl of the MCP memory server", mcp_memory.read),
    "locomo": Importer("conversations in the JSON of LoCoMo", locomo.read),
}
