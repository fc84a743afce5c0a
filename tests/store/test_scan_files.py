from __future__ import annotations

import os
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from slm.errors import StoreDamaged
from slm.store.records import Chunk
from slm.store.scan_files import ScanFiles
from slm.store.store import Store
from tests.store.samples import DIMS, chunk, chunks, fill, quantise

COUNT = 30
NAMES = ["codes.i8", "scales.f32", "rows.f16", "tokens.u1", "token_ends.u64"]
ALL = [one for n in range(COUNT) for one in chunks(n)]
STORE_ID = "ab" * 16


def open_files(store: Store) -> ScanFiles:
    return ScanFiles(store.folder, store.identity.store_id, DIMS)


def append(files: ScanFiles, held: list[Chunk]) -> None:
    rows = np.stack([one.mean for one in held]) if held else np.zeros((0, DIMS), np.float16)
    codes, scales = quantise(rows) if held else (np.zeros((0, DIMS), np.int8), np.zeros(0, np.float32))
    files.append(codes, scales, rows, [one.codes for one in held])


def shows(files: ScanFiles, held: list[Chunk]) -> bool:
    """Whether every array holds exactly these chunks."""
    if not held:
        return len(files) == 0
    rows = np.stack([one.mean for one in held])
    codes, scales = quantise(rows)
    return (
        np.array_equal(files.rows, rows)
        and np.array_equal(files.codes, codes)
        and np.array_equal(files.scales, scales)
        and all(np.array_equal(files.token_codes(i), one.codes) for i, one in enumerate(held))
        and len(files) == len(held)
    )


@pytest.fixture
def filled(store: Store) -> Store:
    """A store with sound scan files, closed."""
    fill(store, COUNT)
    files = open_files(store)
    files.heal(store, quantise)
    files.close()
    return store


def test_the_files_are_made_from_the_store_when_there_are_none(store) -> None:
    fill(store, COUNT)
    files = open_files(store)

    said = files.heal(store, quantise)

    assert said == f"scan files written again from {len(ALL)} chunks: codes.i8 is missing"
    assert shows(files, ALL)
    files.close()


def test_sound_files_are_taken_as_they_are(filled) -> None:
    files = open_files(filled)

    assert files.trouble is None
    assert files.heal(filled, quantise) is None
    assert shows(files, ALL)
    files.close()


def test_nothing_is_said_about_an_empty_store(store) -> None:
    files = open_files(store)

    assert files.heal(store, quantise) is None
    assert len(files) == 0
    files.close()


@pytest.mark.parametrize("name", NAMES)
def test_deleting_any_file_heals_and_says_so(filled, name) -> None:
    (filled.folder / "scan" / name).unlink()

    files = open_files(filled)
    said = files.heal(filled, quantise) or ""

    assert f"{name} is missing" in said
    assert shows(files, ALL)
    files.close()
    again = open_files(filled)
    assert again.heal(filled, quantise) is None
    again.close()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("place", ["first byte", "header", "its checksum", "body", "last row"])
def test_a_flipped_bit_anywhere_heals(filled, name, place) -> None:
    path = filled.folder / "scan" / name
    raw = bytearray(path.read_bytes())
    widths = {"codes.i8": DIMS, "scales.f32": 4, "rows.f16": 2 * DIMS, "tokens.u1": DIMS // 8, "token_ends.u64": 8}
    n_rows = sum(len(one.codes) for one in ALL) if name == "tokens.u1" else len(ALL)
    last = 64 + n_rows * widths[name] - 1
    raw[{"first byte": 0, "header": 40, "its checksum": 62, "body": 64, "last row": last}[place]] ^= 4
    path.write_bytes(raw)

    files = open_files(filled)
    said = files.heal(filled, quantise) or ""

    assert name in said
    assert shows(files, ALL)
    files.close()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("size", [0, 63, 64, 100])
def test_a_file_cut_short_heals(filled, name, size) -> None:
    os.truncate(filled.folder / "scan" / name, size)

    files = open_files(filled)

    assert name in (files.heal(filled, quantise) or "")
    assert shows(files, ALL)
    files.close()


def test_bits_beyond_the_published_rows_do_not_matter(filled) -> None:
    """Rows of a write that was never committed lie there."""
    path = filled.folder / "scan" / "rows.f16"
    with path.open("r+b") as file:
        file.seek(64 + len(ALL) * 2 * DIMS)
        file.write(b"left over from a write that was undone")

    files = open_files(filled)
    assert files.heal(filled, quantise) is None
    files.close()


def test_files_of_another_store_are_not_taken(filled) -> None:
    files = ScanFiles(filled.folder, STORE_ID, DIMS)

    assert "belongs to another store" in (files.trouble or "")
    files.close()


def test_files_of_other_dimensions_are_not_taken(filled) -> None:
    files = ScanFiles(filled.folder, filled.identity.store_id, 2 * DIMS)

    assert "rows of another size" in (files.trouble or "")
    files.close()


def test_files_of_two_generations_are_not_taken_together(filled) -> None:
    """One file put back from a copy: sound by itself, and of another time."""
    path = filled.folder / "scan" / "scales.f32"
    old = path.read_bytes()
    (filled.folder / "scan" / "codes.i8").unlink()
    files = open_files(filled)
    files.heal(filled, quantise)
    files.close()
    path.write_bytes(old)

    files = open_files(filled)
    assert "different generations" in (files.heal(filled, quantise) or "")
    assert shows(files, ALL)
    files.close()


def test_files_that_are_behind_are_brought_up(filled) -> None:
    """What a crash between commit and publish leaves."""
    fill(filled, 10, COUNT)
    more = [one for n in range(COUNT, COUNT + 10) for one in chunks(n)]

    files = open_files(filled)
    said = files.heal(filled, quantise)

    assert said == f"scan files brought up from {len(ALL)} to {len(ALL) + len(more)} chunks"
    assert shows(files, ALL + more)
    files.close()


def test_files_that_are_ahead_are_written_again(filled) -> None:
    """They show rows that no commit stands behind: another store has been put in the place."""
    files = open_files(filled)
    append(files, ALL[:3])
    files.publish(len(ALL) + 3)
    files.close()

    files = open_files(filled)
    assert f"they hold {len(ALL) + 3} chunks, the store {len(ALL)}" in (files.heal(filled, quantise) or "")
    assert shows(files, ALL)
    files.close()


def test_a_damaged_chunk_is_not_copied_into_the_files(filled) -> None:
    def spoil(writer) -> None:
        writer._txn.put(bytes(4), b"no chunk", db=writer._tables.means._handle)

    filled.transact(spoil)
    (filled.folder / "scan" / "codes.i8").unlink()
    files = open_files(filled)

    with pytest.raises(StoreDamaged):
        files.heal(filled, quantise)
    files.close()


def test_rows_are_not_shown_before_they_are_published(tmp_path) -> None:
    files = ScanFiles(tmp_path, STORE_ID, DIMS)
    append(files, ALL[:4])

    assert len(files) == 0
    files.publish(4)
    assert shows(files, ALL[:4])
    files.close()


def test_rows_of_an_undone_write_are_written_over(tmp_path) -> None:
    files = ScanFiles(tmp_path, STORE_ID, DIMS)
    append(files, ALL[:4])
    files.publish(4)
    append(files, ALL[10:20])
    files.publish(4)
    append(files, ALL[4:9])
    files.publish(9)

    assert shows(files, ALL[:9])
    files.close()


def test_several_appends_are_published_at_once(tmp_path) -> None:
    files = ScanFiles(tmp_path, STORE_ID, DIMS)
    for one in ALL[:8]:
        append(files, [one])
    files.publish(8)

    assert shows(files, ALL[:8])
    files.close()


def test_a_part_of_what_was_appended_can_be_published(tmp_path) -> None:
    files = ScanFiles(tmp_path, STORE_ID, DIMS)
    append(files, ALL[:8])
    files.publish(5)

    assert shows(files, ALL[:5])
    files.close()
    files = ScanFiles(tmp_path, STORE_ID, DIMS)
    assert (files.trouble, shows(files, ALL[:5])) == (None, True)
    files.close()


@pytest.mark.parametrize("count", [3, 9])
def test_showing_fewer_or_more_rows_than_there_are_is_refused(tmp_path, count) -> None:
    files = ScanFiles(tmp_path, STORE_ID, DIMS)
    append(files, ALL[:4])
    files.publish(4)
    append(files, ALL[4:8])

    with pytest.raises(ValueError, match="can't show"):
        files.publish(count)
    files.close()


def test_arrays_of_different_lengths_are_refused(tmp_path) -> None:
    files = ScanFiles(tmp_path, STORE_ID, DIMS)
    rows = np.zeros((2, DIMS), np.float16)
    codes, scales = quantise(rows)

    with pytest.raises(ValueError, match="2 codes, 1 scales"):
        files.append(codes, scales[:1], rows, [])
    files.close()


@pytest.mark.parametrize("wrong", [np.zeros((1, DIMS), np.float32), np.zeros((1, DIMS + 1), np.float16)])
def test_rows_of_another_form_are_refused(tmp_path, wrong) -> None:
    files = ScanFiles(tmp_path, STORE_ID, DIMS)
    codes, scales = quantise(np.zeros((1, DIMS), np.float16))

    with pytest.raises(ValueError, match="can't write"):
        files.append(codes, scales, wrong, [np.zeros((0, DIMS // 8), np.uint8)])
    files.close()


def test_arrays_taken_before_a_growth_stay_valid_and_unchanged(tmp_path) -> None:
    """Growth beyond the mapped room takes a new map; the old one lives as long as its arrays."""
    files = ScanFiles(tmp_path, STORE_ID, DIMS)
    append(files, ALL[:4])
    files.publish(4)
    before = files.view
    copies = [array.copy() for array in before]
    rng = np.random.default_rng(0)
    many = [chunk(rng) for _ in range(3000)]
    for start in range(0, 3000, 500):
        append(files, many[start : start + 500])
        files.publish(4 + start + 500)

    assert all(np.array_equal(array, copy) for array, copy in zip(before, copies, strict=True))
    assert shows(files, ALL[:4] + many)
    files.close()
    assert all(np.array_equal(array, copy) for array, copy in zip(before, copies, strict=True))


def test_arrays_taken_before_the_files_are_written_again_stay_valid(filled) -> None:
    files = open_files(filled)
    before, copies = files.view, [array.copy() for array in files.view]
    files.trouble = "somebody doubts them"
    files.heal(filled, quantise)

    assert all(np.array_equal(array, copy) for array, copy in zip(before, copies, strict=True))
    assert shows(files, ALL)
    files.close()


def test_nobody_can_write_through_the_arrays(filled) -> None:
    files = open_files(filled)

    assert not any(array.flags.writeable for array in files.view)
    files.close()


def test_the_files_are_private(filled) -> None:
    assert (filled.folder / "scan").stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in (filled.folder / "scan").iterdir()} == {0o600}


def test_room_for_growth_takes_no_disk(filled) -> None:
    """The files are lengthened by holes."""
    sizes = [path.stat() for path in (filled.folder / "scan").iterdir()]

    assert sum(status.st_size for status in sizes) > 2 * sum(status.st_blocks * 512 for status in sizes) - 5 * 8192


class ScanFilesAgainstAList(RuleBasedStateMachine):
    """Appending, publishing, undoing and reopening against a list of chunks."""

    @initialize()
    def start(self) -> None:
        self.place = tempfile.TemporaryDirectory()
        self.files = ScanFiles(Path(self.place.name), STORE_ID, DIMS)
        self.shown: list[Chunk] = []
        self.pending: list[Chunk] = []
        self.rng = np.random.default_rng(0)

    @rule(count=st.integers(0, 40))
    def append(self, count: int) -> None:
        more = [chunk(self.rng) for _ in range(count)]
        append(self.files, more)
        self.pending += more

    @rule()
    def publish_all(self) -> None:
        self.shown, self.pending = self.shown + self.pending, []
        self.files.publish(len(self.shown))

    @rule()
    def undo(self) -> None:
        self.files.publish(len(self.shown))
        self.pending = []

    @rule()
    def reopen(self) -> None:
        self.files.close()
        self.files = ScanFiles(Path(self.place.name), STORE_ID, DIMS)
        assert self.files.trouble is None or not self.shown
        self.pending = []

    @invariant()
    def shows_what_was_published(self) -> None:
        assert shows(self.files, self.shown)

    def teardown(self) -> None:
        if hasattr(self, "files"):
            self.files.close()
            self.place.cleanup()


ScanFilesAgainstAList.TestCase.settings = settings(max_examples=15, stateful_step_count=15, deadline=None)
TestScanFilesAgainstAList = ScanFilesAgainstAList.TestCase
