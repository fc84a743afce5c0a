"""The table of importers."""

from __future__ import annotations

import io
import json

import pytest

from slm.errors import InvalidInput
from slm.ingest.formats import IMPORTERS
from slm.ingest.jsonl import end, header


def found(name: str, place: str, stdin: bytes = b"") -> list[tuple[str, dict]]:
    return list(IMPORTERS[name].read(place, io.BytesIO(stdin), pytest.fail))


def test_every_importer_says_in_one_line_what_it_reads():
    """Specification."""
    assert list(IMPORTERS) == ["jsonl", "markdown"]
    assert all(each.description and "\n" not in each.description for each in IMPORTERS.values())


def test_jsonl_reads_a_file_and_standard_input_without_header_and_end(tmp_path):
    """Specification: only records come out, each with its place."""
    content = "\n".join(map(json.dumps, [header("s", "t"), {"text": "a"}, {"text": "b"}, end(2)])).encode()
    path = tmp_path / "x.jsonl"
    path.write_bytes(content)

    assert found("jsonl", "-", content) == [("stdin:2", {"text": "a"}), ("stdin:3", {"text": "b"})]
    assert found("jsonl", str(path)) == [(f"{path}:2", {"text": "a"}), (f"{path}:3", {"text": "b"})]


def test_markdown_reads_a_folder(tmp_path):
    """Specification."""
    (tmp_path / "a.md").write_text("# A\nx")

    assert [(origin, record["text"]) for origin, record in found("markdown", str(tmp_path))] == [("a.md:1", "A\n\nx")]


@pytest.mark.parametrize(
    ("name", "place", "problem"),
    [("jsonl", "nope.jsonl", "nope.jsonl: No such file"), ("jsonl", ".", "Is a directory"),
     ("markdown", "-", "from a file or a folder"), ("markdown", "nope", "no such file or folder: nope")],
)  # fmt: skip
def test_a_place_that_cannot_be_read_is_named(name, place, problem, tmp_path, monkeypatch):
    """Specification."""
    monkeypatch.chdir(tmp_path)

    with pytest.raises(InvalidInput, match=problem):
        found(name, place)
