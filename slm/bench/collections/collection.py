"""What the benchmarks ask: stores' worth of records, and questions with the positions of what answers them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from slm.errors import InvalidInput

Record = dict[str, Any]

IDLE_DAYS = 420
"""Half of the memories are archived after some 200 days without a use."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question and what its collection says of the answer.

    ``gold`` are the units that hold it, none where the collection doesn't say or the store can't answer; ``corrected``
    is the gold of an audited key, None where the audit found the question unfit. ``answerable`` is False when nothing
    in the store answers. ``answer`` is the published one, ``asked_at`` the asking time (ISO 8601).
    """

    text: str
    gold: frozenset[int]
    category: str
    answerable: bool = True
    answer: str | None = None
    asked_at: str | None = None
    corrected: frozenset[int] | None = None


@dataclass(frozen=True, slots=True)
class Collection:
    """One store's worth of records, and the questions put to it.

    ``units`` (n,) says for each record which unit it belongs to, such as its session; without it, a record is its own.
    """

    name: str
    records: list[Record]
    questions: list[Question]
    units: list[int] = field(default_factory=list)

    def unit_of_key(self) -> dict[str, int]:
        """The unit of each record by its idempotency key."""
        units = self.units or range(len(self.records))
        return {record["idempotency_key"]: unit for record, unit in zip(self.records, units, strict=True)}


def shuffled(collection: Collection, name: str, seed: int) -> Collection:
    """The collection with the values of the field ``name`` dealt out anew over its records: wrong metadata."""
    order = np.random.default_rng(seed).permutation(len(collection.records))
    dealt = [collection.records[i].get(name) for i in order]
    records = [{**record, name: value} for record, value in zip(collection.records, dealt, strict=True)]
    return replace(collection, records=records)


def aged(collection: Collection, seed: int) -> Collection:
    """The collection with histories that say nothing of need: each record used last on any day of the past year or so.

    Idle times are uniform over :data:`IDLE_DAYS` before the first question's asking time (or now), discounted uses
    over 1 to 3.
    """
    draw = np.random.default_rng(seed)
    times = [question.asked_at for question in collection.questions if question.asked_at]
    asked = datetime.fromisoformat(times[0]) if times else datetime.now(UTC)
    records = [{**record, "lifecycle": _history(asked, draw)} for record in collection.records]
    return replace(collection, records=records)


def _history(asked: datetime, draw: np.random.Generator) -> dict[str, Any]:
    last = (asked - timedelta(days=int(draw.integers(IDLE_DAYS)))).date().isoformat()
    return {"weight": 1.0 + 2.0 * float(draw.random()), "on": last, "that_day": 1, "since": last}


def sha256(*paths: Path) -> str:
    """The digest of the contents of files, and of all files of folders in order."""
    digest = hashlib.sha256()
    for path in paths:
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file():
                digest.update(file.read_bytes())
    return digest.hexdigest()


def json_lines(path: Path) -> list[dict[str, Any]]:
    """The objects of a file with one a line."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


@contextmanager
def reading(path: Path, name: str) -> Iterator[None]:
    """Turns what a file of another shape leads to into :class:`InvalidInput` that names ``path``."""
    try:
        yield
    except FileNotFoundError as error:
        raise InvalidInput(f"{path} is not in {name}'s format: {error.filename} is missing") from error
    except (AttributeError, KeyError, IndexError, TypeError, ValueError) as error:
        raise InvalidInput(f"{path} is not in {name}'s format: {error!r}") from error
