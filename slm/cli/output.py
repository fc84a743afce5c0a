"""Where a command's output goes: data to standard output, talk to standard error, both as UTF-8."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, BinaryIO

from slm.cli.render.text import Layout, json_text
from slm.errors import SlmError, StorageRefused
from slm.visible import visible

NARROWEST, WIDEST = 40, 200


class OutputClosed(Exception):
    """The reader of our output has gone, as ``head`` does: nothing more need be said."""


@dataclass(frozen=True, slots=True)
class Output:
    """The two streams with what is known about them; ``talk`` is the layout for standard error."""

    stdout: BinaryIO
    stderr: BinaryIO
    layout: Layout
    talk_layout: Layout
    json: bool = False
    quiet: bool = False
    terminal: bool = False

    def lines(self, lines: Iterable[str]) -> None:
        """Data, line by line."""
        for line in lines:
            self._write(self.stdout, line)

    def document(self, value: Any) -> None:
        """One JSON document on a line."""
        self._write(self.stdout, json_text(value))

    def talk(self, lines: Iterable[str]) -> None:
        """What is said beside the data: not with ``--quiet``, and not with ``--json``, where the document says it."""
        if self.quiet or self.json:
            return
        self._flush(self.stdout)
        for line in lines:
            self._write(self.stderr, line)

    def warn(self, line: str) -> None:
        """What must be said whatever was asked for: not even ``--quiet`` or ``--json`` hides it."""
        self._flush(self.stdout)
        self._write(
            self.stderr, json_text({"warning": line}) if self.json else self.talk_layout.paint("warn", visible(line))
        )

    def done(self, result: Any, said: Iterable[str]) -> None:
        """The outcome of a change, which has no data of its own: its document, or a word about it."""
        if self.json:
            self.document(result)
        else:
            self.talk(said)

    def prompt(self, question: str) -> None:
        """A question, which waits on its own line for the answer."""
        self._flush(self.stdout)
        self.stderr.write(visible(question).encode())
        self._flush(self.stderr)

    def error(self, error: SlmError) -> None:
        """A failure: always said, as JSON where JSON was asked for."""
        if self.json:
            shown = [json_text({"error": error.document()})]
        else:
            first, *more = [visible(line) for line in error.lines()]
            shown = [self.talk_layout.paint("bad", "slm: error:") + " " + first, *more]
        with suppress(StorageRefused):  # it is what the error is about, or comes to light at the end
            self._flush(self.stdout)
        for line in shown:
            self._write(self.stderr, line)

    def failure(self, trace: str) -> None:
        """A bug: its trace as it stands, or as an ``internal`` error where JSON was asked for."""
        self._flush(self.stdout)
        last = trace.rstrip().rpartition("\n")[2]
        document = {"error": {"type": "internal", "message": last, "hint": "this is a bug of slm"}}
        self._write(self.stderr, json_text(document) if self.json else visible(trace.rstrip()))

    def flush(self) -> None:
        """Hand on what is buffered."""
        self._flush(self.stdout)
        self._flush(self.stderr)

    def _write(self, stream: BinaryIO, line: str) -> None:
        data = line.encode("utf-8", "backslashreplace") + b"\n"
        self._handed(stream, lambda: stream.write(data))

    def _flush(self, stream: BinaryIO) -> None:
        self._handed(stream, stream.flush)

    def _handed(self, stream: BinaryIO, act: Callable[[], object]) -> None:
        """Carry out a write. Data that can't be handed on is a failure, talk that nobody can hear is none."""
        try:
            act()
        except BrokenPipeError:
            raise OutputClosed from None
        except OSError as error:
            if stream is self.stdout:
                raise StorageRefused(f"the answer can't be written: {error.strerror}") from error


def usable_width(width: int | None) -> int | None:
    """A terminal's width within what the layouts are made for; None without a terminal."""
    return None if width is None else min(max(width, NARROWEST), WIDEST)
