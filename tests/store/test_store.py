from __future__ import annotations

import json
import stat
from dataclasses import replace
from typing import Never

import numpy as np
import pytest

from slm.errors import ModelUnavailable, StorageRefused, StoreDamaged
from slm.model import KINDS
from slm.store.journal import GENESIS
from slm.store.names import NAME_KINDS
from slm.store.records import HEAD, HeadFlag, HeadTimes
from slm.store.store import Store
from slm.store.writer import Writer
from tests.store.conftest import MAP_BYTES
from tests.store.samples import DIMS, FINGERPRINT, append, chunk, chunks, digest, fill, memory, same_chunk, times

COUNT = 24


@pytest.fixture
def filled(store: Store) -> Store:
    fill(store, COUNT)
    return store


def test_a_new_store_is_empty(store) -> None:
    with store.read() as reader:
        assert (reader.n_memories, reader.n_chunks) == (0, 0)
        assert reader.journal_head() == (0, GENESIS)
        assert reader.heads().shape == (0,)
        assert list(reader.entries()) == []
        assert list(reader.chunks()) == []
        assert reader.names("scope") == [""]
        assert reader.facet("tag", "any").tolist() == []


def test_a_memory_reads_back_with_its_chunks(filled) -> None:
    with filled.read() as reader:
        for n in range(COUNT):
            assert reader.memory(n) == memory(n)
            assert reader.text(n) == memory(n).text
            read = reader.chunks_of(n)
            assert len(read) == len(chunks(n))
            assert all(same_chunk(a, b) for a, b in zip(read, chunks(n), strict=True))


def test_chunks_are_numbered_in_the_order_of_memories(filled) -> None:
    wanted = [one for n in range(COUNT) for one in chunks(n)]
    with filled.read() as reader:
        assert reader.n_chunks == len(wanted)
        assert all(same_chunk(a, b) for a, b in zip(reader.chunks(), wanted, strict=True))
        assert all(same_chunk(a, b) for a, b in zip(reader.chunks(5), wanted[5:], strict=True))
        assert same_chunk(reader.chunk(5), wanted[5])


def test_what_was_read_outlives_the_snapshot(filled) -> None:
    with filled.read() as reader:
        one, heads, values = reader.chunk(3), reader.heads(), reader.memory(3)
    fill(filled, 5, COUNT)

    assert same_chunk(one, chunks(2)[0])
    assert (heads.shape, values) == ((COUNT,), memory(3))


def test_heads_say_what_memories_say(filled) -> None:
    with filled.read() as reader:
        heads = reader.heads()
        names = {kind: reader.names(kind) for kind in NAME_KINDS}
        for n, head in enumerate(heads):
            one = memory(n)
            assert tuple(int(head[field]) for field in HeadTimes._fields) == times(n)
            assert KINDS[head["kind"]] == one.kind
            for kind in ("scope", "speaker", "session", "source", "actor"):
                assert names[kind][head[kind]] == (getattr(one, kind) or "")
            assert json.loads(names["tags"][head["tags"]] or "[]") == list(one.tags)
            assert bool(head["flags"] & HeadFlag.PINNED) == one.pinned
            assert head["n_words"] == len(one.text.split())
            assert reader.head(n) == head
    assert heads.dtype == HEAD
    assert not heads.flags.writeable


def test_an_id_leads_to_its_ordinal(filled) -> None:
    with filled.read() as reader:
        assert [reader.ordinal_of(memory(n).id) for n in range(COUNT)] == list(range(COUNT))
        assert reader.ordinal_of("zzzzz") is None
        assert reader.ordinal_of(memory(0).id[:-1]) is None


def test_a_prefix_leads_to_all_ids_that_start_with_it(filled) -> None:
    with filled.read() as reader:
        assert reader.with_prefix("0000001") == [(memory(n).id, n) for n in range(10, 16)]
        assert reader.with_prefix("0000001", limit=2) == [(memory(n).id, n) for n in (10, 11)]
        assert reader.with_prefix("00000003") == [(memory(3).id, 3)]
        assert reader.with_prefix("z") == []
        assert len(reader.with_prefix("", limit=100)) == COUNT


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("scope", "acme/api"),
        ("speaker", "speaker1"),
        ("session", "session1"),
        ("source", "notes/2.md"),
        ("actor", "cli"),
    ],
)
def test_a_facet_is_every_memory_with_that_value(filled, kind, value) -> None:
    """Oracle: a loop over the memories."""
    with filled.read() as reader:
        found = reader.facet(kind, value)

    assert found.dtype == np.uint32
    assert found.tolist() == [n for n in range(COUNT) if getattr(memory(n), kind) == value]
    assert len(found)


def test_a_tag_leads_to_every_memory_that_has_it_among_others(filled) -> None:
    with filled.read() as reader:
        assert reader.facet("tag", "tag1").tolist() == [n for n in range(COUNT) if "tag1" in memory(n).tags]
        assert reader.facet("tag", "tag").tolist() == []
        assert {tag for tags in reader.tag_sets() for tag in tags} == {f"tag{n}" for n in range(5)}


def test_an_unknown_facet_is_empty(filled) -> None:
    with filled.read() as reader:
        assert reader.facet("source", "nowhere").tolist() == []


def test_a_name_longer_than_any_key_is_interned(store) -> None:
    """LMDB's keys end at 511 bytes, paths of files don't."""
    path = "/ü" * 4000
    one = replace(memory(1), source=path, session="s" * 600)
    with store.write() as writer:
        writer.append(one, [], times=times(1), text_digest=digest("a"))

    with store.read() as reader:
        assert reader.facet("source", path).tolist() == [0]
        assert reader.names("session") == ["", "s" * 600]


def test_names_are_given_out_once(filled) -> None:
    with filled.read() as reader:
        names = reader.names("source")
    fill(filled, 10, COUNT)

    with filled.read() as reader:
        assert reader.names("source") == names
        assert len(set(names)) == len(names)


def test_a_name_of_an_aborted_write_is_not_remembered(store) -> Never:
    """Numbers of names are kept in memory between writes: only committed ones may be."""

    def change(writer: Writer) -> None:
        append(writer, 1)
        raise RuntimeError("changed my mind")

    with pytest.raises(RuntimeError, match="changed my mind"):
        store.transact(change)
    fill(store, 3)

    with store.read() as reader:
        assert reader.names("session") == ["", "session0"]
        assert reader.facet("scope", "global").tolist() == [1]


def test_a_digest_leads_to_every_memory_with_that_text(store) -> None:
    with store.write() as writer:
        for n in range(4):
            writer.append(memory(n), [], times=times(n), text_digest=digest("same" if n % 2 else "other"))

    with store.read() as reader:
        assert reader.same_text(digest("same")) == [1, 3]
        assert reader.same_text(digest("none")) == []


def test_an_idempotency_key_leads_to_what_was_stored_last_with_it(filled) -> None:
    with filled.read() as reader:
        assert reader.by_key(digest("key 3")) == 3
        assert reader.by_key(digest("key 4")) is None
    with filled.write() as writer:
        one = replace(memory(3), id="again")
        ordinal = writer.append(one, [], times=times(1), text_digest=digest("x"), key_digest=digest("key 3"))
        assert writer.by_key(digest("key 3")) == ordinal == COUNT


def test_replacing_keeps_chunks_digests_and_times(filled) -> None:
    changed = replace(memory(5), text="quite another text", pinned=True, tags=("new",), uses=3, scope="other")
    with filled.write() as writer:
        writer.replace(5, changed)

    with filled.read() as reader:
        assert reader.memory(5) == changed
        assert all(same_chunk(a, b) for a, b in zip(reader.chunks_of(5), chunks(5), strict=True))
        assert reader.same_text(digest(memory(5).text)) == [5]
        head = reader.head(5)
        assert tuple(int(head[field]) for field in HeadTimes._fields) == times(5)
        assert (head["uses"], head["n_words"], head["flags"] & HeadFlag.PINNED) == (3, 3, HeadFlag.PINNED)
        assert reader.facet("tag", "new").tolist() == [5]
        assert reader.facet("scope", "other").tolist() == [5]
        assert 5 not in reader.facet("tag", "tag2")
        assert [reader.memory(n) for n in (4, 6)] == [memory(4), memory(6)]


def test_replacing_with_times_sets_them(filled) -> None:
    with filled.write() as writer:
        writer.replace(5, memory(5), times=HeadTimes(7, 8, 9))

    with filled.read() as reader:
        assert [int(reader.head(5)[field]) for field in HeadTimes._fields] == [7, 8, 9]


def test_replacing_a_memory_by_another_is_refused(filled) -> None:
    with pytest.raises(ValueError, match="isn't number 5"), filled.write() as writer:
        writer.replace(5, memory(6))


def test_an_id_is_given_once(filled) -> None:
    with pytest.raises(ValueError, match="exists"), filled.write() as writer:
        append(writer, 3)


@pytest.mark.parametrize("size", [0, 15, 17])
def test_a_digest_of_another_length_is_refused(store, size) -> None:
    with pytest.raises(ValueError, match="16 bytes"), store.write() as writer:
        writer.append(memory(1), [], times=times(1), text_digest=bytes(size))


def test_a_chunk_of_other_dimensions_is_refused_and_nothing_stored(store) -> None:
    wrong = chunk(np.random.default_rng(0))._replace(mean=np.zeros(DIMS + 8, np.float16))
    with pytest.raises(ValueError, match="can't have"), store.write() as writer:
        writer.append(memory(1), [wrong], times=times(1), text_digest=digest("a"))

    with store.read() as reader:
        assert reader.n_memories == 0


@pytest.mark.parametrize("ask", ["memory", "head", "chunk", "chunks_of", "entry"])
def test_a_number_that_was_never_given_out_is_an_index_error(filled, ask) -> None:
    with filled.read() as reader:
        for number in (-1, 10**6, 2**40):
            with pytest.raises(IndexError):
                getattr(reader, ask)(number)


def test_the_first_entry_of_the_journal_has_number_one(filled) -> None:
    with filled.read() as reader:
        assert reader.entry(1).previous == GENESIS
        with pytest.raises(IndexError):
            reader.entry(0)


def test_entries_come_in_order_and_in_reverse(filled) -> None:
    with filled.read() as reader:
        assert [entry.seq for entry in reader.entries()] == list(range(1, COUNT + 1))
        assert [entry.seq for entry in reader.entries(after=5, limit=3)] == [6, 7, 8]
        assert [entry.seq for entry in reader.entries(limit=3, reverse=True)] == [COUNT, COUNT - 1, COUNT - 2]
        assert [entry.seq for entry in reader.entries(after=5, reverse=True)] == [4, 3, 2, 1]
        assert list(reader.entries(after=COUNT)) == []
        assert [entry.seq for entry in reader.entries(after=1000, limit=1, reverse=True)] == [COUNT]


def test_the_journal_says_what_was_written(filled) -> None:
    with filled.read() as reader:
        entry = reader.entry(4)
        head = reader.journal_head()

    assert (entry.actor, entry.op, entry.time_ns) == ("script", "remember", 10_003)
    assert entry.payload == {"id": memory(3).id, "ordinal": 3, "text": memory(3).text}
    assert head[0] == COUNT


def test_the_journal_verifies_from_any_entry_on(filled) -> None:
    with filled.read() as reader:
        head = reader.journal_head()[1]
        assert [entry.seq for entry in reader.verify_journal(head=head)] == list(range(1, COUNT + 1))
        assert [entry.seq for entry in reader.verify_journal(20)] == [21, 22, 23, 24]
        with pytest.raises(StoreDamaged, match="given head"):
            list(reader.verify_journal(head=bytes(31) + b"x"))


def test_an_erased_entry_leaves_the_chain_whole(filled) -> None:
    with filled.write() as writer:
        writer.erase_entry(4)

    with filled.read() as reader:
        assert reader.entry(4).payload is None
        assert reader.entry(5).payload is not None
        assert sum(1 for _ in reader.verify_journal()) == COUNT


def test_a_setting_reads_back(store) -> None:
    with store.write() as writer:
        writer.put_meta("epoch", b"\x00\x01")
        assert writer.meta("epoch") == b"\x00\x01"

    with store.read() as reader:
        assert reader.meta("epoch") == b"\x00\x01"
        assert reader.meta("identity") is None


def test_a_write_that_raises_leaves_nothing(filled) -> Never:
    def change(writer: Writer) -> None:
        append(writer, COUNT)
        writer.replace(0, replace(memory(0), text="changed"))
        writer.put_meta("epoch", b"1")
        raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        filled.transact(change)

    with filled.read() as reader:
        assert (reader.n_memories, reader.journal_head()[0]) == (COUNT, COUNT)
        assert reader.memory(0) == memory(0)
        assert reader.meta("epoch") is None
        assert reader.ordinal_of(memory(COUNT).id) is None


def test_a_writer_sees_its_own_changes(store) -> None:
    with store.write() as writer:
        for n in range(3):
            assert append(writer, n) == n
            assert writer.memory(n) == memory(n)
            assert writer.journal_head()[0] == n + 1
            assert writer.n_chunks == sum(len(chunks(i)) for i in range(n + 1))


def test_a_snapshot_does_not_see_later_writes(filled) -> None:
    with filled.read() as before:
        fill(filled, 3, COUNT)
        with filled.read() as after:
            assert after.memory(COUNT) == memory(COUNT)
            assert after.n_memories == COUNT + 3
        assert before.n_memories == COUNT
        with pytest.raises(IndexError):
            before.memory(COUNT)


def test_transact_returns_what_the_change_returns(store) -> None:
    assert store.transact(lambda writer: append(writer, 0)) == 0
    assert store.transact(lambda writer: append(writer, 1)) == 1


def test_everything_is_there_after_opening_again(folder) -> None:
    with Store.open(folder, FINGERPRINT, map_bytes=MAP_BYTES) as store:
        identity = store.identity
        fill(store, COUNT)
    with Store.open(folder, FINGERPRINT, map_bytes=MAP_BYTES) as store, store.read() as reader:
        assert store.identity == identity
        assert [reader.memory(n) for n in range(COUNT)] == [memory(n) for n in range(COUNT)]
        fill(store, 1, COUNT)
        assert store.check().memories == COUNT + 1


def test_folder_and_files_are_private(filled) -> None:
    assert stat.S_IMODE(filled.folder.stat().st_mode) == 0o700
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in filled.folder.iterdir()}
    assert modes == {"store.lock": 0o600, "store.mdb": 0o600, "store.mdb-lock": 0o600}


def test_disk_bytes_are_those_of_the_files(filled) -> None:
    files = filled.disk_files()

    assert set(files) == {"store.lock", "store.mdb", "store.mdb-lock"}
    assert filled.disk_bytes() == sum(files.values())
    assert files["store.mdb"] == (filled.folder / "store.mdb").stat().st_blocks * 512


def test_another_model_is_refused_and_the_store_opens_with_its_own_again(folder) -> None:
    Store.open(folder, FINGERPRINT, map_bytes=MAP_BYTES).close()
    held = (folder / "store.mdb").read_bytes()

    with pytest.raises(ModelUnavailable, match="holds 16-dimensional memories, model 'big' gives 64"):
        Store.open(folder, FINGERPRINT._replace(name="big", dims=64))

    assert (folder / "store.mdb").read_bytes() == held
    Store.open(folder, FINGERPRINT, map_bytes=MAP_BYTES).close()


def test_a_second_opener_is_told_who_holds_the_store(store) -> None:
    with pytest.raises(StorageRefused, match=r"open \(pid \d+\) in another process"):
        Store.open(store.folder, FINGERPRINT)


def test_closing_twice_does_no_harm(folder) -> None:
    store = Store.open(folder, FINGERPRINT, map_bytes=MAP_BYTES)
    store.close()
    store.close()
    Store.open(folder, FINGERPRINT, map_bytes=MAP_BYTES).close()


def test_a_creation_that_was_cut_off_starts_over(folder) -> None:
    """The data file appears in one step, with its identity: what lies beside it is a leftover."""
    folder.mkdir(mode=0o700)
    (folder / "store.mdb.new").write_bytes(b"half a page")
    with Store.open(folder, FINGERPRINT, map_bytes=MAP_BYTES) as store:
        fill(store, 1)
    assert not list(folder.glob("*.new*"))


def test_lifecycle_bytes_stay_when_a_memory_is_replaced(filled) -> None:
    """The store only keeps them: zero until given, then whatever was put."""
    with filled.read() as reader:
        assert reader.head(5)["lifecycle"].tobytes() == bytes(28)
    kept = bytes(range(1, 29))
    with filled.write() as writer:
        writer.put_lifecycle(5, kept)
        writer.replace(5, replace(memory(5), pinned=True), times=HeadTimes(7, 8, 9), features=3)

    with filled.read() as reader:
        head = reader.head(5)
        assert head["lifecycle"].tobytes() == kept
        assert (head["features"], head["last_used_ns"]) == (3, 9)
        assert reader.heads()["lifecycle"][4].tobytes() == bytes(28)


@pytest.mark.parametrize("size", [0, 27, 29])
def test_lifecycle_bytes_of_another_length_are_refused(filled, size) -> None:
    with pytest.raises(ValueError, match="28 bytes"), filled.write() as writer:
        writer.put_lifecycle(5, bytes(size))


def test_a_lifecycle_of_no_memory_is_refused(filled) -> None:
    with filled.write() as writer, pytest.raises(IndexError):
        writer.put_lifecycle(writer.n_memories, bytes(28))
