"""kill -9 at any moment: no acknowledged memory is lost, none is half there."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from slm.store.scan_files import ScanFiles
from slm.store.store import Store
from tests.store.conftest import MAP_BYTES
from tests.store.samples import DIMS, FINGERPRINT, chunks, claims, lifecycle, memory, quantise

ROOT = Path(__file__).parents[2]


def kill_after(folder: Path, n_commits: int) -> int:
    """Let a process commit, kill it after it has acknowledged ``n_commits``; the number of memories it told of last."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.store.write_until_killed", str(folder)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        acknowledged = 0
        for _ in range(n_commits):
            acknowledged = int(child.stdout.readline())
        child.send_signal(signal.SIGKILL)
        told = child.stdout.read().split("\n")[:-1]  # what it said before the signal came
    assert child.returncode == -signal.SIGKILL
    return int(told[-1]) if told else acknowledged


def require_whole(folder: Path, acknowledged: int) -> None:
    """Every memory up to the last commit is there as it was written, and the scan files agree."""
    with Store.open(folder, FINGERPRINT, map_bytes=MAP_BYTES) as store:
        checked = store.check()
        assert checked.memories == checked.entries >= acknowledged
        with store.read() as reader:
            assert reader.meta("last") in (None, str(checked.memories).encode())
            for n in range(max(0, checked.memories - 20), checked.memories):
                assert (reader.memory(n), reader.claims(n)) == (memory(n), claims(n))
                assert reader.head(n)["lifecycle"].tobytes() == lifecycle(n)
        files = ScanFiles(folder, store.identity.store_id, DIMS)
        files.heal(store, quantise)
        wanted = [one for n in range(checked.memories) for one in chunks(n)]
        assert len(files) == len(wanted)
        if wanted:
            assert np.array_equal(files.rows, np.stack([one.mean for one in wanted]))
        for i in range(max(0, len(wanted) - 9), len(wanted)):
            assert np.array_equal(files.token_codes(i), wanted[i].codes)
        files.close()


def test_no_acknowledged_memory_is_lost_to_a_kill(folder):
    """One store, killed again and again at moments that the machine decides."""
    rng = np.random.default_rng(7)
    for _ in range(15):
        require_whole(folder, kill_after(folder, int(rng.integers(0, 12))))


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_no_acknowledged_memory_is_lost_to_hundreds_of_kills(tmp_path):
    rng = np.random.default_rng(11)
    for series in range(10):
        for _ in range(30):
            require_whole(tmp_path / str(series), kill_after(tmp_path / str(series), int(rng.integers(0, 12))))


def test_a_kill_while_the_store_is_made_leaves_nothing_in_the_way(folder):
    """The process is killed as soon as the folder exists."""
    for _ in range(3):
        with subprocess.Popen(
            [sys.executable, "-m", "tests.store.write_until_killed", str(folder)], stdout=subprocess.PIPE, cwd=ROOT
        ) as child:
            while not folder.exists() and child.poll() is None:
                continue
            child.kill()
        require_whole(folder, 0)
        for path in sorted(folder.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
        folder.rmdir()


def killed(what: str, place: Path, step: int) -> int:
    """Kill at every ``step``-th call; how often it was, each time leaving a whole store."""
    argv = [sys.executable, "-m", "tests.store.killed_migrating", what, str(place), str(step)]
    done = subprocess.run(argv, capture_output=True, text=True, cwd=ROOT, check=False)
    lines = done.stdout.splitlines()
    assert [line for line in lines if not line.endswith(" sound")] == [], done.stderr
    assert (lines[-1].split()[0], done.returncode) == ("ended", 0), done.stderr
    return len(lines) - 1


@pytest.mark.parametrize("what", ["migration", "change"])
def test_a_kill_at_any_call_leaves_a_store_of_before_or_after(what, tmp_path):
    """trust.md: kill -9 during a migration; and during one commit of memories, claims, lifecycles and settings."""
    assert killed(what, tmp_path, 61) > 5


@pytest.mark.slow
@pytest.mark.parametrize("what", ["migration", "change"])
def test_a_kill_at_every_single_call_leaves_a_store_of_before_or_after(what, tmp_path):
    assert killed(what, tmp_path, 1) > 300
