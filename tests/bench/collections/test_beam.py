from __future__ import annotations

from pathlib import Path

import pytest

from slm.bench.collections.beam import read
from slm.errors import InvalidInput
from slm.ingest.records import check_record
from tests.bench.json_lines import BEAM, write


def test_each_conversation_is_a_collection(tmp_path: Path) -> None:
    """Specification: one store a conversation; ids begin anew in each."""
    collections = read(write(tmp_path, BEAM))

    assert [(c.name, len(c.records), len(c.questions)) for c in collections] == [("beam-2", 3, 2), ("beam-7", 1, 1)]


def test_a_turn_keeps_its_role_batch_and_time(tmp_path: Path) -> None:
    """A batch of turns is a session; the role is the speaker; a turn before any time anchor has no time."""
    first, second = read(write(tmp_path, BEAM))

    assert first.records[2] == {
        "text": "The deadline moved to 8 April.", "kind": "turn", "speaker": "user", "session": "beam-2/2",
        "source": "beam-2", "idempotency_key": "beam-2/4", "observed_at": "2024-03-20T00:00:00+00:00",
    }  # fmt: skip
    assert "observed_at" not in second.records[0]
    assert all(check_record(record, "here") for record in [*first.records, *second.records])


def test_source_turns_become_positions(tmp_path: Path) -> None:
    """Turn 4 is the third record of its conversation; a question to abstain from is not answerable."""
    first, second = read(write(tmp_path, BEAM))

    assert [(q.gold, q.answerable) for q in first.questions] == [(frozenset({0, 2}), True), (frozenset(), False)]
    assert second.questions[0].gold == {0}


@pytest.mark.parametrize("change", [{"source_chat_ids": [99]}, {"source_chat_ids": None}])
def test_sources_that_are_no_turns_are_refused(tmp_path: Path, change: dict[str, object]) -> None:
    """Dropping them would raise the score in silence."""
    questions = [{**BEAM["questions"][0], **change}]

    with pytest.raises(InvalidInput, match="is not in BEAM's format"):
        read(write(tmp_path, {**BEAM, "questions": questions}))
