"""The client host over a real socket: a server in this process with canned answers."""

from __future__ import annotations

import json
import os
import sys
import threading
from functools import partial

import pytest

from slm.cli import connection
from slm.cli.argv import Options
from slm.cli.hosts import in_client, in_daemon
from slm.daemon.dialects import Handlers
from slm.daemon.server import Server
from slm.errors import NotFound, TimedOut
from slm.model import Caller
from slm.paths import Paths
from tests.cli.canned import FakeCall, Stream, answer, hit, memory

FAKE = {
    "recall": answer(hit()),
    "show": NotFound("no memory zzzzz", hint="slm list"),
    "list": {"memories": [memory()], "next": None},
    "doctor": {"checks": []},
}


@pytest.fixture
def served(monkeypatch, tmp_path):
    """A server on a socket of its own; gives the calls it got."""
    monkeypatch.setenv("SLM_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("SLM_SOCKET", str(tmp_path / "slm.sock"))
    (tmp_path / "data").mkdir(mode=0o700)
    fake = FakeCall(FAKE)
    server = Server(Paths(os.environ), Handlers(partial(in_daemon, fake), fake))
    thread = threading.Thread(target=server.serve)
    thread.start()
    yield fake
    server.stop()
    thread.join()


def run(monkeypatch, *argv):
    out, err = Stream(), Stream()
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    return in_client(list(argv)), out.text(), err.text()


def test_an_operation_goes_over_the_socket_with_its_caller(served, monkeypatch):
    code, out, _ = run(monkeypatch, "--profile", "work", "recall", "which", "port", "--json")
    (op, fields, caller), = served.asked  # fmt: skip

    assert code == 0
    assert json.loads(out) == FAKE["recall"]
    assert (op, fields) == ("recall", {"query": "which port"})
    assert (caller.actor, caller.profile, caller.zone) == ("cli", "work", "Europe/Berlin")


def test_an_error_keeps_its_kind_on_the_way(served, monkeypatch):
    code, _, err = run(monkeypatch, "show", "zzzzz")

    assert code == 4
    assert err == "slm: error: no memory zzzzz\n  fix: slm list\n"


def test_filters_by_actor_do_not_become_the_caller(served, monkeypatch):
    """The protocol's own field ``actor`` says who asks."""
    run(monkeypatch, "list", "--actor", "import:jsonl")
    _, fields, caller = served.asked[0]

    assert fields["by_actor"] == "import:jsonl"
    assert caller.actor == "cli"


def test_a_running_daemon_is_found_and_none_is_started(served):
    client = connection.running(Options(), os.environ)

    assert client is not None
    with client:
        assert client.call("ping")["pid"] == os.getpid()


def test_no_daemon_is_none(monkeypatch, tmp_path):
    monkeypatch.setenv("SLM_SOCKET", str(tmp_path / "nosuch.sock"))

    assert connection.running(Options(), os.environ) is None


def test_long_work_gets_more_time_unless_one_was_asked_for(monkeypatch):
    """What is tested is the time-out given to the client, not the clock."""
    given = []

    class Client:
        def __init__(self, paths, timeout_s):
            given.append(timeout_s)

        def call(self, op, **fields):
            raise TimedOut("the daemon doesn't answer")

        def close(self):
            given.append("closed")

    monkeypatch.setattr(connection, "JsonClient", Client)
    for op, fields, options in (
        ("recall", {}, Options(socket="/a")),
        ("export", {}, Options(socket="/a")),
        ("remember", {"batch": []}, Options(socket="/a")),
        ("export", {}, Options(socket="/a", timeout=3.0)),
    ):
        with connection.Daemon(options, os.environ) as daemon, pytest.raises(TimedOut):
            daemon.call(op, fields, Caller())

    assert given == [10.0, "closed", 600.0, "closed", 600.0, "closed", 3.0, "closed"]
