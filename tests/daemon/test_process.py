"""The daemon as a process: signals, log, and how it is found and stopped."""

import os
import resource
import signal
import socket
from pathlib import Path

import pytest

from slm.daemon import process, spawn
from slm.errors import DaemonUnavailable


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_in_order(world, number):
    """Specification: stop accepting, unlink, drain, close handlers, exit 0."""
    daemon = world.foreground()
    path = Path(world.paths.published_socket() or "")

    daemon.send_signal(number)

    assert daemon.wait(20) == 0
    assert (world.data / "closed").exists()
    assert not path.exists()
    assert not Path(world.paths.endpoint).exists()


def test_a_hang_up_of_the_terminal_is_ignored(world):
    """A foreground daemon in a closed terminal goes on until it is told."""
    daemon = world.foreground()
    daemon.send_signal(signal.SIGHUP)

    assert world.slm("recall", "x").returncode == 0
    assert daemon.poll() is None


def test_a_signal_lets_the_running_request_end(world, eventually):
    """Specification: drain."""
    daemon = world.foreground()
    client = world.json()
    client.call("ping")
    waiting = world.begin("recall", "wait")
    eventually((world.data / "waiting").exists)

    daemon.send_signal(signal.SIGTERM)
    eventually(lambda: world.pid() is None)
    assert daemon.poll() is None
    os.kill(daemon.pid, signal.SIGUSR1)  # lets the held request go

    assert waiting.communicate(timeout=20)[0].startswith(b"recall wait")
    assert daemon.wait(20) == 0


def test_shutdown_over_the_socket_ends_it(world):
    """Specification: the daemon's own operation."""
    daemon = world.foreground()

    assert world.json().call("shutdown") == {"stopping": True}
    assert daemon.wait(20) == 0


def test_start_stop_restart_tell_the_process(world):
    """Specification: what ``slm daemon start|stop|restart`` needs."""
    assert process.daemon_pid(world.paths) is None
    assert process.stop(world.paths) is None

    first = process.start(world.paths, world.program())
    assert process.start(world.paths, world.program()) == first
    assert process.daemon_pid(world.paths) == first

    second = process.restart(world.paths, world.program())
    assert second != first
    assert process.stop(world.paths) == second
    assert process.daemon_pid(world.paths) is None


def test_a_suspended_daemon_is_killed_when_it_is_stopped(world):
    """Fault: ``slm daemon restart`` is the fix that the client names."""
    pid = process.start(world.paths, world.program())
    os.kill(pid, signal.SIGSTOP)

    assert process.stop(world.paths, timeout_s=0.1) == pid
    assert process.daemon_pid(world.paths) is None


def test_a_daemon_whose_socket_is_gone_is_found_by_its_lock(world):
    """Fault: stop must work then too."""
    pid = process.start(world.paths, world.program())
    os.kill(pid, signal.SIGSTOP)  # or it would heal
    Path(world.paths.published_socket() or "").unlink()

    assert process.daemon_pid(world.paths) == pid
    assert process.stop(world.paths, timeout_s=0.1) == pid


def test_a_process_that_can_t_be_ended_is_said(world, monkeypatch):
    """Fault: stuck in the kernel, played by a kill that does nothing."""
    process.start(world.paths, world.program())
    monkeypatch.setattr(process.os, "kill", lambda *_: None)
    monkeypatch.setattr(process, "KILL_S", 0.05)

    with pytest.raises(DaemonUnavailable, match="can't be ended"):
        process.stop(world.paths, timeout_s=0.05)


def test_a_daemon_in_another_container_is_not_signalled(world, monkeypatch) -> None:
    """SO_PEERCRED gives 0 for a process outside one's namespace, and kill(0) would reach this very test."""
    process.start(world.paths, world.program())
    monkeypatch.setattr(process.thin, "peer", lambda _: (0, os.getuid()))
    monkeypatch.setattr(process.os, "kill", lambda *_: pytest.fail("a signal was sent"))

    with pytest.raises(DaemonUnavailable, match="another container"):
        process.stop(world.paths)


def test_the_log_is_read_from_its_end(world):
    """Specification: ``slm daemon logs``."""
    assert process.last_log_lines(world.paths, 10) == []
    Path(world.paths.log).parent.mkdir(parents=True)
    Path(world.paths.log).write_bytes(b"".join(b"line %d\n" % i for i in range(100)) + b"not \xff UTF-8")

    assert process.last_log_lines(world.paths, 3) == ["line 98", "line 99", "not � UTF-8"]


def test_a_long_log_is_put_aside_when_a_daemon_starts(world):
    """Specification: rotated at 1 MiB; one older log is kept."""
    Path(world.paths.log).parent.mkdir(parents=True, mode=0o700)
    Path(world.paths.log).write_bytes(b"x" * (spawn.MAX_LOG_BYTES + 1))

    world.slm("status")

    assert Path(world.paths.log + ".1").stat().st_size == spawn.MAX_LOG_BYTES + 1
    assert b"listens on" in Path(world.paths.log).read_bytes()


def test_a_running_daemon_rotates_the_log_that_it_writes(world, eventually):
    """Specification: a daemon lives for weeks."""
    world.slm("status")
    with Path(world.paths.log).open("ab") as log:
        log.write(b"x" * (spawn.MAX_LOG_BYTES + 1))

    eventually(Path(world.paths.log + ".1").exists)
    world.slm("recall", "bug")

    assert b"a bug" in Path(world.paths.log).read_bytes()
    assert Path(world.paths.log).stat().st_mode & 0o777 == 0o600


def test_a_short_log_stays(tmp_path):
    """Oracle: nothing happens."""
    log = tmp_path / "log"
    log.write_bytes(b"x")
    spawn.rotate(str(log))
    spawn.rotate(str(tmp_path / "missing"))

    assert [path.name for path in tmp_path.iterdir()] == ["log"]


def test_running_out_of_file_descriptors_passes(world, eventually):
    """Fault: RLIMIT_NOFILE; when descriptors are free again the daemon serves, and it never spins or dies."""
    daemon = world.foreground(preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (24, 24)))
    crowd = []
    for _ in range(40):
        client = socket.socket(socket.AF_UNIX)
        client.connect(world.paths.published_socket() or "")
        crowd.append(client)
    eventually(lambda: len(list(Path(f"/proc/{daemon.pid}/fd").iterdir())) >= 24)
    for client in crowd:
        client.close()

    assert world.slm("recall", "x").returncode == 0
    assert daemon.poll() is None


def test_a_daemon_in_the_background_can_t_use_the_network(world):
    """Specification: the guard is installed before anything else is imported."""
    assert world.json().call("network") == "NetworkRefusedError"


def test_compiled_kernels_are_kept_in_the_cache_folder(world):
    """Specification: the numba cache below the cache folder."""
    assert world.json().call("kernels") == world.paths.kernels


def test_a_stop_before_there_is_a_server_stops_it_when_there_is_one():
    """A signal may come while the handlers are made."""
    stops = []

    class Recorder:
        def stop(self):
            stops.append(self)

    early, late, server = process.Stopper(), process.Stopper(), Recorder()
    early()
    early.attach(server)
    late.attach(server)
    assert stops == [server]

    late()
    assert stops == [server, server]


def test_a_starter_hears_one_thing(monkeypatch):
    """A second word would be written into whatever got the pipe's number."""
    reading, writing = os.pipe()
    monkeypatch.setenv(spawn.READY_VARIABLE, str(writing))
    starter = process.Starter()
    starter.tell(b"ready\n")
    starter.tell(b"too late\n")

    assert os.read(reading, 100) == b"ready\n"
    assert os.read(reading, 100) == b""
    assert spawn.READY_VARIABLE not in os.environ
    os.close(reading)


def test_a_starter_that_has_gone_is_no_trouble(monkeypatch):
    """Fault: Ctrl-C during a cold start."""
    reading, writing = os.pipe()
    os.close(reading)
    monkeypatch.setenv(spawn.READY_VARIABLE, str(writing))

    process.Starter().tell(b"ready\n")


def test_an_interrupted_start_goes_on_for_the_next_client(world):
    """Specification: Ctrl-C ends the client, not the daemon that it has begun to start."""
    client = world.begin("recall", "x")
    client.send_signal(signal.SIGINT)
    client.communicate(timeout=20)

    assert world.slm("recall", "x").returncode == 0
    assert world.starts() == 1
