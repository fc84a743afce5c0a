"""slm in full with an engine that only echoes: what the tests of the client and the daemon run as a process."""

import json
import os
import signal
import socket
import sys
import threading
from pathlib import Path
from typing import Any

from slm.daemon import guard, process
from slm.daemon.dialects import CliReply, CliRequest, Handlers
from slm.errors import InvalidInput, NotFound, SlmError, StoreDamaged
from slm.model import Caller
from slm.paths import Paths

root = Path(os.environ["SLM_DATA_DIR"])
let_go = threading.Event()


def cli(request: CliRequest) -> CliReply | None:
    match request.argv:
        case ["recall", "locally"] | ["remember", "-", "locally"]:
            return None
        case ["recall", "missing"]:
            raise NotFound("no memory with the id missing", hint="slm list shows ids")
        case ["recall", "bug"]:
            raise ZeroDivisionError("a bug")
        case ["recall", "memory"]:
            raise MemoryError
        case [_, "die"]:
            os._exit(9)
        case [_, "wait"]:
            (root / "waiting").touch()
            let_go.wait()
        case ["recall", "large"]:
            return CliReply(b"x" * (3 << 20), b"", 0)
        case ["recall", "environment"]:
            return CliReply(repr(sorted(request.env)).encode(), b"", 0)
    words = " ".join(request.argv).encode("utf-8", "surrogateescape")
    given = b" <" + request.stdin + b">" if request.stdin is not None else b""
    return CliReply(words + given + f" in {request.cwd}\n".encode(), b"heard\n", 5 if "five" in request.argv else 0)


def answer(op: str, fields: dict[str, Any], caller: Caller) -> object:
    match op:
        case "echo":
            return {"fields": fields, "caller": {name: getattr(caller, name) for name in caller.__slots__}}
        case "bug":
            raise ZeroDivisionError("a bug")
        case "memory":
            raise MemoryError
        case "wait":
            (root / "waiting").touch()
            let_go.wait()
            return "waited"
        case "context" | "used":
            return hooked(op, fields, caller)
        case "go":
            let_go.set()
            return "gone"
        case "damaged":
            raise StoreDamaged("checksum", where={"store": "here"})
        case "journal":
            return (root / "starts").read_text().count("\n")
        case "descriptors":
            return len(list(Path("/proc/self/fd").iterdir()))
        case "kernels":
            return os.environ["NUMBA_CACHE_DIR"]
        case "network":
            return network()
        case "threads":
            return threading.active_count()
    raise SlmError(f"unknown {op}")


def hooked(op: str, fields: dict[str, Any], caller: Caller) -> object:
    """What the hooks of agents ask: written down, and answered as the file ``context`` says."""
    with (root / "asked").open("a") as asked:
        asked.write(json.dumps([op, fields, caller.actor, caller.cwd, caller.zone]) + "\n")
    if not (root / "context").exists():
        raise InvalidInput(f"unknown operation {op!r}")
    return json.loads((root / "context").read_text())


def network() -> str:
    try:
        socket.socket(socket.AF_INET).close()
    except OSError as error:
        return type(error).__name__
    return "open"


def make_handlers(stop: process.Stop) -> Handlers:
    with (root / "starts").open("a") as starts:
        starts.write(f"{os.getpid()}\n")
    if (root / "damaged").exists():
        raise StoreDamaged("a value doesn't match its checksum", where={"store": str(root)}, hint="slm backup restore")
    if (root / "dies").exists():
        os._exit(9)
    return Handlers(cli, answer, lambda: (root / "closed").touch())


def main() -> int:
    if sys.argv[1:] == ["daemon", "run"]:
        guard.install()
        signal.signal(signal.SIGUSR1, lambda *_: let_go.set())
        return process.run_daemon(make_handlers, Paths(os.environ))
    if sys.argv[1:3] == ["daemon", "start"]:
        (root / "woken").write_text(" ".join(sys.argv[3:]) + "\n")
    given = f" <{sys.stdin.read()}>" if "-" in sys.argv else ""
    print("locally:", *sys.argv[1:], given)
    return 0


if __name__ == "__main__":
    sys.exit(main())
