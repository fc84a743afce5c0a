"""An import repeated, interrupted and gone on with gives the store of one import."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest

from slm.ingest.formats import IMPORTERS
from tests.engine.desk import Desk
from tests.ingest.exports import SAMPLES


def brought(name: str, folder: Path) -> list[dict]:
    """The records of a format's sample."""
    file, content, _ = SAMPLES[name]
    (folder / file).write_text(content)
    return [record for _, record in IMPORTERS[name].read(str(folder / file), io.BytesIO(), pytest.fail)]


def without_times(records: list[dict]) -> list[dict]:
    """What an import decides itself: not the ids, nor the times of samples that carry none."""
    return [
        {name: value for name, value in r.items() if name not in ("id", "recorded_at", "observed_at")} for r in records
    ]


@pytest.mark.parametrize("name", SAMPLES)
def test_a_second_import_adds_nothing(name, desk: Desk, tmp_path):
    """Specification: the export of the store is the same to the byte."""
    records = brought(name, tmp_path)
    first = desk.call("remember", batch=records, as_actor=f"import:{name}")["results"]
    before = desk.exported()

    again = desk.call("remember", batch=records, as_actor=f"import:{name}")["results"]

    assert {result["status"] for result in first} == {"stored"}
    assert {result["status"] for result in again} == {"confirmed"}
    assert desk.exported() == before
    assert len(before) == SAMPLES[name][2]


@pytest.mark.parametrize("name", SAMPLES)
def test_an_import_that_broke_off_goes_on_from_there(name, new_desk: Callable[..., Desk], tmp_path):
    """Oracle: the store of an import that came through."""
    records = brought(name, tmp_path)
    whole, broken = new_desk(), new_desk()
    whole.call("remember", batch=records, as_actor=f"import:{name}")

    broken.call("remember", batch=records[: len(records) // 2], as_actor=f"import:{name}")
    broken.reopen()
    broken.call("remember", batch=records, as_actor=f"import:{name}")

    assert without_times(broken.exported()) == without_times(whole.exported())


@pytest.mark.parametrize("name", SAMPLES)
def test_an_import_is_undone_as_one_and_may_come_again(name, desk: Desk, tmp_path):
    """Specification."""
    records = brought(name, tmp_path)
    for record in records:
        desk.call("remember", batch=[record], as_actor=f"import:{name}", group="one")

    desk.call("undo")
    assert desk.texts() == []
    desk.call("remember", batch=records, as_actor=f"import:{name}")
    assert len(desk.texts()) == len(records)
