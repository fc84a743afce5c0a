"""``slm hook``: what an agent runs at the start of a session, at each prompt and when it stops.

Whatever happens, it ends with exit code 0 within :data:`LIMIT_S` of its first line, prints nothing or its block, and
never keeps the agent waiting: a daemon that is down, starting, busy or stopped means that there is nothing to say. How
often that was so is counted in a file that ``slm status`` shows. It runs like the thin client, on the standard library
alone, and remembers nothing.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]
import posix
from json import dumps, loads
from time import time

from slm.daemon import thin
from slm.errors import SlmError
from slm.paths import HOOK_LOG, Paths
from slm.zone import zone_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, NoReturn

LIMIT_S = 0.15
"""Beside it an interpreter starts and ends, for which the agent waits too."""
EVENTS = ("session-start", "user-prompt", "stop")
BUDGET = 800
LARGEST_BUDGET = 4000
"""Agents cut what is longer than about 10,000 characters."""
BYTES_A_TOKEN = 4
MAX_STDIN_BYTES = 4 << 20
MAX_LOG_BYTES = 256 << 10
VALUES = frozenset({"--budget", "--profile", "--scope", "--socket", "--config", "--timeout"})
SHAPES = {"SessionStart": "hook", "UserPromptSubmit": "hook", "BeforeAgent": "hook", "sessionStart": "cursor"}
"""How the event of an agent wants its context: Cursor in a form of its own, the others in one that they share."""


class Hook:
    """One call. ``outcome`` is what the log will say of it: ok, or why it gave up."""

    def __init__(self, argv: Sequence[str], program: Sequence[str]) -> None:
        self.event, self.options = _parsed(argv)
        self.program = list(program)
        self.paths = Paths(thin._environ(), socket=self.options.get("--socket"), config=self.options.get("--config"))
        self._connection: Any = None

    def run(self) -> str:
        """Do what the event asks for and return its outcome."""
        told = loads(_stdin() or b"{}")
        if not isinstance(told, dict):
            return "input"
        self._connection = thin.find(self.paths, LIMIT_S)
        if self._connection is None:
            if self.event == "session-start":
                self._wake()
            return "no daemon"
        self._connection.sendall(b"slm-json/1\n")
        return self._use(told) if self.event == "stop" else self._say(told)

    def _say(self, told: dict[str, Any]) -> str:
        """Print the block for the agent's prompt."""
        topic = told.get("prompt")
        topic = topic.strip()[:4000] if self.event == "user-prompt" and isinstance(topic, str) else ""
        if self.event == "user-prompt" and not topic:
            return "ok"
        budget = self._budget()
        answer = self._ask(told, op="context", budget=budget, **({"topic": topic} if topic else {}))
        if not answer.get("ok"):
            return "ok" if _unknown_op(answer) else "refused"
        text = answer["result"].get("text") or ""
        if topic and not answer["result"].get("sections", {"topic": True}).get("topic"):
            return "ok"  # nothing about this; what else there is was said at the start
        if len(text.encode()) > BYTES_A_TOKEN * budget:
            return "too long"
        _print(text, told.get("hook_event_name"))
        return "ok"

    def _use(self, told: dict[str, Any]) -> str:
        """Count the memories that the agent cited as used."""
        from slm.daemon.citations import cited

        if told.get("stop_hook_active"):
            return "ok"  # the same answer once more
        for memory_id in cited(told):
            self._ask(told, op="used", id=[memory_id])
        return "ok"

    def _ask(self, told: dict[str, Any], **request: Any) -> dict[str, Any]:
        chosen = {name: self.options.get(f"--{name}") for name in ("profile", "scope")}
        here = {"cwd": _folder(told), "zone": zone_name(self.paths.environ)}
        who = {"actor": "hook", **here, **{name: value for name, value in chosen.items() if value}}
        self._connection.sendall(dumps({**request, **who}).encode() + b"\n")
        received = b""
        while not received.endswith(b"\n"):
            part = self._connection.recv(1 << 16)
            if not part:
                raise EOFError
            received += part
        answer = loads(received)
        return answer if isinstance(answer, dict) else {}

    def _budget(self) -> int:
        given = self.options.get("--budget", "")
        return min(max(int(given), 100), LARGEST_BUDGET) if given.isdecimal() else BUDGET

    def _wake(self) -> None:
        """Start the daemon for the next prompt, in a process of its own that nobody waits for."""
        if posix.fork():
            return
        posix.setsid()
        if posix.fork():
            posix._exit(0)
        for descriptor in (0, 1, 2):
            posix.dup2(posix.open("/dev/null", posix.O_RDWR), descriptor)
        chosen = [f"{name}={self.options[name]}" for name in ("--socket", "--config") if name in self.options]
        posix.execv(self.program[0], [*self.program, "daemon", "start", *chosen])


def main(argv: Sequence[str], program: Sequence[str]) -> int:
    """Run one hook; always 0."""
    hook: Hook | None = None

    def too_late(*_: object) -> NoReturn:
        if hook is not None:
            count(hook.paths, hook.event, "too late")
        posix._exit(0)

    _signal.signal(_signal.SIGPIPE, _signal.SIG_IGN)
    _signal.signal(_signal.SIGALRM, too_late)
    _signal.pthread_sigmask(_signal.SIG_UNBLOCK, {_signal.SIGALRM})
    _signal.setitimer(_signal.ITIMER_REAL, LIMIT_S)
    try:
        hook = Hook(argv, program)
        outcome = hook.run()
    except SlmError as error:
        outcome = error.kind
    except (ValueError, RecursionError):
        outcome = "input"
    except Exception as error:  # noqa: BLE001 - nothing may reach the agent
        outcome = type(error).__name__
    _signal.setitimer(_signal.ITIMER_REAL, 0)
    if hook is not None:
        count(hook.paths, hook.event, outcome)
    return 0


def count(paths: Paths, event: str, outcome: str) -> None:
    """Add a line to the log: seconds since 1970, event, outcome; without a data root, or on a full disk, nothing."""
    path = f"{paths.data}/{HOOK_LOG}"
    try:
        descriptor = posix.open(path, posix.O_WRONLY | posix.O_CREAT | posix.O_APPEND | posix.O_CLOEXEC, 0o600)
        try:
            posix.write(descriptor, f"{int(time())} {event} {outcome}\n".encode())
            if posix.fstat(descriptor).st_size > MAX_LOG_BYTES:
                posix.replace(path, path + ".1")
        finally:
            posix.close(descriptor)
    except OSError:
        return


def _parsed(argv: Sequence[str]) -> tuple[str, dict[str, str]]:
    """The event and the options; what is neither is passed over, for a hook can't tell anybody."""
    options: dict[str, str] = {}
    event, words = "", iter(argv)
    for word in words:
        name, equals, value = word.partition("=")
        if name in VALUES:
            options[name] = value if equals else next(words, "")
        elif word in EVENTS:
            event = word
    if not event:
        raise ValueError("no event")
    return event, options


def _stdin() -> bytes:
    received = b""
    while part := posix.read(0, 1 << 16):
        received += part
        if len(received) > MAX_STDIN_BYTES:
            raise ValueError("too long")
    return received


def _folder(told: dict[str, Any]) -> str:
    """The folder that the agent works in: it says so, or it is this process's own."""
    roots = told.get("workspace_roots")
    for said in (told.get("cwd"), roots[0] if isinstance(roots, list) and roots else None):
        if isinstance(said, str) and said.startswith("/"):
            return said
    return thin._folder() or "/"


def _unknown_op(answer: dict[str, Any]) -> bool:
    """Whether the daemon is one that has no such operation: then there is nothing to say."""
    error = answer.get("error")
    return isinstance(error, dict) and str(error.get("message", "")).startswith("unknown operation")


def _print(text: str, event: object) -> None:
    """The block in the form that the event's agent reads; plain for any other."""
    if not text:
        return
    shape = SHAPES.get(event) if isinstance(event, str) else None
    if shape == "hook":
        text = dumps({"hookSpecificOutput": {"hookEventName": event, "additionalContext": text}})
    elif shape == "cursor":
        text = dumps({"additional_context": text})
    left = memoryview(text.encode("utf-8", "replace") + b"\n")
    while left:
        left = left[posix.write(1, left) :]
