from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path

import lmdb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slm.errors import StoreDamaged
from slm.store.tables import Table, Tables, ordinal_key, ordinal_of_key

ROW = np.dtype([("a", "<u4"), ("b", "u1")])
numbers = st.integers(0, 2**32 - 1)


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[lmdb.Environment]:
    with lmdb.open(str(tmp_path / "t.mdb"), subdir=False, max_dbs=8) as opened:
        yield opened


def table(environment: lmdb.Environment, name: str = "things") -> Table:
    return Table(name, environment.open_db(name.encode()), "here")


@given(numbers, numbers)
def test_keys_sort_as_their_numbers(one, other) -> None:
    assert (ordinal_key(one) < ordinal_key(other)) == (one < other)
    assert ordinal_of_key(ordinal_key(one)) == one


def test_a_value_reads_back_as_it_was(environment) -> None:
    things = table(environment)
    with environment.begin(write=True, buffers=True) as txn:
        things.put(txn, b"k", b"value")
        things.put(txn, b"empty", b"")
        assert (things.get(txn, b"k"), things.get(txn, b"empty"), things.get(txn, b"none")) == (b"value", b"", None)


@pytest.mark.parametrize("bit", range(0, 9 * 8, 5))
def test_a_flipped_bit_is_found(environment, bit) -> None:
    """Every bit of value and checksum, in steps of five."""
    things = table(environment)
    with environment.begin(write=True, buffers=True) as txn:
        things.put(txn, b"k", b"value")
        raw = bytearray(txn.get(b"k", db=things._handle))
        raw[bit // 8] ^= 1 << bit % 8
        txn.put(b"k", bytes(raw), db=things._handle)
        with pytest.raises(StoreDamaged, match="doesn't match its checksum"):
            things.get(txn, b"k")


def test_a_value_under_another_key_is_found(environment) -> None:
    """What a damaged branch page does: the right value in the wrong place."""
    things = table(environment)
    with environment.begin(write=True, buffers=True) as txn:
        things.put(txn, b"a", b"value")
        txn.put(b"b", bytes(txn.get(b"a", db=things._handle)), db=things._handle)
        with pytest.raises(StoreDamaged):
            things.get(txn, b"b")


def test_a_value_of_another_table_is_found(environment) -> None:
    things, others = table(environment), table(environment, "others")
    with environment.begin(write=True, buffers=True) as txn:
        things.put(txn, b"a", b"value")
        txn.put(b"a", bytes(txn.get(b"a", db=things._handle)), db=others._handle)
        with pytest.raises(StoreDamaged):
            others.get(txn, b"a")


@pytest.mark.parametrize("raw", [b"", b"abc"])
def test_a_value_too_short_for_a_checksum_is_found(environment, raw) -> None:
    things = table(environment)
    with environment.begin(write=True, buffers=True) as txn:
        txn.put(b"a", raw, db=things._handle)
        with pytest.raises(StoreDamaged):
            things.get(txn, b"a")
        with pytest.raises(StoreDamaged):
            things.rows(txn, ROW)


def test_the_error_names_table_and_key(environment) -> None:
    things = table(environment)
    with environment.begin(write=True, buffers=True) as txn:
        txn.put(b"\x00\x01", b"nonsense", db=things._handle)
        with pytest.raises(StoreDamaged) as caught:
            things.get(txn, b"\x00\x01")
    assert "0001" in caught.value.message
    assert "'things'" in caught.value.message
    assert caught.value.where == {"store": "here"}
    assert caught.value.hint


prefixes = st.binary(max_size=2)
contents = st.dictionaries(st.binary(min_size=1, max_size=4), st.binary(max_size=4), max_size=25)


@settings(max_examples=60, deadline=None)
@given(contents, prefixes, st.none() | st.binary(min_size=1, max_size=4), st.booleans())
def test_items_are_those_of_a_sorted_dict(tmp_path_factory, held, prefix, start, reverse) -> None:
    """Oracle: sorted() over a dict. ``start`` is meant to lie under the prefix."""
    begin = None if start is None else prefix + start
    wanted = [(k, v) for k, v in sorted(held.items()) if k.startswith(prefix)]
    if begin is not None:
        wanted = [(k, v) for k, v in wanted if (k <= begin if reverse else k >= begin)]
    path = tmp_path_factory.mktemp("items") / "t.mdb"
    with lmdb.open(str(path), subdir=False, max_dbs=2, sync=False) as opened:
        things = table(opened)
        with opened.begin(write=True, buffers=True) as txn:
            for key, body in held.items():
                things.put(txn, key, body)
            assert list(things.items(txn, prefix, start=begin, reverse=reverse)) == (
                wanted[::-1] if reverse else wanted
            )
            assert things.count(txn) == len(held)


def test_all_rows_come_as_one_array_in_the_order_of_keys(environment) -> None:
    things = table(environment)
    with environment.begin(write=True, buffers=True) as txn:
        assert things.rows(txn, ROW).shape == (0,)
        for n in (2, 0, 1):
            things.put(txn, ordinal_key(n), np.array((n, 10 * n), ROW).tobytes())
        rows = things.rows(txn, ROW)
    assert (rows["a"].tolist(), rows["b"].tolist()) == ([0, 1, 2], [0, 10, 20])
    assert rows.dtype == ROW
    assert not rows.flags.writeable


@given(st.binary(max_size=64), st.binary(max_size=8), st.text(max_size=8))
def test_the_checksum_of_a_value_is_the_plain_crc32_of_table_key_and_value(body, key, name) -> None:
    """Oracle: zlib over the joined bytes. Reading uses the residue instead."""
    joined = name.encode("utf-8", "replace") + key + body
    crc = zlib.crc32(joined)
    assert zlib.crc32(joined + crc.to_bytes(4, "little")) == 0x2144DF1C


def test_the_last_ordinal_is_found_under_each_prefix(environment) -> None:
    things = table(environment)
    with environment.begin(write=True, buffers=True) as txn:
        assert things.last_ordinal(txn) is None
        for prefix, n in ((b"a", 1), (b"a", 2), (b"c", 7)):
            things.put(txn, prefix + ordinal_key(n), b"")
        found = [things.last_ordinal(txn, prefix) for prefix in (b"a", b"b", b"c", b"d", b"")]
    assert found == [2, None, 7, None, 7]


def test_a_dense_table_is_counted(environment) -> None:
    things = table(environment)
    with environment.begin(write=True, buffers=True) as txn:
        assert things.dense(txn) == 0
        for n in range(3):
            things.put(txn, ordinal_key(n), b"x", append=True)
        assert things.dense(txn) == 3
        assert things.last_ordinal(txn) == 2


def test_a_dense_table_with_a_gap_is_found(environment) -> None:
    things = table(environment)
    with environment.begin(write=True, buffers=True) as txn:
        things.put(txn, ordinal_key(0), b"x")
        things.put(txn, ordinal_key(2), b"x")
        with pytest.raises(StoreDamaged, match="ends at 2"):
            things.dense(txn)


def test_appending_below_the_last_key_is_refused(environment) -> None:
    """LMDB answers such a put with False alone: the value would be lost."""
    things = table(environment)
    with environment.begin(write=True, buffers=True) as txn:
        things.put(txn, ordinal_key(5), b"x", append=True)
        with pytest.raises(StoreDamaged, match="already goes beyond"):
            things.put(txn, ordinal_key(3), b"x", append=True)


def test_tables_that_are_missing_are_not_made_up(tmp_path) -> None:
    """A damaged root must not look like an empty store."""
    with lmdb.open(str(tmp_path / "t.mdb"), subdir=False, max_dbs=16) as opened:
        with pytest.raises(lmdb.NotFoundError):
            Tables(opened, "here", create=False)
        made = Tables(opened, "here", create=True)
        assert [one.name for one in made.all()] == list(Tables.NAMES)


def test_a_dropped_value_is_gone_and_dropping_nothing_does_nothing(environment) -> None:
    """Oracle: a dict."""
    things = table(environment)
    with environment.begin(write=True, buffers=True) as txn:
        things.put(txn, b"a", b"1")
        things.put(txn, b"b", b"2")
        things.drop(txn, b"a")
        things.drop(txn, b"none")

        assert [(key, body) for key, body in things.items(txn)] == [(b"b", b"2")]
