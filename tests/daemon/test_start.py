"""Starting: exactly one daemon, whatever happens, and the true reason when there can be none."""

import fcntl
import json
import os
import signal
import socket
from pathlib import Path

import pytest

from slm.daemon import spawn
from slm.errors import TimedOut


def test_the_first_command_starts_the_daemon_and_the_next_ones_use_it(world):
    """Specification: on demand from the fast lane."""
    for _ in range(3):
        assert world.slm("status").returncode == 0

    assert world.starts() == 1


def test_twenty_clients_at_once_start_one_daemon(world):
    """Specification: clients queue on the start lock."""
    clients = [world.begin("recall", str(i)) for i in range(20)]
    outputs = [client.communicate(timeout=60)[0] for client in clients]

    assert [output.split()[1] for output in outputs] == [b"%d" % i for i in range(20)]
    assert [client.returncode for client in clients] == [0] * 20
    assert world.starts() == 1


def test_a_second_daemon_on_the_same_data_is_refused(world):
    """Specification: the daemon lock lies in the data root and is held for life."""
    world.slm("status")
    first = world.pid()

    second = world.popen([*world.program(), "daemon", "run"])
    _, errors = second.communicate(timeout=20)

    assert second.returncode == 3
    assert f"a daemon (pid {first}) serves this data already".encode() in errors
    assert world.slm("status").returncode == 0


def test_a_second_daemon_with_another_socket_is_refused_too(world):
    """Fault: two environments, one store."""
    world.slm("status")
    world.env["SLM_SOCKET"] = str(world.root / "other.sock")

    second = world.popen([*world.program(), "daemon", "run"])
    second.communicate(timeout=20)

    assert second.returncode == 3
    assert world.starts() == 1


def test_the_next_client_heals_after_kill_9(world, eventually):
    """Fault: socket, endpoint file and lock file are left; the lock itself dies with the process."""
    for _ in range(5):
        world.slm("status")
        pid = world.pid()
        os.kill(pid, signal.SIGKILL)
        eventually(lambda pid=pid: not _alive(pid))

        assert world.slm("recall", "x").returncode == 0
    assert world.starts() == 6


@pytest.mark.slow
def test_a_hundred_kills_in_the_middle_of_everything_lose_no_start(world):
    """Fault: clients racing with kill -9."""
    for _ in range(100):
        clients = [world.begin("recall", "x") for _ in range(3)]
        world.slm("status")
        pid = world.pid()
        if pid:
            os.kill(pid, signal.SIGKILL)
        for client in clients:
            client.communicate(timeout=60)
        assert world.slm("recall", "x").returncode == 0


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_deleted_socket_is_healed_by_the_daemon_while_the_client_waits(world):
    """Fault: the folder of the socket is deleted under a running daemon."""
    world.slm("status")
    Path(world.paths.published_socket() or "").unlink()

    assert world.slm("recall", "x").returncode == 0
    assert world.starts() == 1


def test_the_daemon_leaves_its_starter_behind(world):
    """Specification: setsid, cwd /, clean environment, no inherited file."""
    world.env["SECRET_OF_THE_SHELL"] = "x"
    reading, writing = os.pipe()
    world.slm("status", pass_fds=[writing])
    os.close(writing)
    pid = world.pid()
    process = Path(f"/proc/{pid}")

    assert (process / "cwd").readlink() == Path("/")
    assert os.getsid(pid) != os.getsid(0)
    assert b"SECRET" not in (process / "environ").read_bytes()
    assert os.read(reading, 1) == b""  # nobody else holds the other end
    os.close(reading)


def test_starters_don_t_leave_zombies(world):
    """Fault: long-lived clients that start daemons."""
    with world.json() as client:
        pid = client.call("ping")["pid"]
        os.kill(pid, signal.SIGKILL)

    assert pid not in [int(line) for line in _children()]


def _children() -> list[str]:
    return Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()


def test_lock_log_and_endpoint_are_for_their_owner_only(world):
    """Specification: files 0600."""
    world.slm("status")

    for path in (world.paths.daemon_lock, world.paths.start_lock, world.paths.endpoint, world.paths.log):
        assert Path(path).stat().st_mode & 0o777 == 0o600


# why there can be none


def test_what_keeps_the_daemon_from_starting_reaches_the_client_with_its_exit_code(world):
    """Specification: error text from the child through the pipe; store damaged is 6. No second attempt."""
    (world.data / "damaged").touch()

    done = world.slm("recall", "x")

    assert done.returncode == 6
    assert done.stderr.decode().splitlines() == [
        "slm: error: a value doesn't match its checksum",
        f"  store: {world.data}",
        "  fix:   slm backup restore",
    ]
    assert world.starts() == 1


def test_the_reason_is_json_when_json_is_asked(world):
    """Specification: errors are JSON on stderr with --json."""
    (world.data / "damaged").touch()

    assert json.loads(world.slm("recall", "x", "--json").stderr)["error"]["type"] == "store_damaged"


def test_a_daemon_that_dies_without_a_word_is_tried_three_times(world):
    """Specification: at most three attempts; the log is named."""
    (world.data / "dies").touch()

    done = world.slm("recall", "x")

    assert done.returncode == 3
    assert b"died while starting, 3 times" in done.stderr
    assert world.paths.log.encode() in done.stderr
    assert world.starts() == 3


def test_a_program_that_can_t_be_run_is_named(world):
    """Fault: the environment was deleted under the script."""
    client = world.json(program=[str(world.root / "no-python")])

    with pytest.raises(Exception, match="can't be run"):
        client.call("ping")


def test_a_data_root_open_to_others_is_refused(world):
    """Specification: folders 0700, refused otherwise; nothing is started."""
    world.data.chmod(0o755)

    done = world.slm("recall", "x")

    assert done.returncode == 8
    assert f"chmod 700 {world.data}".encode() in done.stderr
    assert world.starts() == 0


@pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
def test_a_read_only_place_for_the_data_is_said(world):
    """Fault: exit code 8."""
    world.root.chmod(0o500)
    world.env["SLM_DATA_DIR"] = str(world.root / "new")

    done = world.slm("recall", "x")
    world.root.chmod(0o700)

    assert done.returncode == 8


@pytest.mark.parametrize("kind", ["open", "link"])
def test_a_socket_folder_that_can_t_be_trusted_is_refused(world, kind):
    """Specification: wrong permissions and links; exit code 3."""
    folder = Path(world.paths.socket).parent
    if kind == "open":
        folder.mkdir()
        folder.chmod(0o777)
    else:
        (world.root / "target").mkdir(mode=0o700)
        folder.symlink_to(world.root / "target")

    done = world.slm("recall", "x")

    assert done.returncode == 3
    assert b"not a private folder" in done.stderr


def test_a_folder_opened_to_others_later_is_refused_by_clients(world):
    """Specification: clients check before they connect."""
    world.slm("status")
    folder = Path(world.paths.published_socket() or "").parent
    folder.chmod(0o777)

    assert world.slm("recall", "x").returncode == 3
    folder.chmod(0o700)
    assert world.slm("recall", "x").returncode == 0


def test_a_starter_that_hangs_is_not_waited_for_without_end(world, monkeypatch):
    """Fault: somebody holds the start lock."""
    monkeypatch.setattr(spawn, "PATIENCE_S", 0.1)
    with Path(world.paths.start_lock).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(TimedOut, match="another process is starting"):
            spawn.start(world.paths, world.program())


def test_a_held_data_root_without_a_listener_is_said(world, monkeypatch):
    """Fault: a daemon that hangs while it leaves."""
    monkeypatch.setattr(spawn, "PATIENCE_S", 0.5)
    with Path(world.paths.daemon_lock).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(Exception, match="holds this data"):
            spawn.start(world.paths, world.program())


def test_a_named_socket_is_used_by_both_sides(world):
    """Specification: --socket; the daemon that is started for it listens there."""
    path = str(world.root / "named.sock")

    assert world.slm("recall", "x", "--socket", path).returncode == 0
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(path)
    assert world.slm("recall", "x").returncode == 0
    assert world.starts() == 1


# versions


def test_a_newer_client_gets_a_daemon_of_its_own_version(world, eventually):
    """Specification: the older one drains and leaves."""
    world.slm("status")
    older = world.pid()

    done = world.slm("recall", "x", version="9.0.0")

    assert done.returncode == 0
    assert Path(world.paths.endpoint).read_text().splitlines()[2] == "9.0.0"
    assert world.starts() == 2
    eventually(lambda: not _alive(older))


def test_an_older_client_is_served_by_a_newer_daemon(world):
    """Specification: no fight between two environments."""
    world.slm("status", version="9.0.0")

    assert world.slm("recall", "x").returncode == 0
    assert world.starts() == 1


def test_a_newer_client_waits_for_the_requests_that_run(world, eventually) -> None:
    """Specification: drain, then restart; nobody's request is lost by an upgrade."""
    older = world.foreground()
    waiting = world.begin("recall", "wait")
    eventually((world.data / "waiting").exists)

    newer = world.popen(world.client_command("recall", "x", version="9.0.0"))
    eventually(lambda: world.pid() is None)
    assert newer.poll() is None
    older.send_signal(signal.SIGUSR1)  # lets the held request go

    assert waiting.communicate(timeout=20)[0].startswith(b"recall wait")
    assert newer.communicate(timeout=20)[0].startswith(b"recall x")
    assert older.wait(20) == 0


def test_a_daemon_that_stays_old_is_not_restarted_for_ever(world):
    """Specification: three attempts, never a loop. Here the program itself is old."""
    client = world.client_command("recall", "x")
    as_newer = [part.replace("slm.__version__ = '0.1.0'", "slm.__version__ = '9.0.0'", 1) for part in client]

    process = world.popen(as_newer)
    _, errors = process.communicate(timeout=60)

    assert process.returncode == 3
    assert b"also after 3 restarts" in errors
    assert world.starts() == 3
