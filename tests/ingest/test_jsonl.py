"""JSON lines: exact places, whole exports, and whatever bytes may come."""

from __future__ import annotations

import contextlib
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slm.errors import InvalidInput
from slm.ingest.jsonl import MAX_LINE_BYTES, end, header, read
from slm.model import MAX_TEXT_BYTES

HEAD = header("ab" * 16, "2024-03-14T10:30:00Z")


def lines(*documents: object) -> bytes:
    return "".join(json.dumps(document, ensure_ascii=False) + "\n" for document in documents).encode()


def found(content: bytes) -> list[tuple[int, dict]]:
    return list(read(io.BytesIO(content), "notes.jsonl"))


def refusal(content: bytes) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        found(content)
    return caught.value


@pytest.mark.parametrize(
    "content",
    [
        b'{"text": "a"}\n\n{"text": "b"}\n',
        b'{"text": "a"}\r\n\r\n{"text": "b"}\r\n',
        b'\xef\xbb\xbf{"text": "a"}\n  \t\n{"text": "b"}',
        b'  {"text": "a"}  \n\n\t{"text": "b"}',
    ],
)
def test_blank_lines_line_ends_and_a_byte_order_mark_do_not_matter(content):
    """Specification."""
    assert found(content) == [(1, {"text": "a"}), (3, {"text": "b"})]


def test_what_was_learnt_comes_with_the_records_and_is_not_one():
    """The end line counts records alone."""
    learnt = {"slm_weights": {"epoch": 3}}

    assert [document for _, document in found(lines(HEAD, {"text": "a"}, learnt, end(1)))][2] == learnt


@pytest.mark.parametrize("learnt", [{"slm_weights": 3}, {"slm_weights": {}, "text": "a"}])
def test_what_was_learnt_stands_alone_and_is_an_object(learnt):
    """Everything else is the store's to check."""
    assert refusal(lines(HEAD, learnt, end(0))).message == (
        "notes.jsonl:2: 'slm_weights' must stand alone and say what was learnt"
    )


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf", b" \r\n"])
def test_nothing_is_no_error(content):
    """Specification: an empty file has no records."""
    assert found(content) == []


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (b"{", "not JSON: Expecting property name enclosed in double quotes (column 2)"),
        (b'{"text": "a"} x', "not JSON: Extra data (column 15)"),
        (b"text", "not JSON: Expecting value (column 1)"),
        (b'{"text": "a", "importance": NaN}', "not JSON: NaN is no JSON number"),
        (b'{"text": "a", "importance": -Infinity}', "not JSON: -Infinity is no JSON number"),
        (b'{"text": "a", "text": "b"}', "not JSON: field 'text' stands there twice"),
        (b'{"text": "\xff"}', "not UTF-8 at byte 11 of the line"),
        (b"\xff\xfe{\x00", "not UTF-8 at byte 1 of the line"),
        (b'{"text": "\\ud800"}', "field 'text' must be valid Unicode without lone surrogates, not '\\ud800'"),
        (b'{"text": ""}', "field 'text' must be a text that isn't empty, not ''"),
        (b'{"txt": "a"}', "unknown field 'txt'; did you mean 'text'?"),
        (b"3", "a record is an object with at least a text, not 3"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"text": "a", "slm_export_ends": 1}', "unknown field 'slm_export_ends'"),
    ],
)
def test_a_wrong_line_is_named_and_the_lines_before_it_are_read(line, problem):
    """Specification: name:line: …; earlier records have been yielded."""
    reader = read(io.BytesIO(b'{"text": "a"}\n\n' + line + b"\n"), "notes.jsonl")

    assert next(reader) == (1, {"text": "a"})
    with pytest.raises(InvalidInput) as caught:
        next(reader)
    assert caught.value.message == f"notes.jsonl:3: {problem}"


def test_an_integer_of_thousands_of_digits_is_refused():
    """Specification: users' mistakes never show a traceback."""
    assert refusal(b'{"text": "a", "uses": ' + b"9" * 9000 + b"}").message.startswith("notes.jsonl:1: not JSON")


def test_an_array_gets_the_advice_to_split_it():
    """Specification: the next step."""
    assert "jq -c" in (refusal(b'[{"text": "a"},\n{"text": "b"}]').hint or "")


def test_the_longest_text_fits_into_a_line_and_longer_lines_are_refused_without_reading_them_whole():
    """Specification: 1 MiB of text, 4 MiB of line."""
    longest = "\n" * (MAX_TEXT_BYTES - 1) + "x"

    assert found(lines({"text": longest})) == [(1, {"text": longest})]
    assert refusal(b" " * (MAX_LINE_BYTES + 1)).message == "notes.jsonl:1: the line is longer than 4 MiB"


class Endless(io.RawIOBase):
    """A stream without end and without line ends."""

    def readline(self, size: int | None = -1) -> bytes:
        """As many bytes as are asked for, never all."""
        assert size is not None
        assert size > 0
        return b"x" * size


def test_a_stream_without_line_ends_is_not_read_for_ever():
    """Specification: line cap."""
    with pytest.raises(InvalidInput, match="longer than 4 MiB"):
        list(read(Endless(), "-"))


# Exports


def test_an_export_is_header_records_and_end():
    """Specification."""
    records = [{"text": "a"}, {"text": "b"}]

    assert found(lines(HEAD, *records, end(2))) == [
        (1, HEAD),
        (2, records[0]),
        (3, records[1]),
        (4, {"slm_export_end": 2}),
    ]
    assert HEAD == {"slm_export": 1, "store": "ab" * 16, "created": "2024-03-14T10:30:00Z"}


def test_exports_one_after_the_other_and_loose_records_are_read():
    """Specification: cat a.jsonl b.jsonl."""
    content = lines(HEAD, {"text": "a"}, end(1), {"text": "loose"}, HEAD, end(0))

    assert [number for number, _ in found(content)] == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (lines(HEAD), "notes.jsonl: the export is cut off: no end line after 0 records"),
        (lines(HEAD, {"text": "a"}), "notes.jsonl: the export is cut off: no end line after 1 record"),
        (lines(HEAD, {"text": "a"}, HEAD), "notes.jsonl: the export is cut off: no end line after 1 record"),
        (lines(HEAD, {"text": "a"}, end(2)), "notes.jsonl:3: the export promises 2 records and holds 1"),
        (
            lines(HEAD, {"text": "a"}, {"slm_export_end": "x"}),
            "notes.jsonl:3: the export promises x records and holds 1",
        ),
        (lines(end(0)), "notes.jsonl:1: 'slm_export_end' without a header before it"),
        (lines({"slm_export_end": None}), "notes.jsonl:1: 'slm_export_end' without a header before it"),
        (lines({"slm_export": 2}), "notes.jsonl:1: the export was written by a newer slm"),
        (lines({"slm_export": "1"}), "notes.jsonl:1: 'slm_export' must be the version of the export"),
        (lines({"slm_export": True}), "notes.jsonl:1: 'slm_export' must be the version of the export"),
        (lines({"slm_export": 0}), "notes.jsonl:1: 'slm_export' must be the version of the export"),
    ],
)
def test_an_export_that_is_not_whole_is_refused(content, message):
    """Specification: truncation detection; versions."""
    assert refusal(content).message == message


TEXTS = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0")).filter(str.strip)


@given(st.lists(TEXTS, max_size=5), st.booleans())
def test_what_is_written_reads_back(texts, ascii_only):
    """Oracle: json.dumps, a list."""
    documents = [HEAD, *({"text": text} for text in texts), end(len(texts))]
    content = "\n".join(json.dumps(document, ensure_ascii=ascii_only) for document in documents).encode()

    assert [document for _, document in found(content)] == documents


@given(st.lists(TEXTS, min_size=1, max_size=5), st.data())
def test_an_export_cut_off_anywhere_before_its_end_line_is_noticed(texts, data):
    """Theorem: no proper prefix of an export passes, but for the last line's end and an empty file."""
    content = lines(HEAD, *({"text": text} for text in texts), end(len(texts)))
    cut = data.draw(st.integers(1, len(content) - 2))

    refusal(content[:cut])


@given(st.binary(max_size=60) | st.text('{}[]":,\\ntex0e1 \n', max_size=60).map(str.encode))
def test_any_bytes_are_read_or_refused(content):
    """Specification: nothing but InvalidInput."""
    with contextlib.suppress(InvalidInput):
        found(content)
