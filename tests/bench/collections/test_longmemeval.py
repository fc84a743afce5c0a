from __future__ import annotations

from pathlib import Path

import pytest

from slm.bench.collections.longmemeval import iso_time, read
from slm.errors import InvalidInput
from slm.ingest.records import check_record
from tests.bench.json_lines import LONGMEMEVAL, write


def test_a_session_is_split_into_its_turns(tmp_path: Path) -> None:
    """Specification: a turn starts where a line starts with its role; each turn's unit is its session."""
    (collection,) = read(write(tmp_path, LONGMEMEVAL))

    assert [(r["speaker"], r["text"]) for r in collection.records] == [
        ("user", "My commute takes forty minutes."), ("assistant", "That's long.\nHave you tried"),
        ("user", "the train?"), ("user", "Which tea is strongest?"), ("assistant", "Assam."), ("assistant", "Hello!"),
        ("user", "I bought red shoes."),
    ]  # fmt: skip
    assert collection.units == [0, 0, 0, 1, 1, 2, 2]


def test_a_turn_has_the_session_and_its_time(tmp_path: Path) -> None:
    """Specification; a session without a date gives none, so that the engine sets its own."""
    (collection,) = read(write(tmp_path, LONGMEMEVAL))

    assert collection.records[1] == {
        "text": "That's long.\nHave you tried", "kind": "turn", "speaker": "assistant", "session": "longmemeval/s1",
        "source": "longmemeval", "idempotency_key": "longmemeval/s1/1", "observed_at": "2023-05-30T17:27:00+00:00",
    }  # fmt: skip
    assert "observed_at" not in collection.records[3]
    assert all(check_record(record, "here") for record in collection.records)


def test_gold_sessions_become_units(tmp_path: Path) -> None:
    """Hit = a turn's session is among the gold ones; a question to abstain from has none and no answer."""
    questions = read(write(tmp_path, LONGMEMEVAL))[0].questions

    assert [(q.gold, q.answerable, q.answer) for q in questions] == [
        (frozenset({0}), True, "forty minutes"), (frozenset({1, 2}), True, "red, Assam"), (frozenset(), False, None),
    ]  # fmt: skip
    assert [q.asked_at for q in questions] == ["2023-06-02T00:00:00+00:00", "2023-06-03T08:08:00+00:00", None]


@pytest.mark.parametrize(
    ("written", "iso"),
    [
        ("2023/05/30 (Tue) 17:27", "2023-05-30T17:27:00+00:00"),
        ("2023/05/30", "2023-05-30T00:00:00+00:00"),
        ("2023-05-30T00:00:00+00:00", "2023-05-30T00:00:00+00:00"),
        (None, None),
    ],
)
def test_both_ways_to_write_a_time_are_read(written: str | None, iso: str | None) -> None:
    """The sessions have one, the questions the other."""
    assert iso_time(written) == iso


def test_a_text_that_starts_with_no_turn_is_refused(tmp_path: Path) -> None:
    """A session whose format is unknown must not become one long turn of nobody."""
    sessions = [{"session_id": "s1", "date": None, "text": "Hello there"}]

    with pytest.raises(InvalidInput, match=r"is not in LongMemEval's format.*s1"):
        read(write(tmp_path, {**LONGMEMEVAL, "sessions": sessions}))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """STYLE.md, an error: what, where."""
    with pytest.raises(InvalidInput, match=r"sessions\.jsonl is missing"):
        read(tmp_path)
