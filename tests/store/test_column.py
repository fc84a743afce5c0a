from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slm.store.column import HEADER_BYTES, ColumnError, Header

headers = st.builds(
    Header,
    st.integers(0, 2**32 - 1),
    st.binary(min_size=16, max_size=16).map(bytes.hex),
    st.integers(0, 2**64 - 1),
    st.integers(0, 2**64 - 1),
    st.integers(0, 2**32 - 1),
)


@given(headers)
def test_a_header_reads_back_as_it_was(header) -> None:
    assert len(header.encode()) == HEADER_BYTES
    assert Header.decode(header.encode()) == header


@given(headers, st.integers(0, 8 * HEADER_BYTES - 1))
def test_any_flipped_bit_of_a_header_is_found(header, bit) -> None:
    raw = bytearray(header.encode())
    raw[bit // 8] ^= 1 << bit % 8

    with pytest.raises(ColumnError, match="damaged header"):
        Header.decode(bytes(raw))


@pytest.mark.parametrize("size", [0, 1, HEADER_BYTES - 1])
def test_a_header_cut_short_is_found(size) -> None:
    with pytest.raises(ColumnError, match="too short"):
        Header.decode(bytes(size))
