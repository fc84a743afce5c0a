from __future__ import annotations

import json
from pathlib import Path

import pytest

from slm.bench.collections.locomo import read, turn_ids
from slm.errors import InvalidInput
from slm.ingest.records import check_record
from tests.bench.conversations import write


def test_each_conversation_is_a_collection_and_each_turn_a_record(tmp_path: Path) -> None:
    """LoCoMo's format: sessions of turns, each turn with its speaker and its dialogue id."""
    first, second = read(write(tmp_path))

    assert (first.name, len(first.records), second.name, len(second.records)) == ("conv-1", 4, "conv-2", 1)
    assert first.records[0] == {
        "text": "I adopted a grey cat called Mo.", "kind": "turn", "speaker": "Ana", "session": "conv-1/session_1",
        "source": "conv-1", "observed_at": "2023-05-08T13:56:00+00:00", "idempotency_key": "conv-1/D1:1",
    }  # fmt: skip
    assert first.records[3]["observed_at"] == "2023-06-09T10:00:00+00:00"


def test_records_can_be_remembered_as_they_are(tmp_path: Path) -> None:
    """They pass the gate that every record passes."""
    for collection in read(write(tmp_path)):
        for record in collection.records:
            assert check_record(record, "here")["text"] == record["text"]


def test_what_a_picture_shows_is_part_of_its_turn(tmp_path: Path) -> None:
    """The published captions stand for pictures that nobody ships."""
    assert read(write(tmp_path))[0].records[3]["text"] == "Mo caught a mouse. [shares a cat with a mouse]"


def test_evidence_becomes_positions_of_records(tmp_path: Path) -> None:
    """Several ids in one string are several; ids that name no turn are dropped."""
    first, second = read(write(tmp_path))

    assert [question.gold for question in first.questions[:3]] == [frozenset({0}), frozenset({1, 2}), frozenset({1})]
    assert second.questions[0].gold == {0}
    assert [q.category for q in first.questions] == ["single-hop", "multi-hop", "temporal", "adversarial"]
    assert turn_ids(["D8:6; D9:17", "D", "D30:05"]) == ["D8:6", "D9:17", "D30:05"]


def test_adversarial_questions_have_no_answer(tmp_path: Path) -> None:
    """Category 5 asks for what was never said: its evidence and its answer are traps."""
    question = read(write(tmp_path))[0].questions[3]

    assert (question.gold, question.answerable, question.answer) == (frozenset(), False, None)


def test_questions_are_asked_after_the_last_session(tmp_path: Path) -> None:
    """Specification: LoCoMo dates its sessions, not its questions."""
    first, second = read(write(tmp_path))

    assert {question.asked_at for question in first.questions} == {"2023-06-09T10:00:00+00:00"}
    assert second.questions[0].asked_at == "2024-01-01T09:05:00+00:00"


def test_an_answer_that_is_a_number_is_text(tmp_path: Path) -> None:
    """LoCoMo's key has years as JSON numbers."""
    path = write(tmp_path)
    conversations = json.loads(path.read_text())
    conversations[0]["qa"][2]["answer"] = 2023
    path.write_text(json.dumps(conversations))

    assert [question.answer for question in read(path)[0].questions] == ["Mo", "pottery", "2023", None]


def test_an_audit_corrects_evidence_and_takes_unfit_questions_out(tmp_path: Path) -> None:
    """The audited key: gold as published stays beside it; a question that it doesn't know has none."""
    audit = tmp_path / "audit.jsonl"
    rows = [
        ("What is the name of Ana's cat?", ["D1:1", "D2:2"], True),
        ("When did Ben start pottery?", ["D1:2"], False),
    ]
    audit.write_text(
        "".join(
            json.dumps(
                {
                    "sample_id": "conv-1", "question": question, "evidence_corrected": evidence,
                    "clean_for_evidence_scoring": clean,
                }
            ) + "\n"
            for question, evidence, clean in rows
        )
    )  # fmt: skip

    first, _ = read(write(tmp_path), audit)

    assert [question.corrected for question in first.questions] == [frozenset({0, 3}), None, None, None]
    assert first.questions[0].gold == {0}


def test_an_audit_of_another_format_is_refused(tmp_path: Path) -> None:
    """STYLE.md, an error: names the file."""
    audit = tmp_path / "audit.jsonl"
    audit.write_text('{"question": "x"}\n')

    with pytest.raises(InvalidInput, match=r"audit\.jsonl is not in the audit of LoCoMo's format"):
        read(write(tmp_path), audit)


@pytest.mark.parametrize("content", ["", "{", "[1]", '[{"sample_id": "x"}]', '{"a": 1}'])
def test_a_file_of_another_format_is_refused(tmp_path: Path, content: str) -> None:
    """STYLE.md, an error: names the file."""
    path = tmp_path / "other.json"
    path.write_text(content)

    with pytest.raises(InvalidInput, match=r"other\.json is not in LoCoMo's format"):
        read(path)
