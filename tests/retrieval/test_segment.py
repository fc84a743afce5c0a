"""Segments: look-ups, merging and the arrays they are made of."""

from array import array
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slm.retrieval.segment import Growing, Segment, build, merge, without

term = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=6)
chunk = st.dictionaries(term, st.integers(1, 65_535), max_size=6)


def segment_of(chunks, first=0):
    """Built from one dict of frequencies a chunk."""
    postings = {}
    for chunk_id, frequencies in enumerate(chunks, first):
        for word, frequency in frequencies.items():
            postings.setdefault(word, Growing(array("i"), array("H"))).append(chunk_id, frequency)
    lengths = np.array([sum(frequencies.values()) for frequencies in chunks], np.int32)
    return build(first, lengths, postings)


def as_dicts(segment):
    """Back to one dict a chunk, by looking every term up."""
    chunks = [{} for _ in segment.lengths]
    for word in segment.terms():
        for chunk_id, frequency in zip(*segment.find(word.decode()), strict=True):
            chunks[chunk_id - segment.first][word.decode()] = int(frequency)
    return chunks


@given(st.lists(chunk, max_size=6), st.integers(0, 2**31 - 10))
def test_a_segment_holds_what_it_was_built_from(chunks, first):
    """Oracle: the dicts it was built from."""
    segment = segment_of(chunks, first)

    assert as_dicts(segment) == chunks
    assert segment.stop == first + len(chunks)
    assert segment.size == len(chunks) + sum(map(len, chunks))


@given(st.lists(chunk, max_size=5), term)
def test_a_term_is_found_exactly_where_it_occurs(chunks, word):
    """Oracle: membership in the dicts. Prefixes, extensions and neighbours of terms are other terms."""
    segment = segment_of(chunks)
    for asked in {word, *(w + word for c in chunks for w in c), *(w[:-1] for c in chunks for w in c)} - {""}:
        holders = [i for i, frequencies in enumerate(chunks) if asked in frequencies]
        found = segment.find(asked)

        assert (found.chunks.tolist() if found else []) == holders


@given(st.lists(chunk, max_size=6), st.integers(0, 9), st.sets(st.integers(0, 20)))
def test_what_is_left_without_some_chunks_is_as_if_they_had_been_empty(chunks, first, gone):
    """Oracle: the segment built from the chunks that stay, bit for bit; chunks of other segments make no difference."""
    wanted = segment_of([{} if i in gone else frequencies for i, frequencies in enumerate(chunks, first)], first)

    left = without(segment_of(chunks, first), np.array(sorted(gone), np.int64))

    for name, array_ in wanted.arrays().items():
        assert np.array_equal(left.arrays()[name], array_), name


@given(st.lists(st.lists(chunk, max_size=4), min_size=2, max_size=4))
@settings(deadline=None)
def test_merging_gives_the_segment_built_at_once(parts):
    """Equal arrays, bit for bit, whichever neighbours are merged first."""
    firsts = np.cumsum([0, *(len(part) for part in parts)])
    segments = [segment_of(part, int(first)) for part, first in zip(parts, firsts, strict=False)]
    from_left = segments[0]
    for segment in segments[1:]:
        from_left = merge(from_left, segment)
    from_right = segments[-1]
    for segment in segments[-2::-1]:
        from_right = merge(segment, from_right)
    at_once = segment_of([frequencies for part in parts for frequencies in part])

    for merged in (from_left, from_right):
        for name, expected in at_once.arrays().items():
            assert merged.arrays()[name].tobytes() == expected.tobytes()


def test_only_neighbours_can_be_merged():
    """Chunk ids ascend through a segment without a gap."""
    with pytest.raises(ValueError, match="stops at 1 can't be merged with one from 2"):
        merge(segment_of([{"boat": 1}]), segment_of([{"boat": 1}], first=2))


@given(st.lists(chunk, max_size=4))
def test_a_segment_is_its_arrays(chunks):
    """Round trip through bytes, as a file would make it."""
    segment = segment_of(chunks)
    copies = {name: np.frombuffer(a.tobytes(), a.dtype) for name, a in segment.arrays().items()}

    assert as_dicts(Segment(copies)) == chunks


def test_a_segment_may_be_mapped_from_files(tmp_path):
    """Arrays backed by read-only maps are used as they are."""
    segment, mapped = segment_of([{"boat": 2, "sail": 1}, {"boat": 1}]), {}
    for name, values in segment.arrays().items():
        values.tofile(tmp_path / name)
        mapped[name] = np.memmap(tmp_path / name, values.dtype, mode="r")
    opened = Segment(mapped)

    assert opened.find("boat").frequencies.tolist() == [2, 1]
    assert opened.find("anchor") is None
    assert np.shares_memory(opened.postings.chunks, mapped["chunks"])


def test_a_look_up_reads_few_terms_of_a_large_vocabulary():
    """Binary search: at most log2(v) + 2 of 10,000 terms are read, counted instead of timed."""
    segment = segment_of([{f"w{i:05d}": 1 for i in range(10_000)}])
    read = []

    class Counting(Segment):
        def _term(self, i):
            read.append(i)
            return super()._term(i)

    Counting(segment.arrays()).find("w07777")

    assert len(read) <= 15


def test_terms_lie_sorted_by_their_bytes():
    """The order of UTF-8 is the order of code points, also beyond the basic plane."""
    segment = segment_of([{"\uffee": 1, "\U00010000": 1, "a": 1, "é": 1}])

    assert all(a < b for a, b in pairwise(segment.terms()))


@pytest.mark.parametrize("name", sorted(Segment.DTYPES))
def test_arrays_that_do_not_fit_are_refused(name):
    """A bundle of another version, or half of one."""
    arrays = segment_of([{"boat": 1}, {"sail": 2}]).arrays()
    wrong = [
        {key: value for key, value in arrays.items() if key != name},
        {**arrays, name: arrays[name].astype(np.float64)},
        {**arrays, name: arrays[name][None]},
    ]
    if name != "lengths":
        wrong.append({**arrays, name: arrays[name][:-1]})

    for broken in wrong:
        with pytest.raises(ValueError, match="segment"):
            Segment(broken)


def test_postings_being_added_are_cut_at_the_chunk_asked_for():
    """A snapshot sees the postings before its end."""
    growing = Growing(array("i"), array("H"))
    for chunk_id in (2, 3, 7):
        growing.append(chunk_id, 100_000)

    assert growing.before(7).chunks.tolist() == [2, 3]
    assert growing.before(8).frequencies.tolist() == [65_535] * 3
    assert growing.before(0).chunks.tolist() == []
