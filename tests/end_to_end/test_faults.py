"""Faults that really happen: processes killed at any moment, a full disk, no network, a daemon that hangs."""

from __future__ import annotations

import os
import random
import shutil
import signal
import socket
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from slm.errors import DaemonUnavailable, TimedOut
from tests.end_to_end.home import DEADLINE_S, MODULE, Home, Said, on_a_small_disk, wait_until

BATCH = 3


class Writer:
    """Writes without end through one client: single memories and batches in turns; keeps what was acknowledged."""

    def __init__(self, home: Home) -> None:
        self.acknowledged: dict[str, str] = {}
        self._home = home
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._write)

    def __enter__(self) -> Writer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join(DEADLINE_S)

    def _write(self) -> None:
        number = 0
        with self._home.json() as client:
            while not self._stopped.is_set():
                number += 1
                texts = [f"batch {number} part {part}" for part in range(BATCH)] if number % 2 else [f"note {number}"]
                try:
                    answer = client.call("remember", batch=[{"text": text} for text in texts])
                except (DaemonUnavailable, TimedOut):
                    continue  # killed under it: whether it was stored is unknown
                self.acknowledged |= {r["id"]: text for r, text in zip(answer["results"], texts, strict=True)}


def _write_through_kills(home: Home, n_kills: int, n_writes: int) -> None:
    """Kill the daemon at random moments of a client's writing; after each restart everything acknowledged is there."""
    draw = random.Random(7)
    kills = 0
    home.remember("the first one starts the daemon")
    with Writer(home) as writer:
        while kills < n_kills or len(writer.acknowledged) < n_writes:
            wanted = len(writer.acknowledged) + draw.randint(1, 6)
            assert wait_until(lambda wanted=wanted: len(writer.acknowledged) >= wanted), "the writer gets on"
            wait_until(lambda: False, draw.uniform(0.0, 0.02))  # anywhere within a write
            known = dict(writer.acknowledged)
            home.kill()
            kills += 1
            _require_whole(home, known)
    _require_whole(home, writer.acknowledged)


def _require_whole(home: Home, acknowledged: dict[str, str]) -> None:
    records = {record["id"]: record["text"] for record in home.exported()}
    assert {i: records.get(i) for i in acknowledged} == acknowledged
    parts = Counter(text.split()[1] for text in records.values() if text.startswith("batch"))
    assert set(parts.values()) <= {BATCH}, "no batch is there in part"
    with home.json() as client:
        assert client.call("log", verify=True)["verified"] is True
        newest = list(acknowledged)[-1]
        hits = client.call("recall", query=acknowledged[newest], limit=20, min_confidence=0)["hits"]
    assert newest in [hit["memory"]["id"] for hit in hits]


def test_no_acknowledged_memory_is_lost_when_the_daemon_is_killed(home: Home) -> None:
    """trust.md: kill -9 during single writes and batches: nothing acknowledged lost, none half there."""
    _write_through_kills(home, n_kills=12, n_writes=0)


@pytest.mark.slow
def test_three_hundred_acknowledged_memories_survive_as_many_kills_as_it_takes(home: Home) -> None:
    """The same for long."""
    _write_through_kills(home, n_kills=60, n_writes=300)


def test_clients_killed_at_any_moment_leave_nothing_half_done(home: Home) -> None:
    """trust.md: kill -9 of clients: each memory is there whole or not at all, and the daemon lives on."""
    home.remember("the first one starts the daemon")
    pid, draw = home.pid(), random.Random(3)

    for number in range(12):
        client = home.begin("remember", "note", str(number))
        wait_until(lambda client=client: client.poll() is not None, draw.uniform(0.0, 0.12))
        client.kill()
        client.communicate(timeout=DEADLINE_S)
    reader = home.begin("remember", "--batch", "-")
    assert reader.stdin is not None
    reader.stdin.write(b'{"text": "from a batch that never ends"}\n{"te')
    reader.stdin.flush()
    reader.kill()
    reader.communicate(timeout=DEADLINE_S)

    texts = {record["text"] for record in home.exported()}
    assert texts <= {"the first one starts the daemon", *(f"note {number}" for number in range(12))}
    assert home.pid() == pid
    with home.json() as client:
        assert client.call("log", verify=True)["verified"] is True


@pytest.mark.parametrize(
    "sent", [b"slm-cli/1\n\0\0\1\0half", b'slm-json/1\n{"op": "remember", "te', b"slm-js", b"\0" * 99]
)
def test_a_client_that_hangs_up_within_a_request_disturbs_nobody(lived_in: Home, sent: bytes) -> None:
    """Half frames end with their connection."""
    before = lived_in.exported()

    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(lived_in.env["SLM_SOCKET"])
        connection.sendall(sent)

    assert lived_in.exported() == before


def test_a_second_daemon_on_the_same_data_is_refused(lived_in: Home) -> None:
    """client.md: two environments can't start two daemons on one store; exit code 3."""
    said = lived_in.slm("daemon", "run", env={"SLM_SOCKET": str(lived_in.root / "other")})

    assert said.code == 3
    assert f"a daemon (pid {lived_in.pid()}) serves this data already" in said.err
    assert str(lived_in.data) in said.err
    assert "slm daemon stop" in said.err
    assert lived_in.slm("recall", "api").code == 0


def test_a_daemon_that_does_not_answer_is_named_in_time(lived_in: Home) -> None:
    """experience.md: "daemon (pid 4121) doesn't answer; fix: slm daemon restart"; exit code 9."""
    pid = lived_in.pid()
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    try:
        said = lived_in.slm("recall", "--timeout", "0.5", "api")
    finally:
        os.kill(pid, signal.SIGCONT)

    assert said.code == 9
    assert str(pid) in said.err
    assert "slm daemon restart" in said.err
    assert lived_in.slm("recall", "api").code == 0


@pytest.fixture
def small_disk(home: Home) -> Iterator[Home]:
    """A home whose data lie on a file system of a few megabytes."""
    with on_a_small_disk(home, 6) as made:
        yield made


def _fill(folder: Path) -> Path:
    """Take all the room that is left."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        for block in (1 << 16, 1 << 12):
            try:
                while file.write(bytes(block)):
                    pass
            except OSError:
                continue
    return filler


def _write_until_refused(home: Home, kept: list[str]) -> Said:
    """Use up the free pages that the store still has of its own; what is acknowledged meanwhile is kept."""
    for number in range(40):
        said = home.slm("remember", f"note {number} on a full disk")
        if said.code:
            return said
        kept.append(said.out.strip())
    raise AssertionError("the disk was never full")


def test_a_full_disk_refuses_writes_and_answers_questions(small_disk: Home) -> None:
    """experience.md: recall works on a full disk; trust.md: then space again. Exit code 8."""
    kept = [small_disk.remember(f"the port is {number}") for number in range(3)]
    filler = _fill(small_disk.data)

    refused = _write_until_refused(small_disk, kept)
    assert refused.code == 8
    assert "free some disk space" in refused.err
    assert small_disk.slm("recall", "port").code == 0
    assert small_disk.slm("list", "--ids").out.split() == kept[::-1]

    filler.unlink()
    kept.append(small_disk.remember("the port is 3"))
    small_disk.kill()

    assert [record["id"] for record in small_disk.exported()] == kept
    with small_disk.json() as client:
        assert client.call("log", verify=True)["verified"] is True
        assert all(check["ok"] for check in client.call("doctor")["checks"] if check["name"] != "disk")


def test_a_daemon_that_died_on_a_full_disk_starts_again_and_answers(small_disk: Home) -> None:
    """experience.md: recall works on a full disk, after a crash too."""
    kept = small_disk.remember("the port is 5433")
    filler = _fill(small_disk.data)
    small_disk.kill()

    asked = small_disk.slm("recall", "port")

    assert (asked.code, asked.out[:5]) == (0, kept[:5])
    filler.unlink()
    assert small_disk.slm("remember", "and more").code == 0


def test_a_daemon_that_left_on_a_full_disk_starts_again_or_says_why_not(small_disk: Home) -> None:
    """Leaving gives up the file that names the socket: without room for it no client could find the daemon."""
    kept = small_disk.remember("the port is 5433")
    filler = _fill(small_disk.data)
    small_disk.stop()

    asked = small_disk.slm("recall", "port")

    assert asked.code in (0, 8)
    assert asked.code == 0 or "free some disk space" in asked.err
    filler.unlink()
    assert small_disk.slm("recall", "port").out[:5] == kept[:5]


def test_everything_works_without_a_network(home: Home) -> None:
    """trust.md: the proof is the run in a network namespace and the list of open sockets."""
    unshare = shutil.which("unshare")
    if unshare is None or subprocess.run([unshare, "-n", "true"], capture_output=True, check=False).returncode:
        pytest.skip("a network namespace is not permitted here")

    said = home.slm("remember", "the api listens on 5433", program=[unshare, "-n", *MODULE])
    asked = home.slm("recall", "which port does the service use", program=[unshare, "-n", *MODULE])

    assert (said.code, asked.code) == (0, 0)
    assert "5433" in asked.out
    pid = home.pid()
    assert pid is not None
    unix = {line.split()[6] for line in Path(f"/proc/{pid}/net/unix").read_text().splitlines()[1:]}
    links = [str(path.readlink()) for path in Path(f"/proc/{pid}/fd").iterdir()]
    sockets = {link[8:-1] for link in links if link.startswith("socket:[")}
    assert sockets
    assert sockets <= unix
