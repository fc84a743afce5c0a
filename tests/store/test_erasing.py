"""What a store keeps of an erased memory, and the file that is written anew without it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import lmdb
import numpy as np
import pytest

from slm.errors import StorageRefused
from slm.model import HeadFlag, Memory
from slm.store.names import NAME_KINDS, name_of
from slm.store.records import HeadTimes, encode_mean, encode_memory, encode_tokens
from slm.store.rewrite import write_anew
from slm.store.store import DATA_FILE, Store
from slm.store.writer import Writer
from tests.store.conftest import MAP_BYTES
from tests.store.samples import DIMS, FINGERPRINT, append, chunks, digest, fill, memory

COUNT = 24
WHICH = 7
TIMES = HeadTimes(1, 2)
WORD = "quetzalcoatl"


@pytest.fixture
def filled(store):
    fill(store, COUNT)
    return store


def stub(n: int) -> Memory:
    return Memory(memory(n).id, "", observed_at="t", recorded_at="t", forgotten_at="t")


def erase(store: Store, *numbers: int) -> int:
    """Leave stubs of memories and of their entries; how many names went with them."""

    def change(writer: Writer) -> int:
        writer.erase_memories({n: (stub(n), TIMES) for n in numbers}, 0, b"none")
        for n in range(COUNT):
            if n in numbers:
                writer.erase_entry(n + 1)
        return writer.drop_unused_names()

    return store.transact(change)


def traces(n: int) -> list[bytes]:
    """What is stored of a memory, as bytes."""
    found = [encode_memory(memory(n))[1:], digest(memory(n).text), digest(f"key {n}")]
    for chunk in chunks(n):
        found += [encode_mean(chunk), chunk.mean.tobytes(), encode_tokens(chunk)]
    return [form for form in found if len(form) > 5]


def held(folder: Path, forms: list[bytes]) -> int:
    """How many of the forms stand in any file of a folder."""
    bodies = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    return sum(any(form in body for body in bodies) for form in forms)


def test_a_stub_keeps_its_id_and_place_alone(filled) -> None:
    """Ordinals and chunk ids are positions in arrays: those of the others must not move."""
    erase(filled, WHICH)

    with filled.read() as reader:
        assert reader.memory(WHICH) == stub(WHICH)
        assert reader.ordinal_of(memory(WHICH).id) == WHICH
        assert reader.head(WHICH)["flags"] == HeadFlag.FORGOTTEN | HeadFlag.ERASED
        assert reader.claims(WHICH) == b"none"
        assert all(not chunk.mean.any() and not len(chunk.pieces) for chunk in reader.chunks_of(WHICH))
        assert len(reader.chunks_of(WHICH)) == len(chunks(WHICH))
        assert reader.same_text(digest(memory(WHICH).text)) == []
        assert reader.by_key(digest(f"key {WHICH}")) is None
        for n in sorted(set(range(COUNT)) - {WHICH}):
            assert reader.memory(n) == memory(n)
            assert [encode_mean(one) for one in reader.chunks_of(n)] == [encode_mean(one) for one in chunks(n)]
            assert n in reader.same_text(digest(memory(n).text))
    assert filled.check().memories == COUNT


def test_a_stub_with_a_text_is_refused(filled) -> None:
    """It would leave what it should take."""
    with pytest.raises(ValueError, match="has a text"):
        filled.transact(lambda writer: writer.erase_memories({WHICH: (memory(WHICH), TIMES)}, 0, b""))


def test_names_go_with_the_last_that_carries_them(filled) -> None:
    """Oracle: the names of the memories that are left. Numbers of names don't move."""
    n = COUNT
    own = replace(memory(n), speaker=WORD, source=WORD, tags=(WORD,))
    filled.transact(
        lambda writer: writer.append(own, chunks(n), times=TIMES, text_digest=digest(own.text), key_digest=None)
    )
    with filled.read() as reader:
        before = {kind: reader.names(kind) for kind in NAME_KINDS}

    assert erase(filled, n) >= 3

    with filled.read() as reader:
        for kind in NAME_KINDS:
            wanted = {name_of(memory(i), kind) for i in range(COUNT)} | {name_of(stub(n), kind)}
            after = reader.names(kind)
            assert {name for name in after if name not in ("", "[]")} == wanted - {""}
            assert all(new in (old, "", "[]") for old, new in zip(before[kind], after, strict=False))
        assert not any(WORD in name for name in reader.names("tags"))
    filled.check()


def test_a_dropped_name_can_be_given_again(filled) -> None:
    """In the same process too, which has interned it before."""
    n = COUNT
    named = [replace(memory(n + i), speaker=WORD) for i in range(2)]
    for i in (0, 1):
        if i:
            erase(filled, n)
        filled.transact(
            lambda writer, i=i: writer.append(
                named[i], chunks(n + i), times=TIMES, text_digest=digest(named[i].text), key_digest=None
            )
        )

    with filled.read() as reader:
        assert reader.facet("speaker", WORD).tolist() == [n + 1]
    filled.check()


def test_no_byte_is_left_in_the_file_written_anew(filled, folder) -> None:
    """Oracle: all files of the folder, searched."""
    forms = traces(WHICH)
    assert held(folder, forms) == len(forms)
    erase(filled, WHICH)
    assert held(folder, forms) > 0  # on pages that are free now

    filled.rewrite()

    assert held(folder, forms) == 0
    assert filled.check().memories == COUNT


def test_the_store_goes_on_with_the_file_written_anew(filled, folder) -> None:
    """Open tables, names and the lock go on; the next start finds a sound file."""
    with filled.read() as reader:
        before = (reader.journal_head(), [reader.memory(n) for n in range(COUNT)], reader.heads().tobytes())

    filled.rewrite()

    with filled.read() as reader:
        assert (reader.journal_head(), [reader.memory(n) for n in range(COUNT)], reader.heads().tobytes()) == before
    fill(filled, 3, COUNT)
    filled.close()
    with Store.open(folder, FINGERPRINT, map_bytes=MAP_BYTES) as store:
        assert store.check().memories == COUNT + 3
        assert sorted(path.name for path in folder.iterdir()) == ["store.lock", DATA_FILE, f"{DATA_FILE}-lock"]


def test_what_a_kill_left_of_copies_goes_too(filled, folder) -> None:
    """A store or a backup that was being put in place may have left a copy beside the data file."""
    leftovers = [folder / (DATA_FILE + ending) for ending in (".new", ".new-lock", ".part", ".anew")]
    for path in leftovers:
        path.write_bytes(b"x")

    filled.rewrite()

    assert not any(path.exists() for path in leftovers)


def test_every_table_is_copied_value_by_value(filled, tmp_path) -> None:
    """Oracle: a walk over every table of both files. More values than go into one transaction."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("slm.store.rewrite._COMMIT_BYTES", 1000)
        write_anew(filled._environment.lmdb, tmp_path / "anew.mdb")

    filled.close()
    assert walked(tmp_path / "anew.mdb") == walked(filled.folder / DATA_FILE)
    assert (tmp_path / "anew.mdb").stat().st_mode & 0o777 == 0o600


def walked(path: Path) -> dict[bytes, list[tuple[bytes, bytes]]]:
    with lmdb.open(str(path), subdir=False, readonly=True, lock=False, max_dbs=64) as environment:
        with environment.begin() as txn:
            names = list(txn.cursor().iternext(values=False))
        tables = {name: environment.open_db(name, create=False) for name in names}
        with environment.begin() as txn:
            return {name: list(txn.cursor(db=table)) for name, table in tables.items()}


def test_a_file_that_cannot_be_written_leaves_the_store_as_it_was(filled, monkeypatch) -> None:
    """The room ran out: StorageRefused, nothing beside the data file, and the store goes on."""

    def full(*_: object) -> None:
        raise StorageRefused("no space left")

    monkeypatch.setattr("slm.store.store.write_anew", full)

    with pytest.raises(StorageRefused):
        filled.rewrite()

    assert not (filled.folder / f"{DATA_FILE}.anew").exists()
    fill(filled, 1, COUNT)
    assert filled.check().memories == COUNT + 1


def test_erasing_all_there_is_leaves_a_sound_store(filled) -> None:
    """Stubs alone."""
    erase(filled, *range(COUNT))
    filled.rewrite()

    with filled.read() as reader:
        assert not np.any([chunk.mean for chunk in reader.chunks()])
        assert reader.chunk(0).mean.shape == (DIMS,)
        assert set(reader.names("tags")) <= {"", "[]"}
    assert filled.check().memories == COUNT
    assert filled.transact(lambda writer: append(writer, COUNT)) == COUNT


def test_while_the_file_is_copied_it_is_read_and_not_written(filled, monkeypatch) -> None:
    """What is written into the old file then would not be in the new one."""
    monkeypatch.setattr("slm.store.rewrite._COMMIT_BYTES", 1000)
    read: list[int] = []

    def between() -> None:
        with filled.read() as reader:
            read.append(reader.n_memories)
        with pytest.raises(AssertionError, match="would be lost"):
            filled.transact(lambda writer: writer.put_meta("x", b""))

    filled.rewrite(between)

    assert set(read) == {COUNT}
    assert len(read) > COUNT
    filled.transact(lambda writer: writer.put_meta("x", b""))
