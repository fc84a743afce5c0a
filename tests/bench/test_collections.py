from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from slm.bench.collections import locomo, sha256
from slm.errors import InvalidInput
from slm.ingest.records import check_record
from tests.bench.conversations import write


def test_each_conversation_is_a_collection_and_each_turn_a_record(tmp_path: Path) -> None:
    """LoCoMo's format: sessions of turns, each turn with its speaker and its dialogue id."""
    first, second = locomo(write(tmp_path))

    assert (first.name, len(first.records), second.name, len(second.records)) == ("conv-1", 4, "conv-2", 1)
    assert first.records[0] == {
        "text": "I adopted a grey cat called Mo.", "kind": "turn", "speaker": "Ana", "session": "conv-1/session_1",
        "source": "conv-1", "observed_at": "2023-05-08T13:56:00+00:00", "idempotency_key": "conv-1/D1:1",
    }  # fmt: skip
    assert first.records[3]["observed_at"] == "2023-06-09T10:00:00+00:00"


def test_records_can_be_remembered_as_they_are(tmp_path: Path) -> None:
    """They pass the gate that every record passes."""
    for collection in locomo(write(tmp_path)):
        for record in collection.records:
            assert check_record(record, "here")["text"] == record["text"]


def test_what_a_picture_shows_is_part_of_its_turn(tmp_path: Path) -> None:
    """The published captions stand for pictures that nobody ships."""
    assert locomo(write(tmp_path))[0].records[3]["text"] == "Mo caught a mouse. [shares a cat with a mouse]"


def test_evidence_becomes_positions_of_records(tmp_path: Path) -> None:
    """Several ids in one string are several; ids that name no turn are dropped."""
    first, second = locomo(write(tmp_path))

    assert [question.gold for question in first.questions[:3]] == [frozenset({0}), frozenset({1, 2}), frozenset({1})]
    assert second.questions[0].gold == {0}
    assert [q.category for q in first.questions] == ["single-hop", "multi-hop", "temporal", "adversarial"]


def test_adversarial_questions_have_no_answer(tmp_path: Path) -> None:
    """Category 5 asks for what was never said: its evidence is a trap."""
    assert locomo(write(tmp_path))[0].questions[3].gold == frozenset()


@pytest.mark.parametrize("content", ["", "{", "[1]", '[{"sample_id": "x"}]', '{"a": 1}'])
def test_a_file_of_another_format_is_refused(tmp_path: Path, content: str) -> None:
    """STYLE.md, an error: names the file."""
    path = tmp_path / "other.json"
    path.write_text(content)

    with pytest.raises(InvalidInput, match=r"other\.json is not in LoCoMo's format"):
        locomo(path)


def test_the_digest_of_a_file_is_its_sha256_and_of_a_folder_that_of_all(tmp_path: Path) -> None:
    """A claim carries the sha256 of its data. Oracle: hashlib over the joined contents."""
    (tmp_path / "a").write_bytes(b"one")
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "c").write_bytes(b"two")

    assert sha256(tmp_path / "a") == hashlib.sha256(b"one").hexdigest()
    assert sha256(tmp_path) == hashlib.sha256(b"onetwo").hexdigest()
