"""What a command gets: the operations, the output, the options, and which host runs it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, NamedTuple

import typer

from slm.cli.argv import Options
from slm.cli.output import Output
from slm.errors import InvalidInput
from slm.model import MAX_TEXT_BYTES, Caller
from slm.times import zone_of

Call = Callable[[str, dict[str, Any], Caller], Any]
"""Carries out one operation for a caller and returns its result."""


class RunLocally(Exception):
    """Raised in the daemon by a command that needs the client's process: a question, a file, a long stream."""


def _absent(_: Any) -> int:
    raise InvalidInput("this command isn't part of this installation")


class Parts(NamedTuple):
    """Commands whose work lies in a higher layer: ``serve`` runs the daemon, ``bench`` takes raw arguments."""

    serve: Callable[[Options], int] = _absent
    bench: Callable[[list[str]], int] = _absent


@dataclass(frozen=True)
class Context:
    """One run of one command."""

    host: Literal["daemon", "client"]
    options: Options
    out: Output
    backend: Call
    environ: Mapping[str, str]
    cwd: str
    zone: str
    stdin: bytes | None = None
    parts: Parts = field(default_factory=Parts)

    def call(self, op: str, /, as_actor: str = "cli", **fields: Any) -> Any:
        """The result of an operation; fields that are None, False or an empty list are left out.

        Raises the :class:`SlmError` of the operation.
        """
        caller = Caller(as_actor, self.options.profile, self.options.scope, self.cwd or None, self.zone)
        given = {name: value for name, value in fields.items() if value not in (None, []) and value is not False}
        return self.backend(op, given, caller)

    def in_client(self) -> None:
        """Go on in the client's own process only."""
        if self.host == "daemon":
            raise RunLocally

    def stdin_bytes(self) -> bytes:
        """All of standard input; the daemon has it only when the client sent it. InvalidInput beyond 1 MiB."""
        if self.stdin is not None:
            return self.stdin
        self.in_client()
        read = sys.stdin.buffer.read(MAX_TEXT_BYTES + 1)
        if len(read) > MAX_TEXT_BYTES:  # the rest must not be left out in silence
            raise InvalidInput("standard input is too long: at most 1 MiB", hint="give it in parts")
        return read

    def text(self, words: list[str], what: str) -> str:
        """The words joined by spaces, or standard input for a lone ``-``. Raises :class:`InvalidInput` if not UTF-8."""
        if words != ["-"]:
            return " ".join(words)
        try:
            return self.stdin_bytes().decode("utf-8").removesuffix("\n")
        except UnicodeDecodeError as error:
            problem = f"standard input is not UTF-8 (byte {error.start})"
            raise InvalidInput(problem, hint=f"give {what} as UTF-8") from None

    def place(self, written: str) -> Path:
        """A file or folder as the reader names it, absolute, links not followed.

        Raises :class:`InvalidInput` for a relative one where the folder that it counts from has been deleted.
        """
        if not self.cwd and not written.startswith("/"):
            raise InvalidInput("this folder has been deleted, so nothing is in it", hint="cd somewhere else")
        return Path(self.cwd, written)

    def interactive(self) -> bool:
        """Whether somebody sits at a terminal who can be asked."""
        return not self.out.json and sys.stdin.isatty() and sys.stderr.isatty()

    def confirm(self, question: str) -> bool:
        """Whether the reader answers yes. Raises :class:`InvalidInput` where nobody can be asked."""
        self.in_client()
        if not self.interactive():
            raise InvalidInput("this asks first, and nobody can be asked here", hint="add --yes")
        answer = ""
        try:
            self.out.prompt(f"{question} [y/N] ")
            answer = sys.stdin.readline()
        finally:  # what follows begins on a line of its own, after an interrupt and at the end of input too
            if not answer.endswith("\n"):
                self.out.prompt("\n")
        return answer.strip().lower() in ("y", "yes")

    def now(self) -> datetime:
        """The reader's clock."""
        return datetime.now(UTC).astimezone(zone_of(self.zone))


def context_of(ctx: typer.Context) -> Context:
    """The context that the host gave to the app."""
    assert isinstance(ctx.obj, Context), "every host passes its context"
    return ctx.obj
