"""The server in this process, on a real socket: limits, healing, draining."""

import json
import os
import resource
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Never

import pytest

from slm.daemon import server as server_module
from slm.daemon.dialects import CliReply, CliRequest, Handlers
from slm.daemon.server import MAX_CONNECTIONS, MAX_TURNED_AWAY, Server
from slm.errors import DaemonUnavailable
from slm.model import Caller
from slm.paths import make_folder, make_private, parent


class Running:
    """A server on a thread with a handler that can be held back."""

    def __init__(self, world: Any, **options: Any) -> None:
        self.let_go = threading.Event()
        self.waiting = threading.Semaphore(0)
        self.heard: list[str] = []
        self.clients: list[socket.socket] = []
        self.drained: list[bool] = []
        handlers = Handlers(self._cli, self._json, idle_exit_s=options.pop("idle_exit_s", None))
        self.server = Server(world.paths, handlers, **({"check_s": 0.01} | options))
        self.path = world.paths.socket
        self.thread = threading.Thread(target=lambda: self.drained.append(self.server.serve()))
        self.thread.start()

    def connect(self, preface: bytes = b"slm-json/1\n") -> socket.socket:
        client = socket.socket(socket.AF_UNIX)
        self.clients.append(client)
        client.settimeout(20)
        client.connect(self.path)
        client.sendall(preface)
        return client

    def stop(self) -> None:
        self.let_go.set()
        self.server.stop()
        self.thread.join()
        for client in self.clients:
            client.close()

    def _cli(self, request: CliRequest) -> CliReply:
        return CliReply(b"", b"", 0)

    def _json(self, op: str, fields: dict[str, Any], caller: Caller) -> str:
        self.heard.append(op)
        if op == "wait":
            self.waiting.release()
            self.let_go.wait()
        return op


@pytest.fixture
def running(world) -> Iterator[Callable[..., Running]]:
    started: list[Running] = []

    def start(**options: Any) -> Running:
        started.append(Running(world, **options))
        return started[-1]

    yield start
    for one in started:
        one.stop()


def connected(path: str) -> socket.socket:
    client = socket.socket(socket.AF_UNIX)
    client.settimeout(20)
    client.connect(path)
    client.sendall(b"slm-json/1\n")
    return client


def ask(client: socket.socket, op: str) -> Any:
    client.sendall(json.dumps({"op": op}).encode() + b"\n")
    return hear(client)


def hear(client: socket.socket) -> Any:
    received = b""
    while not received.endswith(b"\n"):
        part = client.recv(1 << 16)
        if not part:
            return None
        received += part
    return json.loads(received)


def close(clients: list[socket.socket]) -> None:
    for client in clients:
        client.close()


# where it listens


def test_the_socket_and_its_folder_are_for_their_owner_only(running) -> None:
    """Specification: 0600 in 0700, whatever the umask."""
    before = os.umask(0)
    try:
        path = Path(running().path)
    finally:
        os.umask(before)

    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_the_endpoint_file_names_socket_process_and_version(running, world) -> None:
    """Specification: clients read it first."""
    from slm import __version__

    one = running()

    assert Path(world.paths.endpoint).read_text() == f"{one.path}\n{os.getpid()}\n{__version__}\n"
    assert Path(world.paths.endpoint).stat().st_mode & 0o777 == 0o600


def test_a_socket_left_by_a_dead_daemon_is_replaced(running, world) -> None:
    """Fault: kill -9 leaves the socket behind."""
    folder = Path(world.paths.socket).parent
    folder.mkdir(mode=0o700)
    stale = socket.socket(socket.AF_UNIX)
    stale.bind(world.paths.socket)
    stale.close()

    with running().connect() as client:
        assert ask(client, "x")["ok"]


def test_two_homes_that_share_a_runtime_folder_have_a_daemon_each(running, world) -> None:
    """Fault: the daemon of another data root listens at the usual place; its memories must not become ours."""
    del world.env["SLM_DATA_DIR"]
    make_private(world.paths.data)
    make_folder(parent(world.paths.socket))
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(world.paths.socket)
        other.listen()

        running()

        assert world.paths.published_socket() == world.paths.own_socket != world.paths.socket
        with connected(world.paths.own_socket) as client:
            assert ask(client, "hello")["ok"]
        assert Path(world.paths.socket).is_socket()


def test_a_file_that_is_no_socket_is_never_removed(world) -> None:
    """A wrong --socket must not cost a file."""
    mine = world.root / "mine"
    mine.write_text("precious")
    world.env["SLM_SOCKET"] = str(mine)

    with pytest.raises(DaemonUnavailable, match="can't be made"):
        Server(world.paths, Handlers(lambda _: None, lambda *_: None))
    assert mine.read_text() == "precious"


@pytest.mark.parametrize("mode", [0o755, 0o770])
def test_a_socket_folder_open_to_others_is_refused(world, mode) -> None:
    """Fault: wrong permissions."""
    Path(world.paths.socket).parent.mkdir()
    Path(world.paths.socket).parent.chmod(mode)

    with pytest.raises(DaemonUnavailable, match="private folder"):
        Server(world.paths, Handlers(lambda _: None, lambda *_: None))


def test_a_linked_socket_folder_is_refused(world) -> None:
    """Fault: somebody else's link in a shared temporary folder."""
    (world.root / "elsewhere").mkdir(mode=0o700)
    Path(world.paths.socket).parent.symlink_to(world.root / "elsewhere")

    with pytest.raises(DaemonUnavailable, match="private folder"):
        Server(world.paths, Handlers(lambda _: None, lambda *_: None))


def test_it_listens_anew_when_the_folder_of_the_socket_is_deleted(running, world, eventually) -> None:
    """Fault: temporary folders are cleaned."""
    one = running()
    with one.connect() as earlier:
        shutil.rmtree(Path(one.path).parent)
        eventually(Path(one.path).exists)

        with one.connect() as later:
            assert ask(later, "x")["ok"]
        assert ask(earlier, "x")["ok"]


def test_it_listens_anew_when_another_socket_took_the_place(running, eventually) -> None:
    """Fault: whoever binds the path afterwards."""
    one = running()
    Path(one.path).unlink()
    other = socket.socket(socket.AF_UNIX)
    other.bind(one.path)
    taken = Path(one.path).stat().st_ino

    eventually(lambda: Path(one.path).exists() and Path(one.path).stat().st_ino != taken)
    other.close()

    with one.connect() as client:
        assert ask(client, "x")["ok"]


def test_a_deleted_endpoint_file_is_written_again(running, world, eventually) -> None:
    """Fault: without it clients would start a second daemon in vain."""
    running()
    Path(world.paths.endpoint).unlink()

    eventually(Path(world.paths.endpoint).exists)


# limits


def test_the_place_of_a_connection_that_ends_is_free_again(running) -> None:
    """Ten times the limit, one after the other."""
    one = running()

    for _ in range(10 * MAX_CONNECTIONS):
        with one.connect() as client:
            assert ask(client, "x")["ok"]


def test_a_burst_above_the_limit_is_served_when_places_get_free(running) -> None:
    """Short commands wait for a place rather than fail."""
    one = running()
    clients = [one.connect() for _ in range(MAX_CONNECTIONS + 8)]
    for client in clients:
        client.sendall(b'{"op": "x"}\n')

    for client in clients:
        assert hear(client)["ok"]
        client.close()


def test_above_the_limit_a_client_is_told_that_the_daemon_is_busy(running, eventually, monkeypatch) -> None:
    """Specification: 64 connections, a polite busy answer."""
    monkeypatch.setattr(server_module, "PATIENCE_S", 0.01)
    one = running()
    held = [one.connect() for _ in range(MAX_CONNECTIONS)]
    for client in held:
        assert ask(client, "x")["ok"]

    assert hear(one.connect())["error"]["message"].startswith("the daemon is busy")
    held.pop().close()
    eventually(lambda: ask(one.connect(), "x")["ok"])


def _flood(one: Running, count: int) -> list[socket.socket]:
    """So many silent connections; the daemon may hang up on them."""
    flood = []
    for _ in range(count):
        client = socket.socket(socket.AF_UNIX)
        one.clients.append(client)
        client.connect(one.path)  # waits while the queue is full
        flood.append(client)
    return flood


@pytest.mark.parametrize("count", [500, pytest.param(10_000, marks=pytest.mark.slow)])
def test_thousands_of_connections_leave_a_daemon_that_answers(running, eventually, monkeypatch, count) -> None:
    """Fault: a flood of silent connections; threads stay bounded, and all is well when it ends."""
    monkeypatch.setattr(server_module, "PATIENCE_S", 0.0)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, count + 1000), hard))
    before = threading.active_count()
    one = running()
    try:
        flood = _flood(one, count)
        assert threading.active_count() <= before + 1 + MAX_CONNECTIONS + MAX_TURNED_AWAY
        close(flood)
        eventually(lambda: threading.active_count() == before + 1)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    with one.connect() as client:
        assert ask(client, "x")["ok"]


def test_a_client_of_another_user_is_hung_up_on_before_a_byte_is_read(running, monkeypatch) -> Never:
    """Specification: the peer's user is checked by the kernel's word. The other user is a stand-in for root's tests."""
    monkeypatch.setattr(server_module.thin, "peer", lambda _: (1, os.getuid() + 1))
    one = running()

    refused = socket.socket(socket.AF_UNIX)
    refused.connect(one.path)
    assert refused.recv(1) == b""
    refused.close()
    assert one.heard == []


# leaving


def test_leaving_removes_socket_and_endpoint_file(running, world) -> None:
    """Specification: the next client finds nobody and starts a daemon."""
    one = running()

    one.stop()

    assert one.drained == [True]
    assert not Path(one.path).exists()
    assert not Path(world.paths.endpoint).exists()


def test_a_running_request_is_answered_before_the_daemon_leaves(running, eventually) -> None:
    """Specification: drain."""
    one = running()
    with one.connect() as client:
        client.sendall(b'{"op": "wait"}\n')
        one.waiting.acquire()
        one.server.stop()
        eventually(lambda: not Path(one.path).exists())
        assert one.thread.is_alive()
        one.let_go.set()

        assert hear(client)["result"] == "wait"
        one.thread.join()
    assert one.drained == [True]


def test_a_request_that_was_sent_before_the_end_is_answered(running) -> None:
    """Specification: no request that arrived is lost; both of these lines had."""
    one = running()
    with one.connect() as client:
        client.sendall(b'{"op": "wait"}\n{"op": "second"}\n')
        one.waiting.acquire()
        one.server.stop()
        one.let_go.set()

        lines = b"".join(iter(lambda: client.recv(1 << 16), b"")).splitlines()
    assert [json.loads(line)["result"] for line in lines] == ["wait", "second"]


def test_an_idle_connection_doesn_t_keep_the_daemon(running) -> None:
    """Specification: drain requests, not connections."""
    one = running()
    with one.connect() as client:
        assert ask(client, "x")["ok"]
        one.server.stop()
        one.thread.join()

        assert client.recv(1) == b""
    assert one.drained == [True]


def test_a_request_that_never_ends_doesn_t_keep_the_daemon(running, monkeypatch) -> None:
    """Specification: drain for a limited time."""
    monkeypatch.setattr(server_module, "DRAIN_S", 0.05)
    one = running()
    with one.connect() as client:
        client.sendall(b'{"op": "wait"}\n')
        one.waiting.acquire()
        one.server.stop()
        one.thread.join()
    assert one.drained == [False]


def test_a_client_that_connected_before_the_end_is_served(world, monkeypatch) -> None:
    """Specification: become unreachable first, then serve whoever is in the queue."""
    heard = []
    server = Server(world.paths, Handlers(lambda _: None, lambda op, *_: heard.append(op)))
    client = socket.socket(socket.AF_UNIX)
    client.connect(world.paths.socket)
    client.sendall(b'slm-json/1\n{"op": "queued"}\n')

    server.stop()
    server.serve()

    assert heard == ["queued"]
    assert hear(client)["ok"]
    client.close()


def test_stopping_twice_is_stopping(running) -> None:
    """Pinned behaviour: signals come in pairs."""
    one = running()
    for _ in range(1000):
        one.server.stop()
    one.thread.join()

    assert one.drained == [True]


def test_an_unused_daemon_leaves_when_told_to(running) -> None:
    """Specification: idle exit, off by default."""
    one = running(idle_exit_s=0.02)
    one.thread.join()

    assert one.drained == [True]


def test_a_daemon_in_use_does_not_leave(running) -> None:
    """An open connection is a use: agents keep theirs."""
    one = running()
    client = one.connect()
    assert ask(client, "x")["ok"]
    one.server.handlers = replace(one.server.handlers, idle_exit_s=0.0)
    checks = threading.Semaphore(0)
    one.server._heal = checks.release
    for _ in range(5):
        checks.acquire()

    assert ask(client, "x")["ok"]
    client.close()
    one.thread.join()
