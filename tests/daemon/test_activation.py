"""The daemon on a socket that was opened beforehand. Source: sd_listen_fds(3); trust.md, Socket.

A small process stands in for systemd, which need not run here; its own socket activator is asked where it is installed.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from slm.daemon import process, server, thin

ACTIVATED = Path(__file__).with_name("activated.py")
ACTIVATOR = shutil.which("systemd-socket-activate")


class Activating:
    """Listens where the daemon would, as systemd does, and starts it with the socket when it is told to."""

    def __init__(self, world) -> None:
        self.world = world
        self.path = Path(world.paths.socket)
        self.path.parent.mkdir(mode=0o700)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(self.path))
        self.path.chmod(0o600)
        self.listener.listen()
        server.publish_dormant(world.paths, str(self.path))

    def start(self) -> subprocess.Popen[bytes]:
        daemon = self.pass_on(self.listener)
        self.world.eventually(lambda: self.world.pid() == daemon.pid)
        return daemon

    def pass_on(self, *sockets, whom: str = "self") -> subprocess.Popen[bytes]:
        """A daemon to which these are passed."""
        high = [os.dup(each.fileno()) for each in sockets]
        command = [sys.executable, str(ACTIVATED), ",".join(map(str, high)), whom]
        started = self.world.popen([*command, *self.world.program(), "daemon", "run"], pass_fds=high)
        for number in high:
            os.close(number)
        return started


@pytest.fixture
def activating(world, eventually) -> Iterator[Activating]:
    world.eventually = eventually
    made = Activating(world)
    yield made
    made.listener.close()


def test_the_first_client_waits_for_the_daemon_that_it_starts(world, activating) -> None:
    """Nothing runs until then. What was asked before the daemon was there is answered."""
    asking = world.begin("recall", "x")
    assert world.starts() == 0

    daemon = activating.start()

    out, err = asking.communicate(timeout=20)
    assert asking.returncode == 0, err
    assert out.startswith(b"recall x")
    assert world.pid() == daemon.pid
    assert world.starts() == 1


def test_clients_find_the_daemon_behind_the_passed_socket(world, activating) -> None:
    """The endpoint file names the socket and the daemon; who connects sees the daemon, not who opened the socket."""
    daemon = activating.start()

    assert world.paths.published_socket() == str(activating.path)
    assert world.slm("recall", "x").returncode == 0
    assert process.daemon_pid(world.paths) == daemon.pid
    assert stat.S_IMODE(activating.path.stat().st_mode) == 0o600


def test_a_daemon_that_leaves_leaves_the_socket_for_the_next(world, activating) -> None:
    """Draining answers whoever has connected; who comes later waits in the queue and is served by the next daemon."""
    first = activating.start()
    first.send_signal(signal.SIGTERM)
    assert first.wait(20) == 0

    assert activating.path.exists()
    assert world.paths.dormant()
    asking = world.begin("recall", "x")
    second = activating.start()

    assert asking.communicate(timeout=20)[0].startswith(b"recall x")
    assert world.starts() == 2
    assert second.poll() is None


def test_stopping_what_does_not_run_starts_nothing(world, activating) -> None:
    """A connection would be the first client."""
    assert process.daemon_pid(world.paths) is None
    assert process.stop(world.paths) is None

    activating.listener.setblocking(False)
    with pytest.raises(BlockingIOError):
        activating.listener.accept()


def test_starting_it_by_hand_is_being_its_first_client(world, activating, eventually) -> None:
    """``slm daemon start`` says the daemon's own number, which only the daemon can tell."""
    starting = world.popen(
        [sys.executable, "-c", "import sys\nfrom slm.daemon import process\nfrom slm.paths import Paths\nimport os\n"
         "print(process.start(Paths(os.environ), ['/nosuch']))"]
    )  # fmt: skip
    daemon = activating.start()

    out, err = starting.communicate(timeout=20)
    assert out.split() == [str(daemon.pid).encode()], err


def test_what_was_passed_to_another_process_is_left_alone(world, activating, eventually) -> None:
    """sd_listen_fds(3): LISTEN_PID says whom it is for. The daemon makes a socket of its own, as always."""
    Path(world.paths.endpoint).unlink()
    daemon = activating.pass_on(activating.listener, whom="1")

    eventually(lambda: world.pid() == daemon.pid)
    assert world.paths.published_socket() == world.paths.own_socket


def unusable(kind: str, world) -> list:
    if kind == "datagrams":
        found = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        found.bind(str(world.root / "datagrams"))
        return [found]
    if kind == "internet":
        return [socket.socket(socket.AF_INET)]
    if kind == "connected":
        one, other = socket.socketpair()
        other.close()
        return [one]
    if kind == "silent":
        found = socket.socket(socket.AF_UNIX)
        found.bind(str(world.root / "silent"))
        return [found]
    if kind == "abstract":
        found = socket.socket(socket.AF_UNIX)
        found.bind("\0slm-test-" + world.root.name)
        found.listen()
        return [found]
    if kind == "file":
        return [Path(world.root / "file").open("w")]
    return list(socket.socketpair())


@pytest.mark.parametrize("kind", ["datagrams", "internet", "connected", "silent", "abstract", "file", "two"])
def test_anything_but_one_listening_unix_socket_is_refused(world, activating, kind: str) -> None:
    """trust.md: zero egress. A unit written by somebody else must not make it listen to the network."""
    given = unusable(kind, world)

    daemon = activating.pass_on(*given)

    assert daemon.wait(20) == 3
    assert b"passed to the daemon" in daemon.communicate()[1]
    assert world.paths.dormant()
    for each in given:
        each.close()


def test_a_socket_in_an_open_folder_is_refused(world, activating) -> None:
    """trust.md: the folder is the user's alone; nobody else may put a socket in its place."""
    activating.path.parent.chmod(0o755)

    daemon = activating.pass_on(activating.listener)

    assert daemon.wait(20) == 3
    assert b"not a private folder" in daemon.communicate()[1]


def test_nothing_of_it_reaches_what_the_daemon_starts() -> None:
    """sd_listen_fds(3): variables are unset and descriptors closed on exec, or a child would serve as the daemon."""
    child = (
        "import os; print(sorted(v for v in os.environ if v.startswith('LISTEN')), os.path.exists('/proc/self/fd/3'))"
    )
    parent = (
        "from slm.daemon import activation; import subprocess, sys; assert activation.passed();"
        f"subprocess.run([sys.executable, '-c', {child!r}], close_fds=False)"
    )
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(f"/tmp/slm-activation-{os.getpid()}")
        listener.listen()
        command = [sys.executable, str(ACTIVATED), str(listener.fileno()), "self", sys.executable, "-c", parent]
        done = subprocess.run(command, pass_fds=[listener.fileno()], capture_output=True, text=True, check=True)
        Path(listener.getsockname()).unlink()

    assert done.stdout == "[] False\n"


def test_a_socket_that_was_removed_is_replaced_by_the_daemons_own(world, activating, eventually) -> None:
    """Its folder may be emptied under it. The new socket ends with the daemon, for systemd doesn't hold it."""
    daemon = activating.start()
    activating.path.unlink()
    eventually(activating.path.exists)
    assert world.slm("recall", "x").returncode == 0

    daemon.send_signal(signal.SIGTERM)
    assert daemon.wait(20) == 0
    assert not activating.path.exists()
    assert not Path(world.paths.endpoint).exists()


@pytest.mark.skipif(ACTIVATOR is None, reason="systemd isn't installed")
def test_systemds_own_activator_starts_it(world, eventually) -> None:
    """Oracle: systemd-socket-activate, which passes sockets as systemd itself does."""
    path = Path(world.paths.socket)
    path.parent.mkdir(mode=0o700)
    activator = world.popen([str(ACTIVATOR), "-l", str(path), *environment(world), *world.program(), "daemon", "run"])
    eventually(path.exists)
    server.publish_dormant(world.paths, str(path))

    assert world.slm("recall", "x").stdout.startswith(b"recall x")
    assert world.pid() == activator.pid


def environment(world) -> list[str]:
    return [f"--setenv={name}={value}" for name, value in world.env.items()]


def test_a_dormant_endpoint_is_told_from_one_that_serves(world, activating) -> None:
    """Clients connect to both; only the process number differs."""
    assert world.paths.dormant()
    assert world.paths.published_socket() == str(activating.path)
    connection = thin.find(world.paths, 1.0)
    assert connection is not None
    connection.close()
    activating.start()

    assert not world.paths.dormant()
