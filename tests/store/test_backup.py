"""A backup is the store of one moment, whole or not there, and is never taken for more than it is."""

from __future__ import annotations

import os
import random
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from slm.errors import InvalidInput, ModelUnavailable, SlmError, StorageRefused, StoreDamaged, StoreTooNew
from slm.store.backup import UNFINISHED, restore_backup, verify_backup, write_backup
from slm.store.migrations import SCHEMA, write_schema
from slm.store.store import Store
from tests.store.samples import FINGERPRINT, chunks, fill, memory, same_chunk
from tests.store.test_full_disk import ROOT, disk

__all__ = ["disk"]

MAP_BYTES = 64 << 20


def restored(path: Path, folder: Path) -> Store:
    restore_backup(path, folder)
    return Store.open(folder, FINGERPRINT, map_bytes=MAP_BYTES)


def large(store: Store) -> None:
    """Let the store take 24 MiB more, so that a copy of it takes a while."""
    store.transact(lambda writer: writer.put_meta("filler", random.Random(5).randbytes(24 << 20)))


def contents(store: Store) -> tuple[list[object], bytes]:
    with store.read() as reader:
        return [reader.memory(n) for n in range(reader.n_memories)], reader.journal_head()[1]


def test_a_restored_backup_is_the_store_it_was_made_of(store, tmp_path):
    """Oracle: the store itself, and the numbers the memories were made from."""
    fill(store, 40)
    made = write_backup(store, tmp_path / "b.slm")
    before = contents(store)
    fill(store, 5, start=40)

    with restored(tmp_path / "b.slm", tmp_path / "new") as other:
        assert contents(other) == before
        assert other.identity == store.identity == made.identity
        assert other.check().memories == made.memories == 40
        with other.read() as reader:
            for n in range(40):
                assert all(map(same_chunk, reader.chunks_of(n), chunks(n)))
            assert reader.memory(7) == memory(7)
        fill(other, 3, start=40)


def test_an_empty_store_is_backed_up(store, tmp_path):
    """A profile that nothing was written into."""
    made = write_backup(store, tmp_path / "b.slm")

    assert (made.memories, made.entries) == (0, 0)
    assert verify_backup(tmp_path / "b.slm") == made


def test_a_backup_is_private_and_compact(store, tmp_path):
    """trust.md: files 0600; a copy holds no free pages."""
    fill(store, 60)
    made = write_backup(store, tmp_path / "b.slm")

    assert stat.S_IMODE((tmp_path / "b.slm").stat().st_mode) == 0o600
    assert made.n_bytes == (tmp_path / "b.slm").stat().st_size
    assert made.n_bytes <= (store.folder / "store.mdb").stat().st_size
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["b.slm"]


def test_verifying_and_restoring_leave_the_backup_as_it_is(store, tmp_path):
    """A backup may lie on a medium that can't be written."""
    fill(store, 5)
    path = tmp_path / "safe" / "b.slm"
    path.parent.mkdir()
    write_backup(store, path)
    before = path.read_bytes()

    verify_backup(path)
    restored(path, tmp_path / "new").close()

    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_a_backup_is_never_written_over(store, tmp_path):
    """The last good one must not give way to one that may fail."""
    (tmp_path / "b.slm").write_text("mine")

    with pytest.raises(InvalidInput, match="there is a file already"):
        write_backup(store, tmp_path / "b.slm")
    assert (tmp_path / "b.slm").read_text() == "mine"


def test_a_folder_that_is_not_there_is_named(store, tmp_path):
    """Specification."""
    with pytest.raises(StorageRefused, match="No such file") as refusal:
        write_backup(store, tmp_path / "nosuch" / "b.slm")
    assert "nosuch" in refusal.value.where["file"]


def test_a_disk_without_room_leaves_nothing(store, disk):
    """A real small disk: the store is larger."""
    fill(store, 6)
    large(store)

    with pytest.raises(StorageRefused, match="No space left"):
        write_backup(store, disk / "b.slm")

    assert list(disk.iterdir()) == []
    assert store.check().memories == 6


def test_writers_go_on_while_a_backup_is_written(store, tmp_path):
    """Whatever a backup holds is one commit's state: memories and journal agree."""
    fill(store, 50)
    writing = threading.Thread(target=lambda: [fill(store, 1, start=n) for n in range(50, 90)])
    writing.start()
    made = [write_backup(store, tmp_path / f"{i}.slm") for i in range(8)]
    writing.join()

    assert all(each.memories == each.entries for each in made)
    assert [verify_backup(tmp_path / f"{i}.slm") for i in range(8)] == made


def test_a_flipped_bit_anywhere_is_found_or_harmless(store, tmp_path):
    """Oracle: what the sound backup holds. Unused bytes of a page may change unseen; a changed value may not."""
    fill(store, 12)
    path, draw = tmp_path / "b.slm", random.Random(11)
    sound = write_backup(store, path)
    before, whole, found = contents(store), path.read_bytes(), 0

    for round_ in range(12):
        at = draw.randrange(len(whole))
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1 << draw.randrange(8)]) + whole[at + 1 :])
        try:
            assert verify_backup(path)[1:] == sound[1:]
            with restored(path, tmp_path / f"restored{round_}") as other:
                assert contents(other) == before
        except SlmError:
            found += 1
    assert found > 0


@pytest.mark.parametrize("keep", [0, 100, 5000, 0.5, 0.99])
def test_a_backup_that_was_cut_off_is_damaged(keep, store, tmp_path):
    """A copy to another disk that broke off."""
    fill(store, 40)
    path = tmp_path / "b.slm"
    write_backup(store, path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(keep * len(whole)) if isinstance(keep, float) else keep])

    with pytest.raises(StoreDamaged) as refusal:
        verify_backup(path)
    assert refusal.value.where == {"backup": str(path)}
    assert "another backup" in str(refusal.value.hint)


@pytest.mark.parametrize("content", [b"", b"hello", bytes(100_000)])
def test_another_file_is_no_backup(content, tmp_path):
    """Specification."""
    (tmp_path / "x").write_bytes(content)

    with pytest.raises(StoreDamaged):
        verify_backup(tmp_path / "x")


def test_a_file_that_is_not_there_is_named(tmp_path):
    """Specification."""
    with pytest.raises(InvalidInput, match="No such file"):
        verify_backup(tmp_path / "nosuch")


def of_schema(schema: int, store: Store, path: Path) -> None:
    with store._environment.write() as txn:
        write_schema(store._environment.lmdb, txn, schema)
    store.copy_to(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), path)


def test_a_backup_of_a_newer_slm_is_refused(store, tmp_path):
    """trust.md: a newer store is refused with a clear error."""
    of_schema(SCHEMA + 1, store, tmp_path / "b.slm")

    with pytest.raises(StoreTooNew):
        verify_backup(tmp_path / "b.slm")


def of_schema_1(store: Store, path: Path) -> None:
    """A backup as the first schema has it: there is no table of claims."""
    environment = store._environment
    with environment.write() as txn:
        txn.drop(environment.lmdb.open_db(b"claims", txn=txn), delete=True)
        write_schema(environment.lmdb, txn, 1)
    store.copy_to(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), path)


def test_a_backup_of_schema_1_is_verified_and_restored_as_what_it_becomes(store, tmp_path):
    """trust.md: migrations, one file each; whoever kept a backup needs no older slm. Oracle: the store it was of."""
    fill(store, 40)
    before, identity = contents(store), store.identity
    of_schema_1(store, tmp_path / "b.slm")
    as_bytes = (tmp_path / "b.slm").read_bytes()

    found = verify_backup(tmp_path / "b.slm")
    with restored(tmp_path / "b.slm", tmp_path / "new") as other:
        assert contents(other) == before
        assert (other.check().memories, found.memories) == (40, 40)
        assert other.identity == found.identity == identity
        fill(other, 3, start=40)

    assert found.journal_head == before[1]
    assert found.n_bytes == len(as_bytes)
    assert (tmp_path / "b.slm").read_bytes() == as_bytes
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == ["b.slm"]


def test_damage_in_an_older_backup_is_found(store, tmp_path):
    """Every value is read, whatever schema it was written under."""
    fill(store, 40)
    handle = store._environment.lmdb.open_db(b"memories")
    store.transact(lambda writer: writer._txn.put(b"\0\0\0\1", b"12345678", db=handle))
    of_schema_1(store, tmp_path / "b.slm")

    with pytest.raises(StoreDamaged) as damage:
        verify_backup(tmp_path / "b.slm")

    assert damage.value.where == {"backup": str(tmp_path / "b.slm")}


def test_an_older_backup_that_finds_no_room_for_its_copy_says_where(store, disk, tmp_path, monkeypatch):
    """A real small disk as the temporary folder."""
    fill(store, 6)
    large(store)
    of_schema_1(store, tmp_path / "b.slm")
    monkeypatch.setattr("tempfile.tempdir", str(disk))

    with pytest.raises(StorageRefused, match="can't be copied") as refusal:
        verify_backup(tmp_path / "b.slm")

    assert refusal.value.where["folder"] == str(disk)
    assert list(disk.iterdir()) == []


def test_a_store_is_never_restored_over(store, tmp_path):
    """experience.md: restore refuses what isn't empty."""
    fill(store, 3)
    write_backup(store, tmp_path / "b.slm")

    with pytest.raises(InvalidInput, match="a store already"):
        restore_backup(tmp_path / "b.slm", store.folder)
    assert store.check().memories == 3


def test_a_lock_file_of_an_earlier_store_does_not_matter(store, tmp_path):
    """A damaged store's folder whose data file alone was moved away: its seal is another's."""
    fill(store, 3)
    write_backup(store, tmp_path / "b.slm")
    with Store.open(tmp_path / "new", FINGERPRINT, map_bytes=MAP_BYTES) as old:
        fill(old, 9)
    (tmp_path / "new" / "store.mdb").unlink()

    with restored(tmp_path / "b.slm", tmp_path / "new") as other:
        assert other.check().memories == 3


def test_vectors_of_another_model_are_refused_when_opened(store, tmp_path):
    """trust.md: the fingerprint travels with the backup."""
    fill(store, 1)
    write_backup(store, tmp_path / "b.slm")
    restore_backup(tmp_path / "b.slm", tmp_path / "new")

    with pytest.raises(ModelUnavailable):
        Store.open(tmp_path / "new", FINGERPRINT._replace(sha256="00" * 32), map_bytes=MAP_BYTES)


KILLED = """
import sys
from pathlib import Path
from slm.store.backup import restore_backup, write_backup
from slm.store.store import Store
from tests.store.samples import FINGERPRINT
source, target, restores = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3] == "restore"
with Store.open(source, FINGERPRINT, map_bytes=64 << 20) as store:
    if restores:
        write_backup(store, source.with_name("whole.slm"))
    print("go", flush=True)
    restore_backup(source.with_name("whole.slm"), target) if restores else write_backup(store, target)
    print("done", flush=True)
    sys.stdin.read()
"""


def kills(what: str, n_kills: int, folder: Path, tmp_path: Path) -> None:
    """kill -9 while a file is written: under its name there is a sound one or none, and the next try succeeds."""
    with Store.open(folder, FINGERPRINT, map_bytes=MAP_BYTES) as store:
        fill(store, 20)
        large(store)
    draw, partly_written = random.Random(3), 0
    for round_ in range(n_kills):
        target = tmp_path / f"{round_}.slm"
        data_file = target / "store.mdb" if what == "restore" else target
        unborn = data_file.with_name(data_file.name + UNFINISHED)
        argv = [sys.executable, "-c", KILLED, str(folder), str(target), what]
        with subprocess.Popen(argv, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
            assert child.stdout is not None
            assert child.stdout.readline() == b"go\n"
            wanted = draw.randrange(20 << 20)
            while child.poll() is None and not _reached(unborn, wanted) and not data_file.exists():
                pass
            os.kill(child.pid, signal.SIGKILL)
        (folder.parent / "whole.slm").unlink(missing_ok=True)
        partly_written += unborn.exists()
        assert not data_file.exists() or verify_backup(data_file).memories == 20
    with Store.open(folder, FINGERPRINT, map_bytes=MAP_BYTES) as store:
        target = tmp_path / "again.slm"
        target.with_name(target.name + UNFINISHED).write_text("left behind")
        assert write_backup(store, target).memories == 20
    assert partly_written > 0


@pytest.mark.parametrize("what", ["create", "restore"])
def test_killed_while_writing_a_file_is_whole_or_not_there(what, folder, tmp_path):
    """trust.md: kill -9 during a backup."""
    kills(what, 3, folder, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("what", ["create", "restore"])
def test_killed_often_while_writing_a_file_is_whole_or_not_there(what, folder, tmp_path):
    """trust.md: kill -9 during a backup, in hundreds of loops."""
    kills(what, 100, folder, tmp_path)


def _reached(path: Path, n_bytes: int) -> bool:
    try:
        return path.stat().st_size >= n_bytes
    except FileNotFoundError:
        return False
