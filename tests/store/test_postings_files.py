from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from slm.store.postings_files import read_bundle, write_bundle

STORE_ID = "cd" * 16
ARRAYS = {
    "terms": np.frombuffer(b"apiport", np.uint8),
    "ptr": np.array([0, 3, 7], np.int64),
    "tf": np.array([1, 2, 1], np.uint16),
    "none": np.zeros(0, np.int32),
    "grid": np.arange(12, dtype=np.float32).reshape(3, 4),
}
dtypes = hnp.integer_dtypes() | hnp.unsigned_integer_dtypes() | hnp.floating_dtypes() | hnp.byte_string_dtypes()
bundles = st.dictionaries(st.text(max_size=8), hnp.arrays(dtypes, hnp.array_shapes(min_side=0, max_side=5)), max_size=4)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    write_bundle(tmp_path / "1.post", STORE_ID, 3, ARRAYS)
    return tmp_path / "1.post"


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(bundles)
def test_arrays_read_back_bit_by_bit(tmp_path, arrays) -> None:
    write_bundle(tmp_path / "x.post", STORE_ID, 1, arrays)
    read = read_bundle(tmp_path / "x.post", STORE_ID, 1)

    assert read is not None
    assert list(read) == list(arrays)
    for name, array in arrays.items():
        assert (read[name].dtype, read[name].shape) == (array.dtype, array.shape)
        assert read[name].tobytes() == array.tobytes()


def test_arrays_are_read_only_and_outlive_the_file(path) -> None:
    read = read_bundle(path, STORE_ID, 3) or {}
    path.unlink()

    assert not any(array.flags.writeable for array in read.values())
    assert np.array_equal(read["grid"], ARRAYS["grid"])


def test_arrays_lie_where_kernels_want_them(path) -> None:
    """64-byte boundaries, whatever stands before them."""
    read = read_bundle(path, STORE_ID, 3) or {}

    assert {array.ctypes.data % 64 for array in read.values() if array.size} == {0}


@pytest.mark.parametrize(("store_id", "generation"), [("ef" * 16, 3), (STORE_ID, 2)])
def test_a_file_of_another_store_or_generation_reads_as_none(path, store_id, generation) -> None:
    assert read_bundle(path, store_id, generation) is None


def test_a_missing_file_reads_as_none(tmp_path) -> None:
    assert read_bundle(tmp_path / "none.post", STORE_ID, 3) is None


def test_a_file_cut_short_reads_as_none(path) -> None:
    raw = path.read_bytes()
    last_used = len(raw) - 16  # the grid's 48 bytes are followed by padding
    for size in range(0, last_used, 7):
        path.write_bytes(raw[:size])
        assert read_bundle(path, STORE_ID, 3) is None, size


def test_a_flipped_bit_reads_as_none_or_lies_in_padding(path) -> None:
    raw = path.read_bytes()
    for at in range(0, len(raw), 5):
        spoilt = bytearray(raw)
        spoilt[at] ^= 1
        path.write_bytes(spoilt)
        read = read_bundle(path, STORE_ID, 3)
        assert read is None or all(np.array_equal(read[name], array) for name, array in ARRAYS.items()), at


def test_arrays_of_objects_are_refused(tmp_path) -> None:
    with pytest.raises(ValueError, match="objects"):
        write_bundle(tmp_path / "x.post", STORE_ID, 1, {"x": np.array([{}], object)})


def test_a_file_is_replaced_in_one_step_and_leaves_no_part(path) -> None:
    before = read_bundle(path, STORE_ID, 3) or {}
    write_bundle(path, STORE_ID, 4, {"tf": np.array([9], np.uint16)})

    assert np.array_equal(before["tf"], ARRAYS["tf"])
    assert (read_bundle(path, STORE_ID, 4) or {})["tf"].tolist() == [9]
    assert [entry.name for entry in path.parent.iterdir()] == ["1.post"]


def test_the_folder_is_made_and_the_file_is_private(tmp_path) -> None:
    write_bundle(tmp_path / "postings" / "1.post", STORE_ID, 1, ARRAYS)

    assert (tmp_path / "postings").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "postings" / "1.post").stat().st_mode & 0o777 == 0o600
