from __future__ import annotations

import hashlib
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from slm.bench.collections.collection import Collection, Question, aged, json_lines, reading, sha256, shuffled
from slm.errors import InvalidInput


def records(count: int) -> list[dict[str, str]]:
    return [{"text": f"t{i}", "speaker": f"s{i % 3}", "idempotency_key": f"k{i}"} for i in range(count)]


def test_the_digest_of_a_file_is_its_sha256_and_of_a_folder_that_of_all(tmp_path: Path) -> None:
    """A claim carries the sha256 of its data. Oracle: hashlib over the joined contents."""
    (tmp_path / "a").write_bytes(b"one")
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "c").write_bytes(b"two")

    assert sha256(tmp_path / "a") == hashlib.sha256(b"one").hexdigest()
    assert sha256(tmp_path) == hashlib.sha256(b"onetwo").hexdigest()
    assert sha256(tmp_path / "b", tmp_path / "a") == hashlib.sha256(b"twoone").hexdigest()


def test_without_units_each_record_is_its_own() -> None:
    """Specification."""
    assert Collection("c", records(3), []).unit_of_key() == {"k0": 0, "k1": 1, "k2": 2}


def test_units_gather_records() -> None:
    """Specification: a session's turns share its number."""
    assert Collection("c", records(3), [], [0, 0, 7]).unit_of_key() == {"k0": 0, "k1": 0, "k2": 7}


def test_shuffling_deals_the_values_of_one_field_out_anew() -> None:
    """Wrong metadata are the right ones in the wrong place: as many of each, everything else as it was."""
    before = Collection("c", records(60), [])

    after = shuffled(before, "speaker", seed=1)

    assert Counter(r["speaker"] for r in after.records) == Counter(r["speaker"] for r in before.records)
    assert [r["speaker"] for r in after.records] != [r["speaker"] for r in before.records]
    assert [(r["text"], r["idempotency_key"]) for r in after.records] == [
        (r["text"], r["idempotency_key"]) for r in before.records
    ]


def test_shuffling_repeats_with_its_seed_and_leaves_the_original_alone() -> None:
    """A figure can be measured again."""
    before = Collection("c", records(60), [])

    assert shuffled(before, "speaker", 4) == shuffled(before, "speaker", 4) != shuffled(before, "speaker", 5)
    assert before.records == records(60)


def test_histories_at_random_end_before_the_question_and_repeat_with_their_seed() -> None:
    """Idle times from 0 to 419 days before the asking time; nothing else of a record changes."""
    asked = Question("q", frozenset({0}), "", asked_at="2024-06-30T12:00:00+00:00")
    before = Collection("c", records(300), [asked])

    after = aged(before, 4)

    days = [date.fromisoformat(record["lifecycle"]["on"]) for record in after.records]
    assert date(2023, 5, 8) <= min(days) <= date(2023, 6, 1)
    assert date(2024, 6, 10) <= max(days) <= date(2024, 6, 30)
    assert [{k: v for k, v in record.items() if k != "lifecycle"} for record in after.records] == before.records
    assert after == aged(before, 4) != aged(before, 5)


def test_json_lines_skip_empty_ones(tmp_path: Path) -> None:
    """Files end with a line break, sometimes two."""
    path = tmp_path / "x.jsonl"
    path.write_text('{"a": 1}\n\n{"a": 2}\n\n')

    assert json_lines(path) == [{"a": 1}, {"a": 2}]


@pytest.mark.parametrize(
    "error", [KeyError("x"), TypeError("x"), ValueError("x"), AttributeError("x"), IndexError("x")]
)
def test_what_a_foreign_file_leads_to_is_the_users_mistake(tmp_path: Path, error: Exception) -> None:
    """STYLE.md: users' mistakes never show a traceback."""
    with (
        pytest.raises(InvalidInput, match="notes is not in Somebody's format"),
        reading(tmp_path / "notes", "Somebody"),
    ):
        raise error


def test_a_bug_is_not_taken_for_a_foreign_file(tmp_path: Path) -> None:
    """STYLE.md: bugs show a traceback."""
    with pytest.raises(ZeroDivisionError), reading(tmp_path, "Somebody"):
        raise ZeroDivisionError
