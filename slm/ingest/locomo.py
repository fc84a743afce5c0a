"""Long conversations in the JSON of LoCoMo (Maharana et al., ACL 2024): a memory a dialogue turn.

An array of samples ``{"sample_id", "conversation": {"session_1_date_time": "1:56 pm on 8 May, 2023", "session_1":
[{"speaker", "dia_id", "text", "blip_caption"}], …}}``, or one sample. Questions, summaries, observations and events of
a sample are not dialogue and are passed over. Times carry no zone and are read as UTC.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, BinaryIO, NamedTuple

from slm.errors import InvalidInput
from slm.ingest.found import Found, Warn, take
from slm.ingest.json_stream import elements
from slm.ingest.places import files

FILES = re.compile(r".*\.json")
TIME = "%I:%M %p on %d %B, %Y"


class Turn(NamedTuple):
    """A turn by its number in the sample (``D1:3``), the time of its session, and the record it becomes."""

    number: str
    when: datetime
    record: dict[str, Any]


def read(place: str, stdin: BinaryIO, warn: Warn) -> Iterator[Found]:
    """The turns of all samples; ``session`` is the sample's session, ``source`` the sample."""
    for name, stream in files(place, stdin, FILES, "JSON file"):
        for at, sample in elements(stream, name):
            try:
                found = turns(sample)
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                what = f"{type(error).__name__}: {error}"
                raise InvalidInput(f"{at}: no sample of LoCoMo ({what})", hint="see slm import --help") from None
            for turn in found:
                yield from take(turn.record, f"{at}.conversation.{turn.number}", warn)


def turns(sample: Mapping[str, Any]) -> list[Turn]:
    """The turns of one sample in their order; KeyError, TypeError or ValueError for another shape."""
    conversation, name = sample["conversation"], str(sample["sample_id"])
    found = []
    for session, dialogue in conversation.items():
        if re.fullmatch(r"session_\d+", session):
            when = datetime.strptime(conversation[f"{session}_date_time"], TIME).replace(tzinfo=UTC)
            found += [Turn(turn["dia_id"], when, _record(name, session, turn, when)) for turn in dialogue]
    return found


def _record(sample: str, session: str, turn: Mapping[str, Any], when: datetime) -> dict[str, Any]:
    caption = f" [shares {turn['blip_caption']}]" if turn.get("blip_caption") else ""
    return {
        "text": turn["text"] + caption or "(no words)",
        "kind": "turn",
        "speaker": turn["speaker"],
        "session": f"{sample}/{session}",
        "source": sample,
        "observed_at": when.isoformat(),
        "idempotency_key": f"{sample}/{turn['dia_id']}",
    }
