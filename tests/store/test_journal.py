from __future__ import annotations

import hashlib
import json
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slm.errors import StoreDamaged
from slm.store.journal import (
    GENESIS,
    MAX_OP_BYTES,
    SALT_BYTES,
    JournalEntry,
    chain_hash,
    commit_to,
    decode_entry,
    encode_entry,
    erase,
    stored_hash,
    verified,
)

salts = st.binary(min_size=SALT_BYTES, max_size=SALT_BYTES)
hashes = st.binary(min_size=32, max_size=32)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
payloads = st.dictionaries(st.text(), json_values, max_size=4)
numbers = st.integers(1, 2**32 - 1)
times = st.integers(-(2**63), 2**63 - 1)
actors = st.text(max_size=30)
ops = st.text(max_size=30)


def chain(length: int) -> list[JournalEntry]:
    """An honest chain."""
    entries, previous = [], GENESIS
    for seq in range(1, length + 1):
        stored = encode_entry(seq, previous, seq * 1000, "cli", "remember", {"id": f"m{seq}"})
        entries.append(decode_entry(seq, previous, stored))
        previous = stored_hash(stored)
    return entries


@given(numbers, hashes, times, actors, ops, payloads)
def test_an_entry_reads_back_as_it_was(seq, previous, time_ns, actor, op, payload) -> None:
    entry = decode_entry(seq, previous, encode_entry(seq, previous, time_ns, actor, op, payload))

    assert entry[:5] == (seq, time_ns, actor, op, payload)
    assert entry.previous == previous
    assert len(entry.salt) == SALT_BYTES


@given(numbers, hashes, times, actors, ops, payloads, salts)
def test_the_hash_is_the_documented_one(seq, previous, time_ns, actor, op, payload, salt) -> None:
    """Oracle: the formula of the module's first lines, written out with hashlib alone."""
    entry = decode_entry(seq, previous, encode_entry(seq, previous, time_ns, actor, op, payload, salt))
    body = json.dumps(payload, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode(
        "utf-8", "surrogatepass"
    )
    commitment = hashlib.sha256(salt + body).digest()
    who, what = (text.encode("utf-8", "surrogatepass") for text in (actor, op))
    lengths = (struct.pack(">I", len(who)), struct.pack(">I", len(what)))
    written = previous + struct.pack(">Qq", seq, time_ns) + lengths[0] + who + lengths[1] + what + commitment

    assert entry.commitment == commitment
    assert entry.hash == hashlib.sha256(written).digest()


@given(st.text(min_size=1, max_size=10), st.text(min_size=1, max_size=10), hashes)
def test_moving_a_letter_from_actor_to_op_changes_the_hash(actor, op, commitment) -> None:
    """Lengths stand before the texts, so two entries never share their bytes."""
    moved = chain_hash(GENESIS, 1, 0, actor + op[0], op[1:], commitment)

    assert moved != chain_hash(GENESIS, 1, 0, actor, op, commitment)


def test_a_chain_that_nobody_touched_verifies() -> None:
    entries = chain(20)

    assert list(verified(entries, "here")) == entries


def test_an_empty_journal_verifies() -> None:
    assert list(verified([], "here")) == []


@pytest.mark.parametrize(
    "change",
    [
        {"time_ns": 1},
        {"actor": "someone else"},
        {"op": "forget"},
        {"commitment": bytes(32)},
        {"previous": bytes(range(32))},
        {"hash": bytes(32)},
    ],
)
def test_a_changed_field_is_found_and_its_entry_named(change) -> None:
    entries = chain(9)
    entries[4] = entries[4]._replace(**change)

    with pytest.raises(StoreDamaged, match="entry 5 doesn't match its hash"):
        list(verified(entries, "here"))


def test_what_stands_before_a_changed_entry_is_still_given() -> None:
    entries = chain(9)
    entries[4] = entries[4]._replace(actor="someone else")
    given_before = []

    with pytest.raises(StoreDamaged):
        given_before.extend(verified(entries, "here"))
    stream = verified(entries, "here")
    assert [next(stream).seq for _ in range(4)] == [1, 2, 3, 4]


def test_a_missing_entry_is_named() -> None:
    entries = chain(9)
    del entries[3]

    with pytest.raises(StoreDamaged, match="entry 4 is missing"):
        list(verified(entries, "here"))


def test_two_entries_that_changed_places_are_found() -> None:
    entries = chain(5)
    entries[1], entries[2] = entries[2], entries[1]

    with pytest.raises(StoreDamaged):
        list(verified(entries, "here"))


def test_a_chain_must_contain_a_head_kept_elsewhere() -> None:
    entries = chain(9)

    assert list(verified(entries, "here", head=entries[6].hash)) == entries
    with pytest.raises(StoreDamaged, match="given head"):
        list(verified(entries[:6], "here", head=entries[6].hash))


def test_a_chain_rewritten_as_a_whole_is_found_by_a_head_kept_elsewhere() -> None:
    """Salts are random: even the same changes give another chain."""
    with pytest.raises(StoreDamaged, match="given head"):
        list(verified(chain(9), "here", head=chain(9)[8].hash))


def test_the_head_of_an_empty_journal_is_in_every_chain() -> None:
    assert len(list(verified(chain(3), "here", head=GENESIS))) == 3


@given(numbers, hashes, times, actors, ops, payloads)
def test_an_erased_entry_keeps_its_link_and_loses_what_it_said(seq, previous, time_ns, actor, op, payload) -> None:
    stored = encode_entry(seq, previous, time_ns, actor, op, payload)
    before = decode_entry(seq, previous, stored)
    after = decode_entry(seq, previous, erase(stored))

    assert after == before._replace(payload=None, salt=b"")
    assert list(verified([after], "here")) == [after]


@given(payloads)
def test_erasing_twice_changes_nothing_more(payload) -> None:
    once = erase(encode_entry(1, GENESIS, 0, "cli", "remember", payload))

    assert erase(once) == once


def test_no_byte_of_the_text_or_salt_is_left_in_an_erased_entry() -> None:
    salt = bytes(range(100, 116))
    stored = encode_entry(1, GENESIS, 0, "cli", "remember", {"text": "the safe opens with 4711"}, salt)

    assert b"4711" in stored
    assert b"4711" not in erase(stored)
    assert salt not in erase(stored)


def test_the_same_payload_commits_to_something_else_each_time() -> None:
    """Without the salt, a short secret could be guessed from its digest."""
    one, two = (decode_entry(1, GENESIS, encode_entry(1, GENESIS, 0, "cli", "op", {"pin": "1"})) for _ in range(2))

    assert one.commitment != two.commitment
    assert one.commitment == commit_to(one.salt, b'{"pin":"1"}')


def test_keys_that_are_numbers_still_verify_after_reading() -> None:
    """JSON turns them into text, which sorts otherwise: the commitment is to the bytes, not to what they mean."""
    stored = encode_entry(1, GENESIS, 0, "cli", "op", {"weights": {10: "a", 9: "b"}})
    entry = decode_entry(1, GENESIS, stored)

    assert entry.payload == {"weights": {"10": "a", "9": "b"}}
    assert list(verified([entry], "here")) == [entry]


def test_a_long_payload_is_compressed() -> None:
    stored = encode_entry(1, GENESIS, 0, "cli", "import", {"text": "again and " * 1000})

    assert len(stored) < 400


@pytest.mark.parametrize(("op", "actor"), [("o" * (MAX_OP_BYTES + 1), "cli"), ("op", "a" * 65536)])
def test_an_op_or_actor_that_is_too_long_is_refused(op, actor) -> None:
    with pytest.raises(ValueError, match="too long for the journal"):
        encode_entry(1, GENESIS, 0, actor, op, {})


def test_the_form_of_an_entry_is_pinned() -> None:
    """Stores in the field hold it."""
    stored = encode_entry(7, bytes(range(32)), 1_762_160_400_000_000_000, "cli", "remember", {"id": "k3m9q"}, bytes(16))

    assert stored.hex() == (
        "01" "00a042278c737418" "0300" "08" + b"cliremember".hex() + stored_hash(stored).hex() + "00" * 16 + "01"
        + b'{"id":"k3m9q"}'.hex()
    )  # fmt: skip
    assert stored_hash(stored).hex() == "d4ef3f19329008586ea818d6b706c457c451a03079c0a6e6b1e88467a8360b99"
