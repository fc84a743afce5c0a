from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import lmdb
import pytest

from slm.errors import StorageRefused, StoreDamaged
from slm.store import environment as environment_module
from slm.store.environment import Environment, MapGate
from slm.store.faults import MapGrown, refused, translated
from slm.store.store import Store
from tests.store.samples import FINGERPRINT, append, fill, memory

SMALL_MAP = 256 << 10
ROOT = Path(__file__).parents[2]


def test_a_write_that_meets_the_end_of_the_map_runs_again_in_a_larger_one(folder) -> None:
    """A map of 256 KiB against about 2 MB."""
    runs = []
    with Store.open(folder, FINGERPRINT, map_bytes=SMALL_MAP) as store:

        def change(writer) -> None:
            runs.append(1)
            for n in range(600):
                append(writer, n)

        store.transact(change)
        with store.read() as reader:
            assert reader.n_memories == 600
            assert reader.memory(599) == memory(599)
            assert reader.names("scope") == ["", "acme/api", "global"]
        assert len(runs) > 1
        assert store.check().memories == 600


def test_the_map_grows_ahead_of_many_small_writes(folder) -> None:
    with Store.open(folder, FINGERPRINT, map_bytes=SMALL_MAP) as store:
        for start in range(0, 400, 20):
            fill(store, 20, start)
        assert store.check().memories == 400


def test_a_store_larger_than_the_map_asked_for_opens(folder) -> None:
    with Store.open(folder, FINGERPRINT, map_bytes=64 << 20) as store:
        fill(store, 600)
    with Store.open(folder, FINGERPRINT, map_bytes=SMALL_MAP) as store:
        fill(store, 20, 600)
        assert store.check().memories == 620


def test_a_plain_write_that_met_the_end_leaves_nothing_and_succeeds_at_the_second_try(folder) -> None:
    with Store.open(folder, FINGERPRINT, map_bytes=SMALL_MAP) as store:
        tries = 0
        while True:
            tries += 1
            try:
                with store.write() as writer:
                    for n in range(200):
                        append(writer, n)
                break
            except MapGrown:
                with store.read() as reader:
                    assert reader.n_memories == 0
        assert tries > 1
        assert store.check().memories == 200


def test_a_thread_that_reads_cannot_grow_the_map_under_itself(folder) -> None:
    """Growth would cut off its own snapshot; waiting for it would never end."""
    with Store.open(folder, FINGERPRINT, map_bytes=SMALL_MAP) as store:
        fill(store, 10)
        with store.read() as reader:
            with pytest.raises(StorageRefused, match="no room for a map"):
                fill(store, 2000, 10)
            assert reader.memory(9) == memory(9)
        assert store.check().memories == 10
        fill(store, 600, 10)
        assert store.check().memories == 610


def test_growth_waits_for_readers_in_other_threads_and_they_read_on(folder) -> None:
    with Store.open(folder, FINGERPRINT, map_bytes=SMALL_MAP) as store:
        fill(store, 10)
        reading, read_on = threading.Event(), threading.Event()
        found = []

        def read() -> None:
            with store.read() as reader:
                reading.set()
                read_on.wait()
                found.extend(reader.memory(n) for n in range(10))

        writer = threading.Thread(target=fill, args=(store, 600, 10))
        other = threading.Thread(target=read)
        other.start()
        reading.wait()
        writer.start()
        while not store._environment._gate._closed:  # until the writer asks for growth
            writer.join(0.001)
        assert writer.is_alive()
        read_on.set()
        writer.join()
        other.join()
        assert found == [memory(n) for n in range(10)]
        assert store.check().memories == 610


def test_a_gate_lets_a_reader_pass_again_while_growth_waits() -> None:
    """Otherwise a snapshot within a snapshot would wait for itself."""
    gate = MapGate()
    grown = threading.Event()

    def grow() -> None:
        with gate.growing() as alone:
            assert alone
            grown.set()

    with gate.reading():
        other = threading.Thread(target=grow)
        other.start()
        while not gate._closed:
            other.join(0.001)
        with gate.reading():
            assert not grown.is_set()
    other.join()
    assert grown.is_set()


def test_many_threads_read_while_one_writes(store) -> None:
    """Every snapshot is whole: as many entries as memories, and the last of each can be read."""
    n_writes, faults = 60, []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            with store.read() as reader:
                n_memories = reader.n_memories
                if reader.journal_head()[0] != n_memories:
                    faults.append("half a write")
                if n_memories and reader.memory(n_memories - 1) != memory(n_memories - 1):
                    faults.append("another memory")

    readers = [threading.Thread(target=read) for _ in range(3)]
    for thread in readers:
        thread.start()
    for n in range(n_writes):
        fill(store, 1, n)
    done.set()
    for thread in readers:
        thread.join()
    assert faults == []
    assert store.check().memories == n_writes


def test_threads_that_write_take_turns(store) -> None:
    def write(first: int) -> None:
        for _ in range(10):
            store.transact(lambda writer: append(writer, first + writer.n_memories * 100))

    writers = [threading.Thread(target=write, args=(i,)) for i in range(4)]
    for thread in writers:
        thread.start()
    for thread in writers:
        thread.join()
    assert store.check().memories == 40


def test_the_map_is_halved_until_the_process_has_room_for_it(folder) -> None:
    """A limit of 4 GiB of address space against the usual 64 GiB map."""
    program = (
        "import resource, sys; from pathlib import Path\n"
        "from slm.store.store import Store; from tests.store.samples import FINGERPRINT, fill\n"
        "resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))\n"
        "with Store.open(Path(sys.argv[1]), FINGERPRINT) as store:\n"
        "    fill(store, 5); print(store._environment._map_bytes)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(folder)], capture_output=True, text=True, check=True, cwd=ROOT
    )

    assert 16 << 20 <= int(done.stdout) < 4 << 30


def test_a_process_without_any_room_is_told_so(folder, monkeypatch) -> None:
    monkeypatch.setattr(environment_module, "_has_address_space", lambda _size: False)

    with pytest.raises(StorageRefused, match="no room for a map") as caught:
        Store.open(folder, FINGERPRINT)
    assert "ulimit -v" in (caught.value.hint or "")


def test_the_lock_table_has_its_space_on_disk_beforehand(store) -> None:
    """It is written through a map, where a full disk would be a signal."""
    status = (store.folder / "store.mdb-lock").stat()

    assert status.st_blocks * 512 >= status.st_size > 0


def test_commits_are_durable(store) -> None:
    """LMDB's safe defaults: the flags that trade them for speed are never set."""
    flags = store._environment.lmdb.flags()

    assert (flags["sync"], flags["metasync"], flags["writemap"], flags["map_async"]) == (True, True, False, False)


@pytest.mark.parametrize(
    ("error", "kind", "said"),
    [
        (lmdb.CorruptedError("page"), StoreDamaged, "don't fit together"),
        (lmdb.PageNotFoundError("page"), StoreDamaged, "don't fit together"),
        (lmdb.PanicError("meta"), StorageRefused, "opened anew"),
        (lmdb.Error("mdb_txn_commit: Input/output error"), StorageRefused, "Input/output error"),
    ],
)
def test_every_error_of_the_engine_has_an_error_of_the_product(tmp_path, error, kind, said) -> None:
    told = translated(error, tmp_path)

    assert type(told) is kind
    assert said in told.message
    assert told.hint


@pytest.mark.parametrize(
    ("number", "hint"),
    [
        (28, "free some disk space"),
        (30, "writable"),
        (13, "writable"),
        (5, "disk's health"),
        (12, "ulimit"),
        (24, "check"),
    ],
)
def test_every_refusal_of_the_system_comes_with_a_next_step(tmp_path, number, hint) -> None:
    told = refused(OSError(number, os.strerror(number)), tmp_path)

    assert hint in (told.hint or "")
    assert told.exit_code == 8


def test_an_environment_that_cannot_be_opened_says_where(tmp_path) -> None:
    with pytest.raises(StorageRefused) as caught:
        Environment(tmp_path / "none" / "store.mdb", SMALL_MAP)
    assert str(tmp_path) in str(caught.value.where)
