"""The client of the fast lane: sends the command line to the daemon and prints what comes back.

It runs on builtin modules alone (``python -I -S``). One request of ``slm-cli/1`` is the preface line, a u32 length and
NUL-joined fields (see :func:`encode`); the answer is frames of kind, u32 length and payload: ``1`` standard output,
``2`` standard error, ``X`` exit code and nanoseconds taken, ``L`` run it in this process, ``V`` the daemon is older
and leaves: start one of this version.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # signal itself costs a client 6 ms
import _socket
import posix
import sys
from time import monotonic, sleep

from slm import __version__
from slm.errors import DaemonUnavailable, InvalidInput, SlmError, StorageRefused, TimedOut
from slm.paths import Paths, check_private, parent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, NoReturn

FAST = frozenset({
    "audit", "context", "correct", "list", "log", "pin", "profile", "recall", "remember", "scope", "show", "stats",
    "status", "tag", "unpin", "used", "why",
})  # fmt: skip
"""Verbs that are one question and one answer; every other verb runs in the client's own process."""
READ_ONLY = frozenset({"recall", "context", "show", "list", "why", "audit", "status", "stats", "log"})
LOCAL_OPTIONS = frozenset({"--help", "-h", "--version", "--batch"})
GLOBAL_VALUES = frozenset({"--socket", "--config", "--profile", "--scope", "--timeout"})
SENT_VARIABLES = frozenset({"NO_COLOR", "FORCE_COLOR", "TERM", "COLORTERM", "COLUMNS", "LANG", "LC_ALL", "TZ", "HOME"})

PREFACE = b"slm-cli/1\n"
MAX_STDIN_BYTES = 1 << 20
MAX_FRAME_BYTES = 4 << 20
TIMEOUT_S = 10.0
ATTEMPTS = 3
REPEATS = 1
"""How often a question is asked again when the daemon died of it or under it."""
STDIN_TTY, STDOUT_TTY, STDERR_TTY, HAS_STDIN = 1, 2, 4, 8

NOBODY_LISTENS = (FileNotFoundError, ConnectionRefusedError, NotADirectoryError)

RUN_LOCALLY, RESTARTED, UNHEARD, LOST = -1, -2, -3, -4
"""Outcomes of an exchange that are not exit codes. UNHEARD: the request was not read, so nothing was done."""


class Survey:
    """What the client itself must know of a command line."""

    __slots__ = ("config", "fast", "json", "reads_stdin", "socket", "timeout_s", "verb")

    def __init__(self, argv: Sequence[str]) -> None:
        self.verb, self.json, self.reads_stdin = "", False, False
        values: dict[str, str] = {}
        local = False
        words = iter(argv)
        for word in words:
            if word == "--":
                self.reads_stdin |= "-" in words
                break
            name, equals, value = word.partition("=")
            if name in GLOBAL_VALUES:
                values[name] = value if equals else next(words, "")
            elif word in LOCAL_OPTIONS or name == "--batch":
                local = True
            elif word == "-":
                self.reads_stdin = True
            elif not self.verb and not word.startswith("-"):
                self.verb = word
            self.json |= word == "--json"
        self.socket, self.config = values.get("--socket"), values.get("--config")
        self.timeout_s = _seconds(values.get("--timeout"))
        self.fast = self.verb in FAST and not local and self.timeout_s > 0


def main(argv: list[str], program: list[str]) -> int:
    """Run one command and return its exit code; ``program`` is the command that runs slm in full."""
    _signal.signal(_signal.SIGPIPE, _signal.SIG_DFL)
    open_standard_files()
    survey = Survey(argv)
    if survey.verb == "hook" and not LOCAL_OPTIONS & set(argv):
        from slm.daemon import hook

        return hook.main(argv, program)
    try:
        if survey.fast:
            return _ask(survey, argv, program)
        return _relay(survey, argv, program) if survey.verb == "mcp" else run_locally(program, argv)
    except KeyboardInterrupt:
        return 130
    except SlmError as error:
        _tell(error, as_json=survey.json)
        return error.exit_code


def _relay(survey: Survey, argv: Sequence[str], program: list[str]) -> int:
    """Carry an agent's messages, unless the command line asks for something else."""
    from slm.daemon import relay

    chosen = relay.options(argv)
    if chosen is None:
        run_locally(program, argv)
    return relay.run(Paths(_environ(), socket=survey.socket, config=survey.config), program, chosen)


def open_standard_files() -> None:
    """Give a process that was started with closed ones empty ones, before a socket takes their numbers."""
    for descriptor in (0, 1, 2):
        try:
            posix.fstat(descriptor)
        except OSError:
            posix.set_inheritable(posix.open("/dev/null", posix.O_RDWR), True)  # the full program needs them too


def run_locally(program: Sequence[str], argv: Sequence[str], stdin: bytes | None = None) -> NoReturn:
    """Become the full program. What was read from standard input already is given to it anew."""
    if stdin is not None:
        _feed(stdin)
    posix.execv(program[0], [*program, *argv])


def find(paths: Paths, timeout_s: float) -> Any | None:
    """A connection to the daemon of ``paths``, or None when none runs."""
    path = paths.published_socket()
    if path is None:
        return None
    if paths.chosen_socket is None:
        try:
            check_private(parent(path))
        except FileNotFoundError:
            return None
    return connect(path, timeout_s)


def connect(path: str, timeout_s: float) -> Any | None:
    """A connection to the daemon that listens at ``path``, or None when none does.

    Raises :class:`DaemonUnavailable` when something forbids the connection or somebody else listens.
    """
    deadline = monotonic() + timeout_s
    while True:
        connection = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
        try:
            connection.settimeout(timeout_s)
            connection.connect(path)
        except OSError as error:
            connection.close()
            if isinstance(error, NOBODY_LISTENS):
                return None
            if not isinstance(error, BlockingIOError) or monotonic() > deadline:
                raise _unconnectable(path, error) from error
            sleep(0.02)  # its queue is full
            continue
        if peer(connection)[1] == posix.getuid():
            return connection
        connection.close()
        raise DaemonUnavailable("another user's process listens on the socket", where={"socket": path})


def peer(connection: Any) -> tuple[int, int]:
    """The process and the user at the other end, as the kernel knows them."""
    credentials = connection.getsockopt(_socket.SOL_SOCKET, _socket.SO_PEERCRED, 12)
    return int.from_bytes(credentials[:4], sys.byteorder), int.from_bytes(credentials[4:8], sys.byteorder)


def encode(argv: Sequence[str], environ: Mapping[str, str], stdin: bytes | None) -> bytes:
    """The request: version, width, flags, folder, argument count, arguments, variable count, variables, input."""
    variables = [f"{k}={v}" for k, v in environ.items() if k in SENT_VARIABLES or k.startswith("SLM_")]
    ttys = sum(1 << descriptor for descriptor in (0, 1, 2) if posix.isatty(descriptor))
    flags = ttys | (HAS_STDIN if stdin is not None else 0)
    words = [__version__, _width(ttys), str(flags), _folder(), str(len(argv)), *argv, str(len(variables)), *variables]
    body = "\0".join(words).encode("utf-8", "surrogateescape") + b"\0" + (stdin or b"")
    if len(body) > MAX_FRAME_BYTES:
        raise InvalidInput("the command is too long: at most 4 MiB", hint="slm import FILE takes long texts")
    return PREFACE + len(body).to_bytes(4, "big") + body


def _ask(survey: Survey, argv: Sequence[str], program: list[str]) -> int:
    """Ask the daemon, starting one if need be; again where that can't do anything twice."""
    environ = _environ()
    paths = Paths(environ, socket=survey.socket, config=survey.config)
    stdin = _read_stdin() if survey.reads_stdin else None
    request = encode(argv, environ, stdin)
    for attempt in range(ATTEMPTS):
        connection = _reach(paths, survey.timeout_s, program)
        outcome = exchange(connection, request, survey.timeout_s)
        connection.close()
        if outcome == RUN_LOCALLY:
            run_locally(program, argv, stdin)
        if outcome >= 0:
            return outcome
        if outcome == LOST and (survey.verb not in READ_ONLY or attempt >= REPEATS):
            break
    raise _unanswered(outcome, survey.verb)


def exchange(connection: Any, request: bytes, timeout_s: float) -> int:
    """Send the request and print the answer: the exit code, or one of the outcomes above."""
    try:
        try:
            connection.sendall(request, _socket.MSG_NOSIGNAL)
            unsent = LOST
        except OSError as error:
            if isinstance(error, TimeoutError):
                raise
            unsent = UNHEARD  # but what it said before it hung up may be there
        return _print_frames(connection, unsent)
    except TimeoutError as error:
        raise no_answer(connection, timeout_s) from error


def no_answer(connection: Any, timeout_s: float) -> TimedOut:
    """What is said of a daemon that is there and silent."""
    return TimedOut(
        f"the daemon (pid {peer(connection)[0]}) doesn't answer",
        where={"waited": f"{timeout_s:g} s"},
        hint="slm daemon restart     (or wait longer: --timeout 60)",
    )


def _print_frames(connection: Any, unsent: int) -> int:
    started = False
    while True:
        try:
            head = _receive(connection, 5)
            payload = _receive(connection, int.from_bytes(head[1:], "big"))
        except ConnectionResetError:  # hung up with our request unread
            head, unsent = b"", UNHEARD
        except EOFError:
            head = b""
        if not head:
            if started:
                raise DaemonUnavailable("the daemon stopped within its answer", hint="slm daemon logs")
            return unsent
        kind = head[:1]
        if kind == b"X":
            return int(payload.split()[0])
        if kind in b"LV":
            return RUN_LOCALLY if kind == b"L" else RESTARTED
        started = True
        _write(1 if kind == b"1" else 2, payload)


def _receive(connection: Any, length: int) -> bytes:
    """Exactly ``length`` bytes. Raises EOFError when the connection ends before."""
    received = b""
    while len(received) < length:
        part = connection.recv(length - len(received))
        if not part:
            raise EOFError
        received += part
    return received


def _reach(paths: Paths, timeout_s: float, program: list[str]) -> Any:
    """A connection to the daemon; starts it when there is none."""
    connection = find(paths, timeout_s)
    if connection is None:
        from slm.daemon.spawn import start

        connection = start(paths, program)
    return connection


def _unconnectable(path: str, error: OSError) -> SlmError:
    if isinstance(error, (BlockingIOError, TimeoutError)):
        return TimedOut("the daemon doesn't answer", where={"socket": path}, hint="slm daemon restart")
    if isinstance(error, PermissionError):
        return DaemonUnavailable(
            "a sandbox or its permissions forbid connecting to the daemon's socket; nothing was started",
            where={"socket": path},
            hint=f"allow this program to use the socket, or look at its permissions: ls -l {path}",
        )
    return DaemonUnavailable(f"the daemon's socket can't be used: {error.strerror or error}", where={"socket": path})


def _unanswered(outcome: int, verb: str) -> DaemonUnavailable:
    if outcome == RESTARTED:
        return DaemonUnavailable(
            f"the daemon is older than this slm ({__version__}), also after {ATTEMPTS} restarts",
            hint="slm daemon restart",
        )
    if outcome == UNHEARD:
        return DaemonUnavailable(f"the daemon hung up {ATTEMPTS} times", hint="slm daemon restart; slm daemon logs")
    if verb in READ_ONLY:
        return DaemonUnavailable("the daemon stopped before it answered", hint="slm daemon logs")
    return DaemonUnavailable(
        "the daemon stopped before it answered: whether the command was carried out is unknown",
        hint="look before you repeat it: slm list; slm daemon logs",
    )


def _read_stdin() -> bytes:
    parts, length = [], 0
    while part := _read_some():
        parts.append(part)
        length += len(part)
        if length > MAX_STDIN_BYTES:
            raise InvalidInput("the text is too long: at most 1 MiB", hint="slm import FILE takes long texts")
    return b"".join(parts)


def _read_some() -> bytes:
    try:
        return posix.read(0, 1 << 16)
    except OSError as error:
        raise InvalidInput(f"the standard input can't be read: {error.strerror}") from error


def _write(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    try:
        while view:
            view = view[posix.write(descriptor, view) :]
    except BrokenPipeError:
        posix._exit(0)
    except OSError as error:
        if descriptor != 2:  # talk that nobody can hear is no failure
            raise StorageRefused(f"the answer can't be written: {error.strerror}") from error


def _tell(error: SlmError, *, as_json: bool) -> None:
    if as_json:
        from json import dumps

        text = dumps({"error": error.document()}, ensure_ascii=False)
    else:
        text = "slm: error: " + "\n".join(error.lines())
    try:
        posix.write(2, (text + "\n").encode("utf-8", "replace"))
    except OSError:
        return  # nobody listens


def _feed(stdin: bytes) -> None:
    """Make ``stdin`` the standard input again: a child writes it into a pipe."""
    reading, writing = posix.pipe()
    if posix.fork() == 0:
        posix.close(reading)
        _write(writing, stdin)
        posix._exit(0)
    posix.close(writing)
    posix.dup2(reading, 0)


def _environ() -> dict[str, str]:
    encoding = sys.getfilesystemencoding()
    return {
        k.decode(encoding, "surrogateescape"): v.decode(encoding, "surrogateescape") for k, v in posix.environ.items()
    }


def _width(ttys: int) -> str:
    """The terminal's columns, or nothing where no output is one or it doesn't know."""
    for descriptor in (1, 2, 0):
        if ttys >> descriptor & 1:
            columns = posix.get_terminal_size(descriptor)[0]
            return str(columns) if columns else ""
    return ""


def _folder() -> str:
    try:
        return posix.getcwd()
    except OSError:
        return ""  # it has been deleted


def _seconds(text: str | None) -> float:
    """The time-out, or 0 for what is no number of seconds (the full program says so)."""
    if text is None:
        return TIMEOUT_S
    try:
        seconds = float(text)
    except ValueError:
        return 0.0
    return seconds if 0 < seconds < 1e6 else 0.0
