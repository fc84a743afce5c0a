"""``slm mcp``: carries an agent's messages between its standard streams and the daemon, line by line.

It begins on builtin modules alone (``python -I -S``). Where the daemon leaves, crashes or is replaced, the next message
goes to a new one: the handshake is said again, and what was not answered is asked again if asking twice does no harm,
else answered with an error. Whole lines only are carried, so that a crash never leaves half a message with the agent.
"""

from __future__ import annotations

import posix
from _socket import MSG_NOSIGNAL, SHUT_WR
from collections import deque
from select import POLLIN, POLLOUT, poll

try:
    from _json import encode_basestring_ascii as quoted  # json costs 5 ms
except ImportError:  # an interpreter without it
    from json.encoder import encode_basestring_ascii as quoted

from slm import __version__
from slm.daemon.thin import ATTEMPTS, TIMEOUT_S, find
from slm.daemon.unanswered import MAX_LINE_BYTES, Lines, Unanswered
from slm.errors import DaemonUnavailable, SlmError
from slm.zone import zone_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from slm.paths import Paths

PREFACE = b"slm-mcp/1\n"
READ_BYTES = 1 << 16
PIPE_BYTES = 4096
"""What a pipe that says it has room takes at once."""
UNAVAILABLE, INVALID_REQUEST = -32000, -32600
FOR_AGENTS = b"slm: this speaks JSON-RPC with an agent, which starts it by itself; Ctrl-D ends it\n"
UNKNOWN_OUTCOME = (
    "the daemon stopped before it answered: whether this was carried out is unknown; look before you repeat it"
)


class Options:
    """How the user started the relay."""

    __slots__ = ("profile", "read_only", "scope", "tools")

    def __init__(self, *, tools: str = "core", read_only: bool = False, profile: str = "", scope: str = "") -> None:
        self.tools, self.read_only, self.profile, self.scope = tools, read_only, profile, scope


def options(argv: Sequence[str]) -> Options | None:
    """The options of a command line; None for one that the full program must read (and may find wrong)."""
    texts = {"--tools": "core", "--profile": "", "--scope": "", "--socket": "", "--config": ""}
    read_only, verbs = False, 0
    words = iter(argv)
    for word in words:
        name, equals, value = word.partition("=")
        if name in texts:
            texts[name] = value if equals else next(words, "")
        elif word == "--read-only":
            read_only = True
        elif word == "mcp":
            verbs += 1
        else:
            return None
    if verbs != 1 or texts["--tools"] not in ("core", "full"):
        return None
    return Options(tools=texts["--tools"], read_only=read_only, profile=texts["--profile"], scope=texts["--scope"])


def hello(chosen: Options, environ: Mapping[str, str]) -> bytes:
    """The preface, and the line that tells the daemon who connects from where."""
    try:
        folder = posix.getcwd()
    except OSError:
        folder = ""  # it has been deleted
    texts = {
        "version": __version__, "cwd": folder, "zone": zone_name(environ), "tools": chosen.tools,
        "profile": chosen.profile, "scope": chosen.scope,
    }  # fmt: skip
    fields = [f"{quoted(name)}:{quoted(text)}" for name, text in texts.items()]
    fields.append(f'"read_only":{"true" if chosen.read_only else "false"}')
    return PREFACE + ("{" + ",".join(fields) + "}\n").encode()


def run(paths: Paths, program: list[str], chosen: Options) -> int:
    """Relay until the agent closes its end, and return the exit code."""
    if posix.isatty(0):
        posix.write(2, FOR_AGENTS)
    relay = Relay(lambda: _reach(paths, program), hello(chosen, paths.environ))
    try:
        relay.run()
    except BrokenPipeError:
        return 0  # the agent has gone
    return 0


def _reach(paths: Paths, program: list[str]) -> Any:
    connection = find(paths, TIMEOUT_S)
    if connection is None:
        from slm.daemon.spawn import start

        connection = start(paths, program)
    return connection


class Relay:
    """The agent's two streams and the connection, with what waits to be written to either."""

    def __init__(self, reach: Callable[[], Any], greeting: bytes) -> None:
        """``reach`` connects to the daemon, starting it if need be; ``greeting`` is said to each new one."""
        self._reach = reach
        self._greeting = greeting
        self._daemon: Any = None
        self._silent = 0
        """Connections in a row on which the daemon said nothing."""
        self._from_agent, self._from_daemon = Lines(), Lines()
        self._to_daemon: deque[bytes] = deque()
        self._begun = 0
        """Bytes of the first line to the daemon that are sent already."""
        self._to_agent = bytearray()
        self._unanswered = Unanswered()
        self._unheard: frozenset[bytes] = frozenset()
        """Lines that the last daemon can't have got."""
        self._agent_left = False

    def run(self) -> None:
        """Carry lines until the agent has closed its end and heard what it asked."""
        while self._daemon is not None or self._to_agent or not self._agent_left:
            self._carry()
            while self._daemon is None and self._unanswered and not self._agent_left:
                if (trouble := self._connect()) is not None:
                    self._give_up(trouble)

    def _carry(self) -> None:
        """Wait until something can be read or written, and do that."""
        waiting = poll()
        if not self._agent_left and not self._to_daemon:
            waiting.register(0, POLLIN)
        if self._to_agent:
            waiting.register(1, POLLOUT)
        if self._daemon is not None:
            waiting.register(self._daemon, (0 if self._to_agent else POLLIN) | (POLLOUT if self._to_daemon else 0))
        connected = -1 if self._daemon is None else self._daemon.fileno()
        for descriptor, events in waiting.poll():
            if descriptor == 1:
                self._write_to_agent()
            elif descriptor == 0:
                self._read_from_agent()
            elif descriptor == connected and self._daemon is not None:
                if events & POLLOUT:
                    self._write_to_daemon()
                if events & ~POLLOUT and self._daemon is not None:
                    self._read_from_daemon()

    def _read_from_agent(self) -> None:
        piece = posix.read(0, READ_BYTES)
        for line in self._from_agent.add(piece):
            if line.strip():
                self._forward(line)
        for _ in range(self._from_agent.take_dropped()):
            self._refuse(None, f"a message is at most {MAX_LINE_BYTES >> 20} MiB long", INVALID_REQUEST)
        if not piece:
            self._agent_left = True
            self._say_goodbye()

    def _forward(self, line: bytes) -> None:
        trouble = self._connect() if self._daemon is None else None
        if self._daemon is not None:
            self._to_daemon.append(line)
            self._write_to_daemon()
        else:
            self._unheard |= {line}
        self._unanswered.asked(line)  # json is imported here, while the daemon works
        if trouble is not None:
            self._give_up(trouble)

    def _connect(self) -> SlmError | None:
        """Reach a daemon and say what it must hear; what makes that impossible, where it is."""
        if self._silent >= ATTEMPTS:
            self._silent = 0
            return DaemonUnavailable(f"the daemon hung up {ATTEMPTS} times", hint="slm daemon restart")
        try:
            self._daemon = self._reach()
        except SlmError as error:
            return error
        self._silent += 1
        self._daemon.setblocking(False)
        self._from_daemon = Lines()
        lines, lost = self._unanswered.again(self._unheard)
        self._unheard = frozenset()
        for number in lost:
            self._refuse(number, UNKNOWN_OUTCOME)
        self._to_daemon = deque([self._greeting, *lines])
        self._begun = 0
        self._write_to_daemon()
        return None

    def _write_to_daemon(self) -> None:
        try:
            while self._to_daemon:
                self._begun += self._daemon.send(memoryview(self._to_daemon[0])[self._begun :], MSG_NOSIGNAL)
                if self._begun == len(self._to_daemon[0]):
                    self._to_daemon.popleft()
                    self._begun = 0
        except BlockingIOError:
            return
        except OSError:
            self._lose()
        else:
            self._say_goodbye()

    def _read_from_daemon(self) -> None:
        try:
            piece = self._daemon.recv(READ_BYTES)
        except BlockingIOError:
            return
        except OSError:
            piece = b""
        for line in self._from_daemon.add(piece):
            self._silent = 0
            if self._unanswered.answered(line):
                self._to_agent += line
        if not piece:
            self._lose()
        self._write_to_agent()

    def _lose(self) -> None:
        """The daemon has gone; what it can't have heard is known."""
        self._unheard |= frozenset(list(self._to_daemon)[1 if self._begun else 0 :])
        self._to_daemon.clear()
        self._daemon.close()
        self._daemon = None

    def _say_goodbye(self) -> None:
        """Tell the daemon that no more will come, once it has heard all."""
        if self._agent_left and self._daemon is not None and not self._to_daemon:
            try:
                self._daemon.shutdown(SHUT_WR)
            except OSError:
                self._lose()

    def _write_to_agent(self) -> None:
        """Write what a pipe with room takes at once, so that an agent that doesn't read stops nobody."""
        while self._to_agent and _has_room(1):
            written = posix.write(1, memoryview(self._to_agent)[:PIPE_BYTES])
            del self._to_agent[:written]

    def _give_up(self, error: SlmError) -> None:
        """Answer everything that waits with what stands in the way; the next message tries again."""
        self._unheard = frozenset()
        for number in self._unanswered.take_all():
            self._refuse(number, "; ".join(filter(None, [error.message, error.hint and f"fix: {error.hint}"])))

    def _refuse(self, number: Any, message: str, code: int = UNAVAILABLE) -> None:
        from json import dumps

        error = {"code": code, "message": message}
        self._to_agent += dumps({"jsonrpc": "2.0", "id": number, "error": error}).encode() + b"\n"


def _has_room(descriptor: int) -> bool:
    waiting = poll()
    waiting.register(descriptor, POLLOUT)
    return bool(waiting.poll(0))
