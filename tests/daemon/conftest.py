"""A world of its own for each test: data root, runtime folder and an slm whose engine only echoes."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from slm import __version__
from slm.daemon.client import JsonClient
from slm.paths import Paths

CHECKOUT = Path(__file__).resolve().parents[2]
FAKE_PROGRAM = Path(__file__).with_name("fake_program.py")
BOOT = "import sys; sys.path.insert(0, {checkout!r}); import slm; slm.__version__ = {version!r}; "
DEADLINE_S = 20.0


class World:
    """One user's slm: how to run its client, its daemon and its full program."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.data = root / "data"
        self.runtime = root / "run"
        for folder in (self.data, self.runtime, root / "home"):
            folder.mkdir(mode=0o700)
        self.env = {
            "HOME": str(root / "home"),
            "PATH": os.environ["PATH"],
            "SLM_DATA_DIR": str(self.data),
            "XDG_RUNTIME_DIR": str(self.runtime),
        }
        self._clients: list[JsonClient] = []
        self._processes: list[subprocess.Popen[bytes]] = []

    @property
    def paths(self) -> Paths:
        return Paths(self.env)

    def program(self, version: str = __version__) -> list[str]:
        run = f"import runpy; runpy.run_path({str(FAKE_PROGRAM)!r}, run_name='__main__')"
        return [sys.executable, "-I", "-c", BOOT.format(checkout=str(CHECKOUT), version=version) + run]

    def client_command(self, *argv: str, version: str = __version__) -> list[str]:
        boot = BOOT.format(checkout=str(CHECKOUT), version=version)
        call = (
            f"import posix; from slm.daemon import thin; posix._exit(thin.main(sys.argv[1:], {self.program(version)}))"
        )
        return [sys.executable, "-I", "-S", "-c", boot + call, *argv]

    def slm(
        self, *argv: str, stdin: bytes = b"", version: str = __version__, **options: Any
    ) -> subprocess.CompletedProcess[bytes]:
        """Run the thin client to its end."""
        command = self.client_command(*argv, version=version)
        return subprocess.run(
            command, input=stdin, capture_output=True, env=self.env, timeout=DEADLINE_S, check=False, **options
        )

    def popen(self, command: list[str], **options: Any) -> subprocess.Popen[bytes]:
        """Start a process that the end of the test ends too."""
        given = {"env": self.env, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.DEVNULL}
        process = subprocess.Popen(command, **(given | options))
        self._processes.append(process)
        return process

    def begin(self, *argv: str, **options: Any) -> subprocess.Popen[bytes]:
        """Start the thin client and don't wait for it."""
        return self.popen(self.client_command(*argv), **options)

    def foreground(self, version: str = __version__, **options: Any) -> subprocess.Popen[bytes]:
        """A daemon as a child of the test, listening when this returns."""
        process = self.popen([*self.program(version), "daemon", "run"], **options)
        eventually(lambda: self.pid() == process.pid)
        return process

    def json(self, **options: Any) -> JsonClient:
        client = JsonClient(self.paths, **({"program": self.program()} | options))
        self._clients.append(client)
        return client

    def pid(self) -> int | None:
        """The process that the endpoint file names."""
        with suppress(FileNotFoundError, IndexError, ValueError):
            return int((self.data / "endpoint").read_text().splitlines()[1])
        return None

    def starts(self) -> int:
        """How many daemons have ever begun to serve."""
        with suppress(FileNotFoundError):
            return (self.data / "starts").read_text().count("\n")
        return 0

    def close(self) -> None:
        for client in self._clients:
            client.close()
        for process in self._processes:
            if process.poll() is None:
                process.kill()
            process.communicate()
        with suppress(FileNotFoundError):
            for line in (self.data / "starts").read_text().split():
                self._kill(int(line))
        shutil.rmtree(self.root, ignore_errors=True)

    def _kill(self, pid: int) -> None:
        """End a daemon of this world; its command line tells it from a process that got its number since."""
        with suppress(FileNotFoundError, ProcessLookupError):
            if str(FAKE_PROGRAM).encode() in Path(f"/proc/{pid}/cmdline").read_bytes():
                os.kill(pid, signal.SIGKILL)


def eventually(condition: Callable[[], object]) -> None:
    """Return as soon as ``condition`` holds; fail when it doesn't within the deadline."""
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline, "the condition never came true"
        time.sleep(0.005)


@pytest.fixture
def world() -> Iterator[World]:
    # pytest's own folders have names too long for a socket
    made = World(Path(tempfile.mkdtemp(prefix="slm-test-")))
    yield made
    made.close()


@pytest.fixture(name="eventually")
def eventually_fixture() -> Callable[[Callable[[], object]], None]:
    return eventually
