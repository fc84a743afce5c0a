from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from slm.engine.noted_files import NotedFile, Section, digest, drop_files, read_files, write_files
from tests.engine.desk import Desk

TEXT = st.text(max_size=8)
SECTION = st.builds(Section, TEXT, TEXT, TEXT, TEXT)
FILES = st.builds(
    NotedFile,
    st.text(min_size=1, max_size=600),
    st.tuples(st.integers(-1, 1 << 40), st.integers(0, 1 << 62), st.integers(0, 1 << 62)),
    st.lists(SECTION, max_size=3).map(tuple),
    st.lists(SECTION, max_size=3).map(tuple),
    TEXT,
    st.booleans(),
)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(files=st.lists(FILES, max_size=4, unique_by=lambda file: file.path))
def test_files_are_read_as_they_were_written(desk: Desk, files: list[NotedFile]) -> None:
    """Oracle: a dict by path; paths may be longer than the keys of the store. Another watch's files are apart."""
    store = desk.engine().store
    store.transact(lambda writer: (write_files(writer, 1, files), write_files(writer, 11, files[:1])))

    with store.read() as reader:
        assert read_files(reader, 1) == {file.path: file for file in files}
    store.transact(lambda writer: drop_files(writer, 1))
    with store.read() as reader:
        assert (read_files(reader, 1), len(read_files(reader, 11))) == ({}, len(files[:1]))
    store.transact(lambda writer: drop_files(writer, 11))


def test_digests_differ_by_store_and_by_where_texts_are_cut() -> None:
    """Digests of short texts can't be compared across stores (ARCHITECTURE.md)."""
    assert digest("s", "a", "b") == digest("s", "a", "b")
    assert len({digest("s", "a", "b"), digest("t", "a", "b"), digest("s", "ab"), digest("s", "a", "", "b")}) == 4
