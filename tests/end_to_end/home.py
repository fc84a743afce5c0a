"""One user's slm with real processes: a home, a data root and a socket of its own, and the daemon that serves it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from slm.daemon.client import JsonClient
from slm.paths import Paths

MODULE = [sys.executable, "-P", "-m", "slm"]
SCRIPT = Path(sys.executable).with_name("slm")
"""The thin client where it is installed; the same commands run through the module otherwise."""
DEADLINE_S = 60.0


def wait_until(condition: Callable[[], object], seconds: float = DEADLINE_S) -> bool:
    """Whether the condition came true within the time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.002)
    return True


@dataclass(frozen=True)
class Said:
    """What a command printed, and its exit code."""

    out: str
    err: str
    code: int

    @property
    def document(self) -> Any:
        return json.loads(self.out)

    @property
    def error(self) -> dict[str, Any]:
        """The error of a command that was asked for JSON."""
        return dict(json.loads(self.err)["error"])


class Home:
    """Fresh and private below a short temporary folder; ``cache`` holds compiled kernels for all homes of a run."""

    def __init__(self, cache: Path) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="slm-home-"))
        (self.root / "home").mkdir()
        self.data = self.root / "data"
        self.env = {
            "HOME": str(self.root / "home"),
            "PATH": os.environ["PATH"],
            "TZ": "UTC",
            "SLM_DATA_DIR": str(self.data),
            "SLM_SOCKET": str(self.root / "s"),
            "XDG_CACHE_HOME": str(cache),
        }

    @property
    def paths(self) -> Paths:
        return Paths(self.env)

    @property
    def program(self) -> list[str]:
        return [str(SCRIPT)] if SCRIPT.exists() else MODULE

    def slm(
        self, *argv: str, stdin: bytes = b"", program: Sequence[str] | None = None, env: dict[str, str] | None = None
    ) -> Said:
        """Run one command to its end."""
        done = subprocess.run(
            [*(program or self.program), *argv], input=stdin, capture_output=True, timeout=DEADLINE_S, check=False,
            cwd=self.env["HOME"], env=self.env | (env or {}),
        )  # fmt: skip
        return Said(done.stdout.decode(), done.stderr.decode(), done.returncode)

    def begin(self, *argv: str) -> subprocess.Popen[bytes]:
        """Start one command and don't wait for it; its standard input is held open."""
        streams = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        return subprocess.Popen([*self.program, *argv], cwd=self.env["HOME"], env=self.env, **streams)

    def remember(self, text: str, *options: str) -> str:
        """Remember a text and return its id."""
        said = self.slm("--json", "remember", *options, "--", text)
        assert said.code == 0, said.err
        return str(said.document["id"])

    def exported(self) -> list[dict[str, Any]]:
        """Every record of the store, over the socket."""
        lines, after = [], None
        with self.json() as client:
            while True:
                page = client.call("export", after=after)
                lines += page["lines"]
                if (after := page["next"]) is None:
                    return lines[1:-1]

    def json(self, **options: Any) -> JsonClient:
        return JsonClient(self.paths, **({"timeout_s": DEADLINE_S} | options))

    def pid(self) -> int | None:
        """The daemon's process, if one holds the data root."""
        with suppress(FileNotFoundError, IndexError, ValueError):
            return int((self.data / "endpoint").read_text().splitlines()[1])
        return None

    def end_daemon(self, how: signal.Signals) -> None:
        """Send a signal to this home's daemon and return once it is gone."""
        pid = self.pid()
        assert pid is not None, "a daemon runs"
        with suppress(ProcessLookupError):
            os.kill(pid, how)
        assert wait_until(lambda: not runs(pid)), "the daemon is still there"

    def kill(self) -> None:
        """End the daemon as a power cut would."""
        self.end_daemon(signal.SIGKILL)

    def stop(self) -> None:
        """Let the daemon finish what it does and leave."""
        self.end_daemon(signal.SIGTERM)

    def close(self) -> None:
        if (pid := self.pid()) is not None and runs(pid):
            self.stop()
        shutil.rmtree(self.root, ignore_errors=True)


def runs(pid: int) -> bool:
    """Whether the process lives; one that only waits to be collected doesn't."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


@contextmanager
def on_a_small_disk(home: Home, megabytes: int) -> Iterator[Home]:
    """The home, its data on a file system of so many megabytes. Skips the test where none can be mounted."""
    home.data.mkdir(mode=0o700)
    mount = shutil.which("mount")
    if os.geteuid() != 0 or mount is None:
        pytest.skip("mounting a small file system takes root")
    options = ["-t", "tmpfs", "-o", f"size={megabytes}m,mode=700", "tmpfs", str(home.data)]
    if subprocess.run([mount, *options], capture_output=True, check=False).returncode:
        pytest.skip("mounting is not permitted here")
    yield home
    if (pid := home.pid()) is not None and runs(pid):
        home.kill()
    unmount = ["umount", str(home.data)]
    assert wait_until(lambda: not subprocess.run(unmount, capture_output=True, check=False).returncode)
