"""The typed client of ``slm-json/1``."""

import os
import signal

import pytest

from slm.daemon import process
from slm.errors import DaemonUnavailable, SlmError, StoreDamaged, TimedOut


def test_a_call_starts_the_daemon_and_returns_the_result(world):
    """Specification: ``JsonClient(paths).call(op, **fields)``."""
    result = world.json().call("echo", text="ü", limit=5, cwd="/src", **{"from": "2026-03-14"})

    assert result["fields"] == {"text": "ü", "limit": 5, "from": "2026-03-14"}
    assert result["caller"]["cwd"] == "/src"


def test_many_calls_share_one_connection(world):
    """Pinned behaviour: descriptors of the daemon don't grow."""
    client = world.json()
    counts = {client.call("descriptors") for _ in range(20)}

    assert len(counts) == 1


def test_a_field_may_be_called_op(world):
    """The operation is positional only."""
    with pytest.raises(TypeError):
        world.json().call(op="echo")


def test_an_error_is_raised_as_what_it_is(world):
    """Specification: the SlmError of from_document."""
    with pytest.raises(StoreDamaged, match="checksum") as caught:
        world.json().call("damaged")

    assert caught.value.exit_code == 6


def test_a_bug_in_the_daemon_is_raised_as_internal_and_the_connection_goes_on(world):
    """Fault."""
    client = world.json()
    with pytest.raises(SlmError, match="ZeroDivisionError") as caught:
        client.call("bug")

    assert caught.value.exit_code == 70
    assert client.call("journal") == 1


def test_a_long_answer_arrives_whole(world):
    """More than a socket's buffer."""
    text = "x" * 3_000_000

    assert world.json().call("echo", text=text)["fields"]["text"] == text


def test_without_autostart_a_missing_daemon_is_an_error(world):
    """Specification: status and doctor look without starting anything."""
    with pytest.raises(DaemonUnavailable, match="no daemon runs"):
        world.json(autostart=False).call("ping")

    assert world.starts() == 0


def test_a_daemon_that_doesn_t_answer_is_named(world):
    """Specification: exit code 9, the process, the fix."""
    client = world.json()
    pid = client.call("ping")["pid"]
    os.kill(pid, signal.SIGSTOP)
    hasty = world.json(timeout_s=0.05)

    with pytest.raises(TimedOut, match=f"pid {pid}") as caught:
        hasty.call("ping")
    os.kill(pid, signal.SIGCONT)

    assert "slm daemon restart" in (caught.value.hint or "")
    assert client.call("ping")["pid"] == pid


def test_after_a_lost_connection_the_next_call_connects_anew(world):
    """Fault: the daemon is killed between two calls, and one call says so."""
    client = world.json()
    pid = client.call("ping")["pid"]
    os.kill(pid, signal.SIGKILL)

    with pytest.raises(DaemonUnavailable, match="hung up"):
        client.call("ping")

    assert client.call("ping")["pid"] != pid


def test_an_older_daemon_is_replaced(world):
    """Specification: the version handshake, from the typed side."""
    old = process.start(world.paths, world.program("0.0.1"))

    with world.json() as client:
        assert client.call("ping")["pid"] != old
    assert world.starts() == 2


def test_an_older_daemon_is_looked_at_without_autostart(world):
    """Specification: doctor reports an old daemon, it doesn't replace it."""
    old = process.start(world.paths, world.program("0.0.1"))

    assert world.json(autostart=False).call("ping") == {"version": "0.0.1", "pid": old}


def test_a_newer_daemon_serves(world):
    """Specification: an older client is served."""
    new = process.start(world.paths, world.program("99.0.0"))

    assert world.json().call("ping")["pid"] == new


def test_a_daemon_that_stays_old_is_an_error_after_three_attempts(world):
    """Specification: never a loop."""
    with pytest.raises(DaemonUnavailable, match="stays at version"):
        world.json(program=world.program("0.0.1")).call("ping")

    assert world.starts() == 3
