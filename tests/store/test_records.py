from __future__ import annotations

import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slm.model import KINDS, Memory
from slm.store.records import (
    HEAD,
    VERSION,
    Chunk,
    HeadFlag,
    HeadNames,
    HeadTimes,
    canonical_json,
    decode_chunk,
    decode_memory,
    decode_text,
    encode_head,
    encode_mean,
    encode_memory,
    encode_tokens,
    pack,
    require_shapes,
    unpack,
)

maybe_text = st.none() | st.text()
names = st.lists(st.text(), max_size=4).map(tuple)
shares = st.floats(0, 1)
times_ns = st.integers(-(2**63), 2**63 - 1)
interned = st.integers(0, 2**32 - 1)


@st.composite
def memories(draw: st.DrawFn) -> Memory:
    return Memory(
        id=draw(st.text(min_size=1)),
        text=draw(st.text(st.characters())),  # lone surrogates too
        kind=draw(st.sampled_from(KINDS)),
        tags=draw(names),
        speaker=draw(maybe_text),
        session=draw(maybe_text),
        scope=draw(st.text()),
        source=draw(maybe_text),
        observed_at=draw(st.text()),
        recorded_at=draw(st.text()),
        valid_from=draw(maybe_text),
        valid_until=draw(maybe_text),
        importance=draw(shares),
        pinned=draw(st.booleans()),
        private=draw(st.booleans()),
        trust=draw(shares),
        supersedes=draw(names),
        superseded_by=draw(maybe_text),
        claims=draw(names),
        idempotency_key=draw(maybe_text),
        actor=draw(st.text()),
        uses=draw(st.integers(0, 2**32 - 1)),
        confirmations=draw(st.integers(0, 2**31)),
        last_used=draw(maybe_text),
        forgotten_at=draw(maybe_text),
        never_true=draw(st.booleans()),
        reason=draw(maybe_text),
    )


@st.composite
def chunks(draw: st.DrawFn) -> Chunk:
    dims = 8 * draw(st.integers(1, 6))
    n_tokens = draw(st.integers(0, 40))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    return Chunk(
        draw(interned),
        draw(interned),
        rng.integers(0, 2**16, dims, dtype=np.uint16).view(np.float16),  # any bits, NaNs and infinities among them
        rng.integers(0, 256, (n_tokens, dims // 8), dtype=np.uint8),
        rng.integers(0, 2**16, n_tokens, dtype=np.uint16),
    )


@given(memories())
def test_a_memory_reads_back_as_it_was(memory) -> None:
    """Round trip over every field and any text."""
    assert decode_memory(encode_memory(memory)) == memory


@given(memories())
def test_the_text_alone_is_that_of_the_memory(memory) -> None:
    """Oracle: the whole memory read back."""
    packed = encode_memory(memory)

    assert decode_text(packed) == decode_memory(packed).text


@given(memories())
def test_equal_memories_give_equal_bytes(memory) -> None:
    """The form is canonical: a memory read back is written the same way."""
    assert encode_memory(decode_memory(encode_memory(memory))) == encode_memory(memory)


def test_a_memory_is_stored_as_the_fields_that_differ_from_their_defaults() -> None:
    """Pinned form: stores in the field hold it."""
    stored = encode_memory(Memory(id="k3m9q", text="Tea at four"))

    assert stored == b'\x01{"id":"k3m9q","text":"Tea at four"}'


def test_a_field_set_to_its_default_takes_no_space() -> None:
    plain = Memory(id="a", text="b")

    assert encode_memory(Memory(id="a", text="b", scope="global", trust=0.9)) == encode_memory(plain)


@given(st.binary(max_size=3000))
def test_packing_loses_nothing_and_never_lengthens_by_more_than_its_byte(body) -> None:
    packed = pack(body)

    assert unpack(packed) == body
    assert len(packed) <= len(body) + 1


def test_a_long_text_that_repeats_is_compressed() -> None:
    body = b"the same words again " * 100

    assert len(pack(body)) < len(body) / 10
    assert zlib.decompress(pack(body)[1:]) == body


def test_a_short_text_stays_readable_in_the_file() -> None:
    assert pack(b"a" * 512) == bytes([VERSION]) + b"a" * 512


@pytest.mark.parametrize("version", [0, 2, 127, 0x82])
def test_a_record_of_an_unknown_version_is_refused(version) -> None:
    """Only the migrations may read other versions."""
    with pytest.raises(ValueError, match="record version"):
        unpack(bytes([version]) + b"{}")


def test_canonical_json_sorts_keys_and_keeps_letters() -> None:
    assert canonical_json({"b": 1, "a": "März"}) == '{"a":"März","b":1}'.encode()


def test_canonical_json_refuses_what_json_cannot_say() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical_json({"weight": float("nan")})


@given(
    memories(),
    st.tuples(times_ns, times_ns, times_ns),
    st.tuples(*[interned] * 6),
    interned,
    st.integers(0, 65535),
    st.integers(0, 255),
)
def test_a_head_says_what_was_put_in(memory, times, numbers, first_chunk, n_chunks, features) -> None:
    """The packed form against numpy's view of it, field by field."""
    packed = encode_head(memory, HeadTimes(*times), HeadNames(*numbers), first_chunk, n_chunks, features)
    head = np.frombuffer(packed, HEAD)[0]

    assert tuple(head[name] for name in HeadTimes._fields) == times
    assert tuple(head[name] for name in HeadNames._fields) == numbers
    assert (head["first_chunk"], head["n_chunks"]) == (first_chunk, n_chunks)
    assert (head["uses"], head["n_words"], head["features"]) == (memory.uses, len(memory.text.split()), features)
    assert KINDS[head["kind"]] == memory.kind
    assert abs(head["importance"] / 255 - memory.importance) <= 0.5 / 255 + 1e-12
    assert abs(head["trust"] / 255 - memory.trust) <= 0.5 / 255 + 1e-12
    assert bytes(head["lifecycle"]) == bytes(28)


def test_a_head_has_96_bytes_on_every_machine() -> None:
    """Pinned layout: heads in a store are read by their offsets."""
    assert HEAD.itemsize == 96
    assert {name: HEAD.fields[name][1] for name in ("observed_ns", "first_chunk", "scope", "tags", "n_chunks")} == {
        "observed_ns": 0,
        "first_chunk": 24,
        "scope": 32,
        "tags": 52,
        "n_chunks": 60,
    }


@pytest.mark.parametrize(
    ("fields", "flag"),
    [
        ({}, HeadFlag(0)),
        ({"forgotten_at": "2025-11-03T10:00:00+00:00"}, HeadFlag.FORGOTTEN),
        ({"never_true": True}, HeadFlag.NEVER_TRUE),
        ({"superseded_by": "p7d2x"}, HeadFlag.SUPERSEDED),
        ({"private": True}, HeadFlag.PRIVATE),
        ({"pinned": True}, HeadFlag.PINNED),
        ({"pinned": True, "private": True}, HeadFlag.PINNED | HeadFlag.PRIVATE),
    ],
)
def test_each_flag_of_a_head_stands_for_one_field(fields, flag) -> None:
    memory = Memory(id="a", text="b", **fields)
    packed = encode_head(memory, HeadTimes(0, 0), HeadNames(0, 0, 0, 0, 0, 0), 0, 0, 0)

    assert np.frombuffer(packed, HEAD)[0]["flags"] == flag


@given(chunks())
def test_a_chunk_reads_back_bit_by_bit(chunk) -> None:
    read = decode_chunk(encode_mean(chunk), encode_tokens(chunk))

    assert (read.start, read.stop) == (chunk.start, chunk.stop)
    assert read.mean.tobytes() == chunk.mean.tobytes()
    assert read.codes.tobytes() == chunk.codes.tobytes()
    assert read.pieces.tobytes() == chunk.pieces.tobytes()
    assert (read.codes.shape, read.mean.shape) == (chunk.codes.shape, chunk.mean.shape)


@given(chunks())
def test_a_chunk_read_back_cannot_be_changed(chunk) -> None:
    read = decode_chunk(encode_mean(chunk), encode_tokens(chunk))

    assert not any(array.flags.writeable for array in (read.mean, read.codes, read.pieces))


def test_a_chunk_of_an_unknown_version_is_refused() -> None:
    chunk = Chunk(0, 1, np.zeros(8, np.float16), np.zeros((1, 1), np.uint8), np.zeros(1, np.uint16))
    with pytest.raises(ValueError, match="chunk version"):
        decode_chunk(b"\x02" + encode_mean(chunk)[1:], encode_tokens(chunk))
    with pytest.raises(ValueError, match="chunk version"):
        decode_chunk(encode_mean(chunk), b"\x02" + encode_tokens(chunk)[1:])


def test_four_chunks_of_twenty_tokens_fit_one_page() -> None:
    """A page holds 4,080 bytes, a node 8 of its own, 2 for its place, 4 of key and 4 of checksum."""
    chunk = Chunk(0, 1, np.zeros(384, np.float16), np.zeros((20, 48), np.uint8), np.zeros(20, np.uint16))
    size = len(encode_tokens(chunk)) + 4 + 4 + 8
    assert 4 * (size + size % 2 + 2) <= 4080


@pytest.mark.parametrize(
    ("mean", "codes", "pieces"),
    [((16,), (2, 1), (2,)), ((8,), (2, 2), (2,)), ((8,), (2, 1), (3,)), ((1, 8), (2, 1), (2,)), ((8,), (2,), (2,))],
)
def test_a_chunk_of_other_shapes_is_refused(mean, codes, pieces) -> None:
    chunk = Chunk(0, 1, np.zeros(mean, np.float16), np.zeros(codes, np.uint8), np.zeros(pieces, np.uint16))

    with pytest.raises(ValueError, match="can't have"):
        require_shapes([chunk], 8)
