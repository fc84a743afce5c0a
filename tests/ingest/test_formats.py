"""The table of importers."""

from __future__ import annotations

import io
import json
from typing import get_args

import pytest

from slm.cli.commands.transfer import Format
from slm.errors import InvalidInput
from slm.ingest.formats import IMPORTERS
from slm.ingest.jsonl import end, header
from tests.ingest.exports import SAMPLES


def found(name: str, place: str, stdin: bytes = b"") -> list[tuple[str, dict]]:
    return list(IMPORTERS[name].read(place, io.BytesIO(stdin), pytest.fail))


def test_every_importer_says_in_one_line_what_it_reads():
    """Specification."""
    assert list(IMPORTERS) == list(get_args(Format))
    assert all(each.description and "\n" not in each.description for each in IMPORTERS.values())


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_of_every_format_is_read(name, tmp_path):
    """Every sample holds the number of memories that stands beside it; reading twice gives the same keys."""
    file, content, expected = SAMPLES[name]
    (tmp_path / file).write_text(content)
    first, again = found(name, str(tmp_path / file)), found(name, str(tmp_path / file))

    assert len(first) == expected
    assert first == again
    assert set(SAMPLES) == set(IMPORTERS)


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
