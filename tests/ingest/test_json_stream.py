"""A stream of JSON gives what the whole would give, in little memory, and says where it is wrong."""

from __future__ import annotations

import io
import json
import tracemalloc
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slm.errors import InvalidInput
from slm.ingest import json_stream
from slm.ingest.json_stream import elements

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=20,
)


class Dripping(io.RawIOBase):
    """A stream that gives a few bytes at a time, whatever is asked for."""

    def __init__(self, content: bytes, step: int) -> None:
        self._content, self._step, self._at = content, step, 0

    def read(self, size: int = -1) -> bytes:
        block = self._content[self._at : self._at + self._step]
        self._at += len(block)
        return block


def of(text: str | bytes, *lists: str, step: int = 1 << 20) -> list[tuple[str, Any]]:
    content = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    return [tuple(each) for each in elements(cast("Any", Dripping(content, step)), "x.json", frozenset(lists))]


@given(st.lists(JSON, max_size=6), st.integers(1, 40), st.sampled_from([None, 0, 2]), st.booleans())
def test_an_array_gives_what_the_json_module_gives(values, step, indent, ascii_only):
    """Oracle: the json module on the whole text, however the bytes are cut."""
    text = json.dumps(values, indent=indent, ensure_ascii=ascii_only)

    assert of(text, step=step) == [(f"x.json[{i}]", value) for i, value in enumerate(json.loads(text))]


@given(st.lists(st.dictionaries(st.text("abc", max_size=2), JSON, max_size=3), min_size=1, max_size=5),
       st.integers(1, 30))  # fmt: skip
def test_documents_one_after_the_other_are_json_lines(documents, step):
    """Specification: the place of a line's document is its line."""
    text = "".join(json.dumps(document) + "\n" for document in documents)

    assert of(text, step=step) == [(f"x.json:{i}", document) for i, document in enumerate(documents, 1)]


def test_named_lists_of_an_object_give_their_elements():
    """Specification: pages of results are not held whole."""
    text = '{"count": 2, "results": [{"a": 1}, 2], "next": null, "relations": [3]}'

    assert of(text, "results", "relations") == [
        ("x.json.results[0]", {"a": 1}), ("x.json.results[1]", 2), ("x.json.relations[0]", 3),
    ]  # fmt: skip


def test_an_object_without_those_lists_is_one_element():
    """Specification."""
    assert of('{"a": {"results": [1]}, "results": null}', "results") == [
        ("x.json:1", {"a": {"results": [1]}, "results": None})
    ]
    assert of('{"results": []}', "results") == []


def test_a_byte_order_mark_is_passed_over():
    """Some editors of Windows write one."""
    assert of(b"\xef\xbb\xbf[1]") == [("x.json[0]", 1)]


@pytest.mark.parametrize("step", [1, 7, 1 << 20])
@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "x.json: the file is empty"),
        (" \n", "x.json: the file is empty"),
        ("[1, 2", r"x\.json\[2\]: not JSON: the file ends too early"),
        ("[1, ", r"x\.json\[1\]: not JSON: the file ends too early \(line 1"),
        ('[{"a": "b', r"x\.json\[0\]: not JSON: "),
        ("[1\n 2]", r"x\.json\[1\]: not JSON: ',' is missing \(line 2, column 2\)"),
        ("[1,\n {'a': 1}]", r"x\.json\[1\]: not JSON: Expecting property name .*line 2"),
        ("[1]\nx", "x.json:2: not JSON: Expecting value"),
        ("[" * 100_000, "nested too deeply|ends too early"),
        (b'["\xff"]', "x.json: not UTF-8 after line 1"),
        ('{"results": [1', r"x\.json\.results\[1\]: not JSON: the file ends"),
        ('{"a" 1}', r"x\.json\.a: not JSON: ':' is missing"),
        ("{1: 2}", "a name in quotes is missing"),
    ],
)
def test_what_is_no_json_is_named_with_its_place(text, problem, step):
    """Specification: the element's path, and the line."""
    with pytest.raises(InvalidInput, match=problem):
        of(text, "results", step=step)


def test_elements_before_the_wrong_one_come_out():
    """Specification."""
    got = []
    with pytest.raises(InvalidInput):
        got += elements(io.BytesIO(b"[1, 2, x]"), "x.json")
    stream = elements(io.BytesIO(b"[1, 2, x]"), "x.json")

    assert [next(stream).value, next(stream).value] == [1, 2]


def test_an_element_that_is_too_long_is_refused(monkeypatch):
    """A wrong file must not fill the memory."""
    monkeypatch.setattr(json_stream, "MAX_ELEMENT", 1000)
    monkeypatch.setattr(json_stream, "BLOCK_BYTES", 100)

    assert of(json.dumps(["x" * 900]), step=100)[0][1] == "x" * 900
    with pytest.raises(InvalidInput, match=r"x\.json\[1\]: longer than"):
        of(json.dumps(["a", "x" * 5000]), step=100)


def test_a_syntax_error_is_told_without_reading_the_rest(monkeypatch):
    """A syntax error at the front of a gigabyte is known at once."""
    monkeypatch.setattr(json_stream, "BLOCK_BYTES", 64)
    stream = io.BytesIO(b"[{'a': 1}" + b" " * 10_000 + b"]")

    with pytest.raises(InvalidInput, match="not JSON"):
        list(elements(stream, "x.json"))
    assert stream.tell() < 1000


def test_memory_holds_an_element_not_the_file():
    """20 MB in elements of 10 kB: the peak is a few blocks."""
    content = json.dumps([{"text": "y" * 10_000}] * 2000).encode()
    tracemalloc.start()
    try:
        count = sum(1 for _ in elements(io.BytesIO(content), "x.json"))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert count == 2000
    assert peak < 2_000_000
