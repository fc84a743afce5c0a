"""Long conversations in LoCoMo's JSON."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from slm.errors import InvalidInput
from slm.ingest.locomo import read, turns
from tests.ingest.exports import LOCOMO


def found(document: Any) -> list[tuple[str, dict]]:
    return list(read("-", io.BytesIO(json.dumps(document).encode()), pytest.fail))


def test_dialogue_turns_keep_speaker_session_and_time():
    """Specification; a picture stands in as its caption."""
    (where, first), (_, second) = found(LOCOMO)

    assert where == "stdin[0].conversation.D1:1"
    assert first == {
        "text": "I adopted a heron.",
        "kind": "turn",
        "speaker": "Ann",
        "session": "conv-1/session_1",
        "source": "conv-1",
        "observed_at": "2023-05-08T13:56:00+00:00",
        "idempotency_key": "conv-1/D1:1",
    }
    assert second["text"] == "Show me! [shares a bird]"


def test_one_sample_alone_is_read():
    """A file may hold an object instead of an array."""
    assert [record for _, record in found(LOCOMO[0])] == [record for _, record in found(LOCOMO)]


def test_the_numbers_of_turns_are_those_that_evidence_names():
    """The benchmark finds the gold memories by them."""
    assert [turn.number for turn in turns(LOCOMO[0])] == ["D1:1", "D1:2"]


@pytest.mark.parametrize(
    "other",
    [1, {}, {"sample_id": "a", "conversation": []}, {"sample_id": "a", "conversation": {"session_1": []}},
     {"sample_id": "a", "conversation": {"session_1": [], "session_1_date_time": "yesterday"}},
     {"sample_id": "a", "conversation": {"session_1": [1], "session_1_date_time": "1:56 pm on 8 May, 2023"}}],
)  # fmt: skip
def test_another_shape_is_named_by_its_element(other):
    """Specification."""
    with pytest.raises(InvalidInput, match=r"stdin\[0\]: no sample of LoCoMo"):
        found([other])
