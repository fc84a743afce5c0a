from __future__ import annotations

from pathlib import Path

import pytest

from slm.bench.collections.cranfield import read
from slm.errors import InvalidInput
from slm.ingest.records import check_record
from tests.bench.json_lines import CRANFIELD, write


def test_each_abstract_is_a_note_and_empty_ones_are_left_out(tmp_path: Path) -> None:
    """The published files hold abstracts without a text, and nothing without a text can be remembered."""
    (collection,) = read(write(tmp_path, CRANFIELD))

    assert [r["idempotency_key"] for r in collection.records] == ["cranfield/1", "cranfield/9"]
    assert all(check_record(record, "here")["kind"] == "note" for record in collection.records)


def test_any_grade_above_nothing_is_relevant(tmp_path: Path) -> None:
    """Specification: binary gains. Judgements of abstracts that are left out are left out."""
    questions = read(write(tmp_path, CRANFIELD))[0].questions

    assert [(q.text, q.gold) for q in questions] == [
        ("lift of wings in a slipstream", frozenset({0})), ("heat conduction", frozenset({1})),
    ]  # fmt: skip


def test_a_folder_of_another_format_is_refused(tmp_path: Path) -> None:
    """STYLE.md, an error: names the folder."""
    with pytest.raises(InvalidInput, match="is not in Cranfield's format"):
        read(write(tmp_path, {**CRANFIELD, "docs": [{"id": "1"}]}))
