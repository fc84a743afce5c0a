"""The two places where a command runs: the daemon, for plain questions, and the client's own process."""

from __future__ import annotations

import io
import os
import sys
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, BinaryIO

from slm.cli.app import command
from slm.cli.argv import Options, parse
from slm.cli.connection import Daemon
from slm.cli.context import Call, Context, Parts, RunLocally
from slm.cli.output import Output, OutputClosed, usable_width
from slm.cli.render.text import Layout
from slm.cli.usage import wrong_usage
from slm.errors import SlmError, StorageRefused
from slm.times import zone_of
from slm.zone import zone_name

if TYPE_CHECKING:
    from slm.daemon.dialects import CliReply, CliRequest

TALK_WIDTH = 100
"""What is said goes to people, whatever standard error is: a long text is never quoted whole."""
INTERRUPTED = 130
PIPE_CLOSED = 141
"""As the shell reports a program that SIGPIPE ended."""


def in_daemon(call: Call, request: CliRequest) -> CliReply | None:
    """The reply to a command line, rendered here; None when the client has to run it itself.

    That is so for help, wrong usage, and every command that asks, reads files or prints without end.
    """
    from slm.daemon.dialects import CliReply

    try:
        parsed = parse(request.argv, command())
    except SlmError:
        return None
    if not parsed.complete or "--help" in parsed.rest:
        return None
    out = _output(
        io.BytesIO(), io.BytesIO(), parsed.options, request.env,
        width=request.width, terminals=(request.stdout_tty, request.stderr_tty),
    )  # fmt: skip
    zone = zone_name(request.env)
    context = Context("daemon", parsed.options, out, call, request.env, request.cwd, zone, request.stdin)
    code = _run(parsed.rest, _with_clock(context))
    if code is None:
        return None
    assert isinstance(out.stdout, io.BytesIO)
    assert isinstance(out.stderr, io.BytesIO)
    return CliReply(out.stdout.getvalue(), out.stderr.getvalue(), code)


def in_client(argv: Sequence[str], parts: Parts | None = None, *, call: Call | None = None) -> int:
    """Run a command line in this process and return its exit code.

    ``parts`` brings the commands of higher layers; ``call`` stands in for the daemon's socket.
    """
    try:
        parsed = parse(argv, command())
    except SlmError as error:
        _standard_output(Options(json="--json" in argv)).error(error)
        return error.exit_code
    out, zone = _standard_output(parsed.options), zone_name(os.environ)
    with Daemon(parsed.options, os.environ) as daemon:
        backend = call or daemon.call
        context = Context("client", parsed.options, out, backend, os.environ, _folder(), zone, None, parts or Parts())
        try:
            return _ended(_run(parsed.rest, _with_clock(context)), out)
        except OutputClosed:
            return PIPE_CLOSED
        except KeyboardInterrupt:
            return INTERRUPTED
        finally:
            _drop_output()


def _ended(code: int | None, out: Output) -> int:
    """The exit code, once the last of the answer is handed on."""
    assert code is not None, "the client has nobody to leave a command to"
    try:
        out.flush()
    except StorageRefused as error:
        if code == 0:
            out.error(error)
        return code or error.exit_code
    return code


def _drop_output() -> None:
    """Let what is still buffered go nowhere, so that the interpreter's own flush at its end says nothing."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _standard_output(options: Options) -> Output:
    terminals = (sys.stdout.isatty(), sys.stderr.isatty())
    width = _terminal_width() if any(terminals) else None
    streams = (sys.stdout.buffer, sys.stderr.buffer)
    return _output(*streams, options, os.environ, width=width, terminals=terminals)


def _run(argv: list[str], context: Context) -> int | None:
    """The exit code of one command; None when it must run in the client."""
    try:
        return int(command().main(args=argv, prog_name="slm", standalone_mode=False, obj=context) or 0)
    except RunLocally:
        return None
    except SlmError as error:
        context.out.error(error)
        return error.exit_code
    except (OutputClosed, KeyboardInterrupt):
        raise
    except Exception as error:  # noqa: BLE001 - the last place before the reader
        if hasattr(error, "format_message"):  # the parser's own errors: their class is private in some releases
            return _wrong_usage(error, context)
        if type(error).__name__ == "Abort":
            return INTERRUPTED
        return _bug(error, context)


def _bug(error: Exception, context: Context) -> int:
    """The trace goes to whoever can mend it: the reader of the client, or the daemon's log."""
    if context.host == "client":
        context.out.failure(traceback.format_exc())
    else:
        traceback.print_exception(error, file=sys.stderr)
        context.out.error(SlmError(f"internal error: {type(error).__name__}: {error}", hint="slm daemon logs"))
    return SlmError.exit_code


def _wrong_usage(error: Any, context: Context) -> int | None:
    if context.host == "daemon":
        return None
    usage = getattr(error, "ctx", None)
    path = usage.command_path if usage is not None else "slm"
    wrong = wrong_usage(str(error.format_message()), path)
    context.out.error(wrong)
    return wrong.exit_code


def _output(
    stdout: BinaryIO, stderr: BinaryIO, options: Options, environ: Mapping[str, str], *,
    width: int | None, terminals: tuple[bool, bool],
) -> Output:  # fmt: skip
    now = datetime.now(UTC)
    data, talk = (_colour(options, environ, terminal) for terminal in terminals)
    return Output(
        stdout, stderr,
        layout=Layout(usable_width(width) if terminals[0] else None, data, now),
        talk_layout=Layout(usable_width(width) if terminals[1] else TALK_WIDTH, talk, now),
        json=options.json, quiet=options.quiet, terminal=terminals[0],
    )  # fmt: skip


def _colour(options: Options, environ: Mapping[str, str], terminal: bool) -> bool:
    if options.no_color or environ.get("NO_COLOR"):
        return False
    return bool(environ.get("FORCE_COLOR")) or (terminal and environ.get("TERM") != "dumb")


def _with_clock(context: Context) -> Context:
    """The context whose layouts tell times in the reader's zone."""
    here = context.out.layout.now.astimezone(zone_of(context.zone))
    out = context.out
    out = replace(out, layout=out.layout._replace(now=here), talk_layout=out.talk_layout._replace(now=here))
    return replace(context, out=out)


def _terminal_width() -> int | None:
    for stream in (sys.stdout, sys.stderr, sys.stdin):
        try:
            return os.get_terminal_size(stream.fileno()).columns or None
        except (OSError, ValueError):
            continue
    return None


def _folder() -> str:
    try:
        return os.getcwd()  # noqa: PTH109 - a string travels
    except FileNotFoundError:
        return ""
